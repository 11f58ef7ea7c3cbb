import SluiceKit
import Synchronization
import Testing

@testable import SluiceCore

/// Whom a release asks about earlier ones, and what it leaves for others to be held against.
@Suite struct CompareTests {
    private let flow = ArtefactReference(.dataflow, agency: "AM.MOI", id: "DF_PERMITS", version: "1.0")

    /// Holds as many releases as it is told to, and notes what it was asked.
    private final class Register: ReleaseRegister {
        let held: Int
        let asked = Mutex<[(population: String, limit: Int)]>([])
        init(_ held: Int) { self.held = held }

        func held(population: String, periods: Set<String>, atMost limit: Int) -> HeldReleases {
            asked.withLock { $0.append((population, limit)) }
            return HeldReleases(releases: Array(repeating: CompareTests.release(of: population), count: min(held, limit)), mark: 7)
        }
    }

    private static func release(of population: String) -> ReleasedFigures {
        ReleasedFigures(
            exchangeID: "earlier", releasedAt: Instant(milliseconds: 0), population: population, dataflow: "", holders: [], minimumCell: 0, dimensions: [],
            slices: [])
    }

    private final class Gate: DifferencingAudit {
        let releases = Mutex<[Int]>([])
        func audit(_ release: ReleasedFigures, against held: [ReleasedFigures]) throws(ProtectionError) -> DifferencingReport {
            releases.withLock { $0.append(held.count) }
            return DifferencingReport()
        }
    }

    private func agreement(_ id: String, _ differencing: String?, flow: String = "DF_PERMITS") throws -> Agreement {
        try AgreementReader.read(
            PermitsSample.yaml.replacing("agreement: PERMITS", with: "agreement: \(id)").replacing("DF_PERMITS", with: flow)
                .replacing(
                    "method: suppression", with: "method: suppression" + (differencing.map { ", differencing: {scope: receiver, population: \($0)}" } ?? "")))
    }

    private struct Found {
        var releases: [Compare.Release] = []
        var asked: [String] = []
        var limits: [Int] = []
        var audited: [Int] = []
        var isNeeded = true
    }

    /// Under the first of these agreements, with the others beside it.
    private func compare(_ all: [StandingAgreement], held: Int = 3) throws -> Found {
        let (register, gate) = (Register(held), Gate())
        var tools = TrialTools.make()
        tools.register = register
        tools.differencing = gate
        var obligations = Obligations(agreements: [all[0].agreement.name], protection: all[0].agreement.protection)
        obligations.handling = all[0].agreement.handling
        let compare = try Compare(
            obligations, exchangeID: "x", receiver: ParticipantID("AM.ARMSTAT")!, flow: flow, under: StandingAgreements(all), tools: tools)
        guard let compare else { return Found(isNeeded: false) }
        let table = try PermitsSample.table(["_T _T 2026-01 40", "M _T 2026-01 37", "F _T 2026-01 3"])
        let releases = try compare.run(table, original: table, together: []).releases
        return Found(
            releases: releases, asked: register.asked.withLock { $0.map(\.population) }, limits: register.asked.withLock { $0.map(\.limit) },
            audited: gate.releases.withLock { $0 })
    }

    @Test func aReleaseAsksOnlyWhereItsOwnAgreementDoes() throws {
        let (own, plain, other) = (try agreement("A", "OWN"), try agreement("B", nil), try agreement("C", "OTHER"))
        let asks = try compare([.init(own, .active), .init(other, .active)])
        #expect(asks.asked == ["OWN"] && asks.limits == [Compare.releasesMax + 1] && asks.audited == [3])
        #expect(asks.releases.map(\.figures.population) == ["OWN", "OTHER"] && asks.releases.map(\.mark) == [7, nil])
        // It is known to the sibling all the same, and nothing can overtake it.
        let silent = try compare([.init(plain, .active), .init(own, .active), .init(other, .active)])
        #expect(silent.asked.isEmpty && silent.audited.isEmpty)
        #expect(silent.releases.map(\.figures.population) == ["OTHER", "OWN"] && silent.releases.allSatisfy { $0.mark == nil && $0.figures.cellCount == 3 })
    }

    @Test func whatLeavesWhileASiblingIsStoppedCountsWhenItHoldsAgain() throws {
        let (plain, own) = (try agreement("B", nil), try agreement("A", "OWN"))
        for (state, isNeeded) in [(AgreementRecord.State.active, true), (.suspended, true), (.draft, false), (.ended, false)] {
            #expect(try compare([.init(plain, .active), .init(own, state)]).isNeeded == isNeeded, "\(state)")
        }
        #expect(try !compare([.init(plain, .active), .init(try agreement("A", "OWN", flow: "DF_OTHER"), .active)]).isNeeded)
    }

    @Test func moreEarlierReleasesThanAreHeldAgainstRefuse() throws {
        let own = StandingAgreement(try agreement("A", "OWN"), .active)
        #expect(try compare([own], held: Compare.releasesMax).audited == [Compare.releasesMax])
        let refusal = #expect(throws: Refusal.self) { try compare([own], held: Compare.releasesMax + 1) }
        #expect(refusal?.code == "protect.tooLarge")
    }

    @Test func aTripThatWasOvertakenLeavesNothingBehind() throws {
        let corridor = OutboundCorridor(TrialTools.make())
        var trip = OutboundTrip(
            record: ExchangeRecord(
                id: "x", direction: .outgoing, sender: "AM.MOI", receiver: "AM.ARMSTAT", dataflow: flow.description, state: .queued,
                createdAt: Instant(milliseconds: 0)))
        trip.record.packageDigest = "aa"
        trip.record.bytes = 5
        trip.package = .bytes([1])
        trip.notify = ["someone"]
        trip.releases = [Compare.Release(figures: Self.release(of: "P"), mark: 7)]
        trip.events = [LedgerEvent.Kind.datasetRead, .agreementDecided, .datasetProtected, .packageSealed, .exchangeQueued].map {
            LedgerEvent($0, exchange: "x", [])
        }
        let refused = corridor.refused(trip, flow: flow, as: Refusal("protect.overtaken", "again and again"))
        #expect(refused.events.map(\.kind) == [.datasetRead, .agreementDecided, .datasetProtected, .exchangeRefused])
        #expect(refused.package == nil && refused.record.state == .refusedHere && refused.record.reasonCode == "protect.overtaken")
        #expect(refused.releases.isEmpty && refused.waiting == nil && refused.notify.isEmpty)
        #expect(refused.record.packageDigest.isEmpty && refused.record.bytes == 0)
    }
}
