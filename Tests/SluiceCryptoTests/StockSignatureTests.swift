import Foundation
import SluiceCrypto
import SluiceKit
import SluiceKitTesting
import Testing

/// The stock command judges our signatures, and we judge those it makes. It signs at its own clock's time, so these tests ask the clock too.
@Suite(.enabled(if: Trial.hasOpenSSL, "openssl is absent"))
struct StockSignatureTests {
    let trial: Trial
    let key: PrivateKey
    let authority: CertificateAuthority
    let now = Instant(seconds: Int64(Date().timeIntervalSince1970))

    init() throws {
        trial = try Trial()
        key = try PrivateKey.generate()
        authority = try CertificateAuthority(name: "Trial authority", validity: .init(now: now, days: 2))
        try key.store(at: trial.folder + "/key.pem")
        _ = try trial.write("ca.pem", authority.certificate.pem)
        _ = try trial.write("content", Trial.content)
    }

    private func sealingCertificate() throws -> Certificate {
        try authority.issueSealing(ParticipantID("AM.MOI")!, organisation: "", key: key, validity: .init(now: now, days: 1))
    }

    private func stockSignature(_ arguments: String..., certificate: Certificate? = nil) throws -> [UInt8] {
        _ = try trial.write("leaf.pem", (certificate ?? sealingCertificate()).pem)
        let outcome = try TestTool.run(
            ["openssl", "cms", "-sign", "-binary", "-in", "content", "-signer", "leaf.pem", "-inkey", "key.pem", "-outform", "DER", "-out", "stock.p7s"]
                + arguments,
            in: trial.folder)
        try #require(outcome.status == 0, "\(outcome.output)")
        return try trial.read("stock.p7s")
    }

    private func verdict(_ signature: [UInt8]) throws -> PackageError.Code? {
        let trust = try TrustStore(authorities: [authority.certificate])
        do {
            // A minute on: what the stock command issues is valid from its own "now", which may be a second later than ours.
            _ = try trust.verifyDetachedCAdES(signature: signature, over: Trial.content, at: now.later(60))
            return nil
        } catch { return error.code }
    }

    @Test func stockCommandAcceptsOurSignature() throws {
        let identity = try SealingIdentity(certificate: sealingCertificate(), key: key)
        _ = try trial.write("signature.p7s", identity.detachedCAdES(over: Trial.content, signingTime: now))
        let outcome = try trial.openssl(
            "cms", "-verify", "-binary", "-cades", "-inform", "DER", "-in", "signature.p7s", "-content", "content", "-CAfile", "ca.pem", "-out", "verified")
        #expect(outcome.status == 0 && outcome.output.contains("successful"), "\(outcome.output)")
        #expect(try trial.read("verified") == Trial.content)
    }

    @Test func acceptsStockSignature() throws {
        #expect(try verdict(stockSignature("-cades", "-md", "sha256")) == nil)
        #expect(try verdict(stockSignature("-cades", "-md", "sha256", "-nosmimecap", "-keyid")) == nil)
    }

    @Test func refusesStockSignaturesOutsideTheProfile() throws {
        #expect(try verdict(stockSignature("-md", "sha256")) == .signatureProfile, "without signing-certificate-v2")
        #expect(try verdict(stockSignature("-cades", "-md", "sha384")) == .algorithmNotAllowed)
        #expect(try verdict(stockSignature("-cades", "-md", "sha1")) == .algorithmNotAllowed)
        #expect(try verdict(stockSignature("-noattr", "-md", "sha256")) == .signatureProfile, "without signed attributes")
        #expect(try verdict(stockSignature("-cades", "-md", "sha256", "-nodetach")) == .signatureProfile, "with content inside")
        #expect(try verdict(stockSignature("-cades", "-md", "sha256", "-nocerts")) == .signatureProfile, "without certificates")
        #expect(try verdict(stockSignature("-cades", "-md", "sha256", "-stream")) == .signatureProfile, "BER with indefinite lengths")
    }

    @Test func refusesTwoSigners() throws {
        _ = try trial.write("second.pem", sealingCertificate().pem)
        let signature = try stockSignature("-cades", "-md", "sha256", "-signer", "second.pem", "-inkey", "key.pem")
        #expect(try verdict(signature) == .signatureProfile)
    }

    @Test func refusesCertificatesThatAreNotPartOfTheChain() throws {
        let strangers = try Trial()
        _ = try trial.write("stranger.pem", strangers.authority.certificate.pem)
        #expect(try verdict(stockSignature("-cades", "-md", "sha256", "-certfile", "stranger.pem")) == .signatureProfile)
        #expect(try verdict(stockSignature("-cades", "-md", "sha256", "-certfile", "ca.pem")) == .signatureProfile, "whoever verifies has the authority's own")
    }

    @Test func refusesTLSCertificateUsedForSealing() throws {
        let tls = try authority.issueTLS(ParticipantID("AM.MOI")!, organisation: "", key: key, validity: .init(now: now, days: 1))
        #expect(try verdict(stockSignature("-cades", "-md", "sha256", certificate: tls)) == .wrongKeyUsage)
    }

    @Test func refusesRSASignerOfATrustedAuthority() throws {
        try authority.key.store(at: trial.folder + "/ca.key")
        _ = try trial.write("extensions", Array("keyUsage=critical,digitalSignature,nonRepudiation\nauthorityKeyIdentifier=keyid\n".utf8))
        let script = """
            openssl req -newkey rsa:2048 -nodes -keyout rsa.key -subj /CN=AM.MOI -out rsa.csr 2>&1 && \
            openssl x509 -req -in rsa.csr -CA ca.pem -CAkey ca.key -set_serial 7 -days 1 -extfile extensions -out rsa.pem 2>&1 && \
            openssl cms -sign -binary -cades -md sha256 -in content -signer rsa.pem -inkey rsa.key -outform DER -out rsa.p7s
            """
        let outcome = try TestTool.run(["sh", "-c", script], in: trial.folder)
        try #require(outcome.status == 0, "\(outcome.output)")
        #expect(try verdict(trial.read("rsa.p7s")) == .algorithmNotAllowed)
    }

    /// Without the purpose in its certificate the signer is refused even where libcrypto's own defaults would let it pass.
    @Test func refusesCertificateWithoutContentCommitment() throws {
        try authority.key.store(at: trial.folder + "/ca.key")
        _ = try trial.write("extensions", Array("keyUsage=critical,digitalSignature\nauthorityKeyIdentifier=keyid\n".utf8))
        let script = """
            openssl req -new -key key.pem -subj /CN=AM.MOI -out leaf.csr 2>&1 && \
            openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -set_serial 8 -days 1 -extfile extensions -out plain.pem 2>&1
            """
        let outcome = try TestTool.run(["sh", "-c", script], in: trial.folder)
        try #require(outcome.status == 0, "\(outcome.output)")
        let plain = try Certificate.all(path: trial.folder + "/plain.pem")[0]
        #expect(try verdict(stockSignature("-cades", "-md", "sha256", certificate: plain)) == .wrongKeyUsage)
    }

    @Test func intermediatesTravelWithTheSignature() throws {
        try authority.key.store(at: trial.folder + "/ca.key")
        _ = try trial.write("top.ext", Array("basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n".utf8))
        _ = try trial.write(
            "middle.ext",
            Array("basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n".utf8))
        let script = """
            openssl ecparam -name prime256v1 -genkey -noout -out top.key && \
            openssl req -new -key top.key -subj /CN=Top -out top.csr && \
            openssl x509 -req -in top.csr -signkey top.key -days 2 -extfile top.ext -out top.pem 2>&1 && \
            openssl ecparam -name prime256v1 -genkey -noout -out middle.key && \
            openssl req -new -key middle.key -subj /CN=Middle -out middle.csr && \
            openssl x509 -req -in middle.csr -CA top.pem -CAkey top.key -set_serial 9 -days 2 -extfile middle.ext -out middle.pem 2>&1 && chmod 600 middle.key
            """
        let outcome = try TestTool.run(["sh", "-c", script], in: trial.folder)
        try #require(outcome.status == 0, "\(outcome.output)")
        let middle = try CertificateAuthority(certificatePath: trial.folder + "/middle.pem", keyPath: trial.folder + "/middle.key")
        let leaf = try middle.issueSealing(ParticipantID("AM.MOI")!, organisation: "", key: key, validity: .init(now: now.later(-60), days: 1))
        let later = now.later(60)
        let top = try TrustStore(authorityPaths: [trial.folder + "/top.pem"])
        let alone = try SealingIdentity(certificate: leaf, key: key).detachedCAdES(over: Trial.content, signingTime: later)
        #expect { try top.verifyDetachedCAdES(signature: alone, over: Trial.content, at: later) } throws: { ($0 as? PackageError)?.code == .signerUntrusted }
        _ = try trial.write("chain.pem", leaf.pem + middle.certificate.pem + middle.certificate.pem + trial.read("top.pem"))
        let identity = try SealingIdentity(certificatePath: trial.folder + "/chain.pem", keyPath: trial.folder + "/key.pem")
        let signature = try identity.detachedCAdES(over: Trial.content, signingTime: later)
        #expect(try top.verifyDetachedCAdES(signature: signature, over: Trial.content, at: later).issuer == "CN=Middle")
    }
}
