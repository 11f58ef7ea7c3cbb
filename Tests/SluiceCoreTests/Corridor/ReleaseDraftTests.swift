import SluiceKit
import Testing

@testable import SluiceCore

/// Whether what waited for a second person may still go when somebody approves.
@Suite struct ReleaseDraftTests {
    private let now = Instant(rfc3339: "2026-03-31T12:00:00Z")!
    private let hashing = FakeHashing()
    private let structures: StructureSet

    init() {
        var structures = StructureSet()
        for codelist in PermitsSample.schema().components.compactMap(\.codelist) { structures.add(codelist) }
        structures.add(PermitsSample.schema().structure)
        structures.add(
            Dataflow(
                identity: ArtefactIdentity(agency: "AM.MOI", id: "DF_PERMITS"),
                structure: ArtefactReference(.dataStructure, agency: "AM.MOI", id: "PERMITS", version: "1.0")))
        self.structures = structures
    }

    private func agreement(_ id: String = "PERMITS", _ changes: [(String, String)] = []) throws -> Agreement {
        let text = try changes.reduce(PermitsSample.yaml.replacing("agreement: PERMITS", with: "agreement: \(id)")) { text, change in
            try #require(text.contains(change.0), "\(change.0)")
            return text.replacing(change.0, with: change.1)
        }
        return try AgreementReader.read(text)
    }

    private func forbidding(_ purpose: String = "all") throws -> Agreement {
        try AgreementReader.read(
            """
            agreement: NO
            version: "1.0"
            effect: forbid
            title: Nothing about permits
            giver: AM.MOI
            receiver: all
            dataflow: AM.MOI:DF_PERMITS
            purpose: \(purpose)
            legalBasis: an order
            validity: {from: 2026-01-01, until: 2026-12-31}
            """)
    }

    private func draft(_ agreements: [Agreement], keepUntil: Instant? = nil) -> ReleaseDraft {
        var document = ExchangeDocument(
            exchangeID: "01a2019c-2bdf-72bf-b697-c23f10ef1444", sender: ParticipantID("AM.MOI")!, receiver: ParticipantID("AM.ARMSTAT")!,
            dataflow: ArtefactReference(.dataflow, agency: "AM.MOI", id: "DF_PERMITS", version: "1.0"),
            dataStructure: PermitsSample.schema().structure.reference, agreementID: "", agreementVersion: "",
            agreementDigest: hashing.sha256(agreements.flatMap(\.canonicalBytes)).hex, purpose: "official-statistics",
            decisionRules: agreements.map(\.name), protections: [], payloadName: "data.csv", payloadFormat: "sdmx-csv-2.0", observations: 3, sealedAt: "",
            previousReceipt: "")
        document.obligations = SealedObligations(handling: HandlingObligations(), purposes: ["official-statistics"], keepUntil: keepUntil)
        return ReleaseDraft(document: document, payloadDigest: "aa", mediaType: "text/csv", seal: "asic-e", sentBy: "anahit")
    }

    private func objection(
        _ draft: ReleaseDraft, _ all: [(Agreement, AgreementRecord.State)], retainUntil: Instant? = nil, at time: Instant? = nil,
        structures: StructureSet? = nil
    ) -> String? {
        draft.objection(
            retainUntil: retainUntil, under: StandingAgreements(all.map { StandingAgreement($0, $1) }), channel: "https",
            structures: structures ?? self.structures, hashing: hashing, at: time ?? now)
    }

    @Test func whatHoldsAsItWasDecidedMayGo() throws {
        let (one, other) = (try agreement(), try agreement("OTHER", [("minimumCell: 5", "minimumCell: 7")]))
        #expect(objection(draft([one]), [(one, .active)]) == nil)
        #expect(objection(draft([other, one]), [(one, .active), (other, .active)]) == nil)
        // Others that are not about it have no say.
        let elsewhere = try agreement("ELSEWHERE", [("purpose: official-statistics", "purpose: research")])
        for state in AgreementRecord.State.allCases { #expect(objection(draft([one]), [(one, .active), (elsewhere, state)]) == nil, "\(state)") }
        #expect(objection(draft([one]), [(one, .active), (try forbidding("research"), .active), (other, .draft), (other, .ended)]) == nil)
    }

    @Test func whatWasStoppedForbiddenOrAddedSinceHoldsItBack() throws {
        let (one, other) = (try agreement(), try agreement("OTHER", [("minimumCell: 5", "minimumCell: 7")]))
        for (all, words) in [
            ([(one, .suspended)], "PERMITS 1.0 is suspended"), ([(one, .ended)], "not in force as it was"), ([], "not in force as it was"),
            ([(one, .active), (other, .suspended)], "OTHER 1.0 is suspended"), ([(one, .active), (try forbidding(), .active)], "forbids"),
            ([(one, .active), (try forbidding(), .suspended)], "NO 1.0 is suspended"), ([(one, .active), (other, .active)], "OTHER 1.0 as well"),
            ([(try agreement("PERMITS", [("minimumCell: 5", "minimumCell: 3")]), .active)], "not in force as it was"),
        ] as [([(Agreement, AgreementRecord.State)], String)] {
            #expect(objection(draft([one]), all)?.contains(words) == true, "\(words): \(objection(draft([one]), all) ?? "nothing")")
        }
        #expect(objection(draft([one]), [(one, .active)], at: Instant(rfc3339: "2027-01-01T00:00:00Z")) != nil, "the agreement's time is over")
        #expect(objection(draft([one]), [(one, .active)], structures: StructureSet()) != nil)
    }

    @Test func whatNobodyMayKeepIsNotPassedOn() throws {
        let one = try agreement()
        let (earlier, later) = (now.advanced(byMilliseconds: -1), now.advanced(byMilliseconds: 1))
        for (received, own, isHeldBack) in [
            (nil, nil, false), (later, later, false), (earlier, nil, true), (earlier, later, true), (nil, earlier, true), (later, now, true),
        ] as [(Instant?, Instant?, Bool)] {
            let objection = objection(draft([one], keepUntil: received), [(one, .active)], retainUntil: own)
            #expect((objection != nil) == isHeldBack, "\(String(describing: received)), \(String(describing: own)): \(objection ?? "nothing")")
        }
    }
}
