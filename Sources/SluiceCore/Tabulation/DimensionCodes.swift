import SluiceKit

/// Reads one dimension of the table off the records: row by row the number of the code that the record counts under.
///
/// A value is understood once per distinct value where it is coded, plain text is looked up without a copy, numbers and dates are read off their bytes.
final class DimensionCodes {
    /// What is wrong with a value; the row counts nowhere.
    enum Fault: UInt32, CaseIterable { case missing, notWhole, unclassed, notPeriod, periodTooLong }

    let id: String
    private let reading: Tabulation.Reading?
    private let column: Int
    private let depth: [String: String]
    private let codelist: Codelist?
    private let codesMax: Int

    /// The codes of the table, by number.
    private(set) var codes: [String] = []
    private var numbers: [String: UInt32] = [:]
    /// By number, of codes that records have: the numbers of the ancestors and the total under which they count as well.
    private(set) var above: [[UInt32]?] = []

    private(set) var faults = [Int](repeating: 0, count: Fault.allCases.count)
    private(set) var firstLines = [UInt64](repeating: 0, count: Fault.allCases.count)
    private var isOverfull = false

    /// By code of the batch's dictionary, or of `texts`.
    private var known: ContiguousArray<UInt32> = []
    private var knownOf: Batch?
    private let texts: ValueDictionary
    private var numberOfPeriod: [Int: UInt32] = [:]
    private var lastPeriod = (ordinal: Int.min, number: UInt32(0))
    /// Of each class, in their order; and of what falls into none.
    private var classNumbers: [UInt32] = []
    private var otherNumber: UInt32 = 0

    /// Numbers from here on are faults.
    static let faultsFrom = UInt32.max - 15
    private static let unresolved = UInt32.max - 8

    /// - Parameters:
    ///   - column: of the records' schema; not looked at for a constant.
    ///   - depth: narrower → broader code, as the agreement lets them travel.
    init(_ dimension: Component, _ source: Tabulation.Source, column: Int, depth: [String: String], codesMax: Int) {
        id = dimension.id
        codelist = dimension.codelist
        self.column = column
        self.depth = depth
        self.codesMax = codesMax
        var limits = ReadLimits()
        limits.dictionaryEntriesMax = codesMax
        texts = ValueDictionary(limits: limits)
        switch source {
        case .constant(let code):
            reading = nil
            _ = leaf(code)
        case .component(let reading):
            self.reading = reading
            // Known to every table, so that zeros can be told.
            classNumbers = reading.classes.map { leaf($0.code) }
            otherNumber = reading.other.map { leaf($0) } ?? Self.fault(.unclassed)
        }
    }

    /// Writes the number of each row's code; a fault where there is none.
    func read(_ batch: Batch, _ count: Int, into numbers: UnsafeMutablePointer<UInt32>) throws(TabulationError) {
        guard reading != nil else { return numbers.update(repeating: 0, count: count) }
        if batch.isCoded[column] {
            readCoded(batch, count, into: numbers)
        } else {
            readText(batch, count, into: numbers)
        }
        for row in 0..<count where numbers[row] >= Self.faultsFrom {
            let fault = Int(numbers[row] - Self.faultsFrom)
            if faults[fault] == 0 { firstLines[fault] = batch.lines[row] }
            faults[fault] += 1
        }
        if isOverfull {
            throw TabulationError(
                .tooLarge, "\(id) has more than \(codesMax) different codes in the records; a dimension of a table has few: name classes, a period or codes")
        }
    }

    private func readCoded(_ batch: Batch, _ count: Int, into numbers: UnsafeMutablePointer<UInt32>) {
        let dictionary = batch.dictionary(column)
        if knownOf !== batch {
            // Each dataset's dictionaries give the codes their own meaning.
            knownOf = batch
            known.removeAll(keepingCapacity: true)
        }
        if known.count < dictionary.count { known.append(contentsOf: repeatElement(Self.unresolved, count: dictionary.count - known.count)) }
        let values = batch.codes(column)
        for row in 0..<count {
            let code = values[row]
            guard code != ValueDictionary.absent else {
                numbers[row] = number(nil)
                continue
            }
            if known[Int(code)] == Self.unresolved { known[Int(code)] = number(dictionary.bytes(code)) }
            numbers[row] = known[Int(code)]
        }
    }

    private func readText(_ batch: Batch, _ count: Int, into numbers: UnsafeMutablePointer<UInt32>) {
        let spans = batch.spans(column)
        let isPlain = reading.map { $0.classes.isEmpty && $0.period == nil } ?? true
        for row in 0..<count {
            guard !spans[row].isAbsent else {
                numbers[row] = number(nil)
                continue
            }
            let bytes = batch.bytes(spans[row])
            guard isPlain, !bytes.isEmpty else {
                numbers[row] = number(bytes)
                continue
            }
            guard let text = try? texts.intern(bytes) else {
                isOverfull = true
                numbers[row] = 0
                continue
            }
            if known.count <= Int(text) { known.append(number(bytes)) }
            numbers[row] = known[Int(text)]
        }
    }

    private static func fault(_ fault: Fault) -> UInt32 { faultsFrom + fault.rawValue }

    /// The number of a value's code, or its fault; nil is a record without one.
    private func number(_ bytes: UnsafeRawBufferPointer?) -> UInt32 {
        guard let reading else { return 0 }
        guard let bytes, !bytes.isEmpty else { return reading.missing.map(leaf) ?? Self.fault(.missing) }
        if !reading.classes.isEmpty {
            guard let value = Self.whole(bytes) else { return renamed(bytes) ?? Self.fault(.notWhole) }
            return classNumber(value, reading.classes)
        }
        if let period = reading.period { return periodNumber(bytes, period) }
        return renamed(bytes) ?? leaf(String(decoding: bytes, as: UTF8.self))
    }

    private func renamed(_ bytes: UnsafeRawBufferPointer) -> UInt32? {
        guard let reading, !reading.codes.isEmpty else { return nil }
        return reading.codes[String(decoding: bytes, as: UTF8.self)].map(leaf)
    }

    private func classNumber(_ value: Int64, _ classes: [Tabulation.Class]) -> UInt32 {
        // The last class that begins at or before the value.
        var (low, high) = (0, classes.count)
        while low < high {
            let middle = (low + high) / 2
            if classes[middle].lower ?? .min <= value { low = middle + 1 } else { high = middle }
        }
        return low > 0 && value <= classes[low - 1].upper ?? .max ? classNumbers[low - 1] : otherNumber
    }

    private func periodNumber(_ bytes: UnsafeRawBufferPointer, _ period: Tabulation.Period) -> UInt32 {
        switch PeriodOrdinal.of(bytes, period) {
        case .malformed: return renamed(bytes) ?? Self.fault(.notPeriod)
        case .tooLong: return renamed(bytes) ?? Self.fault(.periodTooLong)
        case .ordinal(let ordinal):
            if lastPeriod.ordinal == ordinal { return lastPeriod.number }
            let number = numberOfPeriod[ordinal] ?? leaf(PeriodOrdinal.text(ordinal, period))
            numberOfPeriod[ordinal] = number
            lastPeriod = (ordinal, number)
            return number
        }
    }

    /// A whole number of up to 18 digits, blanks around it allowed.
    static func whole(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        var (at, end) = (0, bytes.count)
        while at < end, bytes[at] <= 0x20 { at += 1 }
        while end > at, bytes[end - 1] <= 0x20 { end -= 1 }
        var isNegative = false
        if at < end, bytes[at] == UInt8(ascii: "-") || bytes[at] == UInt8(ascii: "+") {
            isNegative = bytes[at] == UInt8(ascii: "-")
            at += 1
        }
        guard at < end, end - at <= 18 else { return nil }
        var value: Int64 = 0
        while at < end {
            guard bytes[at] >= 0x30, bytes[at] <= 0x39 else { return nil }
            value = value * 10 + Int64(bytes[at] - 0x30)
            at += 1
        }
        return isNegative ? -value : value
    }

    // MARK: Codes

    /// The number of a code that records have, at the agreed depth.
    private func leaf(_ code: String) -> UInt32 {
        let code = depth[code] ?? code
        let number = intern(code)
        if above[Int(number)] == nil {
            above[Int(number)] = []
            var chain: [UInt32] = []
            if reading?.rollUp ?? false, let codelist {
                var current = codelist[code]
                // A circle of parents was refused when the plan was made.
                while let parent = current?.parent, let broader = codelist[parent] {
                    let ancestor = intern(depth[parent] ?? parent)
                    if ancestor != number, !chain.contains(ancestor) { chain.append(ancestor) }
                    current = broader
                }
            }
            if let total = reading?.total {
                let ancestor = intern(total)
                if ancestor != number, !chain.contains(ancestor) { chain.append(ancestor) }
            }
            above[Int(number)] = chain
        }
        return number
    }

    private func intern(_ code: String) -> UInt32 {
        if let number = numbers[code] { return number }
        if codes.count >= codesMax { isOverfull = true }
        let number = UInt32(codes.count)
        codes.append(code)
        above.append(nil)
        numbers[code] = number
        return number
    }

    /// Codes that the table's code list does not have; none where it is not whole or not at hand.
    var unknownCodes: [String] {
        guard let codelist, !codelist.isPartial else { return [] }
        return codes.filter { !codelist.contains($0) }
    }
}
