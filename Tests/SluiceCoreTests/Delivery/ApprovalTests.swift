import SluiceCore
import SluiceKit
import Testing

/// What waits for a second person, as the sender's machine has it.
@Suite struct ApprovalTests {
    private let start = Instant(milliseconds: 1_767_600_000_000)
    private let policy = DeliveryPolicy(
        attemptsMax: 3, firstDelayMilliseconds: 1_000, delayMillisecondsMax: 4_000, retryWindowMilliseconds: 50_000, busyDelayMilliseconds: 3_000,
        busyDelayMillisecondsMax: 20_000, replyMillisecondsMax: 30_000, validityMilliseconds: 100_000, resumeBytesMin: 5_000, progressBytesMin: 100,
        claimMillisecondsMax: 10_000)

    private func later(_ milliseconds: Int64) -> Instant { start.advanced(byMilliseconds: milliseconds) }

    private var waiting: OutgoingExchange {
        OutgoingExchange(
            ExchangeRecord(id: "x1", direction: .outgoing, sender: "A", receiver: "B", dataflow: "F", state: .awaitingApproval, createdAt: start), item: nil,
            policy: policy)
    }

    private let sealing = LedgerEvent(.packageSealed, exchange: "x1", [])

    private func approval(by person: String = "besarta", sentBy: String? = "anahit") -> OutgoingExchange.Event {
        .ruled(
            ReleaseRuling(
                .approve(.init(seal: "asic-e", packageDigest: "pp", manifestDigest: "mm", bytes: 77, events: [sealing])), person: person, sentBy: sentBy,
                personCode: "0badc0de", roles: ["steward"], statement: "55", payloadDigest: "dd"))
    }

    private func refusal(by person: String = "besarta") -> OutgoingExchange.Event {
        .ruled(ReleaseRuling(.refuse(reason: "a total is missing"), person: person, sentBy: "anahit", personCode: "0badc0de", statement: "55"))
    }

    private func change(_ action: OutgoingExchange.Action, _ location: SourceLocation = #_sourceLocation) -> OutgoingExchange.Change? {
        guard case .commit(let change) = action else {
            Issue.record("\(action) commits nothing", sourceLocation: location)
            return nil
        }
        return change
    }

    @Test func approvedItGoesIntoTheOutboxAsSealed() {
        var exchange = waiting
        let change = change(exchange.handle(approval(), at: later(50_000), random: 0))
        #expect(change?.record.state == .queued && change?.record.packageDigest == "pp" && change?.record.manifestDigest == "mm")
        #expect(change?.record.bytes == 77 && change?.record.seal == "asic-e" && change?.topic == "exchange.queued")
        // The retry window counts from the approval, not from the sending.
        guard case .insert(let item)? = change?.outbox else {
            Issue.record("it is in no outbox")
            return
        }
        #expect(item.waitingSince == later(50_000) && item.nextAttemptAt == later(50_000) && item.attempts == 0)
        #expect(change?.events.map(\.kind) == [.exchangeApproved, .packageSealed, .exchangeQueued])
        #expect(exchange.handle(.due, at: later(50_000), random: 0) == .attempt(asksOffset: false))
        #expect(exchange.handle(approval(by: "chinara"), at: later(50_000), random: 0) == .nothing(.notAwaiting), "approved twice")
    }

    @Test func refusedItNeverLeaves() {
        var exchange = waiting
        let change = change(exchange.handle(refusal(), at: later(1), random: 0))
        #expect(change?.record.state == .refusedHere && change?.record.reasonCode == "approval.refused")
        #expect(change?.record.reason == "by besarta: a total is missing" && change?.outbox == .keep)
        #expect(change?.events.map(\.kind) == [.exchangeRefused] && change?.topic == "exchange.refused")
        #expect(exchange.handle(approval(by: "chinara"), at: later(2), random: 0) == .nothing(.notAwaiting), "approved after it was refused")
    }

    @Test func whoeverSentItCannotRuleOnIt() {
        for event in [approval(by: "anahit"), refusal(by: "anahit")] {
            var exchange = waiting
            let before = exchange
            #expect(exchange.handle(event, at: later(1), random: 0) == .nothing(.selfApproval))
            #expect(exchange == before)
        }
        // What a route made, nobody sent: one person is enough.
        var route = waiting
        #expect(change(route.handle(approval(by: "anahit", sentBy: nil), at: later(1), random: 0))?.record.state == .queued)
    }

    @Test func theLedgerNamesNoPerson() {
        for event in [approval(), refusal()] {
            var exchange = waiting
            for entry in change(exchange.handle(event, at: later(1), random: 0))?.events ?? [] {
                #expect(!"\(entry.data)".contains("besarta") && !"\(entry.data)".contains("anahit"))
            }
        }
        var exchange = waiting
        let approved = change(exchange.handle(approval(), at: later(1), random: 0))?.events.first?.data ?? []
        #expect(approved.first { $0.name == "person" }?.value.text == "0badc0de" && approved.first { $0.name == "statement" }?.value.text == "55")
        #expect(approved.first { $0.name == "roles" }?.value.elements?.compactMap(\.text) == ["steward"])
    }

    @Test func waitingEndsByExpiryOrByCancelling() {
        var timely = waiting
        #expect(timely.handle(.timeChecked, at: later(100_000), random: 0) == .nothing(.timely))
        for event in [OutgoingExchange.Event.timeChecked, approval(), refusal()] {
            var late = waiting
            let change = change(late.handle(event, at: later(100_001), random: 0))
            #expect(change?.record.state == .expired && change?.record.reason.contains("nobody approved it") == true)
            #expect(change?.events.map(\.kind) == [.exchangeExpired])
        }
        var cancelled = waiting
        #expect(change(cancelled.handle(.cancel(detail: "the wrong month"), at: later(1), random: 0))?.record.state == .cancelled)
        #expect(cancelled.handle(approval(), at: later(2), random: 0) == .nothing(.notAwaiting))
    }

    @Test func nothingElseMovesIt() {
        let claim = later(5_000)
        let failure = Delivery.Failure(code: "x", detail: "", isTransient: true)
        let receipt = OutgoingExchange.Receipt(
            outcome: .accepted, reasonCode: "", reason: "", digest: "r", manifestDigest: "", certificateDigest: "", answeredAt: "")
        for event: OutgoingExchange.Event in [
            .due, .ended(.failed(failure), claim: claim), .ended(.handedOver, claim: claim), .receipt(receipt, claim: nil), .park(detail: "x"),
            .replay(by: nil),
        ] {
            var exchange = waiting
            let before = exchange
            guard case .nothing = exchange.handle(event, at: later(1), random: 0) else {
                Issue.record("\(event) moved what waits for approval")
                continue
            }
            #expect(exchange == before)
        }
        #expect(ExchangeAct.offered(for: waiting.record) == [.approve, .refuse, .cancel])
    }

    @Test func aDraftReadsBackAsItWas() throws {
        let document = ExchangeDocument(
            exchangeID: "01a2019c-2bdf-72bf-b697-c23f10ef1444", sender: ParticipantID("A")!, receiver: ParticipantID("B")!,
            dataflow: ArtefactReference(.dataflow, short: "A:F(1.0)")!, dataStructure: ArtefactReference(.dataStructure, short: "A:D(1.0)")!, agreementID: "P",
            agreementVersion: "1.0", agreementDigest: "aa", purpose: "official-statistics", decisionRules: ["P 1.0"], protections: [], payloadName: "data.csv",
            payloadFormat: "sdmx-csv-2.0", observations: 3, sealedAt: "", previousReceipt: "")
        for sentBy in ["anahit", nil] {
            let draft = ReleaseDraft(document: document, payloadDigest: "dd", mediaType: "text/csv", seal: "asic-e", sentBy: sentBy)
            #expect(try ReleaseDraft(json: JSONValue(parsing: draft.json.canonicalBytes())) == draft)
        }
        var approved = document
        approved.approval = "55"
        #expect(try ExchangeDocument(json: approved.json).approval == "55")
        #expect(!"\(document.json)".contains("approval"), "a package that nobody had to approve says nothing of it")
    }
}
