import SluiceKit

/// How a released table differs from its original, as counts.
struct ReleaseChange {
    private(set) var cells = 0
    private(set) var changed = 0
    private(set) var greatest: Int64 = 0
    private(set) var total: Int64 = 0
    private(set) var withheld: [ProtectionReport.Reason: Int] = [:]

    init(_ counts: Counts, _ released: [ReleasedCell]) {
        cells = released.count
        for (row, cell) in released.enumerated() {
            switch cell {
            case .missing: break
            case .withheld(let reason): withheld[reason, default: 0] += 1
            case .shown(let value):
                let difference = Int64((value - (counts.values[row] ?? value)).magnitude)
                guard difference > 0 else { continue }
                changed += 1
                greatest = max(greatest, difference)
                total += difference
            }
        }
    }

    /// - Parameter base: of rounding; nil for another method.
    func report(_ method: String, base: Int?) -> ProtectionReport {
        var report = ProtectionReport(
            method: "\(method) \(RoundingPlugin.descriptor.version)", cells: cells, withheldByReason: withheld, audit: ProtectionReport.Audit(cells: cells),
            rounds: 1)
        if let base { report.figures.append(JSONMember("base", .integer(Int64(base)))) }
        report.figures += [
            JSONMember("changed", .integer(Int64(changed))), JSONMember("greatestChange", .integer(greatest)), JSONMember("totalChange", .integer(total)),
        ]
        report.words.append("\(changed) of \(cells) counts were changed, none by more than \(greatest); zeros stay zero and missing values missing")
        let estimable = "are withheld; they are not protected against being estimated from the others"
        if let small = withheld[.smallCount] { report.words.append("\(small) counts came out below the minimum and \(estimable)") }
        if let declared = withheld[.declared] { report.words.append("\(declared) counts that the source had marked confidential \(estimable)") }
        return report
    }
}
