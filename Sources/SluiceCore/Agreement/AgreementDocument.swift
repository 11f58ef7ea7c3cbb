internal import SluiceKit
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

    /// A spelling that depends on the content alone: JSON in the form of RFC 8785, every value a string. Comments, order of keys and layout do not change it.
    func canonicalBytes() -> [UInt8] {
        do throws(JSONError) { return try json.canonicalBytes() } catch {
            preconditionFailure("an agreement holds strings, and no key twice, so that it has a canonical form: \(error)")
        }
    }

    var json: JSONValue {
        switch self {
        case .text(let text, _): .string(text)
        case .list(let items, _): .array(items.map(\.json))
        case .map(let entries, _): .object(entries.map { JSONMember($0.key, $0.value.json) })
        }
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
