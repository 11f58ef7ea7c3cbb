import Foundation
import SluiceCrypto
import SluiceKit
import SluiceKitTesting
import Testing

struct CertificateRequestTests {
    let trial: Trial
    let key: PrivateKey
    let id = ParticipantID("AM.ARMSTAT")!

    init() throws {
        trial = try Trial()
        key = try PrivateKey.generate()
    }

    private func sealing() throws -> [UInt8] {
        try CertificateRequest.make(
            for: .sealing, participant: id, organisation: "Statistical Committee of Armenia", organisationIdentifier: "NTRAM-0000000", key: key)
    }

    private func tls(_ hosts: [String] = ["gateway.example", "192.0.2.7", "2001:db8::1"]) throws -> [UInt8] {
        try CertificateRequest.make(for: .tls, participant: id, organisation: "Statistical Committee of Armenia", hosts: hosts, key: key)
    }

    private func problem(_ pem: [UInt8]) -> String? {
        do { _ = try CertificateRequest(pem: pem) } catch { return "\(error)" }
        return nil
    }

    @Test func readsWhatItMade() throws {
        let request = try CertificateRequest(pem: sealing())
        #expect(request.purpose == .sealing && request.participant == id && request.hosts.isEmpty)
        #expect(request.organisation == "Statistical Committee of Armenia" && request.organisationIdentifier == "NTRAM-0000000")
        #expect(try request.publicKey.der == key.publicKey().der)
        let other = try CertificateRequest(pem: tls())
        #expect(other.purpose == .tls && other.hosts == ["gateway.example", "192.0.2.7", "2001:db8:0:0:0:0:0:1"] && other.organisationIdentifier == nil)
    }

    @Test(.enabled(if: Trial.hasOpenSSL)) func stockCommandAcceptsOurRequests() throws {
        let requests = [("sealing", try sealing()), ("tls", try tls())]
        for (name, pem) in requests {
            _ = try trial.write(name, pem)
            let outcome = try trial.openssl("req", "-verify", "-noout", "-text", "-in", name)
            #expect(outcome.status == 0 && outcome.output.contains("verify OK"), "\(outcome.output)")
            if name == "sealing" {
                #expect(outcome.output.contains("Non Repudiation") && !outcome.output.contains("Digital Signature"))
                #expect(outcome.output.contains("organizationIdentifier"))
            } else {
                #expect(outcome.output.contains("Digital Signature") && !outcome.output.contains("Non Repudiation"))
                #expect(outcome.output.contains("DNS:gateway.example") && outcome.output.contains("TLS Web Client Authentication"))
            }
        }
    }

    @Test func authorityIssuesWhatTheRequestAsks() throws {
        let validity = CertificateAuthority.Validity(now: Trial.now, days: 30)
        let certificate = try trial.authority.issue(CertificateRequest(pem: sealing()), validity: validity)
        #expect(certificate.uses.isForSealing && !certificate.uses.isForTLS && !certificate.uses.signs)
        let identity = try SealingIdentity(certificate: certificate, key: key)
        #expect(certificate.identity(claimedSigningTime: Trial.now)?.organisationIdentifier == "NTRAM-0000000")
        let signature = try identity.detachedCAdES(over: Trial.content, signingTime: Trial.now)
        #expect(try trial.trust().verifyDetachedCAdES(signature: signature, over: Trial.content, at: Trial.now).participant == id)

        let server = try trial.authority.issue(CertificateRequest(pem: tls()), validity: validity)
        #expect(server.uses.isForTLS && !server.uses.isForSealing && server.belongs(to: key))
        try trial.trust().check(server, for: .tlsServer, at: Trial.now)
        try trial.trust().check(server, for: .tlsClient, at: Trial.now)
    }

    @Test func sealingCertificateOfTheTrialAuthorityCannotSignAHandshake() throws {
        let certificate = try trial.identity().certificate
        #expect(certificate.uses.commitsContent && !certificate.uses.signs && !certificate.uses.hasOtherKeyUsage)
    }

    @Test(
        .enabled(if: Trial.hasOpenSSL),
        arguments: [
            (["-addext", "keyUsage=critical,nonRepudiation", "-addext", "basicConstraints=CA:TRUE"], "authority"),
            (["-addext", "keyUsage=critical,nonRepudiation,digitalSignature"], "neither of the two purposes"),
            (["-addext", "keyUsage=critical,digitalSignature", "-addext", "extendedKeyUsage=serverAuth,clientAuth"], "names no host"),
            (["-addext", "keyUsage=critical,nonRepudiation", "-addext", "subjectAltName=DNS:a.example"], "names hosts"),
            (
                ["-addext", "keyUsage=critical,digitalSignature", "-addext", "extendedKeyUsage=serverAuth", "-addext", "subjectAltName=DNS:a.example"],
                "neither"
            ),
            (["-addext", "keyUsage=nonRepudiation,keyCertSign"], "authority"),
            (["-addext", "keyUsage=nonRepudiation", "-addext", "extendedKeyUsage=emailProtection,codeSigning"], "uses"),
            (["-addext", "keyUsage=nonRepudiation", "-addext", "extendedKeyUsage=anyExtendedKeyUsage"], "uses"),
            (
                [
                    "-addext", "keyUsage=digitalSignature", "-addext", "extendedKeyUsage=serverAuth,clientAuth,1.2.3.4", "-addext",
                    "subjectAltName=DNS:a.example",
                ], "uses"
            ),
            (
                [
                    "-addext", "keyUsage=digitalSignature", "-addext", "extendedKeyUsage=serverAuth,clientAuth,emailProtection", "-addext",
                    "subjectAltName=DNS:a.example",
                ], "neither of the two purposes"
            ),
            (["-addext", "keyUsage=nonRepudiation", "-addext", "nameConstraints=permitted;DNS:a.example"], "extensions"),
            (
                [
                    "-addext", "keyUsage=digitalSignature", "-addext", "extendedKeyUsage=serverAuth,clientAuth", "-addext",
                    "subjectAltName=DNS:a.example,email:a@b.example",
                ], "neither a host name"
            ),
            ([], "neither of the two purposes"),
        ])
    func refusesRequestsForOtherThings(arguments: [String], words: String) throws {
        let path = trial.folder + "/request.pem"
        try key.store(at: trial.folder + "/key.pem")
        let outcome = try TestTool.run(
            ["openssl", "req", "-new", "-key", "key.pem", "-subj", "/CN=AM.ARMSTAT", "-out", path] + arguments, in: trial.folder)
        try #require(outcome.status == 0, "\(outcome.output)")
        let found = try problem(trial.read("request.pem"))
        #expect(found?.contains(words) == true, "\(found ?? "accepted")")
    }

    @Test(
        .enabled(if: Trial.hasOpenSSL),
        arguments: [["-newkey", "rsa:2048"], ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"], ["-newkey", "ed25519"]])
    func refusesOtherKeys(arguments: [String]) throws {
        let outcome = try TestTool.run(
            ["openssl", "req", "-new", "-nodes", "-keyout", "k.pem", "-subj", "/CN=AM.ARMSTAT", "-addext", "keyUsage=nonRepudiation", "-out", "request.pem"]
                + arguments, in: trial.folder)
        try #require(outcome.status == 0, "\(outcome.output)")
        let request = try trial.read("request.pem")
        #expect { try CertificateRequest(pem: request) } throws: { ($0 as? CryptoError)?.code == .algorithmNotAllowed }
    }

    @Test(.enabled(if: Trial.hasOpenSSL), arguments: ["/CN=not an id", "/CN=AM.MOI/CN=AM.ARMSTAT", "/O=No name"])
    func refusesSubjectsThatNameNoParticipant(subject: String) throws {
        try key.store(at: trial.folder + "/key.pem")
        #expect(
            try trial.openssl("req", "-new", "-key", "key.pem", "-subj", subject, "-addext", "keyUsage=nonRepudiation", "-out", "request.pem").status == 0)
        #expect(try problem(trial.read("request.pem"))?.contains("common name") == true)
    }

    /// All of them would go into the certificate, and the reader would have seen none.
    @Test(
        .enabled(if: Trial.hasOpenSSL),
        arguments: [
            ("/O=One/O=Two/CN=AM.ARMSTAT", "organisation"), ("/2.5.4.97=NTRAM-1/2.5.4.97=NTRAM-2/CN=AM.ARMSTAT", "organisation identifier"),
            ("/O=Committee\u{202e}eettimmoC/CN=AM.ARMSTAT", "organisation"),
        ])
    func refusesPartsOfTheSubjectThatAreNotSingleAndPlain(subject: String, part: String) throws {
        try key.store(at: trial.folder + "/key.pem")
        let outcome = try trial.openssl(
            "req", "-new", "-utf8", "-key", "key.pem", "-subj", subject, "-addext", "keyUsage=nonRepudiation", "-out", "request.pem")
        try #require(outcome.status == 0, "\(outcome.output)")
        #expect(try problem(trial.read("request.pem"))?.contains("more than one \(part),") == true)
    }

    /// No extended key usage means any: whoever checks a handshake could accept such a certificate.
    @Test(
        .enabled(if: Trial.hasOpenSSL),
        arguments: [
            ("keyUsage=nonRepudiation", true), ("keyUsage=nonRepudiation,digitalSignature", false), ("keyUsage=nonRepudiation,keyAgreement", false),
            ("keyUsage=nonRepudiation,digitalSignature\nextendedKeyUsage=emailProtection", true),
            ("keyUsage=nonRepudiation,digitalSignature\nextendedKeyUsage=emailProtection,anyExtendedKeyUsage", false),
            ("keyUsage=nonRepudiation\nextendedKeyUsage=clientAuth", false), ("extendedKeyUsage=emailProtection", false),
        ])
    func certificateIsForSealingWhereTLSCannotUseIt(extensions: String, expected: Bool) throws {
        try key.store(at: trial.folder + "/key.pem")
        _ = try trial.write("extensions", Array("basicConstraints=CA:FALSE\n\(extensions)\n".utf8))
        let script = """
            openssl req -new -key key.pem -subj /CN=AM.ARMSTAT -out leaf.csr 2>&1 && \
            openssl x509 -req -in leaf.csr -signkey key.pem -set_serial 8 -days 1 -extfile extensions -out leaf.pem 2>&1
            """
        let outcome = try TestTool.run(["sh", "-c", script], in: trial.folder)
        try #require(outcome.status == 0, "\(outcome.output)")
        #expect(try Certificate.all(path: trial.folder + "/leaf.pem")[0].uses.isForSealing == expected)
    }

    /// Whoever changes the key or the name breaks the proof of possession.
    @Test func everyChangedByteIsNoticed() throws {
        let text = String(decoding: try sealing(), as: UTF8.self)
        let body: String = text.split(separator: "\n").dropFirst().dropLast().joined()
        let der = try #require(Base64.decode(body))
        for offset in der.indices {
            var changed = der
            changed[offset] ^= 0x04
            let pem = "-----BEGIN CERTIFICATE REQUEST-----\n\(Base64.encode(changed))\n-----END CERTIFICATE REQUEST-----\n"
            #expect(problem(Array(pem.utf8)) != nil, "byte \(offset)")
        }
    }

    @Test func hostileTextIsRefused() throws {
        let good = try sealing()
        #expect(problem([]) != nil)
        #expect(problem(good + good)?.contains("exactly one") == true)
        #expect(problem(Array(good.dropLast(40))) != nil)
        #expect(problem([UInt8](repeating: 0x41, count: CertificateRequest.bytesMax + 1))?.contains("larger") == true)
        #expect(problem(Array("-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n".utf8)) != nil)
        #expect(throws: CryptoError.self) { try tls(["a\0b"]) }
        #expect(throws: CryptoError.self) { try tls(["999.1.1.1"]) }
        #expect(throws: CryptoError.self) { try tls([String](repeating: "a.example", count: CertificateRequest.hostsMax + 1)) }
    }
}
