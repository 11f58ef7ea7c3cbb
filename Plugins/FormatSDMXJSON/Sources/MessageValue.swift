import SluiceKit

/// A value as it stands in a message, before it is known whether it is an index.
struct MessageValue {
    enum Kind { case none, number, text, multiple }
    var kind: Kind
    var text: String
    /// It held texts in several languages, of which `text` is the best.
    var hasLanguages = false

    static let none = MessageValue(kind: .none, text: "")

    /// Reads the value that `token` begins. An array of one value counts as that value.
    init(_ scanner: JSONScanner, _ token: JSONScanner.Token) throws(ReadError) {
        switch token {
        case .null: self = .none
        case .number: self.init(kind: .number, text: String(decoding: scanner.text, as: UTF8.self))
        case .string: self.init(kind: .text, text: String(decoding: scanner.text, as: UTF8.self))
        case .isTrue: self.init(kind: .text, text: "true")
        case .isFalse: self.init(kind: .text, text: "false")
        case .objectStart: try self.init(languagesOf: scanner)
        case .arrayStart: try self.init(elementsOf: scanner)
        case .name, .objectEnd, .arrayEnd, .end: throw scanner.malformed("expected a value")
        }
    }

    private init(kind: Kind, text: String) {
        self.kind = kind
        self.text = text
    }

    /// `{ "en": "…", "fr": "…" }`: English, else the first.
    private init(languagesOf scanner: JSONScanner) throws(ReadError) {
        var best: String?
        var count = 0
        while true {
            guard case .name = try scanner.next() else { break }
            let isEnglish = scanner.text.elementsEqual("en".utf8)
            let token = try scanner.next()
            if case .string = token {
                count += 1
                if best == nil || isEnglish { best = String(decoding: scanner.text, as: UTF8.self) }
            } else if token == .objectStart || token == .arrayStart {
                try scanner.leave(toDepth: scanner.depth - 1)
            }
        }
        self.init(kind: best == nil ? .none : .text, text: best ?? "")
        hasLanguages = count > 1
    }

    private init(elementsOf scanner: JSONScanner) throws(ReadError) {
        var only = MessageValue.none
        var count = 0
        while true {
            let token = try scanner.next()
            if token == .arrayEnd { break }
            let element = try MessageValue(scanner, token)
            guard element.kind != .none else { continue }
            only = element
            count += 1
        }
        self = count > 1 ? MessageValue(kind: .multiple, text: "") : only
    }
}

/// The values that a message lists for one component; a dataset refers to them by their position.
struct ValueList {
    enum Kind: UInt8 { case text, none, multiple }
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    private var kinds: [Kind] = []

    var count: Int { ends.count }
    func kind(_ index: Int) -> Kind { kinds[index] }

    mutating func append(_ value: MessageValue, _ scanner: JSONScanner, _ limits: ReadLimits) throws(ReadError) {
        bytes += value.kind == .none ? [] : Array(value.text.utf8)
        ends.append(bytes.count)
        kinds.append(value.kind == .none ? .none : value.kind == .multiple ? .multiple : .text)
        guard ends.count <= limits.dictionaryEntriesMax, bytes.count <= limits.dictionaryBytesMax else {
            throw ReadError(
                .limitExceeded, line: scanner.line, byteOffset: scanner.byteOffset,
                detail:
                    "one component lists more than \(limits.dictionaryEntriesMax) values or \(limits.dictionaryBytesMax) bytes of them; raise dictionaryEntriesMax / dictionaryBytesMax"
            )
        }
    }

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
