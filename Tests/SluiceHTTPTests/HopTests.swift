import SluiceCore
import SluiceHTTP
import SluiceKit
import SluiceKitTesting
import Testing

private let exchangeID = "01920000-0000-7000-8000-000000000001"

/// When the endpoint has requests judged, and what it hands out to be signed.
@Suite(.enabled(if: TestAuthority.isAvailable, "the openssl program is not installed"))
struct HopTests {
    private func answer(to request: String, _ hop: FakeHopGuard, _ inbound: FakeInbound) async throws -> String {
        let parties = try TestParties.usual.get()
        var listener = parties.exchangeListener()
        listener.refusalLingerSeconds = 1
        listener.hop = hop
        return try await withListeners(listener, inbound: inbound) { port, _ in
            let client = try await RawTLSClient(port: port, parties: parties)
            try await client.send(request)
            return try await client.answer()
        }
    }

    private static func put(_ more: String = "", path: String = "/exchange/v1/packages/\(exchangeID)") -> String {
        "PUT \(path) HTTP/1.1\r\nHost: localhost:7\r\nContent-Type: application/vnd.etsi.asic-e+zip\r\nContent-Length: 5\r\nConnection: close\r\n\(more)\r\n12345"
    }

    @Test func nothingIsAskedOfAPlainRequestAndNothingSigned() async throws {
        let (hop, inbound) = (FakeHopGuard(signs: false, demands: false), try FakeInbound())
        let text = try await answer(to: Self.put(), hop, inbound)
        #expect(text.hasPrefix("HTTP/1.1 200") && !text.lowercased().contains("\r\nsignature:"), "\(text.prefix(500))")
        #expect(hop.asked.judgedRequests.isEmpty && hop.asked.signedAnswers.isEmpty)
        _ = try await answer(to: Self.put("Signature: sluice=:AA==:\r\n"), hop, inbound)
        #expect(hop.asked.judgedRequests.count == 1 && hop.asked.signedAnswers.isEmpty)
    }

    @Test(arguments: [
        (HopFault(.wrong, code: "hop.expired", "too old"), 401), (HopFault(.missing, code: "hop.signatureMissing", "not signed"), 401),
        (HopFault(.stranger, code: "participant-unknown", "unknown"), 403), (HopFault(.overLimit, code: "hop.limitExceeded", "too many"), 429),
        (HopFault(.ownTrouble, code: "seal.revocationUnknown", "/etc/secret"), 503),
    ])
    func aRequestThatIsNotTakenLeavesNothing(_ fault: HopFault, _ status: Int) async throws {
        let (hop, inbound) = (FakeHopGuard(signs: true, demands: true, fault: fault), try FakeInbound())
        let text = try await answer(to: Self.put(), hop, inbound)
        #expect(text.hasPrefix("HTTP/1.1 \(status) ") && text.contains(fault.code) && !text.contains("/etc/secret"), "\(text)")
        #expect(text.lowercased().contains("www-authenticate: signature") == (status == 401))
        #expect(text.lowercased().contains("retry-after: ") == (status == 429 || status == 503))
        #expect(inbound.seen.admitted == 0 && inbound.seen.handedOver == 0 && inbound.spooled.isEmpty)
        // The refusal is signed, over the very bytes that went out.
        #expect(text.lowercased().contains("\r\nsignature: sluice=:aa==:\r\n"))
        let signed = try #require(hop.asked.signedAnswers.first)
        #expect(signed.status == status && text.hasSuffix("\r\n\r\n" + String(decoding: signed.content, as: UTF8.self)))
    }

    @Test func requestsAreShownAsTheyCameAndEveryAnswerIsSigned() async throws {
        let (hop, inbound) = (FakeHopGuard(signs: true, demands: true), try FakeInbound())
        for (request, status) in [
            (Self.put(), 200), (Self.put(path: "/elsewhere?a=b&c"), 404),
            ("GET /exchange/v1 HTTP/1.1\r\nHost: localhost:7\r\nConnection: close\r\n\r\n", 200),
            ("HEAD /exchange/v1/packages/\(exchangeID) HTTP/1.1\r\nHost: localhost:7\r\nConnection: close\r\n\r\n", 400),
        ] {
            let text = try await answer(to: request, hop, inbound)
            #expect(text.hasPrefix("HTTP/1.1 \(status) ") && text.lowercased().contains("\r\nsignature: sluice=:aa==:\r\n"), "\(text.prefix(600))")
        }
        let asked = hop.asked
        #expect(asked.judgedRequests.map(\.method) == ["PUT", "PUT", "GET", "HEAD"] && asked.judgedRequests.allSatisfy { $0.authority == "localhost:7" })
        #expect(asked.judgedRequests[1].path == "/elsewhere" && asked.judgedRequests[1].query == "a=b&c" && asked.judgedRequests[2].query == nil)
        #expect(asked.judgedRequests[0].fields.contains(HTTPFieldLine("content-length", "5")))
        #expect(asked.signedAnswers.map(\.status) == [200, 404, 200, 400])
        #expect(asked.signedAnswers[0].content == Array(FakeInbound.receiptText(exchangeID, isAccepted: true).utf8))
        #expect(asked.signedAnswers[3].content.isEmpty, "HEAD brings none")
    }
}
