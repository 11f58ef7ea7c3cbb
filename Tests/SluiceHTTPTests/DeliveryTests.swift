import Foundation
import SluiceCore
import SluiceHTTP
import SluiceKit
import SluiceKitTesting
import Testing
import TransportHTTP

private let armstat = ParticipantID("AM.ARMSTAT")!
private let exchangeID = "01920000-0000-7000-8000-000000000001"

/// The transport and the endpoint over real sockets, with real certificates.
@Suite(.enabled(if: TestAuthority.isAvailable, "the openssl program is not installed"))
struct DeliveryTests {
    private func deliver(
        _ parties: TestParties, _ inbound: FakeInbound, package: PackageFolder, listener: ExchangeListener? = nil, transport: HTTPTransport? = nil,
        host: String = "127.0.0.1", participant: ParticipantID = armstat, id: String = exchangeID, times: Int = 1
    ) async throws -> [DeliveryAnswer] {
        let transport = try transport ?? parties.transport()
        do {
            let answers = try await withListeners(listener ?? parties.exchangeListener(), inbound: inbound) { port, _ in
                var answers: [DeliveryAnswer] = []
                for _ in 0..<times {
                    answers.append(
                        try await transport.deliver(
                            MemoryBody(package.bytes, mediaType: "application/vnd.etsi.asic-e+zip"), exchangeID: id, sequence: 1,
                            to: Endpoint(participant: participant, url: "https://\(host):\(port)")))
                }
                return answers
            }
            await transport.close()
            return answers
        } catch {
            await transport.close()
            throw error
        }
    }

    private func failure(_ body: () async throws -> Void) async -> TransportError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? TransportError
        }
    }

    private func text(_ answer: DeliveryAnswer?) throws -> String {
        guard case .receipt(let bytes) = answer else { throw CocoaError(.fileNoSuchFile) }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func bringsThePackageThereAndTheReceiptBack() async throws {
        let (parties, inbound, package) = (try TestParties.usual.get(), try FakeInbound(), try PackageFolder(byteCount: 3_000_001))
        let answers = try await deliver(parties, inbound, package: package)
        #expect(try text(answers.first) == FakeInbound.receiptText(exchangeID, isAccepted: true))
        let peer = Peer(participant: ParticipantID("UN.UNSD")!, certificateDigest: parties.sender.sha256)
        #expect(inbound.seen.arrivals == [.init(exchangeID: exchangeID, peer: peer, body: package.bytes)])
        #expect(inbound.seen.admitted == 1 && inbound.seen.abandoned == 0)
        #expect(inbound.spooled.isEmpty)
    }

    @Test func bringsASignedRefusalBackAsAReceipt() async throws {
        let (parties, inbound, package) = (try TestParties.usual.get(), try FakeInbound(.refused), try PackageFolder())
        let answers = try await deliver(parties, inbound, package: package)
        #expect(try text(answers.first) == FakeInbound.receiptText(exchangeID, isAccepted: false))
    }

    @Test func deliversAgainOverTheSameConnection() async throws {
        let (parties, inbound, package) = (try TestParties.usual.get(), try FakeInbound(), try PackageFolder())
        let answers = try await deliver(parties, inbound, package: package, times: 3)
        #expect(try answers.map(text) == Array(repeating: FakeInbound.receiptText(exchangeID, isAccepted: true), count: 3))
        #expect(inbound.seen.arrivals.count == 3)
    }

    @Test func saysBusyWithTheTimeTheReceiverNames() async throws {
        let problem = Problem(status: 429, code: "too-many", title: "Too many", detail: "Two packages of yours are being checked.", retryAfterSeconds: 17)
        let (parties, inbound, package) = (try TestParties.usual.get(), try FakeInbound(admission: problem), try PackageFolder(byteCount: 8 << 20))
        let answers = try await deliver(parties, inbound, package: package)
        guard case .busy(let seconds, let detail) = try #require(answers.first) else {
            Issue.record("not busy: \(answers)")
            return
        }
        #expect(seconds == 17)
        #expect(detail.contains("Two packages of yours are being checked."))
        #expect(inbound.seen.arrivals.isEmpty && inbound.spooled.isEmpty)
    }

    @Test func hearsWhyAPackageIsNotTaken() async throws {
        let problem = Problem(status: 409, code: "other-package", title: "Conflict", detail: "This id was used for another package.")
        let (parties, inbound, package) = (try TestParties.usual.get(), try FakeInbound(.problem(problem)), try PackageFolder())
        let error = await failure { _ = try await deliver(parties, inbound, package: package) }
        #expect(error?.code == .rejected)
        #expect(error?.detail.contains("This id was used for another package.") == true)
        #expect(error?.isTransient == false)
    }

    @Test func refusesAPackageLargerThanTheReceiverTakes() async throws {
        let (parties, inbound, package) = (try TestParties.usual.get(), try FakeInbound(packageBytesMax: 1_000_000), try PackageFolder(byteCount: 8 << 20))
        let error = await failure { _ = try await deliver(parties, inbound, package: package) }
        #expect(error?.code == .rejected)
        #expect(error?.detail.contains("1000000 bytes") == true)
        #expect(inbound.seen.admitted == 0 && inbound.spooled.isEmpty)
    }

    @Test(arguments: [1, 99_999, 100_000, 100_001, 262_144, 262_145])
    func bringsEveryByteInMemoryAndThroughFiles(_ byteCount: Int) async throws {
        let (parties, inbound, package) = (try TestParties.usual.get(), try FakeInbound(), try PackageFolder(byteCount: byteCount))
        _ = try await deliver(parties, inbound, package: package)
        #expect(inbound.seen.arrivals.map(\.body) == [package.bytes] && inbound.spooled.isEmpty)
    }

    @Test func sendsNothingToAnotherParticipantOfTheSameAuthority() async throws {
        let (parties, inbound, package) = (try TestParties(receiver: "GE.GEOSTAT"), try FakeInbound(), try PackageFolder())
        let error = await failure { _ = try await deliver(parties, inbound, package: package) }
        #expect(error?.code == .notTrusted)
        #expect(error?.detail.contains("GE.GEOSTAT") == true)
        #expect(inbound.seen.admitted == 0 && inbound.seen.arrivals.isEmpty)
    }

    @Test func trustsNoReceiverOfAnotherAuthority() async throws {
        let (parties, inbound, package) = (try TestParties.usual.get(), try FakeInbound(), try PackageFolder())
        let other = try TestAuthority(name: "Another authority")
        let error = await failure { _ = try await deliver(parties, inbound, package: package, transport: try parties.transport(trusting: other)) }
        #expect(error?.code == .notTrusted)
        #expect(inbound.seen.admitted == 0)
    }

    @Test func trustsNoReceiverWhoseCertificateHasExpired() async throws {
        let (parties, inbound, package) = (try TestParties(receiverExpired: true), try FakeInbound(), try PackageFolder())
        let error = await failure { _ = try await deliver(parties, inbound, package: package) }
        #expect(error?.code == .notTrusted)
        #expect(inbound.seen.admitted == 0)
    }

    @Test func trustsNoReceiverWhoseCertificateIsForAnotherHost() async throws {
        let (parties, inbound, package) = (try TestParties(receiverNames: "DNS:elsewhere.example"), try FakeInbound(), try PackageFolder())
        for host in ["localhost", "127.0.0.1"] {
            let error = await failure { _ = try await deliver(parties, inbound, package: package, host: host) }
            #expect(error?.code == .notTrusted, "\(host)")
        }
        #expect(inbound.seen.admitted == 0)
    }

    @Test func acceptsNoSenderOfAnotherAuthority() async throws {
        let (parties, inbound, package) = (try TestParties.usual.get(), try FakeInbound(), try PackageFolder())
        let other = try TestAuthority(name: "Another authority")
        defer { withExtendedLifetime(other) {} }
        let stranger = try other.issue("UN.UNSD")
        let error = await failure { _ = try await deliver(parties, inbound, package: package, transport: try parties.transport(as: stranger)) }
        #expect(error?.code == .notTrusted)
        #expect(error?.detail.contains("does not take our certificate") == true, "\(error?.detail ?? "none")")
        #expect(inbound.seen.admitted == 0 && inbound.spooled.isEmpty)
    }

    @Test func acceptsNoSenderWhoseCertificateHasExpired() async throws {
        let (parties, inbound, package) = (try TestParties.usual.get(), try FakeInbound(), try PackageFolder())
        let expired = try parties.authority.issue("UN.UNSD", isExpired: true)
        let error = await failure { _ = try await deliver(parties, inbound, package: package, transport: try parties.transport(as: expired)) }
        #expect(error?.code == .notTrusted)
        #expect(error?.detail.contains("does not take our certificate") == true, "\(error?.detail ?? "none")")
        #expect(inbound.seen.admitted == 0)
    }

    @Test func tellsASenderWhoseCertificateNamesNoParticipant() async throws {
        let (parties, inbound, package) = (try TestParties(sender: "no participant!"), try FakeInbound(), try PackageFolder())
        let error = await failure { _ = try await deliver(parties, inbound, package: package) }
        #expect(error?.code == .rejected)
        #expect(error?.detail.contains("403") == true)
        #expect(inbound.seen.admitted == 0)
    }

    @Test func findsNobodyAtAClosedPort() async throws {
        let (parties, package) = (try TestParties.usual.get(), try PackageFolder())
        let port = try await withListeners(parties.exchangeListener(), inbound: FakeInbound()) { port, _ in port }
        let transport = try parties.transport()
        let error = await failure {
            _ = try await transport.deliver(
                MemoryBody(package.bytes, mediaType: "application/vnd.etsi.asic-e+zip"), exchangeID: exchangeID, sequence: 1,
                to: Endpoint(participant: armstat, url: "https://127.0.0.1:\(port)"))
        }
        await transport.close()
        #expect(error?.code == .unreachable)
    }

    @Test func aListenerThatCannotBindSaysSo() async throws {
        let parties = try TestParties.usual.get()
        try await withListeners(parties.exchangeListener(), inbound: FakeInbound()) { port, _ in
            var listener = parties.exchangeListener()
            listener.port = port
            let second = listener
            await #expect(throws: ListenerError.self) { try await withListeners(second, inbound: FakeInbound()) { _, _ in } }
        }
    }

    @Test func aKeyOfAnotherCertificateIsNoticedBeforeAnythingListens() throws {
        let parties = try TestParties.usual.get()
        var listener = parties.exchangeListener()
        listener.privateKeyDER = parties.sender.privateKeyDER
        let listenerWithWrongKey = listener
        let inbound = try FakeInbound()
        #expect {
            try httpServices(
                exchange: listenerWithWrongKey, inspection: InspectionListener(), inbound: inbound, uploads: inbound.uploads(), node: FakeNode(),
                logger: quietLogger)
        } throws: { error in
            (error as? ListenerError)?.code == .keyUnusable
        }
    }
}
