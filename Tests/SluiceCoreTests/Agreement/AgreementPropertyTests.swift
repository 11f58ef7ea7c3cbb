import Foundation
import SluiceKit
import SluiceKitTesting
import Testing

@testable import SluiceCore

/// What must hold of any agreements, on random ones with every kind of term: held of what would travel, and not of terms alone.
@Suite struct AgreementPropertyTests {
    private static let today = CalendarDate(year: 2026, month: 3, day: 31)!

    @Test func addingAPermitNeverLetsMoreThrough() throws {
        var (compared, refused) = (0, 0)
        var source = RandomAgreements(seed: 20_261_130)
        let pool = try (0..<150).map { try source.agreement("A\($0)") }
        for seed in 1...3_000 {
            var some = [source.pick(pool), source.pick(pool)].dropFirst(source.pick([0, 1]))
            let added = source.pick(pool)
            some.removeAll { $0.id == added.id }
            let table = try source.table()
            let request = source.request(table)
            let after = WhatTravels(request, table, under: some + [added])
            #expect(after == WhatTravels(request, table, under: [added] + some.reversed()), "round \(seed): the order matters")
            let isAlone = WhatTravels(request, table, under: Array(some))
            guard let before = isAlone else {
                if after != nil {
                    // What some refuse, one more may permit only where none of them was about it. A limit counts what travels: summing more keeps it.
                    let reasons = Decide.run(request, under: Array(some)).reasons.map(\.code)
                    let isKept = reasons.first == .agreementNone || WhatTravels.isTooMuch(request, table, under: Array(some))
                    #expect(isKept, "round \(seed): \(reasons)")
                }
                refused += 1
                continue
            }
            guard let after else { continue }
            compared += 1
            #expect(after.canBeDerived(from: before), "round \(seed): \(after.groups) of \(before.groups)")
            #expect(after.isProtected(asMuchAs: before), "round \(seed)")
        }
        #expect(compared > 200 && refused > 200, "\(compared) compared, \(refused) refused")
    }

    @Test func addingAForbidNeverPermits() throws {
        var forbiddenCount = 0
        var source = RandomAgreements(seed: 20_261_131)
        let pool = try (0..<60).map { try source.agreement("A\($0)") }
        let forbidding = try (0..<60).map { try source.forbidding("F\($0)") }
        for seed in 1...2_000 {
            let some = [source.pick(pool), source.pick(pool)].prefix(source.pick([0, 1, 2]))
            let added = source.pick(forbidding)
            let table = try source.table()
            let request = source.request(table)
            let (before, after) = (Decide.run(request, under: Array(some)), Decide.run(request, under: some + [added]))
            if ScopeJudge.forbids(added, request) {
                forbiddenCount += 1
                #expect(after.reasons.first?.code == .agreementForbids, "round \(seed)")
            } else {
                #expect(after.isPermit == before.isPermit && after.obligations == before.obligations, "round \(seed)")
            }
        }
        #expect(forbiddenCount > 100, "\(forbiddenCount)")
    }

    /// A node looks at the agreements of one giver and dataflow and makes no words for what holds; an explanation looks at all and has them.
    @Test func aNodeDecidesAsAnExplanationSays() throws {
        var (permits, refusals) = (0, 0)
        var source = RandomAgreements(seed: 20_261_133)
        let pool = try (0..<60).map { try source.agreement("A\($0)") } + (0..<10).map { try source.forbidding("F\($0)") }
        for seed in 1...2_000 {
            let all = (0..<source.pick([0, 1, 2, 4])).map { _ in source.pick(pool) }
            var request = source.request(try source.table())
            if source.pick([true, false, false]) { request.giver = source.pick(["UN.UNSD", request.receiver]) }
            let standing = StandingAgreements(inForce: all)
            let (explained, judgements) = Decide.evaluate(request, all, records: standing.records)
            let decision = Decide.run(request, under: standing)
            #expect(decision == Decide.run(request, under: all), "round \(seed)")
            // Of a refusal the explanation may name more agreements that came near.
            #expect(decision == explained || (!decision.isPermit && !explained.isPermit), "round \(seed)")
            #expect(judgements.count >= all.count, "round \(seed): an agreement is not explained")
            if decision.isPermit { permits += 1 } else { refusals += 1 }
        }
        #expect(permits > 200 && refusals > 200, "\(permits) permitted, \(refusals) refused")
    }

    /// What no change calls wider or other lets nothing through that was refused.
    @Test func narrowerLetsNothingMoreThrough() throws {
        var (compared, pairs) = (0, 0)
        var source = RandomAgreements(seed: 20_261_132)
        for seed in 1...600 {
            let (old, new) = try source.versions()
            guard AgreementDifference.changes(from: old, to: new).allSatisfy({ $0.effect == .narrower }) else { continue }
            pairs += 1
            for _ in 0..<10 {
                let table = try source.table()
                let request = source.request(table)
                guard let after = WhatTravels(request, table, under: [new]) else { continue }
                let before = try #require(WhatTravels(request, table, under: [old]), "round \(seed): refused before; \(old.name)")
                compared += 1
                #expect(after.canBeDerived(from: before) && after.isProtected(asMuchAs: before), "round \(seed)")
            }
        }
        #expect(compared > 200, "\(compared) of \(pairs) pairs")
    }

    /// Taking out an agreement that is said to change nothing changes nothing.
    @Test func whatIsShadowedDecidesNothing() throws {
        var (shadowed, permitted) = (0, 0)
        var source = RandomAgreements(seed: 20_261_133)
        for seed in 1...600 {
            var (one, other) = try source.versions()
            other.id = "B"
            if seed % 2 == 0 { (one, other) = (other, one) }
            let remarks = AgreementReview.remarks(on: [one, other], today: Self.today)
            guard let remark = remarks.first(where: { $0.code == .shadowed }) else { continue }
            shadowed += 1
            let kept = remark.rule == one.name ? other : one
            for _ in 0..<10 {
                let table = try source.table()
                let request = source.request(table)
                let (both, alone) = (WhatTravels(request, table, under: [one, other]), WhatTravels(request, table, under: [kept]))
                // Where the shadowed one applies, which is where both do.
                guard ScopeJudge.fits(remark.rule == one.name ? one : other, request) else { continue }
                #expect(both?.groups == alone?.groups, "round \(seed)")
                guard let both, let alone else { continue }
                permitted += 1
                #expect(both.isProtected(asMuchAs: alone) && alone.isProtected(asMuchAs: both), "round \(seed)")
            }
        }
        #expect(shadowed > 30 && permitted > 30, "\(shadowed) shadowed, \(permitted) permitted")
    }
}
