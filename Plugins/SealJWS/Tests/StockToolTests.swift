import Foundation
import SluiceCrypto
import SluiceKit
import SluiceKitTesting
import Testing

@testable import SealJWS

/// What an auditor or a partner has at hand must do: the commands of the README, and a JOSE library. Tools ask their own clock, so this authority
/// is valid now.
struct StockToolTests {
    let trial: Trial
    let now = Instant(seconds: Int64(Date().timeIntervalSince1970))

    init() throws {
        trial = try Trial(now: now)
        _ = try trial.write("ca.pem", trial.authority.certificate.pem)
        let data = Array(repeating: Trial.data, count: 500).flatMap(\.self)
        try trial.seal.seal(Trial.contents(.bytes(data), sealedAt: now), with: trial.identity, into: trial.folder + "/p.jwsz")
    }

    /// A block of commands in the README, after the heading.
    private static func readme(_ heading: String) throws -> String {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(path: "README.md")
        let text = try String(contentsOf: path, encoding: .utf8)
        let section = try #require(text.range(of: heading).map { text[$0.upperBound...] })
        let begin = try #require(section.range(of: "```sh\n")?.upperBound)
        return String(section[begin..<(try #require(section[begin...].range(of: "```"))).lowerBound])
    }

    @Test(.enabled(if: ["openssl", "unzip", "jq", "sha256sum", "bash"].allSatisfy(Trial.has), "stock tools are absent"))
    func theCommandsOfTheReadmeVerifyAPackage() throws {
        let commands = "set -e -o pipefail\n" + (try Self.readme("## Verify without Sluice"))
        _ = try trial.write("package.jwsz", trial.bytes(.file(path: trial.folder + "/p.jwsz")))
        let outcome = try trial.run(["bash", "-c", commands])
        #expect(outcome.status == 0, "\(outcome.output)")
        for line in ["exchange.json: OK", "data.csv: OK", "signer.pem: OK", "Verified OK"] { #expect(outcome.output.contains(line), "\(outcome.output)") }
    }

    @Test(.enabled(if: ["openssl", "unzip", "jq", "sha256sum", "bash"].allSatisfy(Trial.has), "stock tools are absent"))
    func theCommandsOfTheReadmeNoticeAChange() throws {
        let manifest = try Trial.manifest([("exchange.json", Trial.exchange)])
        let other = try Trial.manifest([("exchange.json", Trial.data)])
        let signature = try trial.sign(header: trial.header().canonicalBytes(), other)
        _ = try trial.write("package.jwsz", Trial.container([("exchange.json", Trial.exchange)], manifest: manifest, signature: signature))
        let outcome = try trial.run(["bash", "-c", "set -e -o pipefail\n" + (try Self.readme("## Verify without Sluice"))])
        #expect(outcome.status != 0 && outcome.output.contains("Verification failure"), "\(outcome.output)")
    }

    static let python = OraclePython.importing("jwcrypto")

    @Test(.enabled(if: python != nil, "the JOSE library jwcrypto is absent"))
    func aJOSELibraryVerifiesOurs() throws {
        let script = """
            import base64, json, zipfile
            from cryptography import x509
            from jwcrypto import jwk, jws
            z = zipfile.ZipFile('p.jwsz')
            assert z.testzip() is None
            manifest, compact = z.read('META-INF/manifest.json'), z.read('META-INF/signature001.jws').decode()
            header = json.loads(base64.urlsafe_b64decode(compact.split('.')[0] + '=='))
            assert (header['alg'], header['b64'], header['crit'], header['iat']) == ('ES256', False, ['b64'], \(now.seconds))
            certificate = x509.load_der_x509_certificate(base64.b64decode(header['x5c'][0]))
            assert certificate.subject.rfc4514_string().count('CN=AM.MOI') == 1
            key = jwk.JWK.from_pyca(certificate.public_key())
            assert key.get('crv') == 'P-256'
            token = jws.JWS()
            token.allowed_algs = ['ES256']
            token.deserialize(compact)
            token.verify(key, detached_payload=manifest)
            assert token.is_valid
            try:
                token.deserialize(compact)
                token.verify(key, detached_payload=manifest + b' ')
                raise SystemExit('a changed manifest passes')
            except jws.InvalidJWSSignature:
                print('both right')
            """
        let outcome = try trial.run([try #require(Self.python), "-c", script])
        #expect(outcome.status == 0 && outcome.output.contains("both right"), "\(outcome.output)")
    }

    @Test(.enabled(if: python != nil, "the JOSE library jwcrypto is absent"))
    func opensWhatAJOSELibraryMade() throws {
        try trial.key.store(at: trial.folder + "/key.pem")
        _ = try trial.write("leaf.der", trial.identity.certificate.der)
        // Members in another order and with blanks between them, as the library writes them; the manifest by the oracle of RFC 8785 or plain sorting.
        let script = """
            import base64, hashlib, json, zipfile
            from jwcrypto import jwk, jws
            files = {'exchange.json': b'{}', 'my data.csv': b'a,b\\n' * 4000}
            manifest = json.dumps({'version': 1, 'main': 'my data.csv', 'files': [
                {'name': n, 'mediaType': 'text/plain', 'bytes': len(b), 'sha256': hashlib.sha256(b).hexdigest()} for n, b in files.items()
            ]}, sort_keys=True, separators=(',', ':')).encode()
            der = open('leaf.der', 'rb').read()
            token = jws.JWS(manifest)
            token.add_signature(jwk.JWK.from_pem(open('key.pem', 'rb').read()), protected=json.dumps({
                'x5c': [base64.b64encode(der).decode()], 'x5t#S256': base64.urlsafe_b64encode(hashlib.sha256(der).digest()).decode().rstrip('='),
                'iat': \(now.seconds), 'typ': 'vnd.sluice.seal+jose', 'cty': 'vnd.sluice.manifest+json', 'crit': ['b64'], 'b64': False, 'alg': 'ES256'}))
            token.detach_payload()
            with zipfile.ZipFile('stock.jwsz', 'w', zipfile.ZIP_DEFLATED) as z:
                z.writestr('mimetype', 'application/vnd.sluice.jws+zip', zipfile.ZIP_STORED)
                for n, b in files.items(): z.writestr(n, b)
                z.writestr('META-INF/manifest.json', manifest, zipfile.ZIP_STORED)
                z.writestr('META-INF/signature001.jws', token.serialize(compact=True), zipfile.ZIP_STORED)
            """
        let outcome = try trial.run([try #require(Self.python), "-c", script])
        try #require(outcome.status == 0, "\(outcome.output)")
        let opened = try trial.open(trial.bytes(.file(path: trial.folder + "/stock.jwsz")), at: now.advanced(byMilliseconds: 60_000))
        #expect(opened.signer.participant.rawValue == "AM.MOI" && opened.signer.claimedSigningTime == now)
        #expect(opened.files.map(\.name) == ["exchange.json", "my data.csv"] && opened.mainFileName == "my data.csv")
        #expect(opened.files[1].bytes == 16_000)
    }
}
