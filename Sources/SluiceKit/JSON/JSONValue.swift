/// A JSON text as a value (RFC 8259).
///
/// Members keep their order and numbers keep their text, so that nothing is lost between reading and printing.
/// Two values are equal when their members come in the same order and their texts have the same code points: unlike
/// `String`'s own equality, composed and decomposed letters differ, because signatures and digests see bytes.
public enum JSONValue: Sendable {
    case null
    case bool(Bool)
    /// A whole number that every reader of JSON keeps exact: from `-integerMax` to `integerMax` (RFC 7493, section 2.2).
    case integer(Int64)
    /// Any other number, as its decimal text stood.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([JSONMember])

    /// 2^53 - 1, the largest whole number that survives a reader working with doubles.
    public static let integerMax: Int64 = 1 << 53 - 1
}

/// One `"name": value` of a JSON object.
public struct JSONMember: Hashable, Sendable {
    public var name: String
    public var value: JSONValue

    /// The member `name` with `value`.
    public init(_ name: String, _ value: JSONValue) {
        self.name = name
        self.value = value
    }

    /// Equality of the name's code points and of the value.
    public static func == (left: Self, right: Self) -> Bool {
        left.name.utf8.elementsEqual(right.name.utf8) && left.value == right.value
    }

    /// Feeds the name's code points and the value.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(ExactText(name))
        hasher.combine(value)
    }
}

extension JSONValue {
    /// The value of the member `name`, or nil where this is no object or has none.
    public subscript(name: String) -> JSONValue? {
        members?.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }

    /// The text of a string.
    public var text: String? { if case .string(let text) = self { text } else { nil } }
    /// The value of an exact whole number.
    public var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
    /// The value of `true` or `false`.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    /// The elements of an array.
    public var elements: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
    /// The members of an object, in their order.
    public var members: [JSONMember]? { if case .object(let members) = self { members } else { nil } }
}

extension JSONValue: Hashable {
    /// Equality by kind, code points, number text and order.
    public static func == (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.integer(let left), .integer(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): left.utf8.elementsEqual(right.utf8)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }

    /// Feeds what equality compares.
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .bool(let value): hasher.combine(value)
        case .integer(let value): hasher.combine(value)
        case .number(let text): hasher.combine(text)
        case .string(let text): hasher.combine(ExactText(text))
        case .array(let elements): hasher.combine(elements)
        case .object(let members): hasher.combine(members)
        }
    }
}

extension JSONValue: ExpressibleByStringInterpolation, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    /// The string `value`.
    public init(stringLiteral value: String) { self = .string(value) }
    /// `true` or `false`.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// An array of the elements.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// An object of the members, in the order written.
    public init(dictionaryLiteral members: (String, JSONValue)...) { self = .object(members.map { JSONMember($0.0, $0.1) }) }
}

/// A text whose equality is that of its code points, for sets of member names.
struct ExactText: Hashable {
    private let text: String

    init(_ text: String) { self.text = text }

    static func == (left: Self, right: Self) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
