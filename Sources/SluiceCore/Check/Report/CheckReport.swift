package import SluiceKit

/// What a check of one message found, for a steward to read or a program to take up: all findings counted, the first rows of each code.
///
/// Its size is bounded by the tally's `samplesPerCodeMax`, whatever the number of findings.
package struct CheckReport {
    /// What was checked, as its owner calls it.
    package var file: String
    package var format: String
    /// The structures it was read as, as references.
    package var structures: [String] = []
    package var datasets = 0
    package var observations = 0
    /// Why the message could not be read to its end.
    package var stopped: String?
    /// When it was checked, RFC 3339; left out where nobody said.
    package var checkedAt: String?
    package var severities = FindingSeverities()
    let tally: FindingTally

    /// Rows of each code that a report shows unless told otherwise.
    package static let rowsPerCodeDefault = 20

    /// - Parameter tally: has taken every finding, and kept the cells of those it shows.
    package init(file: String, format: String, tally: FindingTally) {
        self.file = file
        self.format = format
        self.tally = tally
    }

    /// The findings of one code.
    struct Group {
        var code: FindingCode
        var count: FindingTally.Count
        var entry: FindingCatalogue.Entry?
        /// The first ones.
        var first: [Finding]
        /// The components of their rows, in the structure's order as far as the rows tell.
        var components: [String]
    }

    /// By severity, then by number.
    var groups: [Group] {
        let samples = Dictionary(grouping: tally.samples, by: \.code)
        return tally.counts.map { code, count in
            let first = samples[code] ?? []
            var components: [String] = []
            var known = Set<String>()
            for finding in first {
                // A component new to the table goes behind the one it follows in its own row.
                var place = 0
                for cell in finding.cells {
                    if known.insert(cell.component).inserted {
                        components.insert(cell.component, at: place)
                        place += 1
                    } else if let at = components.firstIndex(of: cell.component) {
                        place = at + 1
                    }
                }
            }
            return Group(code: code, count: count, entry: FindingCatalogue[code], first: first, components: components)
        }.sorted { left, right in
            (right.count.severity, right.count.findings, left.code.rawValue) < (left.count.severity, left.count.findings, right.code.rawValue)
        }
    }

    func count(_ severity: Finding.Severity) -> Int { tally.countBySeverity[severity] ?? 0 }
}
