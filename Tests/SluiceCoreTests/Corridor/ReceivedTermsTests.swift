import SluiceKit
import SluiceKitTesting
import Testing

@testable import SluiceCore

/// What binds received data when they are about to leave again, and until when they may not be shown.
@Suite struct ReceivedTermsTests {
    private let unsd = ParticipantID("UN.UNSD")!
    private let moi = ParticipantID("AM.MOI")!

    private func terms(
        _ onward: HandlingObligations.OnwardTransfer, purposes: [String] = ["official-statistics"], embargo: Instant? = nil, keepUntil: Instant? = nil
    )
        -> ReceivedTerms
    {
        ReceivedTerms(
            exchangeID: "x1", sender: "AM.MOI", agreement: "PERMITS 1.0", onwardTransfer: onward, purposes: purposes, embargo: embargo, keepUntil: keepUntil)
    }

    private func sealed(
        _ onward: HandlingObligations.OnwardTransfer, _ retention: String?, embargo: String? = nil, purposes: [String] = ["official-statistics"]
    )
        -> SealedObligations
    {
        SealedObligations(handling: HandlingObligations(retention: retention, onwardTransfer: onward, embargo: embargo), purposes: purposes)
    }

    private func document(_ obligations: SealedObligations?) -> ExchangeDocument {
        var document = ExchangeDocument(
            exchangeID: "01a2019c-2bdf-72bf-b697-c23f10ef1444", sender: moi, receiver: ParticipantID("AM.ARMSTAT")!,
            dataflow: ArtefactReference(.dataflow, short: "A:F(1.0)")!, dataStructure: ArtefactReference(.dataStructure, short: "A:D(1.0)")!,
            agreementID: "PERMITS", agreementVersion: "1.0", agreementDigest: "aa", purpose: "official-statistics", decisionRules: ["PERMITS 1.0"],
            protections: [], payloadName: "data.csv", payloadFormat: "sdmx-csv-2.0", observations: 3, sealedAt: "", previousReceipt: "")
        document.obligations = obligations
        return document
    }

    @Test func onlyThoseNamedGetThem() {
        let now = FakeClock().now()
        let asked = ["official-statistics"]
        #expect(terms(.none).objection(to: unsd, purposes: asked, at: now)?.code == "agreement.onward")
        #expect(terms(.to(["EU.ESTAT"])).objection(to: unsd, purposes: asked, at: now)?.code == "agreement.onward")
        #expect(terms(.to(["EU.ESTAT", "UN.UNSD"])).objection(to: unsd, purposes: asked, at: now) == nil)
        #expect(terms(.public).objection(to: unsd, purposes: ["press-release"], at: now) == nil)
        // Whose data they are may have them back.
        #expect(terms(.none).objection(to: moi, purposes: asked, at: now) == nil)
        let words = terms(.none).objection(to: unsd, purposes: asked, at: now)?.detail ?? ""
        #expect(words.contains("x1") && words.contains("PERMITS 1.0") && words.contains("AM.MOI"))
    }

    @Test func everyPurposeOfTheOnwardAgreementHasToBeReceived() {
        let now = FakeClock().now()
        let allowed = terms(.to(["UN.UNSD"]), purposes: ["official-statistics", "sdg-reporting"])
        #expect(allowed.objection(to: unsd, purposes: ["sdg-reporting"], at: now) == nil)
        let refusal = allowed.objection(to: unsd, purposes: ["sdg-reporting", "press-release"], at: now)
        #expect(refusal?.code == "agreement.onward" && refusal?.detail.contains("press-release") == true)
    }

    @Test func anEmbargoHoldsUntilItsSecond() {
        let clock = FakeClock()
        let end = clock.now().advanced(byMilliseconds: 60_000)
        let terms = terms(.public, embargo: end)
        for (offset, isOver) in [(-60_000, false), (-1_000, false), (-1, false), (0, true), (1, true)] as [(Int64, Bool)] {
            clock.set(end.advanced(byMilliseconds: offset))
            #expect(terms.isShown(at: clock.now()) == isOver, "\(offset) ms from its end")
            #expect((terms.objection(to: unsd, purposes: [], at: clock.now())?.code == "agreement.embargo") == !isOver, "\(offset) ms from its end")
        }
    }

    @Test func whatIsToBeErasedMayNotGoOn() {
        let now = FakeClock().now()
        #expect(terms(.public, keepUntil: now.advanced(byMilliseconds: 1)).objection(to: unsd, purposes: [], at: now) == nil)
        #expect(terms(.public, keepUntil: now).objection(to: unsd, purposes: [], at: now)?.code == "agreement.onward")
    }

    @Test func theStricterOfBothAgreementsCounts() {
        let at = FakeClock().now()
        for (theirs, ours, expected) in [
            (HandlingObligations.OnwardTransfer.none, .public, .none), (.public, .none, .none), (.to(["A", "B"]), .to(["B", "C"]), .to(["B"])),
            (.to(["A"]), .to(["B"]), .none), (.public, .to(["A"]), .to(["A"])),
        ] as [(HandlingObligations.OnwardTransfer, HandlingObligations.OnwardTransfer, HandlingObligations.OnwardTransfer)] {
            let terms = ReceivedTerms(document(nil), sealed: sealed(theirs, "P1Y"), own: sealed(ours, "P5Y"), receivedAt: at)
            #expect(terms.onwardTransfer == expected, "\(theirs) and \(ours)")
            #expect(terms.keepUntil == RetentionPeriod("P1Y")?.end(from: at))
        }
        let early = "2026-03-01T09:00:00Z"
        let late = "2026-03-01T09:00:00.500Z"
        let terms = ReceivedTerms(
            document(nil), sealed: sealed(.none, nil, embargo: late, purposes: ["a", "b"]), own: sealed(.none, nil, embargo: early, purposes: ["b", "c"]),
            receivedAt: at)
        #expect(terms.embargo == Instant(rfc3339: late), "times are compared, not texts")
        #expect(terms.purposes == ["b"] && terms.keepUntil == nil)
        // A sender of an older version says nothing: our own agreement counts.
        let silent = ReceivedTerms(document(nil), sealed: nil, own: sealed(.to(["A"]), "P5Y", purposes: ["c"]), receivedAt: at)
        #expect(silent.onwardTransfer == .to(["A"]) && silent.purposes == ["c"])
    }

    @Test func whatGoesOnIsNoLooserThanWhatCame() {
        let at = FakeClock().now()
        let received = terms(.to(["UN.UNSD", "EU.ESTAT"]), purposes: ["a", "b"], keepUntil: at.advanced(byMilliseconds: 5_000))
        let onward = received.narrowing(sealed(.public, "P5Y", purposes: ["a", "c"]))
        #expect(onward.handling.onwardTransfer == .to(["UN.UNSD", "EU.ESTAT"]) && onward.purposes == ["a"])
        #expect(onward.keepUntil == at.advanced(byMilliseconds: 5_000) && onward.handling.retention == "P5Y")
        // At the next receiver the earlier of the two ends counts, however long its agreement lets it keep them.
        let next = ReceivedTerms(document(nil), sealed: onward, own: sealed(.public, nil, purposes: ["a"]), receivedAt: at)
        #expect(next.keepUntil == at.advanced(byMilliseconds: 5_000))
    }

    @Test func termsReadBackAsTheyWereKept() throws {
        let at = FakeClock().now()
        for terms in [
            terms(.none), terms(.public, purposes: []),
            terms(.to(["A", "B.C"]), purposes: ["a", "b-c"], embargo: at, keepUntil: at.advanced(byMilliseconds: 1)),
        ] {
            let provenance = Provenance(
                exchangeID: "x1", sender: "AM.MOI", payloadSHA256: "", contentCode: "", terms: String(decoding: try terms.json.canonicalBytes(), as: UTF8.self),
                storedAt: at)
            #expect(try ReceivedTerms(provenance) == terms)
        }
        for text in ["", "{}", "[]", #"{"agreement":"P","obligations":{}}"#] {
            #expect(throws: DocumentError.self) {
                try ReceivedTerms(Provenance(exchangeID: "x1", sender: "A", payloadSHA256: "", contentCode: "", terms: text, storedAt: at))
            }
        }
    }

    @Test func whatIsSealedReadsBackAndOlderReadersIgnoreIt() throws {
        let full = SealedObligations(
            handling: HandlingObligations(retention: "P18M", onwardTransfer: .to(["UN.UNSD"]), embargo: "2026-03-01T09:00:00Z", citation: "Ministry"),
            purposes: ["official-statistics"], keepUntil: FakeClock().now())
        for obligations in [full, sealed(.none, nil), nil] {
            let read = try ExchangeDocument(json: JSONValue(parsing: document(obligations).json.canonicalBytes()))
            #expect(read == document(obligations))
        }
    }

    @Test(arguments: [
        "1", "[]", "{}", #"{"onwardTransfer":"some","purposes":["a"],"retention":"P5Y"}"#, #"{"onwardTransfer":[],"purposes":["a"],"retention":"P5Y"}"#,
        #"{"onwardTransfer":["A",1],"purposes":["a"],"retention":"P5Y"}"#, #"{"onwardTransfer":["../x"],"purposes":["a"],"retention":"P5Y"}"#,
        #"{"onwardTransfer":"none","purposes":[],"retention":"P5Y"}"#, #"{"onwardTransfer":"none","purposes":["A B"],"retention":"P5Y"}"#,
        #"{"onwardTransfer":"none","purposes":["a"],"retention":"5 years"}"#, #"{"onwardTransfer":"none","purposes":["a"]}"#,
        #"{"onwardTransfer":"none","purposes":["a"],"retention":"P5Y","embargo":"tomorrow"}"#,
        #"{"onwardTransfer":"none","purposes":["a"],"retention":"P5Y","embargo":7}"#,
        #"{"onwardTransfer":"none","purposes":["a"],"retention":"P5Y","keepUntil":"2026"}"#,
        #"{"onwardTransfer":"none","purposes":["a"],"retention":"P-5Y"}"#,
    ]) func obligationsThatCannotBeKeptAreRefused(_ text: String) throws {
        let json = try JSONValue(parsing: Array(text.utf8))
        #expect(throws: DocumentError.self) { try SealedObligations(json: json) }
    }
}
