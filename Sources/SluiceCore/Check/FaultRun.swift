internal import SluiceKit

/// Faults that belong to more than one observation: one finding per fault and consecutive run of rows with the same series, group or dataset.
struct FaultRun {
    /// Which rule found the fault.
    enum Kind: Hashable {
        case value, validity, action
        case condition(Int), constraint(Int)
    }
    /// What makes two rows have the same fault.
    struct Identity: Hashable {
        var kind: Kind
        var column: Int
        var code: UInt32
    }
    private struct Open {
        var identity: Identity
        var finding: Finding
        var firstTime: UInt32
        var lastTime: UInt32
        var isWorded: Bool
    }

    /// Dimensions that stay the same throughout the run; none for the dataset, whose run ends with it.
    let columns: [Int]
    private let timeColumn: Int?
    private let openMax: Int
    private var key: [UInt32]
    private var open: [Open] = []

    init(columns: [Int], timeColumn: Int?, openMax: Int) {
        self.columns = columns
        self.timeColumn = timeColumn
        self.openMax = max(1, openMax)
        key = columns.map { _ in ValueDictionary.absent }
    }

    var isOpen: Bool { !open.isEmpty }

    func continues(_ batch: Batch, _ row: Int) -> Bool {
        for (position, column) in columns.enumerated() where key[position] != batch.codes(column)[row] { return false }
        return true
    }

    /// Counts the row into an open fault; false when there is none of this identity yet.
    mutating func count(_ identity: Identity, _ batch: Batch, _ row: Int) -> Bool {
        guard let index = open.firstIndex(where: { $0.identity == identity }) else { return false }
        open[index].finding.observations += 1
        open[index].lastTime = time(batch, row)
        return true
    }

    /// Opens a fault at its first row.
    /// - Parameter isWorded: false for a finding that is to be counted only.
    mutating func begin(_ identity: Identity, _ finding: Finding, _ batch: Batch, _ row: Int, isWorded: Bool = true, into findings: any FindingSink) {
        if open.count >= openMax { end(batch, into: findings) }
        if open.isEmpty { for (position, column) in columns.enumerated() { key[position] = batch.codes(column)[row] } }
        open.append(Open(identity: identity, finding: finding, firstTime: time(batch, row), lastTime: time(batch, row), isWorded: isWorded))
    }

    /// Reports what is open.
    mutating func end(_ batch: Batch, into findings: any FindingSink) {
        for fault in open {
            guard fault.isWorded else {
                findings.count(fault.finding.code, fault.finding.severity, observations: fault.finding.observations)
                continue
            }
            var finding = fault.finding
            if let timeColumn {
                func text(_ code: UInt32) -> String { code == ValueDictionary.absent ? "" : batch.dictionary(timeColumn).string(code) }
                let (first, last) = (text(fault.firstTime), text(fault.lastTime))
                finding.timePeriod = first == last ? (first.isEmpty ? nil : first) : "\(first)…\(last)"
            }
            findings.add(finding)
        }
        open.removeAll(keepingCapacity: true)
    }

    private func time(_ batch: Batch, _ row: Int) -> UInt32 { timeColumn.map { batch.codes($0)[row] } ?? ValueDictionary.absent }
}
