import SluiceCrypto
import SluiceKit
import SluiceKitTesting
import Testing

struct CertificateAuthorityTests {
    let trial: Trial
    let validity = CertificateAuthority.Validity(now: Trial.now, days: 30)

    init() throws { trial = try Trial() }

    @Test func subjectSaysWhoItIs() throws {
        let certificate = try trial.identity("AM.MOI").certificate
        #expect(certificate.subject == "CN=AM.MOI,O=Ministry of Interior")
        #expect(certificate.issuer == "CN=Trial authority")
        #expect(certificate.notAfter == Trial.now.later(30 * 86_400))
        #expect(!certificate.isAuthority && trial.authority.certificate.isAuthority)
        let identity = try #require(certificate.identity(claimedSigningTime: Trial.now))
        #expect(identity.participant.rawValue == "AM.MOI" && identity.organisation == "Ministry of Interior" && identity.organisationIdentifier == nil)
    }

    @Test func organisationMayBeArmenian() throws {
        let key = try PrivateKey.generate()
        let certificate = try trial.authority.issueSealing(
            ParticipantID("AM.MOI")!, organisation: "ՀՀ ներքին գործերի նախարարություն", key: key, validity: validity)
        #expect(certificate.identity(claimedSigningTime: Trial.now)?.organisation == "ՀՀ ներքին գործերի նախարարություն")
        #expect(certificate.subject.contains("ներքին"))
    }

    @Test func tlsCertificateServesAsServerAndClientAndNotForSealing() throws {
        let key = try PrivateKey.generate()
        let certificate = try trial.authority.issueTLS(
            ParticipantID("AM.MOI")!, organisation: "", hosts: ["gateway.example", "192.0.2.7"], key: key, validity: validity)
        let trust = try trial.trust()
        try trust.check(certificate, for: .tlsServer, at: Trial.now)
        try trust.check(certificate, for: .tlsClient, at: Trial.now)
        #expect { try trust.check(certificate, for: .sealing, at: Trial.now) } throws: { ($0 as? PackageError)?.code == .wrongKeyUsage }
    }

    @Test func sealingCertificateIsNotForTLS() throws {
        let certificate = try trial.identity().certificate
        #expect { try trial.trust().check(certificate, for: .tlsServer, at: Trial.now) } throws: { ($0 as? PackageError)?.code == .wrongKeyUsage }
    }

    @Test(.enabled(if: Trial.hasOpenSSL))
    func hostsAreExactlyThoseAskedFor() throws {
        let key = try PrivateKey.generate()
        let certificate = try trial.authority.issueTLS(
            ParticipantID("AM.MOI")!, organisation: "", hosts: ["a.example,evil.example", "2001:db8::1"], key: key, validity: validity)
        _ = try trial.write("tls.pem", certificate.pem)
        func covers(_ arguments: String...) throws -> Bool {
            try TestTool.run(["openssl", "x509", "-noout", "-in", "tls.pem"] + arguments, in: trial.folder).output.contains("does match")
        }
        #expect(try covers("-checkhost", "localhost"))
        #expect(try covers("-checkip", "127.0.0.1"))
        #expect(try covers("-checkip", "::1"))
        #expect(try covers("-checkip", "2001:db8::1"))
        #expect(try !covers("-checkhost", "evil.example"))
    }

    @Test(arguments: ["999.1.1.1", "a.example,DNS:evil.example", "a\0b"])
    func refusesHostThatIsNoAddress(host: String) throws {
        let key = try PrivateKey.generate()
        #expect(throws: CryptoError.self) { try trial.authority.issueTLS(ParticipantID("A")!, organisation: "", hosts: [host], key: key, validity: validity) }
    }

    @Test func authorityLoadsAgain() throws {
        try trial.authority.key.store(at: trial.folder + "/ca.key")
        let path = try trial.write("ca.pem", trial.authority.certificate.pem)
        let again = try CertificateAuthority(certificatePath: path, keyPath: trial.folder + "/ca.key")
        let key = try PrivateKey.generate()
        let certificate = try again.issueSealing(ParticipantID("AL.MOI")!, organisation: "", key: key, validity: validity)
        try trial.trust().check(certificate, for: .sealing, at: Trial.now)
    }
}
