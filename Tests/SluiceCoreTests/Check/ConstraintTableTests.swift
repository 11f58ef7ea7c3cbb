import Foundation
import SluiceKit
import Testing

@testable import SluiceCore

@Suite struct ConstraintTableTests {
    private func table(_ text: String) throws -> DataConstraint {
        try ConstraintTable.read(MemoryByteSource(Array(text.utf8)), name: "rules.csv", for: CheckSample.structures())
    }
    private static let text = "AGE,Name,SEX,UNIT_MEASURE,REF_AREA\n_T,\"all, of any age\",ALL,PT,51; 8\nY0T14,young,F;M,NUMBER,\n"

    @Test func readsARowAsARegion() throws {
        let constraint = try table(Self.text)
        #expect(constraint.reference.description == "TEST:rules(1.0)")
        #expect(constraint.attachments.map(\.id) == ["DSD"])
        #expect(
            constraint.cubeRegions.map { $0.selections.map { "\($0.component)=\($0.values.map(\.id).joined(separator: "|"))" } } == [
                ["AGE=_T", "UNIT_MEASURE=PT", "REF_AREA=51|8"], ["AGE=Y0T14", "SEX=F|M", "UNIT_MEASURE=NUMBER"],
            ])
    }

    @Test func allowsWhatTheTableAllowsAndNamesWhatItDoesNot() throws {
        let schema = CheckSample.schema(constraints: [try table(Self.text)])
        func check(_ changes: [String: String?]) throws -> [Finding] { try CheckSample.check([CheckSample.row(changes)], schema: schema) }
        #expect(try check([:]).isEmpty && check(["SEX": "F", "AGE": "Y0T14", "UNIT_MEASURE": "NUMBER", "REF_AREA": "31"]).isEmpty)
        // What the row is about is kept, and the rest is to be mended.
        let findings = try check(["AGE": "Y0T14", "SEX": "_T"])
        #expect(findings.map(\.component) == ["SEX"])
        #expect(findings.first?.advice == "The nearest combination that is allowed has SEX in F, M and UNIT_MEASURE in NUMBER.")
        // A code without a row is not allowed.
        #expect(try check(["AGE": "Y_GE65"]).map(\.component) == ["AGE"])
    }

    @Test(arguments: [
        ("", "is empty"), ("NOT_THERE,SEX\n", "no data structure has \"NOT_THERE\""), ("AGE,SEX\n_T\n", "1 cells"), ("AGE,SEX\n,F\n", "names no AGE"),
    ])
    func refusesWhatIsNoTable(text: String, words: String) {
        #expect { try table(text) } throws: { ($0 as? ReadError)?.detail.contains(words) == true }
    }

    @Test func countsASeriesOnceHoweverManyRowsItHas() throws {
        let schema = CheckSample.schema(constraints: [try table(Self.text)])
        let findings = try CheckSample.check((2000..<2010).map { CheckSample.row(["REF_AREA": "31", "TIME_PERIOD": "\($0)"]) }, schema: schema)
        #expect(findings.map(\.observations) == [10])
    }
}
