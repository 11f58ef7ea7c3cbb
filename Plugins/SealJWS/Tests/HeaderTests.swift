import Foundation
import SluiceCrypto
import SluiceKit
import Testing

@testable import SealJWS

/// Headers that a trusted signer could write, each properly signed: what is wrong is the header alone.
struct HeaderTests {
    let trial: Trial

    init() throws { trial = try Trial() }

    struct Change: Sendable, CustomTestStringConvertible {
        let code: PackageError.Code?
        let members: KeyValuePairs<String, JSONValue?>

        init(_ code: PackageError.Code?, _ members: KeyValuePairs<String, JSONValue?>) {
            self.code = code
            self.members = members
        }

        var testDescription: String { members.map { "\($0.key): \($0.value.map { "\($0)" } ?? "absent")" }.joined(separator: ", ") }
    }

    @Test(arguments: [
        Change(nil, [:]),
        Change(.algorithmNotAllowed, ["alg": "none"]), Change(.algorithmNotAllowed, ["alg": "HS256"]), Change(.algorithmNotAllowed, ["alg": "RS256"]),
        Change(.algorithmNotAllowed, ["alg": "ES384"]), Change(.algorithmNotAllowed, ["alg": "EdDSA"]), Change(.headerMissing, ["alg": nil]),
        Change(.headerNotAllowed, ["jwk": ["kty": "EC"]]), Change(.headerNotAllowed, ["jku": "https://example.org/keys"]),
        Change(.headerNotAllowed, ["kid": "1"]), Change(.headerNotAllowed, ["x5u": "https://example.org/certificate"]),
        Change(.headerNotAllowed, ["x5t": "AA"]), Change(.headerNotAllowed, ["sigT": "2026-01-15T12:00:00Z"]), Change(.headerNotAllowed, ["exp": .integer(1)]),
        Change(.headerNotAllowed, ["etsiU": []]),
        Change(.criticalHeaderUnknown, ["crit": ["b64", "sigD"], "sigD": [:]]), Change(.criticalHeaderUnknown, ["crit": ["exp"]]),
        Change(.headerMalformed, ["crit": []]), Change(.headerMalformed, ["crit": "b64"]), Change(.headerMissing, ["crit": nil]),
        Change(.headerMissing, ["b64": nil]), Change(.headerMissing, ["b64": nil, "crit": nil]), Change(.signatureProfile, ["b64": true]),
        Change(.headerMalformed, ["b64": "false"]),
        Change(.headerMissing, ["typ": nil]), Change(.signatureProfile, ["typ": "JWT"]), Change(.headerMalformed, ["typ": .integer(1)]),
        Change(.headerMissing, ["cty": nil]), Change(.signatureProfile, ["cty": "json"]),
        Change(.headerMissing, ["iat": nil]), Change(.headerMalformed, ["iat": "now"]), Change(.headerMalformed, ["iat": .integer(-1)]),
        Change(.headerMalformed, ["iat": .number("1768478400.5")]), Change(.headerMalformed, ["iat": .integer(253_402_300_800)]),
        Change(.signingTimeImplausible, ["iat": .integer(1_768_478_400 + 301)]), Change(nil, ["iat": .integer(1_768_478_400 + 300)]),
        Change(.signingTimeImplausible, ["iat": .integer(0)]),
        Change(.headerMissing, ["x5c": nil]), Change(.headerMalformed, ["x5c": []]), Change(.headerMalformed, ["x5c": "AAAA"]),
        Change(.headerMalformed, ["x5c": ["AAA"]]), Change(.headerMalformed, ["x5c": ["AA-_"]]), Change(.headerMalformed, ["x5c": [.integer(1)]]),
        Change(.signatureInvalid, ["x5c": ["AAAA"]]),
        Change(.headerMissing, ["x5t#S256": nil]), Change(.headerMalformed, ["x5t#S256": "AA"]),
        Change(.signatureInvalid, ["x5t#S256": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]),
    ])
    func eachHeaderIsJudgedByItsMembers(change: Change) throws {
        #expect(try trial.refusal(trial.container(header: trial.header(change.members))) == change.code)
    }

    @Test func refusesMembersThatStandTwice() throws {
        let text = String(decoding: try trial.header().canonicalBytes(), as: UTF8.self)
        #expect(try trial.refusal(trial.container(headerText: text)) == nil)
        #expect(try trial.refusal(trial.container(headerText: text.replacing(#"{"alg":"#, with: #"{"alg":"none","alg":"#))) == .headerMalformed)
        #expect(try trial.refusal(trial.container(headerText: text.replacing(#"{"alg":"#, with: #"{"\u0061lg":"ES256","alg":"#))) == .headerMalformed)
        #expect(try trial.refusal(trial.container(headerText: text + " ")) == nil, "white space is signed and harmless")
        #expect(try trial.refusal(trial.container(headerText: "\u{feff}" + text)) == .headerMalformed)
        #expect(try trial.refusal(trial.container(headerText: text + text)) == .headerMalformed)
        #expect(try trial.refusal(trial.container(headerText: "")) == .headerMalformed)
    }

    /// A chain of ours with other certificates in it.
    @Test func refusesChainsOfAnotherShape() throws {
        let (signer, authority) = (trial.identity.certificate.der, trial.authority.certificate.der)
        let stranger = try Trial()
        func code(_ chain: [[UInt8]]) throws -> PackageError.Code? { try trial.refusal(trial.container(header: trial.header(chain: chain))) }
        #expect(try code([signer, authority]) == nil)
        #expect(try code([signer, stranger.authority.certificate.der]) == .signatureProfile)
        #expect(try code([signer, signer]) == .signatureProfile)
        #expect(try code([signer, [0x30, 0]]) == .signatureProfile)
        #expect(try code([stranger.identity.certificate.der]) == .signerUntrusted)
        #expect(try code(Array(repeating: signer, count: 9)) == .limitExceeded)
        // Another certificate of the same key, for TLS.
        let tls = try trial.authority.issueTLS(ParticipantID("AM.MOI")!, organisation: "", key: trial.key, validity: .init(now: Trial.now, days: 1))
        #expect(try code([tls.der]) == .wrongKeyUsage)
        // The certificate of a colleague, signed by our key.
        let colleague = try trial.authority.issueSealing(
            ParticipantID("AL.MOI")!, organisation: "", key: PrivateKey.generate(), validity: .init(now: Trial.now, days: 1))
        #expect(try code([colleague.der]) == .signatureInvalid)
    }

    @Test func refusesASignatureThatIsNoDetachedES256() throws {
        let manifest = try Trial.manifest(Trial.payload)
        let right = String(decoding: try trial.sign(header: trial.header().canonicalBytes(), manifest), as: UTF8.self)
        let parts = right.split(separator: ".", omittingEmptySubsequences: false)
        func code(_ signature: String) throws -> PackageError.Code? {
            try trial.refusal(Trial.container(manifest: manifest, signature: Array(signature.utf8)))
        }
        func raw(_ bytes: [UInt8]) -> String { "\(parts[0])..\(String(decoding: JOSEBase64URL.encode(bytes), as: UTF8.self))" }
        #expect(try code(right) == nil)
        #expect(try code(right + "\n") == .signatureMalformed)
        #expect(try code("\(parts[0]).\(parts[2])") == .signatureMalformed)
        #expect(try code(right + ".") == .signatureMalformed)
        #expect(try code("") == .signatureMalformed)
        #expect(try code("..") == .headerMalformed)
        #expect(try code(parts[0] + "..") == .signatureMalformed)
        let payload = String(decoding: JOSEBase64URL.encode(manifest), as: UTF8.self)
        #expect(try code("\(parts[0]).\(payload).\(parts[2])") == .signatureMalformed, "with content of its own")
        let bytes = try #require(JOSEBase64URL.decode(Array(parts[2].utf8)))
        let zero = [UInt8](repeating: 0, count: 32)
        let full = [UInt8](repeating: 0xff, count: 32)
        let (r, s) = (Array(bytes[..<32]), Array(bytes[32...]))
        let malformed: [[UInt8]] = [Array(bytes.dropLast()), bytes + [0], zero + s, r + zero, full + s, r + full]
        for other in malformed {
            #expect(try code(raw(other)) == .signatureMalformed)
        }
        #expect(try code(raw(try #require(ES256.der(bytes)))) == .signatureMalformed, "DER, as certificates have it")
        #expect(try code(raw(try trial.key.es256(over: manifest))) == .signatureInvalid)
        // HS256 with the public key as the secret: the header is what makes it one, and the header is refused.
        let headerText = JOSEBase64URL.encode(try trial.header(["alg": "HS256"]).canonicalBytes())
        let input: [UInt8] = headerText + [UInt8(ascii: ".")] + manifest
        let secret = try trial.identity.certificate.publicKey().der
        let authenticated = JOSEBase64URL.encode(HMACSHA256.code(key: secret, message: input).bytes)
        #expect(try code("\(String(decoding: headerText, as: UTF8.self))..\(String(decoding: authenticated, as: UTF8.self))") == .algorithmNotAllowed)
    }

    @Test func judgesTheSignerAsForCAdES() throws {
        let package = try trial.package()
        #expect(trial.refusal(package, at: Trial.now.advanced(byMilliseconds: 31 * 86_400_000)) == .certificateExpired)
        #expect(trial.refusal(package, at: Trial.now.advanced(byMilliseconds: -2 * 3_600_000)) == .certificateNotYetValid)
        #expect(trial.refusal(package, trust: try Trial().trust) == .signerUntrusted)
        let list = try trial.authority.revocationList(revoking: [trial.identity.certificate], number: 1, validity: .init(now: Trial.now, days: 7))
        let trust = try TrustStore(authorities: [trial.authority.certificate], revocationListsPEM: [list])
        #expect(trial.refusal(package, trust: trust) == .certificateRevoked)
    }
}
