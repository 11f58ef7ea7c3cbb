import SluiceCrypto
import SluiceKit
import Testing

/// Every boundary of the policy, by value: no lists, no clock.
struct RevocationPolicyTests {
    typealias Evidence = RevocationPolicy.Evidence
    let now = Trial.now
    let policy = RevocationPolicy(graceSeconds: 100, ageSecondsMaxWithoutNextUpdate: 50, ageSecondsMax: 10_000, clockSkewSecondsMax: 10)

    private func list(_ status: Evidence.Status = .good, made: Int64 = -60, next: Int64? = 60) -> Evidence {
        Evidence(source: .list(number: "01"), status: status, thisUpdate: now.later(made), nextUpdate: next.map { now.later($0) })
    }

    @Test func silenceIsNotGood() {
        #expect(policy.verdict([], at: now) == .unknown(.noInformation))
        #expect(policy.verdict([list(.notKnown)], at: now) == .unknown(.responderDoesNotKnow))
    }

    @Test func goodLastsToTheSecondOfNextUpdateThenThroughTheGraceThenNoLonger() {
        let evidence = [list()]
        #expect(policy.verdict(evidence, at: now) == .good(until: now.later(60), isStale: false))
        #expect(policy.verdict(evidence, at: now.later(60)) == .good(until: now.later(60), isStale: false))
        #expect(policy.verdict(evidence, at: now.later(61)) == .good(until: now.later(160), isStale: true))
        #expect(policy.verdict(evidence, at: now.later(160)) == .good(until: now.later(160), isStale: true))
        #expect(policy.verdict(evidence, at: now.later(161)) == .unknown(.outdated(seconds: 1)))
    }

    @Test func withoutGraceNothingOutlivesItsNextUpdate() {
        let strict = RevocationPolicy(graceSeconds: 0)
        #expect(strict.verdict([list()], at: now.later(60)) == .good(until: now.later(60), isStale: false))
        #expect(strict.verdict([list()], at: now.later(61)) == .unknown(.outdated(seconds: 1)))
    }

    @Test func informationFromAheadOfOurClockIsTakenOnlyWithinTheSkew() {
        #expect(policy.verdict([list(made: 10)], at: now) == .good(until: now.later(60), isStale: false))
        #expect(policy.verdict([list(made: 11)], at: now) == .unknown(.fromTheFuture(seconds: 11)))
    }

    @Test func withoutNextUpdateTheAgeCounts() {
        #expect(policy.verdict([list(made: -50, next: nil)], at: now) == .good(until: now, isStale: false))
        #expect(policy.verdict([list(made: -51, next: nil)], at: now) == .unknown(.outdated(seconds: 1)))
    }

    @Test func promiseOfManyYearsIsCutToTheOldestAge() {
        let evidence = [list(made: -10_000, next: 1_000_000)]
        #expect(policy.verdict(evidence, at: now) == .good(until: now, isStale: false))
        #expect(policy.verdict(evidence, at: now.later(1)) == .unknown(.outdated(seconds: 1)))
    }

    @Test func revokedCountsHoweverOldTheNewsAndWhateverElseIsSaid() {
        let revoked = list(.revoked(at: now.later(-5), reason: .keyCompromise), made: -900_000, next: -800_000)
        #expect(policy.verdict([list(), revoked], at: now) == .revoked(at: now.later(-5), reason: .keyCompromise))
        #expect(policy.verdict([revoked], at: now.later(9_000_000)) == .revoked(at: now.later(-5), reason: .keyCompromise))
    }

    @Test func revocationBeginsAtItsSecond() {
        let evidence = [list(.revoked(at: now, reason: nil)), list()]
        #expect(policy.verdict(evidence, at: now.later(-1)) == .good(until: now.later(60), isStale: false))
        #expect(policy.verdict(evidence, at: now) == .revoked(at: now, reason: nil))
        // Only news of a later revocation: that says nothing about today.
        #expect(policy.verdict([list(.revoked(at: now.later(1), reason: nil))], at: now) == .unknown(.noInformation))
    }

    @Test func earliestRevocationAndFreshestGoodAreTold() {
        let two = [list(.revoked(at: now.later(-5), reason: .superseded)), list(.revoked(at: now.later(-9), reason: .keyCompromise))]
        #expect(policy.verdict(two, at: now) == .revoked(at: now.later(-9), reason: .keyCompromise))
        let stale = list(made: -500, next: -50)
        #expect(policy.verdict([stale, list(next: 5), list(next: 30)], at: now) == .good(until: now.later(30), isStale: false))
        #expect(policy.verdict([list(next: -200), list(next: -150)], at: now) == .unknown(.outdated(seconds: 50)))
    }

    @Test func extremeTimesDoNotOverflow() {
        let far = Evidence(
            source: .responder, status: .good, thisUpdate: Instant(milliseconds: .min), nextUpdate: Instant(milliseconds: .max))
        let loose = RevocationPolicy(graceSeconds: .max, ageSecondsMaxWithoutNextUpdate: .max, ageSecondsMax: .max, clockSkewSecondsMax: .max)
        for time in [Instant(milliseconds: .min), now, Instant(milliseconds: .max)] { _ = loose.verdict([far, list()], at: time) }
        #expect(RevocationPolicy(graceSeconds: -5).graceSeconds == 0)
    }
}
