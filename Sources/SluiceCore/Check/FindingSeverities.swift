package import SluiceKit
package import SluiceYAML

/// What a configuration says of the severity of findings, by code: a flow may take a warning for an error, or not want to hear of it.
///
/// Codes that protect the integrity of what is read (`FindingCatalogue.Entry.isFixed`) may be raised and not lowered.
package struct FindingSeverities: Hashable, Sendable {
    package enum Level: String, Hashable, Sendable, CaseIterable {
        case error, warning, note, off

        var severity: Finding.Severity? { Finding.Severity(rawValue: rawValue) }
    }
    package private(set) var levels: [FindingCode: Level] = [:]

    package init() {}

    package var isEmpty: Bool { levels.isEmpty }

    /// Codes that nobody hears of, in order.
    package var switchedOff: [FindingCode] { levels.filter { $0.value == .off }.keys.sorted { $0.rawValue < $1.rawValue } }

    /// What is wrong with a setting, in an operator's words.
    package struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
        package var description: String
    }

    /// Sets one code, both as written in a configuration.
    package mutating func set(_ code: String, to level: String) throws(Problem) {
        guard let entry = FindingCatalogue[FindingCode(rawValue: code)] else {
            let nearest = Nearest.text(to: code, among: FindingCatalogue.entries.map(\.code.rawValue)).map { "; did you mean \"\($0)\"?" }
            throw Problem(description: "there is no check \"\(code)\"\(nearest ?? "; Docs/Checks.md lists them")")
        }
        guard let level = Level(rawValue: level) else {
            throw Problem(description: "the severity of \(code) is error, warning, note or off, not \"\(level)\"")
        }
        guard !entry.isFixed || level == .error else {
            throw Problem(
                description: "\(code) protects what is read from being something else than was written; it can be made an error, not lowered or switched off")
        }
        levels[entry.code] = level
    }

    /// Sets one code from `CODE=LEVEL`.
    package mutating func set(_ assignment: String) throws(Problem) {
        guard let equals = assignment.firstIndex(of: "=") else { throw Problem(description: "a severity is written CODE=LEVEL, not \"\(assignment)\"") }
        try set(String(assignment[..<equals]), to: String(assignment[assignment.index(after: equals)...]))
    }

    /// Reads a mapping of codes to levels.
    package init(yaml value: YAMLValue) throws(YAMLProblem) {
        for (code, level) in try value.entries() {
            do { try set(code, to: level.text()) } catch let problem as Problem { throw level.problem(problem.description) } catch let problem as YAMLProblem {
                throw problem
            } catch {
                throw level.problem("\(error)")
            }
        }
    }

    /// Reads a configuration of the check: a file with the key `checks`.
    package init(yaml text: String, file: String) throws(YAMLProblem) {
        let root = try YAMLValue(yaml: text, file: file).mapping("checks")
        if let checks = root["checks"] { try self.init(yaml: checks) } else { self.init() }
    }

    /// A sink that gives findings these severities before `sink` takes them; the sink itself where nothing is set.
    package func applied(to sink: any FindingSink) -> any FindingSink { isEmpty ? sink : SeverityFilter(self, passingTo: sink) }

    /// The severity a finding gets; nil when it is switched off.
    package func severity(of code: FindingCode, otherwise severity: Finding.Severity) -> Finding.Severity? {
        guard let level = levels[code] else { return severity }
        return level.severity
    }
}

/// Gives findings the severities of a configuration on their way to another sink.
package final class SeverityFilter: FindingSink {
    private let severities: FindingSeverities
    private let next: any FindingSink

    package init(_ severities: FindingSeverities, passingTo next: any FindingSink) {
        self.severities = severities
        self.next = next
    }

    package func add(_ finding: Finding) {
        guard let severity = severities.severity(of: finding.code, otherwise: finding.severity) else { return }
        var finding = finding
        finding.severity = severity
        next.add(finding)
    }

    package func detail(for code: FindingCode) -> FindingDetail { severities.levels[code] == .off ? .count : next.detail(for: code) }

    package func count(_ code: FindingCode, _ severity: Finding.Severity, observations: Int) {
        guard let severity = severities.severity(of: code, otherwise: severity) else { return }
        next.count(code, severity, observations: observations)
    }
}
