import Foundation
import SluiceCrypto
import SluiceKit
import SluiceKitTesting
import Testing

struct JOSETests {
    /// RFC 7515, appendix A.3.
    static let example =
        "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
        + "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    static let key: JSONValue = [
        "kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    ]

    private func code(_ compact: String, key: JSONValue = JOSETests.key, allowing: Set<String> = []) -> PackageError.Code? {
        do throws(PackageError) {
            let signature = try JOSESignature(compact: Array(compact.utf8), allowing: allowing)
            guard let key = try? JOSEKey(key) else { return .algorithmNotAllowed }
            _ = try signature.payload(verifiedBy: key)
            return nil
        } catch { return error.code }
    }

    /// The example's payload and signature under another header.
    private func code(header: String, signature: String? = nil, allowing: Set<String> = []) -> PackageError.Code? {
        let parts = Self.example.split(separator: ".")
        let text = String(decoding: JOSEBase64URL.encode(Array(header.utf8)), as: UTF8.self)
        return code("\(text).\(parts[1]).\(signature ?? String(parts[2]))", allowing: allowing)
    }

    @Test func acceptsTheExampleOfRFC7515() throws {
        let signature = try JOSESignature(compact: Array(Self.example.utf8), allowing: [])
        let payload = try signature.payload(verifiedBy: JOSEKey(Self.key))
        #expect(String(decoding: payload, as: UTF8.self) == "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}")
    }

    @Test func everyChangedCharacterIsRefused() {
        let compact = Array(Self.example.utf8)
        for place in compact.indices {
            for other in Set<UInt8>([compact[place] ^ 1, 0x41, 0x2e, 0x3d]).subtracting([compact[place]]) {
                var changed = compact
                changed[place] = other
                #expect(code(String(decoding: changed, as: UTF8.self)) != nil, "byte \(place)")
            }
        }
    }

    @Test func headersOfAnotherMindAreEachRefusedForTheirReason() {
        #expect(code(header: #"{"alg":"ES256"}"#) == nil, "the example's own")
        #expect(code(header: #"{"alg":"none"}"#) == .algorithmNotAllowed)
        #expect(code(header: #"{"alg":"none"}"#, signature: "") == .algorithmNotAllowed)
        #expect(code(header: #"{"alg":"es256"}"#) == .algorithmNotAllowed)
        #expect(code(header: #"{"alg":"ES256K"}"#) == .algorithmNotAllowed)
        #expect(code(header: #"{"alg":["ES256"]}"#) == .headerMissing)
        #expect(code(header: #"{"typ":"JWT"}"#) == .headerMissing)
        #expect(code(header: #"{"alg":"HS256","alg":"ES256"}"#) == .headerMalformed)
        #expect(code(header: #"{"alg":"ES256","\u0061lg":"ES256"}"#) == .headerMalformed, "the same name, escaped")
        #expect(code(header: #"{"alg":"ES256",}"#) == .headerMalformed)
        #expect(code(header: #"["alg","ES256"]"#) == .headerMalformed)
        #expect(code(header: #"{"alg":"ES256"} "# + "x") == .headerMalformed)
        #expect(code(header: "{\"alg\":\"ES256\",\"typ\":\"\u{0}\"}") == .headerMalformed)
        #expect(code(header: String(repeating: #"{"a":"#, count: 5000)) == .headerMalformed)
        for name in ["jwk", "jku", "x5u", "kid", "x5c", "zip", "epk", "ALG"] {
            #expect(code(header: "{\"alg\":\"ES256\",\"\(name)\":\"https://example.org/keys\"}") == .headerNotAllowed, "\(name)")
        }
        #expect(code(header: #"{"alg":"ES256","kid":"a"}"#, allowing: ["kid"]) == .signatureInvalid)
        #expect(code(header: #"{"alg":"ES256","crit":["exp"],"exp":1}"#, allowing: ["exp"]) == .criticalHeaderUnknown)
        #expect(code(header: #"{"alg":"ES256","crit":["sigD"]}"#) == .criticalHeaderUnknown)
        #expect(code(header: #"{"alg":"ES256","crit":[]}"#) == .headerMalformed)
        #expect(code(header: #"{"alg":"ES256","crit":"b64","b64":false}"#) == .headerMalformed)
        #expect(code(header: #"{"alg":"ES256","crit":[true],"b64":false}"#) == .headerMalformed)
        #expect(code(header: #"{"alg":"ES256","crit":["b64","b64"],"b64":false}"#) == .headerMalformed)
        #expect(code(header: #"{"alg":"ES256","crit":["b64"]}"#) == .headerMissing)
        #expect(code(header: #"{"alg":"ES256","b64":false}"#) == .headerMissing)
        #expect(code(header: #"{"alg":"ES256","b64":"false","crit":["b64"]}"#) == .headerMalformed)
        #expect(code(header: #"{"alg":"ES256","b64":false,"crit":["b64"]}"#) == .signatureInvalid)
        #expect(code(header: #"{"alg":"ES256","pad":""# + String(repeating: "a", count: JOSEHeader.bytesMax) + #""}"#) == .limitExceeded)
    }

    /// The classic: the verifier's public key taken for a shared secret.
    @Test func refusesHS256WithThePublicKeyAsSecret() throws {
        let input = String(decoding: JOSEBase64URL.encode(Array(#"{"alg":"HS256"}"#.utf8)), as: UTF8.self) + ".Zm9v"
        for secret in [try JOSEKey(Self.key).publicKey.der, Array(try Self.key.canonicalBytes())] {
            let code = HMACSHA256.code(key: secret, message: Array(input.utf8)).bytes
            #expect(self.code("\(input).\(String(decoding: JOSEBase64URL.encode(code), as: UTF8.self))") == .algorithmNotAllowed)
        }
    }

    @Test func refusesSignaturesThatAreNone() throws {
        let order = [UInt8](repeating: 0xff, count: 32)
        let one = [UInt8](repeating: 0, count: 31) + [1]
        let zero = [UInt8](repeating: 0, count: 32)
        for (r, s) in [(zero, zero), (zero, one), (one, zero), (order, one), (one, order)] {
            #expect(code(header: #"{"alg":"ES256"}"#, signature: String(decoding: JOSEBase64URL.encode(r + s), as: UTF8.self)) == .signatureMalformed)
        }
        #expect(code(header: #"{"alg":"ES256"}"#, signature: String(decoding: JOSEBase64URL.encode(one + one), as: UTF8.self)) == .signatureInvalid)
        let raw = try JOSESignature(compact: Array(Self.example.utf8), allowing: []).signature
        let der = try #require(ES256.der(raw))
        #expect(ES256.raw(der) == raw)
        for other in [der, [], Array(raw.dropLast()), raw + [0], [0] + raw, Array(raw[..<32])] {
            #expect(code(header: #"{"alg":"ES256"}"#, signature: String(decoding: JOSEBase64URL.encode(other), as: UTF8.self)) == .signatureMalformed)
        }
        for signature in ["DtEh==", "Dt Eh", "Dt+/", "A", ""] { #expect(code(header: #"{"alg":"ES256"}"#, signature: signature) == .signatureMalformed) }
        for text in ["", ".", "..", "a.b", "a.b.c.d", Self.example + ".", #"{"payload":"Zm9v","protected":"","signature":""}"#] {
            #expect([.signatureMalformed, .headerMalformed].contains(code(text)), "\(text)")
        }
    }

    /// The shortest DER of numbers with leading zeros and set top bits, both ways.
    @Test func rawAndDERAreTheSameSignature() throws {
        var generator = SeededGenerator(seed: 7)
        for round in 0..<2000 {
            var raw = (0..<64).map { _ in UInt8.random(in: 0...255, using: &generator) }
            raw[0] &= 0x7f
            raw[32] &= 0x7f
            (raw[31], raw[63]) = (raw[31] | 1, raw[63] | 1)
            for place in 0..<(round % 33 == 32 ? 31 : round % 33) { raw[place] = 0 }
            if round % 3 == 0 { raw[32...48] = [UInt8](repeating: 0, count: 17)[...] }
            let der = try #require(ES256.der(raw))
            #expect(ES256.raw(der) == raw)
            for length in der.indices { #expect(ES256.raw(Array(der[..<length])) == nil) }
            #expect(ES256.raw(der + [0]) == nil)
        }
        #expect(ES256.raw([0x30, 0x07, 0x02, 0x02, 0x00, 0x01, 0x02, 0x01, 0x01]) == nil, "a leading zero too many")
        #expect(ES256.raw([0x30, 0x06, 0x02, 0x01, 0x81, 0x02, 0x01, 0x01]) == nil, "a negative number")
    }

    @Test func keysMustBeP256AndForSigning() throws {
        func refusal(_ change: (inout [String: JSONValue]) -> Void) -> CryptoError.Code? {
            var members = Dictionary(uniqueKeysWithValues: (Self.key.members ?? []).map { ($0.name, $0.value) })
            change(&members)
            do throws(CryptoError) { _ = try JOSEKey(.object(members.map { JSONMember($0.key, $0.value) })) } catch { return error.code }
            return nil
        }
        #expect(refusal { _ in } == nil)
        #expect(
            refusal {
                $0["alg"] = "ES256"; $0["use"] = "sig"; $0["key_ops"] = ["verify"]; $0["kid"] = "a"
            } == nil)
        #expect(refusal { $0["kty"] = "RSA" } == .algorithmNotAllowed)
        #expect(refusal { $0["crv"] = "P-384" } == .algorithmNotAllowed)
        #expect(refusal { $0["crv"] = "secp256k1" } == .algorithmNotAllowed)
        #expect(refusal { $0["alg"] = "ES512" } == .algorithmNotAllowed)
        #expect(refusal { $0["use"] = "enc" } == .wrongKeyUsage)
        #expect(refusal { $0["key_ops"] = ["encrypt"] } == .wrongKeyUsage)
        #expect(refusal { $0["d"] = "AA" } == .keyUnusable)
        #expect(refusal { $0["x"] = $0["y"] } == .keyUnusable, "not on the curve")
        #expect(refusal { $0["x"] = nil } == .keyUnusable)
        #expect(refusal { $0["x"] = "AA" } == .keyUnusable)
        #expect(refusal { $0["x"] = .string("A" + ($0["x"]?.text ?? "")) } == .keyUnusable)
        let zero = JSONValue.string(String(repeating: "A", count: 43))
        #expect(
            refusal {
                $0["x"] = zero; $0["y"] = zero
            } == .keyUnusable, "the point at infinity has no coordinates")
        #expect(throws: CryptoError.self) { try JOSEKey(["keys": [Self.key]]) }
    }

    @Test func base64URLHasOneSpelling() {
        #expect(JOSEBase64URL.encode([0xfb, 0xff, 0xfe]) == Array("-__-".utf8))
        for count in 0..<70 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 250) }
            let text = JOSEBase64URL.encode(bytes)
            #expect(JOSEBase64URL.decode(text) == bytes)
            #expect(
                Base64.decode(
                    String(decoding: text, as: UTF8.self).replacing("-", with: "+").replacing("_", with: "/")
                        + String(repeating: "=", count: (4 - text.count % 4) % 4)) == bytes)
        }
        for text in ["A", "AB", "AAB", "AA==", "A A", "AA\n", "AA+A", "AA/A", "é"] { #expect(JOSEBase64URL.decode(Array(text.utf8)) == nil, "\(text)") }
    }
}
