import SluiceCore
import SluiceKit
import SluiceKitTesting
import Testing

@Suite struct ResumableUploadsTests {
    private let start = Instant(milliseconds: 1_767_600_000_000)
    private let limits = ResumableUploads.Limits(packageBytesMax: 1_000, uploadsMax: 2, bytesMax: 1_500, idleMillisecondsMax: 60_000)
    private let whole = ResumableUploads.Announced(bytes: 100, sha256: "aa")

    private func later(_ milliseconds: Int64) -> Instant { start.advanced(byMilliseconds: milliseconds) }
    private func key(_ id: String, _ sender: String = "A") throws -> ResumableUploads.Key {
        .init(sender: try #require(ParticipantID(sender)), exchangeID: id)
    }
    private func writer(_ beginning: ResumableUploads.Beginning, _ location: SourceLocation = #_sourceLocation) throws -> ResumableUploads.Writer {
        guard case .write(let writer, _, _) = beginning else {
            Issue.record("\(beginning)", sourceLocation: location)
            throw CancellationError()
        }
        return writer
    }

    @Test func goesOnWhereTheLastConnectionBroke() throws {
        var uploads = ResumableUploads(limits)
        #expect(uploads.offset(of: try key("1"), whole) == nil)
        let first = try writer(uploads.begin(try key("1"), whole, from: 0, at: start))
        #expect(uploads.wrote(60, by: first, at: start) == .goOn)
        uploads.ended(first)
        #expect(uploads.offset(of: try key("1"), whole) == 60)
        let second = uploads.begin(try key("1"), whole, from: 60, at: start)
        guard case .write(let writer, 60, false) = second else {
            Issue.record("\(second)")
            return
        }
        #expect(uploads.wrote(40, by: writer, at: start) == .complete)
        uploads.finish(try key("1"), .init(bytes: 100, sha256: "bb"))
        #expect(uploads.count == 1)
        uploads.finish(try key("1"), whole)
        #expect(uploads.count == 0)
    }

    @Test func saysWhereToGoOnWhenTheOffsetIsAnother() throws {
        var uploads = ResumableUploads(limits)
        let first = try writer(uploads.begin(try key("1"), whole, from: 0, at: start))
        _ = uploads.wrote(60, by: first, at: start)
        for offset in [1, 59, 61, 100, -1, .max] { #expect(uploads.begin(try key("1"), whole, from: offset, at: start) == .mismatch(offset: 60)) }
        // Other bytes under the id, or nothing there: from the beginning.
        #expect(uploads.begin(try key("1"), .init(bytes: 100, sha256: "bb"), from: 60, at: start) == .mismatch(offset: 0))
        #expect(uploads.begin(try key("2"), whole, from: 60, at: start) == .mismatch(offset: 0))
        guard case .write(_, 0, true) = uploads.begin(try key("1"), .init(bytes: 100, sha256: "bb"), from: 0, at: start) else {
            Issue.record("other bytes do not begin anew")
            return
        }
    }

    @Test func letsALaterRequestTakeOver() throws {
        var uploads = ResumableUploads(limits)
        let first = try writer(uploads.begin(try key("1"), whole, from: 0, at: start))
        _ = uploads.wrote(60, by: first, at: start)
        let second = try writer(uploads.begin(try key("1"), whole, from: 60, at: start))
        #expect(uploads.wrote(10, by: first, at: start) == .stop)
        uploads.ended(first)
        #expect(uploads.wrote(10, by: second, at: start) == .goOn)
        #expect(uploads.offset(of: try key("1"), whole) == 70)
    }

    @Test func neverTakesMoreThanWasAnnounced() throws {
        var uploads = ResumableUploads(limits)
        let one = try writer(uploads.begin(try key("1"), whole, from: 0, at: start))
        for count in [101, -1, .max, .min] { #expect(uploads.wrote(count, by: one, at: start) == .stop) }
        #expect(uploads.offset(of: try key("1"), whole) == 0)
        #expect(uploads.begin(try key("2"), .init(bytes: 1_001, sha256: ""), from: 0, at: start) == .tooLarge)
        #expect(uploads.begin(try key("2"), .init(bytes: 0, sha256: ""), from: 0, at: start) == .tooLarge)
    }

    @Test func limitsEachParticipantForItself() throws {
        var uploads = ResumableUploads(limits)
        _ = try writer(uploads.begin(try key("1"), whole, from: 0, at: start))
        let second = try writer(uploads.begin(try key("2"), whole, from: 0, at: start))
        uploads.ended(second)
        #expect(uploads.begin(try key("3"), whole, from: 0, at: later(10_000)) == .refused(retryAfterSeconds: 50))
        _ = try writer(uploads.begin(try key("3", "B"), .init(bytes: 900, sha256: ""), from: 0, at: start))
        // By what they announce: 900 and 700 are more than 1,500.
        #expect(uploads.begin(try key("4", "B"), .init(bytes: 700, sha256: ""), from: 0, at: start) == .refused(retryAfterSeconds: 60))
    }

    @Test func forgetsWhatNobodyGoesOnWith() throws {
        var uploads = ResumableUploads(limits)
        let held = try writer(uploads.begin(try key("1"), whole, from: 0, at: start))
        let left = try writer(uploads.begin(try key("2"), whole, from: 0, at: start))
        uploads.ended(left)
        #expect(uploads.expire(at: later(60_000)) == [])
        #expect(uploads.expire(at: later(60_001)) == [try key("2")])
        uploads.ended(held)
        // Touched by a clock that was ahead: its time begins now.
        #expect(uploads.expire(at: later(-1_000_000)) == [])
        #expect(uploads.expire(at: later(-939_999)) == [try key("1")])
    }

    @Test func findsPartialFilesAgainAfterARestart() throws {
        let uploads = ResumableUploads(
            limits,
            found: [
                (key: try key("1"), announced: whole, offset: 60, touchedAt: start), (key: try key("2"), announced: whole, offset: 101, touchedAt: start),
            ])
        #expect(uploads.offset(of: try key("1"), whole) == 60)
        // Longer than announced: not what it says.
        #expect(uploads.offset(of: try key("2"), whole) == nil)
    }
}
