import Foundation
import Testing

/// What was planted in generated data, held against what `sluice check --json` finds: all of it, where it is, and nothing else.
@Suite(.enabled(if: Corpus.isPresent, Corpus.absent))
struct FindsEveryDefectTests {
    /// An entry of `truth.json`.
    struct Defect: Decodable {
        let kind, key: String
        let time, component: String?

        var code: String {
            switch kind {
            case "unknown_code", "lower_case_code", "extra_whitespace_code": "code.unknown"
            case "bad_time_period": "time.period"
            case "non_numeric_value": "value.type"
            case "duplicate_obs": "key.duplicate"
            default: kind.hasPrefix("missing_") ? "attribute.missing" : "?"
            }
        }

        /// The component the finding has to name; nil for a whole observation.
        var place: String? {
            switch kind {
            case "bad_time_period": "TIME_PERIOD"
            case "non_numeric_value": "OBS_VALUE"
            case "missing_unit_measure": "UNIT_MEASURE"
            case "missing_obs_status": "OBS_STATUS"
            default: component
            }
        }

        /// A wrong code of a dimension and an attribute of a series are faults of the series, not of one period.
        var isOfSeries: Bool { code == "code.unknown" || kind == "missing_unit_measure" }
    }

    struct Report: Decodable {
        struct Finding: Decodable {
            let code, severity: String
            let seriesKey, timePeriod, component, text: String?
            let line: Int?
        }
        let findings: [Finding]
        let observations, errors: Int
        let counts: [String: Int]
    }

    static let files = ["ss21.xml", "gen21.xml", "csv10.csv", "csv20.csv", "json20.json", "ss30.xml"]

    func check(_ path: String) throws -> (run: Run, report: Report) {
        let run = try Sluice.run(["check", path, "--structure", Corpus.sdg, "--json", "--all"])
        return (run, try JSONDecoder().decode(Report.self, from: Data(run.output.utf8)))
    }

    @Test(arguments: files) func everyPlantedDefectIsFoundWhereItIsAndNothingElse(_ file: String) throws {
        let truth = try JSONDecoder().decode([Defect].self, from: Data(contentsOf: URL(fileURLWithPath: Corpus.defects("truth.json"))))
        try #require(truth.count == 16)
        let (run, report) = try check(Corpus.defects(file))
        #expect(run.status == 1)
        #expect(run.errors == "")
        // Two defects are one observation twice; JSON says that twice: as a member of an object and as a key.
        var left = report.findings.filter { !(file.hasSuffix(".json") && $0.code == "member.duplicate") }
        for defect in truth {
            let found = left.firstIndex {
                $0.code == defect.code && $0.seriesKey == defect.key && $0.component == defect.place && (defect.isOfSeries || $0.timePeriod == defect.time)
            }
            #expect(found != nil, "\(defect) is not found in \(file)")
            if let found {
                #expect(left[found].severity == "error")
                if !file.hasSuffix(".json") { #expect((left[found].line ?? 0) > 0, "the finding of \(defect) has no line") }
                left.remove(at: found)
            }
        }
        #expect(left.isEmpty, "found although nothing is wrong: \(left)")
        #expect(report.observations == 2_002)
        #expect(report.errors == report.findings.count)
        #expect(report.counts.values.reduce(0, +) == report.findings.count)
    }

    @Test(arguments: files) func cleanDataHasNoFinding(_ file: String) throws {
        let (run, report) = try check(Corpus.clean(file))
        #expect(run.status == 0)
        #expect(report.findings.isEmpty, "\(report.findings)")
        #expect(report.observations == 1_000)
    }

    @Test(arguments: files) func theReportForPeopleSaysTheSame(_ file: String) throws {
        let run = try Sluice.run(["check", Corpus.defects(file), "--structure", Corpus.sdg])
        #expect(run.status == 1)
        for code in ["code.unknown", "time.period", "value.type", "key.duplicate", "attribute.missing"] { #expect(run.output.contains(code)) }
        #expect(run.output.contains("Write \"AM\""), "the mistake of case is not mended")
    }

    @Test func standardInputIsCheckedAsAFileIs() throws {
        let run = try Sluice.run(["check", "-", "--structure", Corpus.sdg, "--json", "--all"], input: .file(Corpus.defects("ss21.xml")))
        let report = try JSONDecoder().decode(Report.self, from: Data(run.output.utf8))
        #expect(run.status == 1)
        #expect(report.errors == 16)
    }
}
