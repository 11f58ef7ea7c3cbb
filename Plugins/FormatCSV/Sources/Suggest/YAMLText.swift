/// Texts as YAML writes them, so that any label comes back as it was and none becomes syntax.
enum YAMLText {
    /// YAML looks this far for the colon behind a key (YAML 1.2, 7.4.2: 1024 characters); longer labels cannot stand before one.
    static let keyLengthMax = 1_000

    /// A plain word where it stays one, else quoted.
    static func scalar(_ text: String) -> String { isPlain(text) ? text : quoted(text) }

    /// Whether a text can stand before a colon; `<<` is YAML's word for merging even where it is quoted, and a byte-order mark
    /// at the beginning gets lost.
    static func canBeKey(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, first != "\u{FEFF}", text != "<<" else { return false }
        return scalar(text).unicodeScalars.count <= keyLengthMax
    }

    /// What a comment can hold: one line, no byte that ends it, not too long.
    static func comment(_ text: String, lengthMax: Int = 110) -> String {
        var line = ""
        for scalar in text.unicodeScalars.prefix(lengthMax) {
            switch scalar {
            // A star before a word looks like an alias, an open bracket like a level, to those who look over the text before they parse it.
            case "*": line += "×"
            case "[": line += "("
            case "]": line += ")"
            case "{", "}": line += "|"
            case "\u{2028}", "\u{2029}", "\u{85}", "\u{FEFF}": line += " "
            default: line.unicodeScalars.append(scalar.properties.generalCategory == .control ? " " : scalar)
            }
        }
        return text.unicodeScalars.count > lengthMax ? line + "…" : line
    }

    private static let words: Set<String> = ["true", "false", "null", "yes", "no", "on", "off", "y", "n", "shared", "report", "keep"]

    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, first.properties.isAlphabetic || first == "_", text.unicodeScalars.last != " ",
            text.unicodeScalars.count <= 200,
            !words.contains(text.lowercased())
        else { return false }
        var previous: Unicode.Scalar = "a"
        for scalar in text.unicodeScalars {
            defer { previous = scalar }
            if scalar.isASCII {
                switch scalar.value {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: continue
                default:
                    if scalar == " ", previous != " " { continue }
                    if scalar == "_" || scalar == "-" || scalar == "." || scalar == "(" || scalar == ")" || scalar == "+" || scalar == "/" { continue }
                    return false
                }
            }
            guard scalar.properties.isAlphabetic else { return false }
        }
        return true
    }

    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case "[": quoted += "\\x5B"
            case "{": quoted += "\\x7B"
            case "*": quoted += "\\x2A"
            default:
                let category = scalar.properties.generalCategory
                if category == .control || category == .format || category == .lineSeparator || category == .paragraphSeparator || category == .surrogate
                    || category == .privateUse || category == .unassigned || scalar == "\u{A0}" || scalar == "\u{FEFF}"
                {
                    let digits = String(scalar.value, radix: 16, uppercase: true)
                    quoted +=
                        (scalar.value > 0xFFFF
                            ? "\\U" + String(repeating: "0", count: 8 - digits.count) : "\\u" + String(repeating: "0", count: 4 - digits.count)) + digits
                } else {
                    quoted.unicodeScalars.append(scalar)
                }
            }
        }
        return quoted + "\""
    }
}
