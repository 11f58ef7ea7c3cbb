import SluiceKit

/// A code of the observations of a message: the same for every order of rows and columns, for every format, and for every spelling of a number.
///
/// Made in the first pass over the data, in constant memory: each row is a 64-bit hash of its key and its measures, and the hashes are added up. Attributes are not
/// part of it. Keyed, and closed by HMAC, so that whoever reads the store cannot test guesses. It finds data whole: a part of them, a sum, or a changed
/// value is another content.
struct ContentCode {
    private let key: UInt64
    private var sum: UInt64 = 0
    private var mixed: UInt64 = 0
    private var rows: UInt64 = 0
    /// By column of the present dataset: the hash of each code.
    private var codes: [[UInt64]] = []
    private var columns: [UInt64] = []

    init(key: [UInt8]) { self.key = key.prefix(8).reduce(0xcbf2_9ce4_8422_2325) { ($0 &* 0x0000_0100_0000_01b3) ^ UInt64($1) } }

    /// The next dataset begins: its dictionaries are others.
    mutating func begin(_ schema: DatasetSchema) {
        codes = Array(repeating: [], count: schema.dimensions.count)
        columns = schema.components.map { Self.hash(Array($0.id.utf8), key) }
    }

    mutating func add(_ batch: Batch) {
        let schema = batch.schema
        for column in schema.dimensions {
            let dictionary = batch.dictionary(column)
            for code in codes[column].count..<max(codes[column].count, dictionary.count) {
                codes[column].append(Self.finish(Self.hash(dictionary.bytes(UInt32(code)), columns[column])))
            }
        }
        for row in 0..<batch.rowCount {
            var hash: UInt64 = 0
            for column in schema.dimensions {
                let code = batch.codes(column)[row]
                if code != ValueDictionary.absent { hash &+= codes[column][Int(code)] }
            }
            for column in schema.measures {
                guard let bytes = batch.cell(column, row) else { continue }
                hash &+= Self.finish(NumberText.mix(bytes, into: columns[column]))
            }
            let whole = Self.finish(hash ^ key)
            sum &+= whole
            mixed &+= Self.finish(whole)
            rows &+= 1
        }
    }

    /// Hexadecimal; empty for a message without observations, which is everybody's.
    func code(_ hashing: any Hashing, key: [UInt8]) -> String {
        guard rows > 0 else { return "" }
        let bytes = [sum, mixed, rows].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64($0 * 8)) } }
        return hashing.code(Array("content ".utf8) + bytes, key: key).hex
    }

    private static func hash(_ bytes: some Sequence<UInt8>, _ start: UInt64) -> UInt64 {
        bytes.reduce(start) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
    }

    /// The finaliser of SplitMix64: every bit of the answer depends on every bit of the question.
    @inline(__always) private static func finish(_ word: UInt64) -> UInt64 {
        var word = word &+ 0x9e37_79b9_7f4a_7c15
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }
}
