import SluiceKit

/// One component of all records as numbers: equal values have equal numbers, one that is missing has none.
struct Variable {
    let column: Int
    let dictionary: ValueDictionary
    /// Of each record; `ValueDictionary.absent` where it has no value.
    var codes: [UInt32]

    /// Numbers distinct from all others that stand for values, one of them for "no value".
    var width: Int { dictionary.count + 1 }

    init(column: Int, dictionary: ValueDictionary, codes: [UInt32]) {
        self.column = column
        self.dictionary = dictionary
        self.codes = codes
    }

    /// Reads a column. An empty text is no value, and so is the NaN with which SDMX-ML 2.1 writes a missing number.
    init(_ batch: Batch, _ column: Int) throws(ProtectionError) {
        self.column = column
        let isMeasure = batch.schema.components[column].role == .measure
        var codes = [UInt32](repeating: ValueDictionary.absent, count: batch.rowCount)
        if batch.isCoded[column] {
            dictionary = batch.dictionary(column)
            let source = batch.codes(column)
            let empty = dictionary.code(of: "")
            for row in codes.indices where source[row] != empty { codes[row] = source[row] }
        } else {
            let own = ValueDictionary()
            do throws(ReadError) {
                for row in codes.indices {
                    guard let bytes = batch.cell(column, row), !bytes.isEmpty else { continue }
                    if isMeasure, bytes.count == 3, bytes.elementsEqual("NaN".utf8) { continue }
                    codes[row] = try own.intern(bytes)
                }
            } catch {
                throw ProtectionError(.tooLarge, detail: error.detail)
            }
            dictionary = own
        }
        self.codes = codes
    }

    /// The same records with each value replaced; two values may become one.
    func mapped(to dictionary: ValueDictionary, _ map: [UInt32]) -> Variable {
        var result = Variable(column: column, dictionary: dictionary, codes: codes)
        result.codes.withUnsafeMutableBufferPointer { codes in
            for row in codes.indices where codes[row] != ValueDictionary.absent { codes[row] = map[Int(codes[row])] }
        }
        return result
    }

    /// How many records have each value.
    var counts: [Int] {
        var counts = [Int](repeating: 0, count: dictionary.count)
        for code in codes where code != ValueDictionary.absent { counts[Int(code)] += 1 }
        return counts
    }

    /// Position of each value in the order of their bytes.
    var ranks: [UInt32] { Self.ranks(dictionary) }

    static func ranks(_ dictionary: ValueDictionary) -> [UInt32] {
        // The first eight bytes decide almost always, and compare as one number.
        var order: [(head: UInt64, code: UInt32)] = (0..<UInt32(dictionary.count)).map { code in
            var head: UInt64 = 0
            for (at, byte) in dictionary.bytes(code).prefix(8).enumerated() { head |= UInt64(byte) << UInt64(56 - 8 * at) }
            return (head, code)
        }
        order.sort { left, right in
            left.head != right.head
                ? left.head < right.head : dictionary.bytes(left.code).lexicographicallyPrecedes(dictionary.bytes(right.code))
        }
        var ranks = [UInt32](repeating: 0, count: order.count)
        for (rank, entry) in order.enumerated() { ranks[Int(entry.code)] = UInt32(rank) }
        return ranks
    }
}

extension ValueDictionary {
    /// The code of a text that a protection writes itself.
    func code(writing text: String) throws(ProtectionError) -> UInt32 {
        do throws(ReadError) { return try intern(text) } catch { throw ProtectionError(.tooLarge, detail: error.detail) }
    }

    func code(copying bytes: UnsafeRawBufferPointer) throws(ProtectionError) -> UInt32 {
        do throws(ReadError) { return try intern(bytes) } catch { throw ProtectionError(.tooLarge, detail: error.detail) }
    }
}
