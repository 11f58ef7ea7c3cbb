import CLibxml2
import SluiceKit

extension XMLEvents {
    /// The element under the cursor with all that is in it, as XML that stands for itself: the namespaces of SDMX under `mes`, `com` and `str`,
    /// others declared where they are used. Comments, instructions and `xsi:` attributes are left out. Leaves the cursor on the element's end.
    func rawElement() throws(ReadError) -> String {
        var text = ""
        let level = depth
        // A start tag stays open until it is known whether anything follows.
        var isOpen = false
        while true {
            if isStart {
                if isOpen { text += ">" }
                appendStart(to: &text)
                isOpen = true
            } else if isEnd {
                if isOpen { text += "/>" } else { text += "</" + qualified(name) + ">" }
                isOpen = false
                if depth < level { return text }
            } else if isText {
                if isOpen { text += ">" }
                isOpen = false
                Self.append(eventText, to: &text)
            }
            guard try next() else { return text }
        }
    }

    private func appendStart(to text: inout String) {
        let event = event
        var declarations = ""
        let name = qualified(name, &declarations)
        text += "<" + name
        var attributeText = ""
        for index in Int(event.first)..<Int(event.first) + Int(event.count) {
            let attribute = attributes[index]
            let attributeName = names[Int(attribute.name)]
            guard attributeName.namespace != .schemaInstance else { continue }
            attributeText += " "
            // An attribute has no default namespace to fall back on.
            if attributeName.namespace == .none {
                attributeText += attributeName.local
            } else if attributeName.namespace == .xml {
                attributeText += "xml:" + attributeName.local
            } else {
                attributeText += qualified(attributeName, &declarations)
            }
            attributeText += "=\""
            Self.append(string(attribute.first, attribute.count), to: &attributeText)
            attributeText += "\""
        }
        text += declarations + attributeText
    }

    private func qualified(_ name: XMLName) -> String {
        var declared = ""
        return qualified(name, &declared)
    }

    /// The name with its conventional prefix; a namespace without one is declared under a prefix of its own.
    private func qualified(_ name: XMLName, _ declarations: inout String) -> String {
        switch name.namespace {
        case .message where name.version != nil: return "mes:" + name.local
        case .common where name.version != nil: return "com:" + name.local
        case .structure where name.version != nil: return "str:" + name.local
        case .none: return name.local
        default:
            // The prefix follows from the address, so that one element's parts agree.
            let prefix = "n" + String(name.uri.utf8.reduce(UInt32(5381)) { ($0 &* 33) ^ UInt32($1) }, radix: 36)
            let declaration = " xmlns:" + prefix + "=\""
            if !declarations.contains(declaration) {
                declarations += declaration
                Self.append(name.uri, to: &declarations)
                declarations += "\""
            }
            return prefix + ":" + name.local
        }
    }

    private static func append(_ value: String, to text: inout String) {
        guard value.utf8.contains(where: { $0 == 0x26 || $0 == 0x3C || $0 == 0x3E || $0 == 0x22 || $0 == 0x0D }) else {
            text += value
            return
        }
        for scalar in value.unicodeScalars {
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            case "\r": text += "&#13;"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }
}
