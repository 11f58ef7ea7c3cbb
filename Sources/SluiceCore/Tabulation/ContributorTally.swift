import SluiceKit

/// Tells contributors apart: what each contributes to each of the most detailed cells.
///
/// Memory is proportional to the distinct contributors and their cells, up to a named limit; several records of one contributor in a cell are one entry.
final class ContributorTally {
    private let column: Int
    private let isSum: Bool
    private let pairsMax: Int
    private let codes: (any KeyedCodes)?

    private let names: ValueDictionary
    private var known: ContiguousArray<UInt32> = []
    private var knownOf: Batch?
    private let pairs: KeyTable
    private let pairColumns: KeyColumns
    private let pair: UnsafeMutablePointer<UInt32>
    private var records: ContiguousArray<Int64> = []
    private var sums: ContiguousArray<ExactDecimal> = []
    private(set) var missingRows = 0
    private(set) var firstMissingLine: UInt64 = 0

    /// - Parameters:
    ///   - column: of the records' schema.
    ///   - codes: where cell keys are wanted.
    init(column: Int, isSum: Bool, pairsMax: Int, codes: (any KeyedCodes)?) {
        self.column = column
        self.isSum = isSum
        self.pairsMax = pairsMax
        self.codes = codes
        var limits = ReadLimits()
        limits.dictionaryEntriesMax = pairsMax
        limits.dictionaryBytesMax = pairsMax * 64
        names = ValueDictionary(limits: limits)
        pairs = KeyTable(width: 2, keysMax: pairsMax)
        pair = .allocate(capacity: 2)
        pair.initialize(repeating: 0, count: 2)
        pairColumns = .allocate(capacity: 2)
        pairColumns[0] = UnsafePointer(pair)
        pairColumns[1] = UnsafePointer(pair + 1)
    }

    deinit {
        pair.deallocate()
        pairColumns.deallocate()
    }

    /// The number of a row's contributor; nil where the record names none.
    func contributor(_ batch: Batch, _ row: Int) throws(TabulationError) -> UInt32? {
        guard let bytes = batch.cell(column, row), !bytes.isEmpty else {
            if missingRows == 0 { firstMissingLine = batch.lines[row] }
            missingRows += 1
            return nil
        }
        guard batch.isCoded[column] else { return try intern(bytes) }
        if knownOf !== batch {
            knownOf = batch
            known.removeAll(keepingCapacity: true)
        }
        let code = Int(batch.codes(column)[row])
        while known.count <= code { known.append(ValueDictionary.absent) }
        if known[code] == ValueDictionary.absent { known[code] = try intern(bytes) }
        return known[code]
    }

    private func intern(_ bytes: UnsafeRawBufferPointer) throws(TabulationError) -> UInt32 {
        do { return try names.intern(bytes) } catch { throw tooMany }
    }

    private var tooMany: TabulationError {
        TabulationError(
            .tooLarge,
            "the records have more than \(pairsMax) contributions of distinct contributors to the most detailed cells; split the records by period, or tabulate them in less detail"
        )
    }

    func add(_ contributor: UInt32, cell: UInt32, amount: ExactDecimal) throws(TabulationError) {
        pair[0] = contributor
        pair[1] = cell
        let number = pairs.number(pairColumns, 0)
        guard number != KeyTable.none else { throw tooMany }
        if Int(number) == records.count {
            records.append(0)
            if isSum { sums.append(.zero) }
        }
        records[Int(number)] += 1
        if isSum { sums[Int(number)] = try CellTally.sum(sums[Int(number)], amount) }
    }

    /// What a contributor has in one cell.
    struct Share {
        var cell: Int
        var amount: ExactDecimal
    }

    /// Pairs by contributor, and where those of each begin.
    private lazy var sorted: (starts: ContiguousArray<UInt32>, order: ContiguousArray<UInt32>) = {
        var starts = ContiguousArray<UInt32>(repeating: 0, count: names.count + 1)
        for number in 0..<pairs.count { starts[Int(pairs.code(UInt32(number), 0)) + 1] += 1 }
        for contributor in 0..<names.count { starts[contributor + 1] += starts[contributor] }
        var order = ContiguousArray<UInt32>(repeating: 0, count: pairs.count)
        var next = starts
        for number in 0..<pairs.count {
            let contributor = Int(pairs.code(UInt32(number), 0))
            order[Int(next[contributor])] = UInt32(number)
            next[contributor] += 1
        }
        return (starts, order)
    }()

    /// Hands out the shares of one contributor after the other, with his record key: those who are in one cell only, or those who are in several.
    func eachContributor(inSeveralCells: Bool, _ body: (_ shares: [Share], _ key: UInt8) throws(TabulationError) -> Void) throws(TabulationError) {
        let (starts, order) = sorted
        var shares: [Share] = []
        for contributor in 0..<names.count {
            let places = starts[contributor]..<starts[contributor + 1]
            guard !places.isEmpty, (places.count > 1) == inSeveralCells else { continue }
            shares.removeAll(keepingCapacity: true)
            for place in places {
                let number = Int(order[Int(place)])
                let amount = isSum ? sums[number] : ExactDecimal(coefficient: Int128(records[number]), scale: 0)
                shares.append(Share(cell: Int(pairs.code(UInt32(number), 1)), amount: amount))
            }
            try body(shares, codes.map { RecordKey.of(names.bytes(UInt32(contributor)), $0) } ?? 0)
        }
    }
}

/// The record key of the cell key method: a number that is the same whenever the same record or person is counted (ONS: 0 to 255).
enum RecordKey {
    static let use = "record key"

    static func of(_ bytes: UnsafeRawBufferPointer, _ codes: any KeyedCodes) -> UInt8 {
        codes.code(Array(bytes), for: use).withUnsafeBytes { $0[0] }
    }
}
