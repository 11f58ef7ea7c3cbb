import CLibxml2
import SluiceKit

/// Values that an XML attribute cannot hold: several, in several languages, or XHTML (SDMX-ML 3.x `CompType`, `metadata:AttributeType`).
extension XMLEvents {
    /// Reads the values of the `Comp` or metadata `Attribute` under the cursor and leaves the cursor on its end.
    /// - Parameter nested: told of each metadata attribute inside it.
    func componentValues(limits: ReadLimits, nested: () throws(ReadError) -> Void) throws(ReadError) -> [CellValues.Element] {
        var elements: [CellValues.Element] = []
        var byteCount = 0
        func keep(_ element: CellValues.Element) throws(ReadError) {
            byteCount += element.text.utf8.count + (element.language?.utf8.count ?? 0) + 2
            guard byteCount <= limits.valueBytesMax else {
                throw ReadError(
                    .limitExceeded, line: line, detail: "the values of one component take more than \(limits.valueBytesMax) bytes (valueBytesMax)")
            }
            elements.append(element)
        }
        func readText() throws(ReadError) {
            let language = attribute("lang", in: .xml) ?? "en"
            try keep(CellValues.Element(name.local == "StructuredText" ? try markup() : try text(), language: language))
        }
        try eachChild { () throws(ReadError) in
            switch name.local {
            case "Value":
                var plain = ""
                var hasTexts = false
                let level = depth
                while try next() {
                    if isStart {
                        let child = depth
                        if name.local == "Text" || name.local == "StructuredText" {
                            hasTexts = true
                            try readText()
                        }
                        while depth >= child { guard try next() else { break } }
                    } else if isText, depth == level {
                        plain += eventText
                    } else if isEnd, depth < level {
                        break
                    }
                }
                if !hasTexts { try keep(CellValues.Element(plain)) }
            case "Text", "StructuredText": try readText()
            case "Attribute": try nested()
            default: break
            }
        }
        return elements
    }

    /// The markup inside the element under the cursor, as text; leaves the cursor on the element's end.
    private func markup() throws(ReadError) -> String {
        var text = ""
        let level = depth
        var namespaces: [String] = [""]
        while try next() {
            if isStart {
                text += "<" + name.local
                let namespace = namespaceURI
                if namespace != namespaces.last { text += " xmlns=\"" + namespace.escapedForXML + "\"" }
                namespaces.append(namespace)
                for index in Int(event.first)..<Int(event.first) + Int(event.count) {
                    let attribute = attributes[index]
                    let name = names[Int(attribute.name)]
                    guard name.namespace == .none || name.namespace == .xml else { continue }
                    text += (name.namespace == .xml ? " xml:" : " ") + name.local + "=\"" + string(attribute.first, attribute.count).escapedForXML + "\""
                }
                text += ">"
            } else if isText {
                text += eventText.escapedForXML
            } else if isEnd {
                if depth < level { break }
                text += "</" + name.local + ">"
                namespaces.removeLast()
            }
            guard text.utf8.count <= valueBytesMax else {
                throw ReadError(.limitExceeded, line: line, detail: "a structured text is longer than \(valueBytesMax) bytes (valueBytesMax)")
            }
        }
        return text
    }
}

extension String {
    fileprivate var escapedForXML: String {
        guard utf8.contains(where: { $0 == 0x26 || $0 == 0x3C || $0 == 0x3E || $0 == 0x22 }) else { return self }
        var text = ""
        for character in unicodeScalars {
            switch character {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            default: text.unicodeScalars.append(character)
            }
        }
        return text
    }
}
