import SluiceKit
import Testing

@testable import SluiceCore

@Suite struct RecordsTermTests {
    static let records = """
        records:
          structure: AM.NSS:DS_CROSSING(1.0)
          tabulate:
            measure: {sum: AMOUNT, weight: WEIGHT}
            contributor: PERSON
            dimensions:
              FREQ: {constant: M}
              SEX: {from: SEX, total: _T, missing: _U, codes: {F: M}}
              AGE: {from: AGE_YEARS, classes: {Y_GE65: 65.., Y_LT18: ..17, Y18T64: [18, 19..64]}, other: _O}
              CITIZENSHIP: {from: CITIZENSHIP, rollUp: true}
              TIME_PERIOD: {from: CROSSED_AT, period: quarter}
            attributes: {OBS_STATUS: A}
            zeros: true
        """

    private func read(_ records: String) throws -> Agreement { try AgreementReader.read(PermitsSample.yaml + "\n" + records) }

    @Test func everyKeyIsRead() throws {
        let agreement = try read(Self.records)
        let term = try #require(agreement.records)
        #expect(term.structure == ArtefactReference(.dataStructure, agency: "AM.NSS", id: "DS_CROSSING", version: "1.0") && term.release == .none)
        let tabulation = try #require(term.tabulation)
        #expect(tabulation.measure == .sum(of: "AMOUNT", weight: "WEIGHT") && tabulation.contributor == "PERSON" && tabulation.zeros)
        #expect(tabulation.attributes == ["OBS_STATUS": "A"] && tabulation.dimensions["FREQ"] == .constant("M"))
        guard case .component(let age)? = tabulation.dimensions["AGE"], case .component(let sex)? = tabulation.dimensions["SEX"] else {
            Issue.record("no component")
            return
        }
        #expect(age.classes.map { "\($0.code) \($0.range)" } == ["Y_LT18 ..17", "Y18T64 18", "Y18T64 19..64", "Y_GE65 65.."] && age.other == "_O")
        #expect(sex.total == "_T" && sex.missing == "_U" && sex.codes == ["F": "M"])
        let lines = Explanation.plan(agreement).joined(separator: "\n")
        for words in [
            "never travel", "sum of AMOUNT, each times WEIGHT", "the distinct PERSON", "Y18T64 19..64", "the quarter", "ancestors", "always M", "zero",
        ] {
            #expect(lines.contains(words), "\(words)")
        }
    }

    @Test(
        arguments: [
            ("structure: AM.NSS:DS_CROSSING(1.0)", "structure: DS_CROSSING"), ("measure: {sum: AMOUNT, weight: WEIGHT}", "measure: sum"),
            ("measure: {sum: AMOUNT, weight: WEIGHT}", "measure: {weight: WEIGHT}"), ("{constant: M}", "{constant: M, total: _T}"),
            ("{constant: M}", "{}"), ("{constant: M}", "M"), ("..17", "17.."), ("..17", ".."), ("..17", "17..1"), ("..17", "17.5"), ("..17", "a..b"),
            ("..17", "..99999999999999999999"), ("19..64", "17..64"), ("65..", "64.."), ("classes:", "period: month, classes:"),
            ("period: quarter", "period: week"),
            ("period: quarter", "period: quarter, other: X"), ("zeros: true", "zeros: maybe"), ("zeros: true", "zeroes: true"),
            ("tabulate:", "release: pseudonymised\n  tabulate:"), ("tabulate:", "release: all\n  tabulate:"),
        ]) func refusesWhatCannotBeMeant(_ old: String, _ new: String) throws
    {
        try #require(Self.records.contains(old))
        #expect(throws: AgreementError.self) { try read(Self.records.replacing(old, with: new, maxReplacements: 1)) }
    }

    @Test func aTermWithoutTabulationHasToSayWhatTravels() throws {
        #expect(throws: AgreementError.self) { try read("records: {structure: \"AM.NSS:DS_CROSSING(1.0)\"}") }
        #expect(try read("records: {structure: \"AM.NSS:DS_CROSSING(1.0)\", release: pseudonymised}").records?.tabulation == nil)
    }

    @Test func aChangeIsNamedByWhetherMoreMayBeKnown() throws {
        let plain = try AgreementReader.read(PermitsSample.yaml)
        let with = try read(Self.records)
        func effect(_ old: Agreement, _ new: Agreement) -> [AgreementDifference.Effect] {
            AgreementDifference.changes(from: old, to: new).filter { $0.term == "records" }.map(\.effect)
        }
        #expect(effect(with, with).isEmpty && effect(plain, with) == [.wider] && effect(with, plain) == [.narrower])
        let finer = try read(Self.records.replacing("65..", with: "[65..79, 80..]"))
        #expect(effect(with, finer) == [.wider] && effect(finer, with) == [.narrower])
        let other = try read(Self.records.replacing("65..", with: "66..").replacing("19..64", with: "19..65"))
        #expect(effect(with, other) == [.other])
        #expect(effect(with, try read(Self.records.replacing("contributor: PERSON", with: "contributor: OWNER"))) == [.other])
        let travelling = try read("records: {structure: \"AM.NSS:DS_CROSSING(1.0)\", release: pseudonymised}")
        #expect(effect(with, travelling) == [.wider] && effect(travelling, with) == [.narrower])
    }

    @Test func aTabulationThatItsStructuresDoNotHoldIsRemarkedOn() throws {
        var structures = TabulationSample.structures
        structures.add(TabulationSample.recordStructure)
        structures.add(TabulationSample.cellStructure)
        structures.add(
            Dataflow(
                identity: ArtefactIdentity(agency: "AM.MOI", id: "DF_PERMITS"),
                structure: ArtefactReference(.dataStructure, agency: "AM.NSS", id: "CROSSINGS", version: "1.0")))
        func remarks(_ text: String) throws -> [AgreementReview.Remark] {
            AgreementReview.remarks(on: [try read(text)], today: CalendarDate(year: 2026, month: 3, day: 1)!, structures: structures).filter {
                $0.rule.hasSuffix("records.tabulate")
            }
        }
        #expect(try remarks(Self.records).isEmpty)
        for (old, new, words) in [
            ("contributor: PERSON", "contributor: PERSONS", "did you mean PERSON?"), ("Y_GE65: 65..", "Y_GE66: 65..", "Y_GE66"),
            ("attributes: {OBS_STATUS: A}", "attributes: {UNIT_MEASURE: A}", "OBS_STATUS"),
        ] {
            #expect(try remarks(Self.records.replacing(old, with: new)).first?.words.contains(words) == true, "\(new)")
        }
    }

    // MARK: The decision

    private func decide(_ yaml: String, records: String, isAnnotated: Bool = false) throws -> [Decision.ReasonCode] {
        var structure = PermitsSample.schema().structure
        if isAnnotated { structure.identity.supplement.annotations = [Annotation(type: RecordStructures.annotationType)] }
        let table = try PermitsSample.table(["M GE 2026-01 7"])
        var request = PermitsSample.request(table)
        var structures = StructureSet()
        for codelist in table.batch.schema.components.compactMap(\.codelist) { structures.add(codelist) }
        var summary = DatasetSummary(DatasetSchema(structure, in: structures))
        summary.add(table.batch)
        request = AgreementRequest(
            direction: request.direction, giver: request.giver, receiver: request.receiver, dataflow: request.dataflow, purpose: request.purpose,
            today: request.today, summary: summary)
        return Decide.run(request, under: [try AgreementReader.read(yaml + "\n" + records)]).reasons.map(\.code)
    }

    @Test func recordsOfTheFlowsOwnStructureNeedATermThatLetsThemTravel() throws {
        let table = "records: {structure: \"AM.NSS:DS_CROSSING(1.0)\", release: pseudonymised}"
        #expect(try decide(PermitsSample.yaml, records: "") == [] && decide(PermitsSample.yaml, records: table) == [])
        #expect(try decide(PermitsSample.yaml, records: "", isAnnotated: true) == [.recordsNotAgreed])
        #expect(try decide(PermitsSample.yaml, records: table, isAnnotated: true) == [.recordsNotAgreed])
        let own = "records: {structure: \"AM.MOI:PERMITS(1.0)\", release: pseudonymised}"
        // Its protection is suppression, which is for tables.
        #expect(try decide(PermitsSample.yaml, records: own) == [.recordsNotAgreed])
        let protected = PermitsSample.yaml.replacing(
            "minimumCell: 5, method: suppression", with: "method: records, quasiIdentifiers: [SEX, AGE], kAnonymity: 5")
        #expect(try decide(protected, records: own) == [] && decide(protected, records: own, isAnnotated: true) == [])
        let tabulated = Self.records.replacing("AM.NSS:DS_CROSSING(1.0)", with: "AM.MOI:PERMITS(1.0)")
        #expect(try decide(protected, records: tabulated) == [.recordsNotAgreed])
    }

    @Test func dataStayRecordsWhenTheAgreementThatNamedThemIsAboutSomethingElse() throws {
        let other = try AgreementReader.read(
            PermitsSample.yaml.replacing("DF_PERMITS", with: "DF_OTHER") + "\nrecords: {structure: \"AM.MOI:PERMITS(1.0)\", release: pseudonymised}")
        let decision = Decide.run(
            PermitsSample.request(try PermitsSample.table(["M GE 2026-01 7"])), under: [try AgreementReader.read(PermitsSample.yaml), other])
        #expect(decision.reasons.map(\.code) == [.recordsNotAgreed])
    }
}
