internal import SluiceKit

/// A question about one component's value, answered once per distinct code.
struct ColumnTest {
    enum Wanted: Hashable {
        /// Any value.
        case present
        /// One of these codes.
        case codes(Set<String>)
        /// A value, but none of these codes.
        case otherThan(Set<String>)
    }
    let column: Int
    let wanted: Wanted
    private let isCoded: Bool
    private var answers: ContiguousArray<Bool> = []
    /// False while no value seen so far answers yes, so that rows need no look.
    private(set) var canHold: Bool

    init(_ column: Int, _ wanted: Wanted, in schema: DatasetSchema) {
        self.column = column
        self.wanted = wanted
        isCoded = schema.components[column].storage == .coded
        canHold = !isCoded
    }

    mutating func extend(_ batch: Batch) {
        guard isCoded else { return }
        let dictionary = batch.dictionary(column)
        while answers.count < dictionary.count {
            let answer = answer(dictionary.bytes(UInt32(truncatingIfNeeded: answers.count)))
            if answer { canHold = true }
            answers.append(answer)
        }
    }

    @inline(__always)
    func holds(_ batch: Batch, _ row: Int) -> Bool {
        if isCoded {
            let code = batch.codes(column)[row]
            return code != ValueDictionary.absent && answers[Int(code)]
        }
        let span = batch.spans(column)[row]
        return !span.isAbsent && span.count > 0 && answer(batch.bytes(span))
    }

    private func answer(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if bytes.isEmpty || Lexical.isMissingMark(bytes) { return false }
        switch wanted {
        case .present: return true
        case .codes(let codes): return codes.contains(String(decoding: bytes, as: UTF8.self))
        case .otherThan(let codes): return !codes.contains(String(decoding: bytes, as: UTF8.self))
        }
    }
}
