import SluiceCrypto
import SluiceKit
import Testing

struct TrustTests {
    let trial: Trial

    init() throws { trial = try Trial() }

    @Test func refusesSomeoneElsesAuthority() throws {
        let other = try CertificateAuthority(name: "Trial authority", validity: .init(now: Trial.now, days: 365))
        #expect(try trial.refusal(trial.package(signer: Trial.identity(of: other))) == .signerUntrusted)
    }

    @Test func refusesExpiredAndNotYetValidCertificate() throws {
        let package = try trial.package()
        #expect(try trial.refusal(package, at: Trial.now.advanced(byMilliseconds: 31 * 86_400_000)) == .certificateExpired)
        #expect(try trial.refusal(package, at: Trial.now.advanced(byMilliseconds: -2 * 3_600_000)) == .certificateNotYetValid)
    }

    @Test func refusesRevokedCertificate() throws {
        let list = try trial.authority.revocationList(revoking: [trial.identity.certificate], number: 1, validity: .init(now: Trial.now, days: 7))
        let trust = try TrustStore(authorities: [trial.authority.certificate], revocationListsPEM: [list])
        #expect(try trial.refusal(trial.package(), trust: trust) == .certificateRevoked)
    }
}
