import SluiceCore
import SluiceKit
import Testing

@Suite struct IncomingExchangeTests {
    private let start = Instant(milliseconds: 1_767_600_000_000)
    private let tolerance = ClockTolerance(skewMilliseconds: 300_000, packageAgeMillisecondsMax: 86_400_000)

    private func arrival(_ bytes: String = "p1") -> IncomingExchange { IncomingExchange(id: "x1", packageDigest: bytes, tolerance: tolerance) }

    private func verified(_ bytes: String = "p1", manifest: String = "m1") -> IncomingExchange {
        var exchange = arrival(bytes)
        #expect(exchange.verified(manifestDigest: manifest, sealedAt: start, known: .nothing, at: start) == .record)
        return exchange
    }

    private func status(_ arrival: IncomingExchange.Arrival) -> Int? {
        guard case .problem(let problem) = arrival else { return nil }
        return problem.status
    }

    @Test func verifiesWhatIsNewAndWhatACrashLeft() {
        for known in [IncomingExchange.Known.nothing, .unverified, .received(manifestDigest: "m1", packageDigest: "p1")] {
            #expect(arrival().arrived(known) == .verify)
        }
    }

    @Test func answersARepeatWithTheFirstReceiptAndOtherBytesWithNone() {
        #expect(arrival().arrived(.answered(packageDigest: "p1")) == .answerFirst)
        #expect(status(arrival("p2").arrived(.answered(packageDigest: "p1"))) == 409)
    }

    @Test func remembersIDsAfterErasure() {
        #expect(status(arrival().arrived(.erased(packageDigest: "p1"))) == 410)
        #expect(status(arrival("p2").arrived(.erased(packageDigest: "p1"))) == 409)
        // Even a worker that had looked before the erasure has no effect.
        #expect(verified().recording(.erased(packageDigest: "p1")) == .lookAgain)
        #expect(verified().settling(.erased(packageDigest: "p1")) == .lookAgain)
    }

    @Test func refusesTheSameDamagedBytesAlikeWhateverBecameOfTheID() {
        for row in [IncomingExchange.Known.unverified, .received(manifestDigest: "m1", packageDigest: "p1"), .answered(packageDigest: "p1")] {
            let known = IncomingExchange.Known.of(row: row, refusalOfTheseBytes: "seal.digestMismatch")
            #expect(arrival("damaged").arrived(known) == .answerFirst)
            #expect(arrival("damaged").refusing(known) == .lookAgain)
        }
    }

    @Test func takesTheGenuinePackageAfterADamagedOne() {
        #expect(arrival().arrived(.unverified) == .verify)
        #expect(verified().recording(.unverified) == .replace)
    }

    @Test func refusesForAClockOnlyForNow() {
        let known = IncomingExchange.Known.of(row: .unverified, refusalOfTheseBytes: ClockTolerance.aheadCode)
        #expect(known == .unverified)
        #expect(arrival().arrived(known) == .verify)
        #expect(arrival().refusing(known) == .beside)
    }

    @Test func holdsPackagesAgainstTheClock() {
        func code(_ milliseconds: Int64) -> String? {
            var exchange = arrival()
            let action = exchange.verified(manifestDigest: "m1", sealedAt: start.advanced(byMilliseconds: milliseconds), known: .nothing, at: start)
            guard case .refuse(let refusal) = action else { return nil }
            return refusal.code
        }
        #expect(code(300_000) == nil)
        #expect(code(300_001) == "verify.clock")
        #expect(code(-86_700_000) == nil)
        #expect(code(-86_700_001) == "verify.stale")
    }

    @Test func goesOnWithWhatACrashLeftHoweverLongItTook() {
        var exchange = arrival()
        let later = start.advanced(byMilliseconds: 900_000_000)
        #expect(exchange.verified(manifestDigest: "m1", sealedAt: start, known: .received(manifestDigest: "m1", packageDigest: "p1"), at: later) == .record)
        #expect(exchange.recording(.received(manifestDigest: "m1", packageDigest: "p1")) == .resume)
    }

    @Test func keepsAVerifiedIDForItsBytes() {
        var other = arrival("p2")
        guard
            case .problem(let problem) = other.verified(
                manifestDigest: "m2", sealedAt: start, known: .received(manifestDigest: "m1", packageDigest: "p1"), at: start)
        else {
            Issue.record("a second package took the id")
            return
        }
        #expect(problem.code == "exchange-id-reused")
        #expect(verified("p2", manifest: "m2").recording(.received(manifestDigest: "m1", packageDigest: "p1")) == .lookAgain)
    }

    @Test func letsOneOfTwoWorkersAnswer() {
        let exchange = verified()
        #expect(exchange.recording(.nothing) == .insert)
        #expect(exchange.recording(.received(manifestDigest: "m1", packageDigest: "p1")) == .resume)
        #expect(exchange.settling(.received(manifestDigest: "m1", packageDigest: "p1")) == .commit)
        #expect(exchange.settling(.answered(packageDigest: "p1")) == .lookAgain)
        // One refuses for its clock what the other has taken in.
        #expect(exchange.refusing(.received(manifestDigest: "m1", packageDigest: "p1")) == .lookAgain)
        #expect(exchange.refusing(.answered(packageDigest: "p1")) == .lookAgain)
    }

    @Test func settlesNothingThatWasNotReceived() {
        for known in [
            IncomingExchange.Known.nothing, .unverified, .refused, .received(manifestDigest: "m2", packageDigest: "p2"), .answered(packageDigest: "p1"),
        ] {
            #expect(verified().settling(known) == .lookAgain)
        }
    }

    @Test func keepsTheRefusalOfACopyBesideAnIDWithAHistory() {
        #expect(arrival("damaged").refusing(.nothing) == .insert)
        for known in [IncomingExchange.Known.unverified, .received(manifestDigest: "m1", packageDigest: "p1"), .answered(packageDigest: "p1")] {
            #expect(arrival("damaged").refusing(known) == .beside)
        }
    }

    @Test func endsAnExchangeThatACrashLeftAndNobodyBelievesAnyMore() {
        // Verified before the crash; its certificate has ended since.
        #expect(arrival().refusing(.received(manifestDigest: "m1", packageDigest: "p1")) == .settle)
    }

    @Test func namesAYoungerExchangeThatWasAcceptedBefore() {
        #expect(arrival().youngerAccepted(newestAcceptedID: "x2") == "x2")
        #expect(arrival().youngerAccepted(newestAcceptedID: "x0") == nil)
        #expect(arrival().youngerAccepted(newestAcceptedID: nil) == nil)
    }

    @Test func remembersIDsLongEnoughThatLaterRepeatsAreStale() {
        let forgotten = start.advanced(byMilliseconds: tolerance.memoryMilliseconds + 1)
        // Sealed at the latest time that was taken at `start`.
        #expect(tolerance.refusal(sealedAt: start.advanced(byMilliseconds: tolerance.skewMilliseconds), at: forgotten)?.code == "verify.stale")
        #expect(ClockTolerance(skewMilliseconds: .max, packageAgeMillisecondsMax: .max).memoryMilliseconds == .max)
        #expect(tolerance.refusal(sealedAt: Instant(milliseconds: .max), at: Instant(milliseconds: .min))?.code == "verify.clock")
        #expect(tolerance.refusal(sealedAt: Instant(milliseconds: .min), at: Instant(milliseconds: .max))?.code == "verify.stale")
    }
}
