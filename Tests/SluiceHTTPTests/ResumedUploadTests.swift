import Foundation
import NIOCore
import SluiceCore
import SluiceCrypto
import SluiceHTTP
import SluiceKit
import SluiceKitTesting
import Testing
import TransportHTTP

private let exchangeID = "01920000-0000-7000-8000-000000000001"
private let otherID = "01920000-0000-7000-8000-000000000002"
private let packageType = "application/vnd.etsi.asic-e+zip"

/// Uploads that break and go on: bytes on TLS connections, our own transport, and `curl`.
@Suite(.enabled(if: TestAuthority.isAvailable, "the openssl program is not installed"))
struct ResumedUploadTests {
    /// A package in ASCII, so that raw requests can be put together from text.
    private static let package = (0..<50_000).map { "line \($0 + 100_000)" }.joined(separator: "\n")
    private static let digest = digestField(package)

    private static func digestField(_ text: String) -> String { UploadFields.text(SHA256.hash(Array(text.utf8))) }

    private static func put(_ id: String = exchangeID, _ package: String = package, digest: String? = digest, more: String = "") -> String {
        "PUT /exchange/v1/packages/\(id) HTTP/1.1\r\nHost: localhost\r\nContent-Type: \(packageType)\r\nContent-Length: \(package.utf8.count)\r\n"
            + (digest.map { "Repr-Digest: \($0)\r\n" } ?? "") + more + "\r\n"
    }

    private static func head(_ id: String = exchangeID, length: String = "\(package.utf8.count)", digest: String = digest, more: String = "") -> String {
        "HEAD /exchange/v1/packages/\(id) HTTP/1.1\r\nHost: localhost\r\nUpload-Length: \(length)\r\nRepr-Digest: \(digest)\r\n\(more)\r\n"
    }

    private static func patch(
        _ id: String = exchangeID, from offset: String, length: String = "\(package.utf8.count)", digest: String = digest, complete: String = "?1",
        content: Int, more: String = ""
    ) -> String {
        "PATCH /exchange/v1/packages/\(id) HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/partial-upload\r\nUpload-Offset: \(offset)\r\n"
            + "Upload-Length: \(length)\r\nUpload-Complete: \(complete)\r\nRepr-Digest: \(digest)\r\nContent-Length: \(content)\r\n\(more)\r\n"
    }

    /// Sends text on a connection of its own and returns all that came; "Connection: close" asks the other side to end it.
    private static func answer(_ port: Int, _ text: String, as identity: TestAuthority.Identity? = nil) async throws -> String {
        let client = try await RawTLSClient(port: port, parties: try TestParties.usual.get(), as: identity)
        try await client.send(text)
        return try await client.answer()
    }

    /// A listener around one upload of so many bytes that breaks; returns when the listener has ended with all that was under way.
    private static func breaksOff(_ inbound: FakeInbound, after count: Int, _ request: String = put()) async throws {
        let parties = try TestParties.usual.get()
        try await withListeners(parties.exchangeListener(), inbound: inbound) { port, _ in
            let client = try await RawTLSClient(port: port, parties: parties)
            try await client.send(request + package.prefix(count))
            try await client.close()
            // The request has begun when its place was given; the listener's end then waits for its own.
            try await eventually { inbound.seen.admitted > 0 }
        }
    }

    private static func eventually(_ condition: () throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while try !condition() {
            try #require(ContinuousClock.now < deadline, "it never came to be")
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private static func field(_ name: String, _ answer: String) -> String? {
        answer.split(separator: "\r\n").first { $0.lowercased().hasPrefix(name + ": ") }.map { String($0.dropFirst(name.count + 2)) }
    }

    private static let close = "Connection: close\r\n"

    @Test(arguments: [0, 1, 99_999, 262_143, 262_144, 300_001, package.utf8.count - 1])
    func goesOnWhereTheConnectionBroke(_ count: Int) async throws {
        let inbound = try FakeInbound()
        try await Self.breaksOff(inbound, after: count)
        #expect(inbound.seen.abandoned == 1 && inbound.seen.arrivals.isEmpty && inbound.spooled.isEmpty)
        // Another listener finds the file, as after a restart.
        let rest = String(Self.package.dropFirst(count))
        let (head, answer) = try await withListeners(try TestParties.usual.get().exchangeListener(), inbound: inbound) { port, _ in
            (
                try await Self.answer(port, Self.head(more: Self.close)),
                try await Self.answer(port, Self.patch(from: "\(count)", content: rest.utf8.count, more: Self.close) + rest)
            )
        }
        #expect(head.hasPrefix("HTTP/1.1 204 ") && Self.field("upload-offset", head) == "\(count)" && Self.field("upload-complete", head) == "?0", "\(head)")
        #expect(Self.field("upload-length", head) == "\(Self.package.utf8.count)" && Self.field("cache-control", head) == "no-store")
        #expect(Self.field("content-length", head) == nil, "a 204 has no length")
        #expect(answer.hasPrefix("HTTP/1.1 200 ") && answer.hasSuffix(FakeInbound.receiptText(exchangeID, isAccepted: true)), "\(answer.prefix(300))")
        #expect(inbound.seen.arrivals.map(\.body) == [Array(Self.package.utf8)])
        #expect(inbound.seen.admittedBytes == [Self.package.utf8.count, rest.utf8.count])
        #expect(inbound.partial.isEmpty && inbound.spooled.isEmpty)
    }

    @Test func keepsNothingWithoutADigest() async throws {
        let inbound = try FakeInbound()
        try await Self.breaksOff(inbound, after: 300_000, Self.put(digest: nil))
        // A digest by another algorithm is no announcement either.
        try await Self.breaksOff(inbound, after: 300_000, Self.put(digest: "sha-512=:AAAA:"))
        #expect(inbound.partial.isEmpty && inbound.spooled.isEmpty)
    }

    @Test func keepsNoFileOfAPackageThatStaysInMemory() async throws {
        let (inbound, small) = (try FakeInbound(), String(Self.package.prefix(100_000)))
        try await Self.breaksOff(inbound, after: 50_000, Self.put(exchangeID, small, digest: Self.digestField(small)))
        #expect(inbound.partial.isEmpty && inbound.spooled.isEmpty)
    }

    @Test(arguments: [5, 50_000])
    func takesNothingWhoseDigestIsAnother(_ lines: Int) async throws {
        let inbound = try FakeInbound()
        let text = Self.package.prefix(lines * 12)
        let answer = try await withListeners(try TestParties.usual.get().exchangeListener(), inbound: inbound) { port, _ in
            try await Self.answer(port, Self.put(exchangeID, String(text), digest: Self.digestField("other"), more: Self.close) + text)
        }
        #expect(answer.hasPrefix("HTTP/1.1 409 ") && answer.contains("urn:sluice:problem:upload-digest-mismatch"), "\(answer)")
        #expect(Self.field("upload-offset", answer) == "0")
        #expect(inbound.seen.arrivals.isEmpty && inbound.seen.abandoned == 1 && inbound.partial.isEmpty && inbound.spooled.isEmpty)
    }

    @Test func saysWhereToGoOnWhenTheOffsetIsAnother() async throws {
        let inbound = try FakeInbound()
        try await Self.breaksOff(inbound, after: 300_000)
        let total = Self.package.utf8.count
        let answers = try await withListeners(try TestParties.usual.get().exchangeListener(), inbound: inbound) { port, _ in
            var answers: [String] = []
            for (offset, digest) in [(0, Self.digest), (299_999, Self.digest), (300_001, Self.digest), (300_000, Self.digestField("other"))] {
                answers.append(try await Self.answer(port, Self.patch(from: "\(offset)", digest: digest, content: total - offset)))
            }
            answers.append(try await Self.answer(port, Self.patch(otherID, from: "7", content: total - 7)))
            return answers
        }
        for answer in answers {
            #expect(answer.hasPrefix("HTTP/1.1 409 ") && answer.contains("urn:sluice:problem:upload-offset-mismatch"), "\(answer)")
        }
        #expect(answers.map { Self.field("upload-offset", $0) } == ["300000", "300000", "300000", "0", "0"])
        #expect(inbound.partial.count == 1 && inbound.seen.arrivals.isEmpty && inbound.seen.admitted == inbound.seen.abandoned)
    }

    @Test func letsALaterRequestTakeOver() async throws {
        let (parties, inbound) = (try TestParties.usual.get(), try FakeInbound())
        let (head, answer, earlier) = try await withListeners(parties.exchangeListener(), inbound: inbound) { port, _ in
            let first = try await RawTLSClient(port: port, parties: parties)
            try await first.send(Self.put() + Self.package.prefix(400_000))
            try await Self.eventually { try Self.bytesOnDisk(inbound) >= 262_144 }
            // The first connection still stands; whoever asks goes on.
            let head = try await Self.answer(port, Self.head(more: Self.close))
            let offset = try #require(Self.field("upload-offset", head).flatMap { Int($0) })
            let rest = Self.package.dropFirst(offset)
            let answer = try await Self.answer(port, Self.patch(from: "\(offset)", content: rest.utf8.count, more: Self.close) + rest)
            return (head, answer, try await first.answer())
        }
        #expect(head.hasPrefix("HTTP/1.1 204 "))
        #expect(answer.hasPrefix("HTTP/1.1 200 "), "\(answer.prefix(300))")
        #expect(!earlier.contains("200"), "the connection before was to be closed: \(earlier)")
        #expect(inbound.seen.arrivals.map(\.body) == [Array(Self.package.utf8)] && inbound.seen.abandoned == 1)
        #expect(inbound.partial.isEmpty && inbound.spooled.isEmpty)
    }

    @Test func asksAgainWhileThePackageIsJudged() async throws {
        let (parties, gate) = (try TestParties.usual.get(), Gate())
        let inbound = try FakeInbound(judging: gate)
        let total = Self.package.utf8.count
        let (head, answer, earlier) = try await withListeners(parties.exchangeListener(), inbound: inbound) { port, _ in
            let first = try await RawTLSClient(port: port, parties: parties)
            try await first.send(Self.put() + Self.package)
            try await Self.eventually { inbound.seen.handedOver == 1 }
            // The sender's patience has ended, or its connection. Nothing is sent again.
            let head = try await Self.answer(port, Self.head(more: Self.close))
            let second = try await RawTLSClient(port: port, parties: parties)
            try await second.send(Self.patch(from: "\(total)", content: 0, more: Self.close))
            try await Self.eventually { inbound.seen.handedOver == 2 }
            await gate.open()
            return (head, try await second.answer(), try await first.answer())
        }
        #expect(head.hasPrefix("HTTP/1.1 204 ") && Self.field("upload-offset", head) == "\(total)" && Self.field("upload-complete", head) == "?0", "\(head)")
        #expect(answer.hasPrefix("HTTP/1.1 200 ") && earlier.isEmpty, "\(answer.prefix(300))")
        #expect(inbound.seen.arrivals.map(\.body.count) == [total, total] && inbound.seen.admittedBytes == [total, 0])
        #expect(inbound.partial.isEmpty && inbound.spooled.isEmpty)
    }

    @Test func beginsAnewAtAPutWhateverIsThere() async throws {
        let (parties, inbound) = (try TestParties.usual.get(), try FakeInbound())
        let answer = try await withListeners(parties.exchangeListener(), inbound: inbound) { port, _ in
            let first = try await RawTLSClient(port: port, parties: parties)
            // Wrong bytes, of which nothing may stay.
            try await first.send(Self.put() + String(repeating: "x", count: 400_000))
            try await Self.eventually { try Self.bytesOnDisk(inbound) >= 262_144 }
            let answer = try await Self.answer(port, Self.put(more: Self.close) + Self.package)
            _ = try await first.answer()
            return answer
        }
        #expect(answer.hasPrefix("HTTP/1.1 200 "), "\(answer.prefix(300))")
        #expect(inbound.seen.arrivals.map(\.body) == [Array(Self.package.utf8)] && inbound.partial.isEmpty && inbound.spooled.isEmpty)
    }

    private static func bytesOnDisk(_ inbound: FakeInbound) throws -> Int {
        try inbound.partial.map { try FileManager.default.attributesOfItem(atPath: "\(inbound.directory)/partial/\($0)")[.size] as? Int ?? 0 }.reduce(0, +)
    }

    @Test func showsNobodyAnothersUpload() async throws {
        let (parties, inbound) = (try TestParties.usual.get(), try FakeInbound())
        try await Self.breaksOff(inbound, after: 300_000)
        let (head, patch) = try await withListeners(parties.exchangeListener(), inbound: inbound) { port, _ in
            (
                try await Self.answer(port, Self.head(more: Self.close), as: parties.receiver),
                try await Self.answer(port, Self.patch(from: "300000", content: Self.package.utf8.count - 300_000), as: parties.receiver)
            )
        }
        #expect(head.hasPrefix("HTTP/1.1 404 ") && head.hasSuffix("\r\n\r\n"), "a HEAD has no body: \(head)")
        #expect(patch.hasPrefix("HTTP/1.1 409 ") && Self.field("upload-offset", patch) == "0", "\(patch)")
        #expect(inbound.partial.count == 1)
    }

    struct Hostile: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var request: String
        init(_ name: String, _ request: String) {
            testDescription = name
            self.request = request
        }
    }

    @Test(arguments: [
        Hostile("a negative offset", patch(from: "-1", content: 5)),
        Hostile("a fraction", patch(from: "1.0", content: 5)),
        Hostile("an exponent", patch(from: "1e3", content: 5)),
        Hostile("a number in quotes", patch(from: "\"1\"", content: 5)),
        Hostile("a number of 16 digits", patch(from: "1000000000000000", content: 5)),
        Hostile("a number of 40 digits", patch(from: String(repeating: "9", count: 40), content: 5)),
        Hostile("a list", patch(from: "1, 2", content: 5)),
        Hostile("two offsets", patch(from: "1\r\nUpload-Offset: 1", content: 5)),
        Hostile("an empty offset", patch(from: "", content: 5)),
        Hostile("half a parameter", patch(from: "1;", content: 5)),
        Hostile("a flag for a number", patch(from: "?1", content: 5)),
        Hostile("digits of another script", patch(from: "\u{0661}", content: 5)),
        Hostile("a length of nothing", patch(from: "0", length: "0", content: 0)),
        Hostile("two lengths", patch(from: "1", length: "6\r\nUpload-Length: 7", content: 5)),
        Hostile("not the rest", patch(from: "1", complete: "?0", content: 5)),
        Hostile("no flag", patch(from: "1", complete: "1", content: 5)),
        Hostile("a digest in hexadecimal", patch(from: "1", digest: "sha-256=" + String(repeating: "a", count: 64), content: 5)),
        Hostile("a short digest", patch(from: "1", digest: "sha-256=:YQ==:", content: 5)),
        Hostile("a digest that does not end", patch(from: "1", digest: "sha-256=:YQ==", content: 5)),
        Hostile("a digest twice", patch(from: "1", digest: "\(digest), \(digest)", content: 5)),
        Hostile("a digest by another algorithm", patch(from: "1", digest: "md5=:YQ==:", content: 5)),
        Hostile("more than there is", patch(from: "1", length: "6", content: 6)),
        Hostile("an offset beyond the end", patch(from: "7", length: "6", content: 0)),
        Hostile("a malformed digest of a package", put(digest: "sha-256=:::")),
    ])
    func refusesMalformedFields(_ hostile: Hostile) async throws {
        let inbound = try FakeInbound()
        let answer = try await withListeners(try TestParties.usual.get().exchangeListener(), inbound: inbound) { port, _ in
            try await Self.answer(port, hostile.request)
        }
        #expect(answer.hasPrefix("HTTP/1.1 400 "), "\(answer)")
        #expect(answer.contains("urn:sluice:problem:field-malformed") || answer.contains("urn:sluice:problem:body-length-wrong"), "\(answer)")
        #expect(inbound.seen.admitted == 0 && inbound.partial.isEmpty)
    }

    @Test func forgetsWhatNobodyGoesOnWith() async throws {
        let (inbound, clock) = (try FakeInbound(), TestClock())
        try await Self.breaksOff(inbound, after: 300_000)
        let file = "\(inbound.directory)/partial/\(try #require(inbound.partial.first))"
        // As a start finds it that comes a day and a second after the last byte.
        let touched = Date(timeIntervalSince1970: Double(clock.now().milliseconds) / 1_000 - 86_401)
        try FileManager.default.setAttributes([.modificationDate: touched], ofItemAtPath: file)
        let uploads = try inbound.uploads(clock)
        #expect(inbound.partial.count == 1)
        uploads.expire()
        #expect(inbound.partial.isEmpty)
        // And one that the running node saw.
        let head = try await withListeners(try TestParties.usual.get().exchangeListener(), inbound: inbound, uploads: uploads) { port, _ in
            let client = try await RawTLSClient(port: port, parties: try TestParties.usual.get())
            try await client.send(Self.put(otherID) + Self.package.prefix(300_000))
            try await client.close()
            try await Self.eventually { inbound.seen.abandoned == 2 }
            clock.advance(seconds: 86_399)
            uploads.expire()
            #expect(inbound.partial.count == 1)
            clock.advance(seconds: 2)
            uploads.expire()
            return try await Self.answer(port, Self.head(otherID, more: Self.close))
        }
        #expect(head.hasPrefix("HTTP/1.1 404 ") && inbound.partial.isEmpty)
    }

    @Test func keepsOnlySoManyOfOneParticipant() async throws {
        let inbound = try FakeInbound()
        try await Self.breaksOff(inbound, after: 300_000)
        let uploads = try inbound.uploads(uploadsMax: 1)
        let answer = try await withListeners(try TestParties.usual.get().exchangeListener(), inbound: inbound, uploads: uploads) { port, _ in
            try await Self.answer(port, Self.put(otherID) + Self.package)
        }
        #expect(answer.hasPrefix("HTTP/1.1 429 ") && answer.contains("urn:sluice:problem:too-many-uploads"), "\(answer)")
        #expect(Self.field("retry-after", answer).flatMap { Int($0) }.map { $0 > 0 } == true)
        #expect(inbound.seen.admitted == inbound.seen.abandoned && inbound.partial.count == 1)
    }

    @Test func fetchesTheAnswerOfWhatArrivedWhole() async throws {
        let inbound = try FakeInbound()
        let total = Self.package.utf8.count
        let (head, answer) = try await withListeners(try TestParties.usual.get().exchangeListener(), inbound: inbound) { port, _ in
            _ = try await Self.answer(port, Self.put(more: Self.close) + Self.package)
            return (
                try await Self.answer(port, Self.head(more: Self.close)),
                try await Self.answer(port, Self.patch(from: "\(total)", content: 0, more: Self.close))
            )
        }
        #expect(head.hasPrefix("HTTP/1.1 204 ") && Self.field("upload-offset", head) == "\(total)" && Self.field("upload-complete", head) == "?1", "\(head)")
        #expect(answer.hasPrefix("HTTP/1.1 200 ") && Self.field("sluice-repeat", answer) == "true", "\(answer.prefix(300))")
        #expect(inbound.seen.arrivals.count == 1)
    }

    @Test func keepsWhatArrivedWhenTheNodeHasTroubleOfItsOwn() async throws {
        let trouble = Problem(status: 503, code: "unavailable", title: "Trouble", detail: "Later.", retryAfterSeconds: 1)
        let inbound = try FakeInbound(.problem(trouble))
        let total = Self.package.utf8.count
        let answers = try await withListeners(try TestParties.usual.get().exchangeListener(), inbound: inbound) { port, _ in
            [
                try await Self.answer(port, Self.put() + Self.package), try await Self.answer(port, Self.head(more: Self.close)),
                try await Self.answer(port, Self.patch(from: "\(total)", content: 0)),
            ]
        }
        #expect(answers[0].hasPrefix("HTTP/1.1 503 ") && answers[2].hasPrefix("HTTP/1.1 503 "))
        #expect(Self.field("upload-offset", answers[1]) == "\(total)" && Self.field("upload-complete", answers[1]) == "?0", "\(answers[1])")
        // The whole was judged twice and sent once.
        #expect(inbound.seen.arrivals.map(\.body.count) == [total, total] && inbound.seen.admittedBytes == [total, 0])
        #expect(inbound.partial.count == 1 && inbound.spooled.isEmpty)
    }

    @Test func sendsAFullDiskAwayAsBusy() async throws {
        let inbound = try FakeInbound()
        let uploads = try inbound.uploads()
        try FileManager.default.removeItem(atPath: inbound.directory + "/partial")
        let answer = try await withListeners(try TestParties.usual.get().exchangeListener(), inbound: inbound, uploads: uploads) { port, _ in
            try await Self.answer(port, Self.put() + Self.package)
        }
        #expect(answer.hasPrefix("HTTP/1.1 503 ") && Self.field("retry-after", answer) == "60" && !answer.contains(inbound.directory), "\(answer)")
        #expect(inbound.seen.admitted == 1 && inbound.seen.abandoned == 1)
    }

    @Test func findsOnlyItsOwnFilesAtTheStart() async throws {
        let inbound = try FakeInbound()
        try await Self.breaksOff(inbound, after: 300_000)
        let folder = inbound.directory + "/partial/"
        let name = try #require(inbound.partial.first)
        #expect(try FileManager.default.attributesOfItem(atPath: folder + name)[.posixPermissions] as? Int == 0o600)
        // Longer than it says, and what is none of ours.
        let long = name.replacing(exchangeID, with: otherID).replacing("~\(Self.package.utf8.count)~", with: "~10~")
        try Data(count: 11).write(to: URL(fileURLWithPath: folder + long))
        try Data("a note".utf8).write(to: URL(fileURLWithPath: folder + "README"))
        let linked = name.replacing(exchangeID, with: otherID)
        try FileManager.default.createSymbolicLink(atPath: folder + linked, withDestinationPath: folder + name)
        _ = try inbound.uploads()
        #expect(inbound.partial.sorted() == ["README", name, linked].sorted())
    }

    // MARK: Our own transport

    /// A package whose reading fails at some byte, for as long as it is told to.
    private struct FailingBody: PackageBody {
        var bytes: [UInt8]
        var failsAt: Int?
        var mediaType: String { packageType }
        var byteCount: Int { bytes.count }
        func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(TransportError) -> Int {
            if let failsAt, offset >= failsAt { throw TransportError(.inputOutput, detail: "the disk is gone") }
            return try MemoryBody(bytes, mediaType: packageType).read(into: buffer, at: offset)
        }
    }

    @Test func theTransportSendsOnlyWhatIsMissing() async throws {
        let (parties, inbound) = (try TestParties.usual.get(), try FakeInbound())
        let bytes = [UInt8]((0..<(24 << 20) / 8).flatMap { withUnsafeBytes(of: UInt64($0), Array.init) })
        let digest = SHA256.hash(bytes)
        let transport = try parties.transport()
        let (first, second) = try await withListeners(parties.exchangeListener(), inbound: inbound) { port, _ in
            let endpoint = Endpoint(participant: try #require(ParticipantID("AM.ARMSTAT")), url: "https://127.0.0.1:\(port)")
            var first: TransportError?
            do throws(TransportError) {
                _ = try await transport.deliver(
                    FailingBody(bytes: bytes, failsAt: 20 << 20), exchangeID: exchangeID, sequence: 1, resuming: digest, to: endpoint)
            } catch { first = error }
            return (first, try await transport.deliver(FailingBody(bytes: bytes), exchangeID: exchangeID, sequence: 1, resuming: digest, to: endpoint))
        }
        await transport.close()
        let failure = try #require(first)
        #expect(failure.isTransient && failure.bytesGained >= 1 << 20, "\(failure), gained \(failure.bytesGained)")
        #expect(second == .receipt(Array(FakeInbound.receiptText(exchangeID, isAccepted: true).utf8)))
        #expect(inbound.seen.admittedBytes == [bytes.count, bytes.count - failure.bytesGained])
        #expect(inbound.seen.arrivals.map(\.body) == [bytes] && inbound.partial.isEmpty && inbound.spooled.isEmpty)
    }

    @Test func theTransportFetchesAnAnswerThatItNeverSaw() async throws {
        let (parties, inbound) = (try TestParties.usual.get(), try FakeInbound())
        let bytes = Array(Self.package.utf8)
        let transport = try parties.transport()
        let answers = try await withListeners(parties.exchangeListener(), inbound: inbound) { port, _ in
            var answers: [DeliveryAnswer] = []
            for _ in 0..<2 {
                answers.append(
                    try await transport.deliver(
                        MemoryBody(bytes, mediaType: packageType), exchangeID: exchangeID, sequence: 1, resuming: SHA256.hash(bytes),
                        to: Endpoint(participant: try #require(ParticipantID("AM.ARMSTAT")), url: "https://127.0.0.1:\(port)")))
            }
            return answers
        }
        await transport.close()
        #expect(answers == Array(repeating: .receipt(Array(FakeInbound.receiptText(exchangeID, isAccepted: true).utf8)), count: 2))
        #expect(inbound.seen.admittedBytes == [bytes.count, 0] && inbound.seen.arrivals.count == 1)
    }

    // MARK: An outside tool

    @Test func curlGoesOnByHand() async throws {
        let (parties, inbound) = (try TestParties.usual.get(), try FakeInbound())
        let folder = try PackageFolder(byteCount: 3_000_000)
        let digest = UploadFields.text(SHA256.hash(folder.bytes))
        let (head, code) = try await withListeners(parties.exchangeListener(), inbound: inbound) { port, _ in
            let common = [
                "--silent", "--show-error", "--cacert", parties.authority.certificatePath, "--cert", parties.sender.certificatePath, "--key",
                parties.sender.privateKeyPath, "--header", "Repr-Digest: \(digest)", "https://localhost:\(port)/exchange/v1/packages/\(exchangeID)",
            ]
            // It announces more than it has, and gives up when its time is over.
            let half = folder.directory + "/half"
            try Data(folder.bytes.prefix(1_200_000)).write(to: URL(fileURLWithPath: half))
            _ = try await EndpointTests.curl(
                [
                    "--upload-file", half, "--header", "Content-Length: 3000000", "--header", "Content-Type: \(packageType)", "--header", "Expect:",
                    "--max-time",
                    "2",
                ] + common)
            let head = try await EndpointTests.curl(["--head", "--header", "Upload-Length: 3000000"] + common)
            let offset = try #require(Self.field("upload-offset", head).flatMap { Int($0) })
            let rest = folder.directory + "/rest"
            try Data(folder.bytes[offset...]).write(to: URL(fileURLWithPath: rest))
            let code = try await EndpointTests.curl(
                [
                    "--request", "PATCH", "--data-binary", "@" + rest, "--header", "Content-Type: application/partial-upload", "--header",
                    "Upload-Offset: \(offset)", "--header", "Upload-Length: 3000000", "--header", "Upload-Complete: ?1", "--output",
                    folder.receipts + "/curl", "--write-out", "%{http_code}",
                ] + common)
            return (head, code)
        }
        let offset = try #require(Self.field("upload-offset", head).flatMap { Int($0) })
        #expect(head.hasPrefix("HTTP/1.1 204 ") && (1...1_200_000).contains(offset), "\(head)")
        #expect(code == "200")
        #expect(try String(contentsOfFile: folder.receipts + "/curl", encoding: .utf8) == FakeInbound.receiptText(exchangeID, isAccepted: true))
        #expect(inbound.seen.arrivals.map(\.body) == [folder.bytes] && inbound.seen.admittedBytes == [3_000_000, 3_000_000 - offset])
        #expect(inbound.partial.isEmpty && inbound.spooled.isEmpty)
    }
}
