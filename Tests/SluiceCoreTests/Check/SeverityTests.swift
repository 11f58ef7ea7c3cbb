import SluiceKit
import SluiceYAML
import Testing

@testable import SluiceCore

@Suite struct SeverityTests {
    private func problem(_ body: (inout FindingSeverities) throws -> Void) -> String {
        var severities = FindingSeverities()
        do {
            try body(&severities)
            return ""
        } catch { return "\(error)" }
    }

    @Test func givesFindingsTheSeverityOfTheConfiguration() throws {
        var severities = try FindingSeverities(yaml: "checks:\n  time.frequency: error\n  code.unknown: note\n", file: "c.yaml")
        try severities.set("attribute.missing=off")
        let tally = FindingTally()
        let filter = severities.applied(to: tally)
        for code in [FindingCode.timeFrequency, .codeUnknown, .attributeMissing, .keyDuplicate] {
            filter.add(Finding(code, severity: .warning, message: "", advice: ""))
            filter.count(code, .warning, observations: 3)
        }
        #expect(tally.counts[.timeFrequency]?.bySeverity == [.error: 2])
        #expect(tally.counts[.codeUnknown]?.bySeverity == [.note: 2])
        #expect(tally.counts[.attributeMissing] == nil)
        #expect(tally.counts[.keyDuplicate]?.bySeverity == [.warning: 2])
        #expect(tally.counts[.keyDuplicate]?.observations == 4)
        #expect(severities.switchedOff == [.attributeMissing])
        #expect(filter.detail(for: .attributeMissing) == .count)
    }

    @Test func refusesWhatItDoesNotKnowAndNamesTheNearest() {
        #expect(problem { try $0.set("code.unknwon=off") } == "there is no check \"code.unknwon\"; did you mean \"code.unknown\"?")
        #expect(problem { try $0.set("completely.else=off") }.hasSuffix("Docs/Checks.md lists them"))
        #expect(problem { try $0.set("code.unknown=fatal") } == "the severity of code.unknown is error, warning, note or off, not \"fatal\"")
        #expect(problem { try $0.set("code.unknown") }.contains("CODE=LEVEL"))
        for (yaml, place) in [("checks:\n  code.unknwon: off\n", "2:17"), ("check:\n  code.unknown: off\n", "1:1"), ("checks: [a]\n", "1:9")] {
            do throws(YAMLProblem) {
                _ = try FindingSeverities(yaml: yaml, file: "c.yaml")
                Issue.record("\(yaml) was taken")
            } catch { #expect("\(error.line):\(error.column)" == place, "\(error)") }
        }
    }

    @Test func neverLowersWhatProtectsTheReading() {
        let fixed = FindingCatalogue.entries.filter(\.isFixed)
        #expect(fixed.contains { $0.code == .rowTooManyCells } && fixed.contains { $0.code == .memberDuplicate })
        for entry in fixed {
            for level in ["off", "note", "warning"] { #expect(problem { try $0.set(entry.code.rawValue, to: level) }.contains("protects")) }
            #expect(problem { try $0.set(entry.code.rawValue, to: "error") } == "")
        }
    }

    @Test func findsNothingThatIsSwitchedOff() throws {
        var severities = FindingSeverities()
        try severities.set("code.unknown", to: "off")
        let collector = Collector()
        let schema = CheckSample.schema()
        let check = Check(schema: schema, findings: severities.applied(to: collector), temporaryDirectory: "/tmp")
        let batch = Batch(schema: schema)
        for (id, value) in CheckSample.row(["SEX": "X", "OBS_VALUE": "1,5"]) {
            let row = batch.isEmpty ? batch.appendRow(line: 1) : 0
            if let column = schema.index(of: id) { try Array(value.utf8).withUnsafeBytes { try batch.set(column, row, $0) } }
        }
        try check.check(batch, dataset: 1)
        try check.finish()
        #expect(collector.findings.map(\.code) == [.valueType])
    }
}
