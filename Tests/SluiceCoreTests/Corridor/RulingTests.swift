import SluiceKit
import Testing

@testable import SluiceCore

/// What is decided under agreements as they stand at a node, those that are not in force among them.
@Suite struct RulingTests {
    private func agreement(_ id: String = "PERMITS", flow: String = "DF_PERMITS", _ more: String = "") throws -> Agreement {
        try AgreementReader.read(
            PermitsSample.yaml.replacing("agreement: PERMITS", with: "agreement: \(id)").replacing("DF_PERMITS", with: flow) + "\n" + more)
    }

    private func ruling(_ all: [StandingAgreement], _ schema: DatasetSchema = PermitsSample.schema(), among structures: StructureSet? = nil) throws -> Ruling {
        let table = try PermitsSample.table(["M CIS 2026-01 10"], schema: schema)
        var summary = DatasetSummary(schema)
        summary.add(table.batch)
        return Ruling(
            direction: .send, giver: ParticipantID("AM.MOI")!, receiver: ParticipantID("AM.ARMSTAT")!,
            flow: ArtefactReference(.dataflow, agency: "AM.MOI", id: "DF_PERMITS", version: "1.0"), purpose: "official-statistics",
            at: Instant(rfc3339: "2026-03-31T12:00:00Z")!, survey: Survey(schema: schema, datasets: 1, observations: 1, summaries: [summary], content: nil),
            under: StandingAgreements(all, structures: structures), hashing: FakeHashing())
    }

    private func code(_ ruling: Ruling) -> String? {
        do { _ = try ruling.obligationsOrRefusal() } catch { return (error as? Refusal)?.code }
        return nil
    }

    /// The agreement that says that the rows are records is a draft, stopped or over, and another one would let them go as a table.
    @Test(arguments: AgreementRecord.State.allCases) func dataStayRecordsHoweverTheAgreementStandsThatSaysSo(_ state: AgreementRecord.State) throws {
        let table = StandingAgreement(try agreement(), .active)
        #expect(code(try ruling([table])) == nil)
        let records = try agreement("REGISTER", flow: "DF_REGISTER", "records: {structure: \"AM.MOI:PERMITS(1.0)\", release: pseudonymised}")
        #expect(code(try ruling([table, StandingAgreement(records, state)])) == "agreement.records", "\(state)")
    }

    @Test func anInputIsLookedAtTwiceOnlyWhereRecordsAreKnown() throws {
        var structures = TabulationSample.structures
        structures.add(TabulationSample.cellStructure)
        let named = try agreement("REGISTER", flow: "DF_REGISTER", "records: {structure: \"AM.NSS:DS_CROSSING(1.0)\", release: pseudonymised}")
        let (plain, over) = (StandingAgreement(try agreement(), .active), StandingAgreement(named, .ended))
        func isAny(_ standing: StandingAgreement) -> Bool { StandingAgreements([standing], structures: structures).records.isAny(among: structures) }
        #expect(!isAny(plain) && !isAny(over))
        structures.add(TabulationSample.recordStructure)
        #expect(!isAny(plain) && isAny(over))
    }

    /// What was received with an end of keeping is not kept longer because it went on.
    @Test func theEarliestEndOfKeepingCounts() throws {
        let ruling = try ruling([StandingAgreement(try agreement(), .active)])
        let now = Instant(rfc3339: "2026-03-31T12:00:00Z")!
        let (own, soon) = (Instant(rfc3339: "2031-03-31T12:00:00Z")!, now.advanced(byMilliseconds: 1))
        func end(_ keepUntil: Instant?) -> Instant? {
            ruling.retainUntil(from: now, SealedObligations(handling: HandlingObligations(), purposes: [], keepUntil: keepUntil))
        }
        #expect(end(nil) == own && end(soon) == soon && end(own.advanced(byMilliseconds: 1)) == own && ruling.retainUntil(from: now) == own)
    }

    /// Of a retention of no time the end that came along is left: with neither, nothing would end the delivery but the policy.
    @Test func whatIsNotKeptAtAllIsDeliveredUntilTheEndThatCameAlong() throws {
        var agreement = try agreement()
        agreement.handling.retention = "P0D"
        let ruling = try ruling([StandingAgreement(agreement, .active)])
        let now = Instant(rfc3339: "2026-03-31T12:00:00Z")!
        let soon = now.advanced(byMilliseconds: 1)
        #expect(ruling.retainUntil(from: now) == now)
        #expect(ruling.retainUntil(from: now, SealedObligations(handling: HandlingObligations(), purposes: [], keepUntil: soon)) == soon)
        var record = ExchangeRecord(
            id: "x", direction: .outgoing, sender: "AM.MOI", receiver: "AM.ARMSTAT", dataflow: "AM.MOI:DF(1.0)", state: .queued, createdAt: now)
        record.retainUntil = now
        #expect(record.leavesUntil == nil)
        record.retainUntil = soon
        #expect(record.leavesUntil == soon)
    }

    @Test func oneMomentIsTakenWhole() throws {
        let book = AgreementBook([StandingAgreement(try agreement(), .active)])
        let before = book.now
        book.replace([StandingAgreement(try agreement(), .suspended)])
        #expect(before.active.count == 1 && before.others.isEmpty && book.now.active.isEmpty && book.now.others.count == 1)
    }
}
