import SluiceKit

/// A value as it stands in a message, before it is known whether it is an index.
indirect enum MessageValue {
    case none
    case number(String)
    case text(String)
    /// `{ "en": "…", "fr": "…" }`
    case languages([CellValues.Element])
    case list([MessageValue])

    /// Deepest nesting of lists: values, of several parents, of several grandparents.
    private static let nestingMax = 8

    /// Reads the value that `token` begins.
    init(_ scanner: JSONScanner, _ token: JSONScanner.Token) throws(ReadError) { try self.init(scanner, token, depth: 0) }

    private init(_ scanner: JSONScanner, _ token: JSONScanner.Token, depth: Int) throws(ReadError) {
        switch token {
        case .null: self = .none
        case .number: self = .number(String(decoding: scanner.text, as: UTF8.self))
        case .string: self = .text(try scanner.plainText())
        case .isTrue: self = .text("true")
        case .isFalse: self = .text("false")
        case .objectStart:
            var elements: [CellValues.Element] = []
            while case .name = try scanner.next() {
                let language = try scanner.plainText()
                let token = try scanner.next()
                if case .string = token {
                    guard elements.count < scanner.limits.columnsMax else { throw scanner.malformed("a text has more languages than there are") }
                    elements.append(CellValues.Element(try scanner.plainText(), language: language))
                } else if token == .objectStart || token == .arrayStart {
                    try scanner.leave(toDepth: scanner.depth - 1)
                }
            }
            self = elements.isEmpty ? .none : .languages(elements)
        case .arrayStart:
            guard depth < Self.nestingMax else { throw scanner.malformed("the values of one place are nested deeper than any metadata attribute") }
            var values: [MessageValue] = []
            var byteCount = 0
            while true {
                let token = try scanner.next()
                if token == .arrayEnd { break }
                let start = scanner.byteOffset
                values.append(try MessageValue(scanner, token, depth: depth + 1))
                byteCount += scanner.byteOffset - start + 1
                guard byteCount <= scanner.limits.valueBytesMax else { throw scanner.tooLong() }
            }
            self = .list(values)
        case .name, .objectEnd, .arrayEnd, .end: throw scanner.malformed("expected a value")
        }
    }

    var isNone: Bool {
        switch self {
        case .none: true
        case .list(let values): values.allSatisfy(\.isNone)
        default: false
        }
    }

    /// A number's or string's text.
    var scalar: String? {
        switch self {
        case .number(let text), .text(let text): text
        default: nil
        }
    }

    /// The text that a batch keeps for it (`CellValues`); nil for no value.
    ///
    /// - Parameter listed: turns a number into the listed value it points at, where values are listed.
    func cell(_ listed: (Self) throws(ReadError) -> String?) throws(ReadError) -> String? {
        switch self {
        case .none: return nil
        case .number, .text: return try listed(self)
        case .languages(let elements): return CellValues.cell(elements)
        case .list(let values):
            if isNone { return nil }
            var texts: [String] = []
            for value in values {
                // Inside a list another list is what one parent has (field guide 2.1, "component value").
                let text = try value.cell(listed) ?? ""
                if case .list = value { texts.append(text.replacing(Self.separator, with: Self.siblingSeparator)) } else { texts.append(text) }
            }
            return texts.joined(separator: Self.separator)
        }
    }

    private static let separator = String(UnicodeScalar(CellValues.elementSeparator))
    private static let siblingSeparator = String(UnicodeScalar(CellValues.siblingSeparator))
}

/// The values that a message lists for one component; a dataset refers to them by their position.
struct ValueList {
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    private var isNone: [Bool] = []
    /// Names of codes, where they are kept, by position; values without an id of their own have none.
    private(set) var codes: [Int: LocalisedText] = [:]

    var count: Int { ends.count }
    func isNone(_ index: Int) -> Bool { isNone[index] }

    mutating func append(_ value: MessageValue, codeNames: LocalisedText?, _ scanner: JSONScanner) throws(ReadError) {
        let limits = scanner.limits
        let text = try value.cell { (value) throws(ReadError) in value.scalar }
        if let codeNames { codes[ends.count] = codeNames }
        bytes += Array((text ?? "").utf8)
        ends.append(bytes.count)
        isNone.append(text == nil)
        guard ends.count <= limits.dictionaryEntriesMax, bytes.count <= limits.dictionaryBytesMax else {
            throw ReadError(
                .limitExceeded, line: scanner.line, byteOffset: scanner.byteOffset,
                detail:
                    "one component lists more than \(limits.dictionaryEntriesMax) values or \(limits.dictionaryBytesMax) bytes of them; raise dictionaryEntriesMax / dictionaryBytesMax"
            )
        }
    }

    func text(_ index: Int) -> String { String(decoding: bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]], as: UTF8.self) }

    /// Hands out the bytes of a value.
    func with<Result>(_ index: Int, _ body: (UnsafeRawBufferPointer) throws(ReadError) -> Result) throws(ReadError) -> Result {
        let range = (index == 0 ? 0 : ends[index - 1])..<ends[index]
        var result: Swift.Result<Result, ReadError>?
        bytes.withUnsafeBytes { all in
            do throws(ReadError) { result = .success(try body(UnsafeRawBufferPointer(rebasing: all[range]))) } catch { result = .failure(error) }
        }
        return try result.unsafelyUnwrapped.get()
    }
}
