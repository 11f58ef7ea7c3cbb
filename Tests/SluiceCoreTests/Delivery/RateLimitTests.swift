import SluiceCore
import SluiceKit
import SluiceKitTesting
import Testing

@Suite struct RateLimitTests {
    private let start = Instant(milliseconds: 1_767_600_000_000)
    private func later(_ milliseconds: Int64) -> Instant { start.advanced(byMilliseconds: milliseconds) }

    @Test func allowsTheBurstThenSaysHowLongToWait() {
        var limit = RateLimit(.init(exchangesPerMinute: 6, bytesPerMinute: 1_000_000, burstMinutes: 2), at: start)
        for _ in 0..<12 { #expect(limit.admit(at: start, bytes: 1) == .allowed) }
        #expect(limit.admit(at: start, bytes: 1) == .refused(retryAfterSeconds: 10))
        // A refusal takes nothing.
        #expect(limit.admit(at: later(9_999), bytes: 1) == .refused(retryAfterSeconds: 1))
        #expect(limit.admit(at: later(10_000), bytes: 1) == .allowed)
        #expect(limit.admit(at: later(10_000), bytes: 1) == .refused(retryAfterSeconds: 10))
    }

    @Test func countsBytesAndLetsAPackageLongerThanTheBucketThroughWhenItIsFull() {
        var limit = RateLimit(.init(exchangesPerMinute: 1_000, bytesPerMinute: 600, burstMinutes: 1), at: start)
        #expect(limit.admit(at: start, bytes: 1_800) == .allowed)
        // 1,200 bytes of debt and 1 to spend, at 10 bytes a second.
        #expect(limit.admit(at: start, bytes: 1) == .refused(retryAfterSeconds: 121))
        #expect(limit.admit(at: later(120_100), bytes: 1) == .allowed)
        #expect(limit.admit(at: later(120_100), bytes: 1_800) == .refused(retryAfterSeconds: 60))
    }

    @Test func waitsExactlyAsLongAsItSays() {
        var random = SeededGenerator.announced(for: "waitsExactlyAsLongAsItSays")
        for _ in 0..<300 {
            let limits = RateLimit.Limits(
                exchangesPerMinute: Int.random(in: 1...500, using: &random), bytesPerMinute: Int.random(in: 1...10_000, using: &random), burstMinutes: 1)
            var limit = RateLimit(limits, at: start)
            var now = start
            for _ in 0..<50 {
                now = now.advanced(byMilliseconds: Int64.random(in: 0...2_000, using: &random))
                let bytes = Int.random(in: 0...2_000, using: &random)
                if case .refused(let seconds) = limit.admit(at: now, bytes: bytes) {
                    var (early, patient) = (limit, limit)
                    #expect(seconds >= 1)
                    #expect(patient.admit(at: now.advanced(byMilliseconds: Int64(seconds) * 1_000), bytes: bytes) == .allowed)
                    if seconds > 1 { #expect(early.admit(at: now.advanced(byMilliseconds: Int64(seconds) * 1_000 - 1_000), bytes: bytes) != .allowed) }
                }
            }
        }
    }

    @Test func allowsTheSameHoweverOftenItIsAsked() {
        // An odd rate and odd steps: rounding would add up.
        let limits = RateLimit.Limits(exchangesPerMinute: 7, bytesPerMinute: 1 << 30, burstMinutes: 1)
        var asked = RateLimit(limits, at: start)
        var allowed = 0
        for step in 0..<1_000_000 where step % 13 == 0 { if asked.admit(at: later(Int64(step)), bytes: 1) == .allowed { allowed += 1 } }
        #expect(allowed == 7 + 1_000_000 * 7 / 60_000)
    }

    @Test func survivesAClockThatJumpsAndNumbersWithoutSense() {
        var limit = RateLimit(.init(exchangesPerMinute: 1, bytesPerMinute: 1, burstMinutes: 1), at: start)
        #expect(limit.admit(at: start, bytes: 1) == .allowed)
        // Set back by a day: the wait is a minute from there, not a day.
        #expect(limit.admit(at: later(-86_400_000), bytes: 1) == .refused(retryAfterSeconds: 60))
        #expect(limit.admit(at: later(-86_340_000), bytes: 1) == .allowed)
        // Set ahead: full, no more.
        #expect(limit.admit(at: Instant(milliseconds: .max), bytes: 1) == .allowed)
        #expect(limit.admit(at: Instant(milliseconds: .max), bytes: 1) != .allowed)
        for value in [Int.min, -1, 0, .max] {
            var odd = RateLimit(.init(exchangesPerMinute: value, bytesPerMinute: value, burstMinutes: value), at: Instant(milliseconds: .min))
            for bytes in [Int.min, 0, .max, .max] { _ = odd.admit(at: Instant(milliseconds: .max), bytes: bytes) }
        }
    }

    @Test func keepsParticipantsApartAndForgetsThoseWhoOweNothing() throws {
        var limits = RateLimits()
        let own = RateLimit.Limits(exchangesPerMinute: 1, bytesPerMinute: 1_000, burstMinutes: 1)
        for number in 0..<RateLimits.participantsMax {
            #expect(limits.admit(try #require(ParticipantID("P\(number)")), own, at: start, bytes: 1) == .allowed)
        }
        let stranger = try #require(ParticipantID("STRANGER"))
        #expect(limits.admit(stranger, own, at: start, bytes: 1) == .refused(retryAfterSeconds: 60))
        #expect(limits.admit(try #require(ParticipantID("P7")), own, at: start, bytes: 1) == .refused(retryAfterSeconds: 60))
        #expect(limits.admit(stranger, own, at: later(60_000), bytes: 1) == .allowed)
        #expect(limits.count == 1)
    }
}
