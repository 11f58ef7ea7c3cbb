import Foundation
import SluiceCrypto
import SluiceKit
import SluiceKitTesting
import Testing

@testable import SealASiC

/// What an auditor has at hand must do: openssl, sha256sum, unzip, Python. They ask their own clock, so this authority is valid now.
struct StockToolTests {
    let trial: Trial
    let now = Instant(seconds: Int64(Date().timeIntervalSince1970))
    let authority: CertificateAuthority
    let identity: SealingIdentity

    init() throws {
        trial = try Trial()
        authority = try CertificateAuthority(name: "Trial authority", validity: .init(now: now, days: 2))
        identity = try Trial.identity(of: authority, validity: .init(now: now, days: 1))
        _ = try trial.write("ca.pem", authority.certificate.pem)
        var contents = Trial.contents(.bytes(Array(repeating: Trial.data, count: 500).flatMap(\.self)))
        contents.sealedAt = now
        try trial.seal.seal(contents, with: identity, into: trial.folder + "/p.asice")
    }

    @Test(.enabled(if: Trial.has("openssl") && Trial.has("unzip")))
    func opensslVerifiesTheSignatureAndSha256sumTheFiles() throws {
        let script = #"""
            set -e
            unzip -q p.asice -d p && cd p
            openssl cms -verify -binary -cades -inform DER -in META-INF/signature001.p7s -content META-INF/ASiCManifest001.xml -CAfile ../ca.pem -out /dev/null
            sed -n 's/.*DataObjectReference URI="\([^"]*\)".*/\1/p; s/.*<ds:DigestValue>\(.*\)<.*/\1/p' META-INF/ASiCManifest001.xml | paste - - |
              while read -r name digest; do echo "$(echo "$digest" | base64 -d | od -An -v -tx1 | tr -d ' \n')  $name"; done | sha256sum -c
            """#
        let outcome = try trial.run("bash", "-c", script)
        #expect(outcome.status == 0, "\(outcome.output)")
        #expect(outcome.output.contains("Verification successful"))
        #expect(outcome.output.contains("exchange.json: OK") && outcome.output.contains("data.csv: OK"))
    }

    @Test(.enabled(if: Trial.has("openssl") && Trial.has("unzip")))
    func opensslVerifiesACounterSignature() throws {
        let second = try Trial.identity(of: authority, validity: .init(now: now, days: 1), as: "AM.ARMSTAT")
        try trial.seal.counterSign(
            .file(path: trial.folder + "/p.asice"), trust: TrustStore(authorities: [authority.certificate]), at: now, limits: PackageLimits(), with: second,
            into: .file(path: trial.folder + "/q.asice"))
        let script = #"""
            set -e
            unzip -tq q.asice && unzip -q q.asice -d q && cd q
            for n in 001 002; do
              openssl cms -verify -binary -cades -inform DER -in META-INF/signature$n.p7s -content META-INF/ASiCManifest$n.xml -CAfile ../ca.pem -out /dev/null
              sed -n 's/.*DataObjectReference URI="\([^"]*\)".*/\1/p; s/.*<ds:DigestValue>\(.*\)<.*/\1/p' META-INF/ASiCManifest$n.xml | paste - - |
                while read -r name digest; do echo "$(echo "$digest" | base64 -d | od -An -v -tx1 | tr -d ' \n')  $name"; done | sha256sum -c
            done
            """#
        let outcome = try trial.run("bash", "-c", script)
        #expect(outcome.status == 0, "\(outcome.output)")
        #expect(outcome.output.contains("META-INF/signature001.p7s: OK") && outcome.output.contains("META-INF/ASiCManifest001.xml: OK"))
    }

    @Test(.enabled(if: Trial.has("unzip")))
    func unzipFindsNoFault() throws {
        let outcome = try trial.run("unzip", "-t", "p.asice")
        #expect(outcome.status == 0 && outcome.output.contains("No errors"), "\(outcome.output)")
        // The time of sealing, in UTC, stands on every entry.
        let minute = now.rfc3339.prefix(16).replacingOccurrences(of: "T", with: " ")
        let list = try trial.run("unzip", "-l", "p.asice").output
        #expect(list.components(separatedBy: minute).count - 1 == 5, "\(minute) is not on five entries: \(list)")
    }

    @Test(.enabled(if: Trial.has("python3")))
    func pythonReadsTheFilesAndTheMediaType() throws {
        let script = """
            import zipfile
            z = zipfile.ZipFile('p.asice')
            assert z.testzip() is None
            first = z.infolist()[0]
            assert (first.filename, first.compress_type, first.extra, first.header_offset) == ('mimetype', 0, b'', 0)
            assert z.read('mimetype') == b'application/vnd.etsi.asic-e+zip'
            assert z.getinfo('data.csv').compress_type == 8
            assert len(z.read('data.csv')) == \(Trial.data.count * 500)
            # 38 bytes into the file, as EN 319 162-1, A.1, promises to those who look without unpacking.
            assert open('p.asice', 'rb').read()[30:38] == b'mimetype'
            """
        let outcome = try trial.run("python3", "-c", script)
        #expect(outcome.status == 0, "\(outcome.output)")
    }

    @Test(.enabled(if: Trial.has("file")))
    func fileRecognisesTheContainer() throws {
        #expect(try trial.run("file", "--mime-type", "p.asice").output.contains("zip"))
    }

    /// Another producer: Python's zipfile, openssl's signature, the manifest in another prefix, order and layout.
    @Test(.enabled(if: Trial.has("python3") && Trial.has("openssl")))
    func opensAPackageMadeWithStockTools() throws {
        let key = try PrivateKey.generate()
        let certificate = try authority.issueSealing(ParticipantID("AL.MOI")!, organisation: "", key: key, validity: .init(now: now, days: 1))
        try key.store(at: trial.folder + "/key.pem")
        _ = try trial.write("leaf.pem", certificate.pem)
        let script = """
            import zipfile, hashlib, base64, subprocess
            files = {'exchange.json': b'{}', 'my data.csv': b'a,b\\n' * 4000}
            refs = ''.join('''
              <DataObjectReference MimeType='text/plain' URI='%s' >
                 <d:DigestMethod Algorithm='http://www.w3.org/2001/04/xmlenc#sha256'></d:DigestMethod>
                 <d:DigestValue>
                    %s
                 </d:DigestValue>
              </DataObjectReference>''' % (n.replace(' ', '%20'), base64.b64encode(hashlib.sha256(b).digest()).decode()) for n, b in files.items())
            manifest = '''<?xml version='1.0' encoding='utf-8' standalone='no' ?>
            <ASiCManifest xmlns='http://uri.etsi.org/02918/v1.2.1#' xmlns:d='http://www.w3.org/2000/09/xmldsig#'
               xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:schemaLocation='a b'>
              <SigReference MimeType='application/pkcs7-signature' URI='META-INF/signature.p7s'/>%s
            </ASiCManifest>''' % refs
            open('m.xml', 'w').write(manifest)
            subprocess.run('openssl cms -sign -binary -cades -md sha256 -in m.xml -signer leaf.pem -inkey key.pem -outform DER -out s.p7s', shell=True, check=True)
            with zipfile.ZipFile('stock.asice', 'w', zipfile.ZIP_DEFLATED) as z:
                z.writestr('mimetype', 'application/vnd.etsi.asic-e+zip', zipfile.ZIP_STORED)
                for n, b in files.items(): z.writestr(n, b)
                z.writestr('META-INF/ASiCManifest.xml', manifest)
                z.writestr('META-INF/signature.p7s', open('s.p7s', 'rb').read())
                z.comment = b'mimetype=application/vnd.etsi.asic-e+zip'
            """
        let outcome = try trial.run("python3", "-c", script)
        try #require(outcome.status == 0, "\(outcome.output)")
        let opened = try trial.open(
            trial.read(trial.folder + "/stock.asice"), at: now.advanced(byMilliseconds: 60_000), trust: TrustStore(authorities: [authority.certificate]))
        #expect(opened.signer.participant.rawValue == "AL.MOI")
        #expect(opened.files.map(\.name) == ["exchange.json", "my data.csv"])
        #expect(opened.files[1].bytes == 16_000 && opened.mainFileName == nil)
    }

    /// Signs with the stock command, which does not ask what a certificate is for.
    struct StockSigner: EvidenceSigner {
        let certificateSHA256 = SHA256.hash([])
        let certificateChainDER: [[UInt8]] = []
        let folder: String
        let certificate: String
        let key: String

        func es256(over content: [UInt8]) throws(PackageError) -> [UInt8] { throw PackageError(.signingFailed, "the stock command signs CMS here") }

        func detachedCAdES(over content: [UInt8], signingTime: Instant) throws(PackageError) -> [UInt8] {
            do {
                try Data(content).write(to: URL(fileURLWithPath: folder + "/content"))
                let outcome = try TestTool.run(
                    [
                        "openssl", "cms", "-sign", "-binary", "-cades", "-md", "sha256", "-in", "content", "-signer", certificate, "-inkey", key, "-outform",
                        "DER", "-out", "stock.p7s",
                    ], in: folder)
                guard outcome.status == 0 else { throw PackageError(.signingFailed, outcome.output) }
                return Array(try Data(contentsOf: URL(fileURLWithPath: folder + "/stock.p7s")))
            } catch {
                throw PackageError(.signingFailed, "\(error)")
            }
        }
    }

    /// Issued by the trusted authority all the same: the key's kind and its purpose are not the signer's choice.
    @Test(.enabled(if: Trial.has("openssl")))
    func refusesRSAAndCertificatesForOtherUses() throws {
        try authority.key.store(at: trial.folder + "/ca.key")
        let trust = try TrustStore(authorities: [authority.certificate])
        func code(_ newkey: String, _ extensions: String) throws -> PackageError.Code? {
            let name = UUID().uuidString
            _ = try trial.write("\(name).ext", Array((extensions + "\nauthorityKeyIdentifier=keyid\n").utf8))
            let script = """
                openssl req -newkey \(newkey) -nodes -keyout \(name).key -subj /CN=AM.MOI -out \(name).csr 2>&1 && \
                openssl x509 -req -in \(name).csr -CA ca.pem -CAkey ca.key -set_serial 7 -days 1 -extfile \(name).ext -out \(name).pem 2>&1
                """
            let outcome = try trial.run("sh", "-c", script)
            try #require(outcome.status == 0, "\(outcome.output)")
            let package = try ZipBytes.container(signer: StockSigner(folder: trial.folder, certificate: "\(name).pem", key: "\(name).key"))
            do {
                _ = try trial.openInMemory(package.bytes, at: now.advanced(byMilliseconds: 60_000), trust: trust)
                return nil
            } catch { return error.code }
        }
        let p256 = "ec -pkeyopt ec_paramgen_curve:P-256"
        #expect(try code(p256, "keyUsage=critical,digitalSignature,nonRepudiation") == nil, "the stock signature is right before it is changed")
        #expect(try code("rsa:2048", "keyUsage=critical,digitalSignature,nonRepudiation") == .algorithmNotAllowed)
        #expect(try code("ec -pkeyopt ec_paramgen_curve:P-384", "keyUsage=critical,digitalSignature,nonRepudiation") == .algorithmNotAllowed)
        #expect(try code(p256, "keyUsage=critical,digitalSignature") == .wrongKeyUsage)
        #expect(try code(p256, "keyUsage=critical,nonRepudiation\nextendedKeyUsage=serverAuth") == .wrongKeyUsage)
        #expect(try code(p256, "keyUsage=critical,keyAgreement") == .wrongKeyUsage)
    }
}
