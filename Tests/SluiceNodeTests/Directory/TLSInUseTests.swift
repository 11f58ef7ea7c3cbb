import Foundation
import SluiceCore
import SluiceCrypto
import SluiceKit
import SluiceKitTesting
import Synchronization
import Testing

@testable import SluiceNode

/// What a running node makes of the files of its TLS certificate.
struct TLSInUseTests {
    static let now = DirectoryWorld.now
    let folder: TemporaryFolder
    let authority: CertificateAuthority
    let keys: OwnKeys

    init() throws {
        folder = try TemporaryFolder("tls")
        authority = try CertificateAuthority(name: "Trial authority", validity: .init(now: Self.now, days: 3650))
        keys = OwnKeys(
            participant: ParticipantID("AM.ARMSTAT")!,
            sealing: .init(key: folder.file("sealing.key.pem"), certificate: folder.file("sealing.cert.pem")),
            tls: .init(key: folder.file("tls.key.pem"), certificate: folder.file("tls.cert.pem")))
        try write(.current, from: 0, days: 10)
    }

    private func later(_ seconds: Int64) -> Instant { Self.now.advanced(byMilliseconds: seconds * 1000) }

    @discardableResult
    private func write(_ position: OwnKeys.Position, from: Int64, days: Int64, as id: String = "AM.ARMSTAT") throws -> Certificate {
        let key = try PrivateKey.generate()
        let validity = CertificateAuthority.Validity(notBefore: later(from * 86_400), notAfter: later((from + days) * 86_400))
        let certificate = try authority.issueTLS(ParticipantID(id)!, organisation: "Statistics", key: key, validity: validity)
        unlink(keys.key(.tls, position))
        try KeyFile.store(key, at: keys.key(.tls, position), passphrase: nil)
        try Data(certificate.pem).write(to: URL(fileURLWithPath: keys.certificate(.tls, position)))
        return certificate
    }

    private func refusal(_ tls: TLSInUse, at time: Instant) -> String? {
        do { _ = try tls.refresh(at: time) } catch { return "\(error)" }
        return nil
    }

    @Test func aReplacementIsTakenOnceAndHandedOn() throws {
        let tls = TLSInUse(keys, at: Self.now)
        let taken = Mutex<[String]>([])
        tls.onRenewal { identity in taken.withLock { $0.append(identity.certificate.serial) } }
        #expect(try tls.refresh(at: Self.now) == nil && tls.refresh(at: later(5)) == nil)
        let next = try write(.current, from: 0, days: 20)
        #expect(try tls.refresh(at: later(10))?.sha256 == next.sha256)
        #expect(try tls.refresh(at: later(15)) == nil)
        #expect(taken.withLock { $0 } == [next.serial])
        #expect(try tls.identity.get().certificate.sha256 == next.sha256)
    }

    @Test func whatCannotBeUsedChangesNothingAndIsToldOnce() throws {
        let tls = TLSInUse(keys, at: Self.now)
        let genuine = try tls.identity.get().certificate.sha256
        #expect(try tls.refresh(at: Self.now) == nil)
        let path = URL(fileURLWithPath: keys.certificate(.tls, .current))
        let whole = try Data(contentsOf: path)
        try write(.previous, from: 0, days: 9)
        #expect(try tls.refresh(at: Self.now) == nil)
        // Half a file, another participant's, one whose key is not here: the previous pair does not step in, as it would at a start.
        try whole.prefix(whole.count / 2).write(to: path)
        #expect(refusal(tls, at: later(5)) != nil && refusal(tls, at: later(10)) == nil)
        try write(.current, from: 0, days: 20, as: "AM.MOI")
        #expect(refusal(tls, at: later(15))?.contains("names AM.MOI") == true)
        try Data(authority.issueTLS(keys.participant, organisation: "", key: PrivateKey.generate(), validity: .init(now: Self.now, days: 5)).pem).write(
            to: path)
        #expect(refusal(tls, at: later(20))?.contains("no TLS key of this node belongs") == true)
        #expect(try tls.identity.get().certificate.sha256 == genuine)
        // What a listener refuses is not in use anywhere.
        let other = try write(.current, from: 0, days: 30)
        let isRefusing = Mutex(true)
        tls.onRenewal { _ in if isRefusing.withLock({ $0 }) { throw NodeError("no") } }
        #expect(refusal(tls, at: later(25)) == "no")
        #expect(try tls.identity.get().certificate.sha256 == genuine)
        isRefusing.withLock { $0 = false }
        #expect(chmod(keys.key(.tls, .current), 0o400) == 0)
        #expect(try tls.refresh(at: later(30))?.sha256 == other.sha256, "a change of mode is a change")
    }

    @Test func whenACertificateEndsTheNextOneServesWithoutAnybody() throws {
        let next = try write(.next, from: 9, days: 30)
        let tls = TLSInUse(keys, at: Self.now)
        #expect(try tls.refresh(at: Self.now) == nil && tls.refresh(at: later(9 * 86_400 + 3600)) == nil)
        #expect(try tls.refresh(at: later(10 * 86_400 + 60))?.sha256 == next.sha256)
        #expect(try tls.refresh(at: later(10 * 86_400 + 120)) == nil)
    }

    @Test func aNodeWithoutTLSHasNothingToLookAt() throws {
        let carried = OwnKeys(participant: keys.participant, sealing: .init(key: folder.file("s"), certificate: folder.file("c")), tls: nil)
        #expect(try TLSInUse(carried, at: Self.now).refresh(at: Self.now) == nil)
    }
}
