import Foundation
import SluiceCore
import SluiceHTTP
import SluiceKit
import SluiceKitTesting
import Testing

private let exchangeID = "01920000-0000-7000-8000-000000000001"
private let packageType = "application/vnd.etsi.asic-e+zip"

/// The endpoint as a foreign implementation sees it: bytes on a TLS connection, and `curl`.
@Suite(.enabled(if: TestAuthority.isAvailable, "the openssl program is not installed"))
struct EndpointTests {
    private func answer(to request: String, inbound: FakeInbound, change: (inout ExchangeListener) -> Void = { _ in }) async throws -> (
        head: String, body: String
    ) {
        let parties = try TestParties.usual.get()
        var listener = parties.exchangeListener()
        listener.refusalLingerSeconds = 1
        change(&listener)
        let text = try await withListeners(listener, inbound: inbound) { port, _ in
            let client = try await RawTLSClient(port: port, parties: parties)
            try await client.send(request)
            return try await client.answer()
        }
        let halves = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        return (halves.first.map { $0.lowercased() } ?? "", halves.count > 1 ? String(halves[1]) : "")
    }

    struct Malformed: Sendable, CustomTestStringConvertible {
        var name: String
        var request: String
        var status: Int
        var code: String
        var allow = "put, head, patch"
        var testDescription: String { name }
    }

    private static func put(
        _ path: String = "/exchange/v1/packages/\(exchangeID)", method: String = "PUT", type: String? = packageType, length: String? = "5", more: String = ""
    ) -> String {
        "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n" + (type.map { "Content-Type: \($0)\r\n" } ?? "")
            + (length.map { "Content-Length: \($0)\r\n" } ?? "") + more + "\r\n"
    }

    @Test(arguments: [
        Malformed(name: "another path", request: put("/exchange/v1/other", length: "0"), status: 404, code: "not-found"),
        Malformed(name: "a path below", request: put("/exchange/v1/packages/\(exchangeID)/x", length: "0"), status: 404, code: "not-found"),
        Malformed(name: "another method", request: put(method: "GET", type: nil, length: nil), status: 405, code: "method-not-allowed"),
        Malformed(name: "yet another method", request: put(method: "DELETE", length: "0"), status: 405, code: "method-not-allowed"),
        Malformed(
            name: "a greeting sent", request: put("/exchange/v1", method: "POST", length: "0"), status: 405, code: "method-not-allowed", allow: "get"),
        Malformed(
            name: "a submission read", request: put("/exchange/v1/witness/add-checkpoint", method: "GET", type: nil, length: nil), status: 405,
            code: "method-not-allowed", allow: "post"),
        Malformed(
            name: "a checkpoint sent", request: put("/exchange/v1/witness/\(String(repeating: "ab", count: 32))/checkpoint", length: "0"), status: 405,
            code: "method-not-allowed", allow: "get"),
        Malformed(name: "a query", request: put("/exchange/v1?x=y", method: "GET", type: nil, length: nil), status: 404, code: "not-found"),
        Malformed(name: "no UUID", request: put("/exchange/v1/packages/17", length: "0"), status: 400, code: "exchange-id-malformed"),
        Malformed(
            name: "an upper-case UUID", request: put("/exchange/v1/packages/0192000A-0000-7000-8000-000000000001"), status: 400, code: "exchange-id-malformed"),
        Malformed(name: "an encoded path", request: put("/exchange/v1/packages/..%2F..%2Fetc%2Fpasswd"), status: 400, code: "exchange-id-malformed"),
        Malformed(name: "no media type", request: put(type: nil), status: 415, code: "media-type-unsupported"),
        Malformed(name: "another media type", request: put(type: "application/zip"), status: 415, code: "media-type-unsupported"),
        Malformed(name: "a content encoding", request: put(more: "Content-Encoding: gzip\r\n"), status: 415, code: "media-type-unsupported"),
        Malformed(name: "no length", request: put(length: nil, more: "Transfer-Encoding: chunked\r\n"), status: 411, code: "length-required"),
        Malformed(name: "no body", request: put(length: "0"), status: 400, code: "package-empty"),
        Malformed(name: "too long a body", request: put(length: "999999999999"), status: 413, code: "package-too-large"),
    ])
    func answersAMalformedRequestWithAProblem(_ malformed: Malformed) async throws {
        let inbound = try FakeInbound()
        let (head, body) = try await answer(to: malformed.request, inbound: inbound)
        #expect(head.hasPrefix("http/1.1 \(malformed.status) "), "\(head)")
        #expect(head.contains("content-type: application/problem+json"))
        #expect(head.contains("connection: close"))
        let problem = try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any])
        #expect(problem["type"] as? String == "urn:sluice:problem:\(malformed.code)")
        #expect(problem["status"] as? Int == malformed.status)
        #expect((problem["title"] as? String)?.isEmpty == false && (problem["detail"] as? String)?.isEmpty == false)
        #expect((problem["instance"] as? String)?.hasPrefix("urn:uuid:") == true)
        #expect(malformed.status != 405 || head.contains("allow: \(malformed.allow)\r\n"))
        #expect(inbound.seen.admitted == 0 && inbound.spooled.isEmpty)
    }

    @Test func namesTheRepeat() async throws {
        let inbound = try FakeInbound()
        let (head, _) = try await answer(to: Self.put() + "12345" + Self.put(more: "Connection: close\r\n") + "12345", inbound: inbound)
        #expect(!head.contains("sluice-repeat"))
        #expect(inbound.seen.arrivals.map(\.body) == [Array("12345".utf8), Array("12345".utf8)])
        let (repeated, body) = try await answer(to: Self.put(more: "Connection: close\r\n") + "12345", inbound: inbound)
        #expect(repeated.hasPrefix("http/1.1 200 ") && repeated.contains("sluice-repeat: true") && repeated.contains("content-type: \(packageType)"))
        #expect(body == FakeInbound.receiptText(exchangeID, isAccepted: true))
    }

    @Test func answersARefusalWith422() async throws {
        let (head, body) = try await answer(to: Self.put(more: "Connection: close\r\n") + "12345", inbound: try FakeInbound(.refused))
        #expect(head.hasPrefix("http/1.1 422 ") && head.contains("content-type: \(packageType)"))
        #expect(body == FakeInbound.receiptText(exchangeID, isAccepted: false))
    }

    @Test func saysWhenToComeBack() async throws {
        let busy = Problem(status: 503, code: "checking", title: "Busy", detail: "Come back later.", retryAfterSeconds: 30)
        let (head, body) = try await answer(to: Self.put() + "12345", inbound: try FakeInbound(admission: busy))
        #expect(head.hasPrefix("http/1.1 503 ") && head.contains("retry-after: 30"))
        #expect(body.contains("urn:sluice:problem:checking"))
    }

    @Test func givesUpABodyThatTricklesTooLong() async throws {
        let inbound = try FakeInbound()
        let (head, body) = try await answer(to: Self.put(length: "1000") + "12345", inbound: inbound) { $0.uploadSecondsMax = 1 }
        #expect(head.hasPrefix("http/1.1 408 "), "\(head)")
        #expect(body.contains("urn:sluice:problem:upload-too-slow"))
        #expect(inbound.seen.admitted == 1 && inbound.seen.abandoned == 1 && inbound.seen.arrivals.isEmpty && inbound.spooled.isEmpty)
    }

    @Test func closesAConnectionThatFallsSilent() async throws {
        // The head has to arrive before the silence counts: on a machine that does much else the connection may be closed sooner, and is tried anew.
        for idleSecondsMax in [1, 4, 16, 64] {
            let inbound = try FakeInbound()
            let answered = try? await answer(to: Self.put(length: "1000") + "12345", inbound: inbound) { $0.idleSecondsMax = idleSecondsMax }
            guard inbound.seen.admitted == 1 else { continue }
            let (head, _) = try #require(answered)
            #expect(head.isEmpty)
            #expect(inbound.seen.abandoned == 1 && inbound.seen.arrivals.isEmpty && inbound.spooled.isEmpty)
            return
        }
        Issue.record("no head arrived in 64 seconds")
    }

    @Test func leavesNothingOfABrokenUpload() async throws {
        let (parties, inbound) = (try TestParties.usual.get(), try FakeInbound())
        try await withListeners(parties.exchangeListener(), inbound: inbound) { port, _ in
            let client = try await RawTLSClient(port: port, parties: parties)
            try await client.send(Self.put(length: "1000000") + String(repeating: "x", count: 300_000))
            try await client.close()
        }
        // The listeners have shut down gracefully: what was under way has ended.
        #expect(inbound.seen.admitted == 1 && inbound.seen.abandoned == 1)
        #expect(inbound.seen.arrivals.isEmpty && inbound.spooled.isEmpty)
    }

    @Test func sendsAFullDiskAwayAsBusy() async throws {
        let inbound = try FakeInbound()
        try FileManager.default.removeItem(atPath: inbound.directory + "/spool")
        let (head, body) = try await answer(to: Self.put(length: "100001") + String(repeating: "x", count: 100_001), inbound: inbound)
        #expect(head.hasPrefix("http/1.1 503 ") && head.contains("retry-after: 60"))
        #expect(!body.contains(inbound.directory))
        #expect(inbound.seen.admitted == 1 && inbound.seen.abandoned == 1)
    }

    @Test func endsARequestHeadWithoutEnd() async throws {
        let (head, _) = try await answer(to: "PUT / HTTP/1.1\r\nX: " + String(repeating: "x", count: 40_000), inbound: try FakeInbound())
        #expect(head.hasPrefix("http/1.1 400 ") || head.isEmpty, "\(head)")
    }

    @Test func curlDeliversWithItsCertificate() async throws {
        let (parties, inbound, package) = (try TestParties.usual.get(), try FakeInbound(), try PackageFolder(byteCount: 2_000_000))
        let (certified, anonymous) = try await withListeners(parties.exchangeListener(), inbound: inbound) { port, _ in
            let common = [
                "--silent", "--show-error", "--cacert", parties.authority.certificatePath, "--upload-file", package.path, "--header",
                "Content-Type: \(packageType)",
                "--write-out", "%{http_code}", "--output", package.receipts + "/curl", "https://localhost:\(port)/exchange/v1/packages/\(exchangeID)",
            ]
            let certified = try await Self.curl(["--cert", parties.sender.certificatePath, "--key", parties.sender.privateKeyPath] + common)
            return (certified, try await Self.curl(common))
        }
        #expect(certified == "200")
        #expect(try String(contentsOfFile: package.receipts + "/curl", encoding: .utf8) == FakeInbound.receiptText(exchangeID, isAccepted: true))
        #expect(inbound.seen.arrivals.map(\.body) == [package.bytes])
        #expect(anonymous == "000", "without a certificate there is no connection")
    }

    @Test func theInspectionListenerAnswersOverHTTPUnderItsOwnNamesOnly() async throws {
        let parties = try TestParties.usual.get()
        let codes = try await withListeners(parties.exchangeListener(), inbound: try FakeInbound()) { _, port in
            var codes: [String] = []
            for more in [[], ["--header", "Host: rebound.example"], ["--request", "POST"], ["--head"]] {
                codes.append(
                    try await Self.curl(more + ["--silent", "--output", "/dev/null", "--write-out", "%{http_code}", "http://127.0.0.1:\(port)/console"]))
            }
            return codes
        }
        #expect(codes == ["200", "421", "405", "200"])
    }

    static func curl(_ arguments: [String]) async throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["curl"] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        return try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { _ in
                continuation.resume(returning: String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self))
            }
            do {
                try process.run()
            } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
    }
}
