import Foundation
import SluiceCrypto
import SluiceKit
import SluiceKitTesting
import Testing

/// Vectors of others: Wycheproof, and the examples of RFC 7520 and RFC 7797.
@Suite(.enabled(if: Corpus.isPresent, "the reference data is absent (SLUICE_CORPUS)"))
struct JOSEVectorTests {
    private static func vectors(_ name: String) throws -> JSONValue {
        try JSONValue(parsing: Corpus.bytes("vectors/C2SP__wycheproof/testvectors_v1/\(name)"))
    }

    private static func isAccepted(_ compact: String, key: JSONValue?) -> Bool {
        guard let key, let signature = try? JOSESignature(compact: Array(compact.utf8), allowing: ["kid"]), let key = try? JOSEKey(key) else { return false }
        return (try? signature.payload(verifiedBy: key)) != nil
    }

    /// Accepted are the valid ones of ES256; a set of keys counts as its one key, since this version reads keys and not sets.
    @Test(
        arguments: [
            ("json_web_signature_test.json", 401, [18, 378]), ("json_web_key_test.json", 26, []), ("json_web_crypto_test.json", 83, [18]),
        ] as [(String, Int, [Int64])])
    func acceptsExactlyTheValidES256Signatures(name: String, count: Int, accepted: [Int64]) throws {
        var tried = 0
        var taken: [Int64] = []
        for group in try Self.vectors(name)["testGroups"]?.elements ?? [] {
            var key = group["public"] ?? group["private"]
            if let keys = key?["keys"]?.elements { key = keys.count == 1 ? keys[0] : nil }
            // The older files give the private key alone.
            if group["public"] == nil, let members = key?.members { key = .object(members.filter { $0.name != "d" }) }
            for vector in group["tests"]?.elements ?? [] {
                tried += 1
                guard let id = vector["tcId"]?.integer, let compact = vector["jws"] ?? vector["jwe"] else { continue }
                let text = try compact.text ?? String(decoding: compact.canonicalBytes(), as: UTF8.self)
                let isTaken = Self.isAccepted(text, key: key)
                if isTaken { taken.append(id) }
                #expect(!isTaken || vector["result"]?.text == "valid", "tcId \(id): \(vector["comment"]?.text ?? "")")
            }
        }
        #expect(tried == count)
        #expect(taken == accepted)
    }

    @Test func judgesRawSignaturesAsWycheproofDoes() throws {
        var judged = (valid: 0, invalid: 0)
        for group in try Self.vectors("ecdsa_secp256r1_sha256_p1363_test.json")["testGroups"]?.elements ?? [] {
            let key = try PublicKey(der: #require(Hexadecimal.decode(group["publicKeyDer"]?.text ?? "")))
            for vector in group["tests"]?.elements ?? [] {
                let message = try #require(Hexadecimal.decode(vector["msg"]?.text ?? "-"))
                let signature = try #require(Hexadecimal.decode(vector["sig"]?.text ?? "-"))
                let isValid = vector["result"]?.text == "valid"
                #expect(key.verifiesES256(signature, over: message) == isValid, "tcId \(vector["tcId"]?.integer ?? 0): \(vector["comment"]?.text ?? "")")
                if isValid { judged.valid += 1 } else { judged.invalid += 1 }
            }
        }
        #expect(judged.valid > 100 && judged.invalid > 30, "\(judged)")
    }

    /// All examples of RFC 7520 are of other algorithms: each is refused, and for that.
    @Test func refusesEveryExampleOfRFC7520() throws {
        var tried = 0
        for file in Corpus.files(under: "vectors/ietf-jose__cookbook/jws", suffix: ".json")
            + Corpus.files(under: "vectors/ietf-jose__cookbook/curve25519", suffix: "jws.json")
        {
            let example = try JSONValue(parsing: Corpus.bytes(file))
            guard let compact = example["output"]?["compact"]?.text else { continue }
            #expect(throws: PackageError.self) { try JOSESignature(compact: Array(compact.utf8), allowing: ["kid"]) }
            do { _ = try JOSESignature(compact: Array(compact.utf8), allowing: ["kid"]) } catch { #expect(error.code == .algorithmNotAllowed, "\(file)") }
            tried += 1
        }
        #expect(tried >= 5)
        for file in Corpus.files(under: "vectors/ietf-jose__cookbook/jwk", suffix: ".json") {
            let key = try JSONValue(parsing: Corpus.bytes(file))
            #expect(throws: CryptoError.self, "\(file)") { try JOSEKey(key) }
        }
    }

    /// RFC 7797 has examples with a shared secret only. They are refused; that their signing input is ours is shown with that secret.
    @Test func signsOverThePayloadAsRFC7797Says() throws {
        let example = try JSONValue(parsing: Corpus.bytes("vectors/ietf-jose__cookbook/rfc7797/hmac-sha2_b64_false.json"))
        let payload = Array(try #require(example["input"]?["payload"]?.text).utf8)
        let secret = try #require(JOSEBase64URL.decode(Array((example["input"]?["key"]?["k"]?.text ?? "").utf8)))
        let compact = try #require(example["output"]?["compact"]?.text)
        let expected = try #require(JOSEBase64URL.decode(Array(compact.suffix(43).utf8)))
        let header: JSONValue = ["alg": "HS256", "b64": false, "crit": ["b64"]]
        let ours = try JOSESignature.detached(header: header, payload: payload) { (input) throws(PackageError) in
            HMACSHA256.code(key: secret, message: input).bytes
        }
        #expect(ours == Array(compact.replacing(String(decoding: payload, as: UTF8.self), with: "").utf8))
        #expect(ours.suffix(43) == JOSEBase64URL.encode(expected)[...])
        #expect { try JOSESignature(compact: ours, allowing: []) } throws: { ($0 as? PackageError)?.code == .algorithmNotAllowed }
        for file in Corpus.files(under: "vectors/ietf-jose__cookbook/rfc7797", suffix: ".json") {
            let signature = try JSONValue(parsing: Corpus.bytes(file))["output"]?["json_flat"]
            let text = "\(signature?["protected"]?.text ?? "")..\(signature?["signature"]?.text ?? "")"
            #expect { try JOSESignature(compact: Array(text.utf8), allowing: []) } throws: { ($0 as? PackageError)?.code == .algorithmNotAllowed }
        }
    }
}
