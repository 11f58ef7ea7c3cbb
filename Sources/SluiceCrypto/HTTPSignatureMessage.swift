package import SluiceKit

/// A request, or a response with the request it answers.
package enum HTTPSignatureMessage: Hashable, Sendable {
    case request(HopRequest)
    case response(status: Int, fields: [HTTPFieldLine], to: HopRequest)

    package var fields: [HTTPFieldLine] {
        switch self {
        case .request(let head): head.fields
        case .response(_, let fields, _): fields
        }
    }

    /// The lines of a field, in their order, whatever the case of its name.
    package func lines(_ name: String) -> [String] { Self.lines(name, in: fields) }

    /// One part of a message that a signature covers (RFC 9421, 2): a field by its lower-case name, or `@method`, `@authority`, `@path`, `@query`,
    /// `@status`.
    package struct Component: Hashable, Sendable, CustomStringConvertible {
        package let name: String
        /// Taken from the request that a response answers (`;req`, 2.4).
        package let isOfRequest: Bool

        package init(_ name: String, ofRequest isOfRequest: Bool = false) {
            self.name = name
            self.isOfRequest = isOfRequest
        }

        package var description: String { isOfRequest ? "\(name);req" : name }

        var item: StructuredField.Item {
            var parameters = StructuredField.Parameters()
            if isOfRequest { parameters.set("req", .boolean(true)) }
            return StructuredField.Item(.string(name), parameters)
        }
    }

    /// A component's value in the signature base (RFC 9421, 2.1 and 2.2).
    func value(of component: Component) throws(HTTPSignatureError) -> String {
        switch (self, component.isOfRequest) {
        case (.request(let head), false): return try Self.value(of: component.name, head)
        case (.response(_, _, let head), true): return try Self.value(of: component.name, head)
        case (.request, true): throw HTTPSignatureError(.componentUnsupported, "'\(component)' belongs to the signature of a response")
        case (.response(let status, let fields, _), false):
            if component.name == "@status" { return String(status) }
            guard !component.name.hasPrefix("@") else {
                throw HTTPSignatureError(.componentUnsupported, "a response has no '\(component.name)'; that of its request is written with ;req")
            }
            return try Self.fieldValue(component.name, in: fields)
        }
    }

    private static func value(of name: String, _ head: HopRequest) throws(HTTPSignatureError) -> String {
        let value: String
        switch name {
        case "@method": value = head.method
        // Lower case, and without the port that goes without saying (2.2.3).
        case "@authority": value = head.authority.lowercased().hasSuffix(":443") ? String(head.authority.lowercased().dropLast(4)) : head.authority.lowercased()
        case "@path": value = head.path.isEmpty ? "/" : head.path
        case "@query": value = "?" + (head.query ?? "")
        case _ where name.hasPrefix("@"):
            throw HTTPSignatureError(.componentUnsupported, "the signature covers '\(name.prefix(40))', which this version cannot check")
        default: return try fieldValue(name, in: head.fields)
        }
        // A line end inside would begin another line of the signature base.
        guard value.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw HTTPSignatureError(.fieldMalformed, "'\(name)' holds characters that do not belong into it")
        }
        return value
    }

    private static func fieldValue(_ name: String, in fields: [HTTPFieldLine]) throws(HTTPSignatureError) -> String {
        let lines = lines(name, in: fields)
        guard !lines.isEmpty else {
            throw HTTPSignatureError(.componentMissing, "the signature covers the field '\(name.prefix(80))', which the message does not have")
        }
        for line in lines {
            guard line.utf8.allSatisfy({ (0x20...0x7e).contains($0) || $0 == 0x09 }) else {
                throw HTTPSignatureError(.fieldMalformed, "the field '\(name.prefix(80))' holds line ends or characters that are not ASCII")
            }
        }
        return lines.map { String($0.drop(while: isBlank).reversed().drop(while: isBlank).reversed()) }.joined(separator: ", ")
    }

    private static func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" }

    private static func lines(_ name: String, in fields: [HTTPFieldLine]) -> [String] {
        fields.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }
}
