import Foundation
import SluiceKit
import SluiceKitTesting
import Testing
import TransportHTTP

private let partner = ParticipantID("AM.ARMSTAT")!
private let exchangeID = "01920000-0000-7000-8000-000000000001"
private let packageType = "application/vnd.etsi.asic-e+zip"

/// What the transport makes of answers that our own endpoint would never give.
@Suite(.enabled(if: TestAuthority.isAvailable, "the openssl program is not installed"))
struct AnswerTests {
    private struct Parties {
        let authority: TestAuthority
        let receiver: TestAuthority.Identity
        let sender: TestAuthority.Identity
        init() throws {
            authority = try TestAuthority()
            receiver = try authority.issue(partner.rawValue)
            sender = try authority.issue("UN.UNSD")
        }
        static let usual = Result { try Parties() }
    }

    private struct Outcome {
        var result: Result<DeliveryAnswer, TransportError>
        var receiptBytes: [UInt8]?
        var requestHeads: [String]
        var error: TransportError? { if case .failure(let error) = result { error } else { nil } }
    }

    private func outcome(
        _ answer: String, moment: ScriptedPeer.Moment = .afterRequest, packageBytes: Int = 1000, resuming digest: SHA256Digest? = nil,
        change: (inout HTTPTransportConfiguration) -> Void = { _ in }
    ) async throws -> Outcome {
        let parties = try Parties.usual.get()
        var configuration = HTTPTransportConfiguration(
            certificateChainPEM: parties.sender.certificatePEM, privateKeyDER: parties.sender.privateKeyDER,
            authoritiesPath: parties.authority.certificatePath,
            participantOfCertificate: { $0 == parties.receiver.der ? partner : nil })
        configuration.silenceSecondsMax = 5
        change(&configuration)
        let transport = try HTTPTransport(configuration)
        let peer = try await ScriptedPeer(parties.receiver, answer: answer, moment: moment)
        let result: Result<DeliveryAnswer, TransportError>
        do throws(TransportError) {
            let package = MemoryBody([UInt8](repeating: 0x41, count: packageBytes), mediaType: packageType)
            let endpoint = Endpoint(participant: partner, url: "https://localhost:\(peer.port)")
            if let digest {
                result = .success(try await transport.deliver(package, exchangeID: exchangeID, sequence: 1, resuming: digest, to: endpoint))
            } else {
                result = .success(try await transport.deliver(package, exchangeID: exchangeID, sequence: 1, to: endpoint))
            }
        } catch {
            result = .failure(error)
        }
        await transport.close()
        await peer.close()
        var bytes: [UInt8]?
        if case .success(.receipt(let receipt)) = result { bytes = receipt }
        return Outcome(result: result, receiptBytes: bytes, requestHeads: peer.requestHeads)
    }

    /// The library ends a process that drops a client with connections; an error on the way to `close` must not.
    @Test func aTransportThatIsDroppedUnclosedEndsItsConnections() async throws {
        let parties = try Parties.usual.get()
        let peer = try await ScriptedPeer(parties.receiver, answer: Self.answer(200, packageType, "a receipt"))
        do {
            let transport = try HTTPTransport(
                HTTPTransportConfiguration(
                    certificateChainPEM: parties.sender.certificatePEM, privateKeyDER: parties.sender.privateKeyDER,
                    authoritiesPath: parties.authority.certificatePath, participantOfCertificate: { $0 == parties.receiver.der ? partner : nil }))
            let endpoint = Endpoint(participant: partner, url: "https://localhost:\(peer.port)")
            _ = try await transport.deliver(MemoryBody([1], mediaType: packageType), exchangeID: exchangeID, sequence: 1, to: endpoint)
        }
        await peer.close()
        #expect(peer.requestHeads.count == 1)
    }

    private static func answer(_ status: Int, _ type: String, _ body: String, more: String = "", length: Int? = nil) -> String {
        "HTTP/1.1 \(status) Words\r\nContent-Type: \(type)\r\nContent-Length: \(length ?? body.utf8.count)\r\n\(more)\r\n\(body)"
    }

    @Test func sendsWhatTheProtocolSays() async throws {
        let outcome = try await outcome(Self.answer(200, packageType, "a receipt"))
        #expect(outcome.receiptBytes == Array("a receipt".utf8))
        let head = try #require(outcome.requestHeads.first)
        #expect(head.hasPrefix("PUT /exchange/v1/packages/\(exchangeID) HTTP/1.1\r\n"))
        let lower = head.lowercased()
        #expect(lower.contains("content-type: \(packageType)") && lower.contains("content-length: 1000") && !lower.contains("transfer-encoding"))
    }

    /// The answer to `HEAD` decides what follows; here a peer gives one answer to everything.
    @Test(arguments: [
        (answer(404, "text/plain", ""), ["HEAD", "PUT"], false), (answer(405, "text/plain", ""), ["HEAD", "PUT"], false),
        (answer(403, "text/plain", ""), ["HEAD", "PUT"], false), (answer(200, packageType, ""), ["HEAD", "PUT", "HEAD"], false),
        (answer(204, "text/plain", "", more: "Upload-Offset: 600\r\nUpload-Complete: ?0\r\n"), ["HEAD", "PATCH", "HEAD"], true),
        (answer(204, "text/plain", "", more: "Upload-Offset: 1001\r\nUpload-Complete: ?0\r\n"), ["HEAD", "PUT", "HEAD"], false),
        (answer(204, "text/plain", "", more: "Upload-Offset: 600\r\n"), ["HEAD", "PUT", "HEAD"], false),
        (answer(503, "text/plain", "", more: "Retry-After: 9\r\n"), ["HEAD"], false), (answer(500, "text/plain", ""), ["HEAD"], false),
    ])
    func asksFirstAndGoesOn(_ answer: String, _ methods: [String], _ goesOn: Bool) async throws {
        let digest = try #require(SHA256Digest(bytes: [UInt8](repeating: 7, count: 32)))
        // The peer closes after each answer; unsaid, the next request could be sent on a connection that is about to end.
        let closing = answer.replacing("\r\n\r\n", with: "\r\nConnection: close\r\n\r\n")
        let heads = try await outcome(closing, resuming: digest).requestHeads
        #expect(heads.map { $0.split(separator: " ").first.map(String.init) } == methods, "\(heads)")
        let first = try #require(heads.first).lowercased()
        #expect(first.contains("upload-length: 1000\r\n") || first.hasSuffix("upload-length: 1000"), "\(first)")
        #expect(heads.allSatisfy { $0.contains("sha-256=:\(digest.base64):") })
        if goesOn {
            let patch = heads[1].lowercased()
            for field in [
                "upload-offset: 600", "upload-length: 1000", "upload-complete: ?1", "content-length: 400", "content-type: application/partial-upload",
            ] {
                #expect(patch.contains(field), "\(patch)")
            }
        }
    }

    @Test func triesAgainWhenTheOffsetHasBecomeAnother() async throws {
        let conflict = Self.answer(409, "application/problem+json", "{}", more: "Upload-Offset: 5\r\n")
        let error = try await outcome(conflict).error
        #expect(error?.code == .inputOutput && error?.isTransient == true)
        #expect(try await outcome(Self.answer(409, "application/problem+json", "{}")).error?.code == .rejected)
    }

    @Test func takesParametersOfTheMediaTypeAndARefusal() async throws {
        #expect(try await outcome(Self.answer(422, packageType.uppercased() + " ; charset=binary", "no")).receiptBytes == Array("no".utf8))
    }

    @Test(arguments: [
        (answer(204, packageType, ""), TransportError.Code.answerMalformed),
        (answer(200, "text/html", "<p>hello</p>"), .answerMalformed),
        (answer(200, packageType, ""), .answerMalformed),
        (answer(302, "text/html", "", more: "Location: https://elsewhere.example/\r\n"), .answerMalformed),
        (answer(422, "application/problem+json", "{}"), .rejected),
        (answer(408, "text/plain", ""), .timeout),
        (answer(404, "text/html", "<h1>nginx</h1>"), .rejected),
        (answer(502, "text/html", "<h1>bad gateway</h1>"), .unreachable),
        (answer(200, packageType, "half", length: 8), .unreachable),
        ("HTTP/1.1 200 OK\r\n", .unreachable),
        ("", .unreachable),
    ])
    func saysOfEachWrongAnswerWhetherToTryAgain(_ answer: String, _ code: TransportError.Code) async throws {
        let outcome = try await outcome(answer)
        #expect(outcome.error?.code == code, "\(String(describing: outcome.result))")
    }

    @Test func bytesThatAreNoHTTPAreNoAnswer() async throws {
        let error = try await outcome("220 mail.example ESMTP\r\n").error
        #expect(error?.isTransient == true, "\(String(describing: error))")
    }

    @Test func takesNoReceiptAboveItsLimit() async throws {
        let outcome = try await outcome(Self.answer(200, packageType, String(repeating: "x", count: 100_001))) { $0.receiptBytesMax = 100_000 }
        #expect(outcome.error?.code == .answerMalformed)
    }

    @Test func hearsARefusalWhileItIsStillSending() async throws {
        let problem = #"{"type":"urn:sluice:problem:package-too-large","title":"Package too large","detail":"At most 7 bytes.","instance":"urn:uuid:17"}"#
        let outcome = try await outcome(
            Self.answer(413, "application/problem+json", problem, more: "Connection: close\r\n"), moment: .afterHead, packageBytes: 32 << 20)
        #expect(outcome.error?.code == .rejected)
        #expect(outcome.error?.detail.contains("At most 7 bytes. (urn:uuid:17)") == true)
    }

    @Test func readsWhenToComeBack() async throws {
        let outcome = try await outcome(Self.answer(503, "text/plain", "busy", more: "Retry-After: 42\r\n"))
        guard case .success(.busy(let seconds, _)) = outcome.result else {
            Issue.record("\(outcome.result)")
            return
        }
        #expect(seconds == 42)
    }

    @Test func waitsForASilentPeerOnlySoLong() async throws {
        #expect(try await outcome("", moment: .never) { $0.silenceSecondsMax = 1 }.error?.code == .timeout)
        #expect(try await outcome("", moment: .never) { $0.deliverySecondsMax = 1 }.error?.code == .timeout)
    }

    @Test func signsWhatItSendsAndJudgesWhatComes() async throws {
        let digest = try #require(SHA256Digest(bytes: [UInt8](repeating: 7, count: 32)))
        let hop = FakeHopGuard(signs: true, demands: true)
        let answer = Self.answer(204, "text/plain", "", more: "Upload-Offset: 600\r\nUpload-Complete: ?0\r\nSignature: sluice=:AA==:\r\nConnection: close\r\n")
        let heads = try await outcome(answer, resuming: digest) { $0.hop = hop }.requestHeads
        // The answer to PATCH is none of a package, so it asks once more.
        #expect(hop.asked.signedRequests.map(\.method) == ["HEAD", "PATCH", "HEAD"] && hop.asked.judgedAnswers.count == 3)
        #expect(heads.count == 3 && heads.allSatisfy { $0.contains("Signature: sluice=:AA==:") })
        let patch = hop.asked.signedRequests[1]
        #expect(patch.path == "/exchange/v1/packages/\(exchangeID)" && patch.authority.hasPrefix("localhost:"))
        // What is signed is what goes over the wire.
        for line in patch.fields { #expect(heads[1].lowercased().contains("\r\n\(line.name): \(line.value)".lowercased()), "\(line) in \(heads[1])") }
        #expect(patch.fields.contains(HTTPFieldLine("Content-Length", "400")) && patch.fields.contains { $0.name == "Repr-Digest" })
    }

    @Test func anAnswerWhoseSignatureDoesNotCountIsTriedForAgain() async throws {
        let problem = #"{"type":"urn:sluice:problem:busy","title":"Busy","detail":"Words of nobody."}"#
        for (fault, words) in [(HopFault.Kind.missing, true), (.wrong, false)] {
            let hop = FakeHopGuard(signs: false, demands: true, fault: HopFault(fault, code: "hop.x", "it does not count"))
            let error = try await outcome(Self.answer(503, "application/problem+json", problem)) { $0.hop = hop }.error
            #expect(error?.code == .hopSignature && error?.isTransient == true && error?.detail.contains("answered 503: it does not count [hop.x]") == true)
            #expect(error?.detail.contains("it says, unsigned: Words of nobody.") == words, "\(error?.detail ?? "")")
        }
        let trouble = FakeHopGuard(signs: false, demands: true, fault: HopFault(.ownTrouble, code: "seal.revocationUnknown", "no list"))
        #expect(try await outcome(Self.answer(200, packageType, "a receipt")) { $0.hop = trouble }.error?.code == .inputOutput)
        // Where nothing is demanded, what carries no signature is not looked at, and what carries one is.
        let lenient = FakeHopGuard(signs: false, demands: false, fault: HopFault(.wrong, code: "hop.x", "wrong"))
        #expect(try await outcome(Self.answer(200, packageType, "a receipt")) { $0.hop = lenient }.receiptBytes == Array("a receipt".utf8))
        let carrying = Self.answer(200, packageType, "a receipt", more: "Signature: sluice=:AA==:\r\n")
        #expect(try await outcome(carrying) { $0.hop = lenient }.error?.code == .hopSignature)
        // Refused over there for its own signature: nothing was recorded, so it is sent again.
        #expect(try await outcome(Self.answer(401, "application/problem+json", problem)).error?.code == .hopSignature)
    }

    @Test func aPackageOfUnknownDigestIsNotSigned() async throws {
        let hop = FakeHopGuard(signs: true, demands: false)
        let outcome = try await outcome(Self.answer(200, packageType, "a receipt")) { $0.hop = hop }
        #expect(outcome.error?.code == .inputOutput && outcome.requestHeads.isEmpty)
    }

    @Test func saysWhatCannotBeUsed() throws {
        let parties = try Parties.usual.get()
        var configuration = HTTPTransportConfiguration(
            certificateChainPEM: parties.sender.certificatePEM, privateKeyDER: parties.receiver.privateKeyDER,
            authoritiesPath: parties.authority.certificatePath,
            participantOfCertificate: { _ in nil })
        #expect { try HTTPTransport(configuration) } throws: { ($0 as? TransportError)?.detail.contains("does not belong") == true }
        configuration.authoritiesPath = "/nonexistent.pem"
        #expect { try HTTPTransport(configuration) } throws: { ($0 as? TransportError)?.detail.contains("/nonexistent.pem") == true }
    }
}
