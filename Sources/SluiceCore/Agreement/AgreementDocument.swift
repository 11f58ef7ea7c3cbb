internal import SluiceYAML

/// An agreement's YAML as a plain tree with line numbers; only what an agreement may contain.
indirect enum AgreementDocument: Hashable, Sendable {
    struct Entry: Hashable, Sendable {
        var key: String
        var line: Int
        var value: AgreementDocument
    }
    case text(String, line: Int)
    case list([AgreementDocument], line: Int)
    case map([Entry], line: Int)

    var line: Int {
        switch self {
        case .text(_, let line), .list(_, let line), .map(_, let line): line
        }
    }

    init(yaml: String, file: String) throws(AgreementError) {
        do throws(YAMLProblem) {
            self.init(try YAMLValue(yaml: yaml, file: file))
        } catch {
            throw AgreementError(AgreementError.Code(error.code), file: file, line: error.line, detail: error.detail)
        }
    }

    private init(_ value: YAMLValue) {
        switch value.kind {
        case .text(let text): self = .text(text, line: value.line)
        case .list(let items): self = .list(items.map { AgreementDocument($0) }, line: value.line)
        case .mapping(let members): self = .map(members.map { Entry(key: $0.key, line: $0.line, value: AgreementDocument($0.value)) }, line: value.line)
        }
    }

    /// A spelling that depends on the content alone: JSON with keys sorted, without blanks, every value a string. Comments, order of keys and layout do not change it.
    func writeCanonical(to out: inout [UInt8]) {
        switch self {
        case .text(let text, _):
            Self.quote(text, to: &out)
        case .list(let items, _):
            out.append(UInt8(ascii: "["))
            for (at, item) in items.enumerated() {
                if at > 0 { out.append(UInt8(ascii: ",")) }
                item.writeCanonical(to: &out)
            }
            out.append(UInt8(ascii: "]"))
        case .map(let entries, _):
            out.append(UInt8(ascii: "{"))
            for (at, entry) in entries.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }).enumerated() {
                if at > 0 { out.append(UInt8(ascii: ",")) }
                Self.quote(entry.key, to: &out)
                out.append(UInt8(ascii: ":"))
                entry.value.writeCanonical(to: &out)
            }
            out.append(UInt8(ascii: "}"))
        }
    }

    private static func quote(_ text: String, to out: inout [UInt8]) {
        let hex = Array("0123456789abcdef".utf8)
        out.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): out += [UInt8(ascii: "\\"), byte]
            case 0..<0x20: out += Array("\\u00".utf8) + [hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            default: out.append(byte)
            }
        }
        out.append(UInt8(ascii: "\""))
    }
}

extension AgreementError.Code {
    /// What is wrong with the YAML, in the agreement's terms.
    fileprivate init(_ code: YAMLProblem.Code) {
        self =
            switch code {
            case .keyDuplicate: .keyDuplicate
            case .forbidden: .forbidden
            case .limitExceeded: .limitExceeded
            case .malformed, .keyUnknown, .keyMissing: .malformed
            }
    }
}
