internal import SluiceKit

/// Writes findings as they come: lines for people, members of one JSON document for programs. Memory does not grow with their number.
final class FindingReport: FindingSink {
    /// For people, more of one code are counted, not shown.
    static let shownPerCodeMax = 20

    let tally: FindingTally
    private let writer: ByteWriter
    private let json: Bool
    private let showsAll: Bool
    private var isFirst = true
    private var shown: [FindingCode: Int] = [:]

    init(to writer: ByteWriter, json: Bool, showsAll: Bool) {
        self.writer = writer
        self.json = json
        self.showsAll = showsAll
        tally = FindingTally(samplesPerCodeMax: 1)
    }

    func add(_ finding: Finding) {
        tally.add(finding)
        if json {
            put((isFirst ? "\n" : ",\n") + finding.json.compactText)
            isFirst = false
            return
        }
        let count = (shown[finding.code] ?? 0) + 1
        shown[finding.code] = count
        if showsAll || count <= Self.shownPerCodeMax { put(FindingText.lines(finding)) }
    }

    func detail(for code: FindingCode) -> FindingDetail {
        json || showsAll || (shown[code] ?? 0) < Self.shownPerCodeMax ? .words : .count
    }

    func count(_ code: FindingCode, _ severity: Finding.Severity, observations: Int) {
        tally.count(code, severity, observations: observations)
        shown[code, default: 0] += 1
    }

    /// What was counted but not shown, for people.
    var hiddenCount: Int { showsAll || json ? 0 : shown.values.reduce(0) { $0 + max(0, $1 - Self.shownPerCodeMax) } }

    func put(_ text: String) { try? writer.write(text: text) }
}

/// One finding in words.
enum FindingText {
    static func lines(_ finding: Finding) -> String {
        var place: [String] = []
        if finding.position.line > 0 { place.append("line \(finding.position.line)") }
        if finding.position.column > 0 { place.append("column \(finding.position.column)") }
        if finding.position.row > 0 { place.append("row \(finding.position.row)") }
        var subject: [String] = []
        if let key = finding.seriesKey { subject.append(key) }
        if let period = finding.timePeriod { subject.append(period) }
        if let component = finding.component { subject.append(component) }
        if let text = finding.offendingText { subject.append("\"\(text)\"") }
        if finding.observations > 1 { subject.append("(\(finding.observations) observations)") }
        return
            "\(finding.severity.rawValue) \(finding.code) \(place.joined(separator: ", "))\n  \(subject.joined(separator: " "))\n  \(finding.message) \(finding.advice)\n"
    }
}
