import Foundation
import SluiceCrypto
import SluiceKit
import SluiceKitTesting
import Testing

struct HTTPSignatureTests {
    typealias Component = HTTPSignature.Component

    let key: PrivateKey
    let publicKey: PublicKey
    static let certificate = SHA256.hash([1, 2, 3])
    static let content = Array("a package".utf8)

    init() throws {
        key = try PrivateKey.generate()
        publicKey = try key.publicKey()
    }

    static func head(_ change: (inout HopRequest) -> Void = { _ in }) -> HopRequest {
        var head = HopRequest(
            method: "POST", authority: "Exchange.example.org:443", path: "/exchange/v1/packages", query: nil,
            fields: [
                HTTPFieldLine("Content-Type", "application/vnd.etsi.asic-e+zip"), HTTPFieldLine("Content-Length", "9"),
                HTTPFieldLine("Content-Digest", ContentDigest.text(SHA256.hash(content))), HTTPFieldLine("Sluice-Exchange", "0190-1"),
            ])
        change(&head)
        return head
    }

    static let components = ["@method", "@authority", "@path", "@query", "content-digest", "content-length", "sluice-exchange"].map { Component($0) }

    static func terms(_ change: (inout HTTPSignature.Terms) -> Void = { _ in }) -> HTTPSignature.Terms {
        var terms = HTTPSignature.Terms(certificateSHA256: certificate, created: Trial.now, expires: Trial.now.later(60), nonce: "n-1")
        change(&terms)
        return terms
    }

    func signed(
        _ head: HopRequest = head(), covering components: [Component] = components, terms: HTTPSignature.Terms = terms(), label: String = "sluice"
    ) throws -> HopRequest {
        var head = head
        head.fields += try HTTPSignature.sign(.request(head), covering: components, terms: terms, label: label) { try key.es256(over: $0) }
        return head
    }

    static func policy(_ change: (inout HTTPSignature.Policy) -> Void = { _ in }) -> HTTPSignature.Policy {
        var policy = HTTPSignature.Policy(required: components, contentDigest: SHA256.hash(content))
        change(&policy)
        return policy
    }

    func verify(_ head: HopRequest, policy: HTTPSignature.Policy = policy(), at time: Instant = Trial.now) throws(HTTPSignatureError)
        -> HTTPSignature.Verified
    {
        try HTTPSignature.verify(.request(head), policy: policy, at: time) { $0 == Self.certificate.hex ? publicKey : nil }
    }

    func code(_ head: HopRequest, policy: HTTPSignature.Policy = policy(), at time: Instant = Trial.now) -> HTTPSignatureError.Code? {
        do throws(HTTPSignatureError) { _ = try verify(head, policy: policy, at: time) } catch { return error.code }
        return nil
    }

    /// The signed message with another text in one of its two signature fields.
    func code(replacing old: String, with new: String) throws -> HTTPSignatureError.Code? {
        var head = try signed()
        var done = false
        for place in head.fields.indices where head.fields[place].name.hasPrefix("Signature") && head.fields[place].value.contains(old) {
            head.fields[place].value = head.fields[place].value.replacing(old, with: new)
            done = true
        }
        try #require(done, "'\(old)' is not in the fields")
        return code(head)
    }

    @Test func acceptsWhatItSigned() throws {
        let verified = try verify(signed())
        #expect(verified.components == Self.components)
        #expect(verified.keyName == Self.certificate.hex && verified.nonce == "n-1")
        #expect(verified.created == Trial.now && verified.expires == Trial.now.later(60))
        #expect(verified.acceptedUntil.seconds == Trial.now.later(360).seconds)
    }

    @Test func seesASignatureOfItsLabelAndHalfOfOne() throws {
        func isPresent(_ fields: [HTTPFieldLine]) throws -> Bool { try HTTPSignature.isPresent(in: .request(Self.head { $0.fields = fields })) }
        let signature = try signed().fields.filter { $0.name.hasPrefix("Signature") }
        #expect(try isPresent(signature) && isPresent([signature[0]]) && isPresent([signature[1]]))
        #expect(try !isPresent([]))
        #expect(try !isPresent(signed(label: "proxy").fields))
        #expect(throws: HTTPSignatureError.self) { try isPresent([HTTPFieldLine("Signature", "sluice=:")]) }
    }

    @Test func noticesEveryChangeOfWhatIsCovered() throws {
        func after(_ change: (inout HopRequest) -> Void) throws -> HTTPSignatureError.Code? {
            var head = try signed()
            change(&head)
            return code(head)
        }
        #expect(try after { _ in } == nil)
        #expect(try after { $0.authority = "exchange.EXAMPLE.org" } == nil, "the same host in another spelling")
        #expect(try after { $0.fields[1].value = " 9\t" } == nil, "blanks around a value")
        #expect(try after { $0.fields[0].value = "text/plain" } == nil, "not covered, not believed")
        #expect(try after { $0.method = "PUT" } == .signatureInvalid)
        #expect(try after { $0.authority = "other.example.org" } == .signatureInvalid)
        #expect(try after { $0.authority += "\n\"@path\": /" } == .fieldMalformed)
        #expect(try after { $0.path += "/" } == .signatureInvalid)
        #expect(try after { $0.query = "a=b" } == .signatureInvalid)
        #expect(try after { $0.fields[1].value = "10" } == .signatureInvalid)
        #expect(try after { $0.fields[2].value = ContentDigest.text(SHA256.hash([])) } == .signatureInvalid)
        #expect(try after { $0.fields[3].value = "0190-2" } == .signatureInvalid)
        #expect(try after { $0.fields.insert(HTTPFieldLine("sluice-exchange", "0190-2"), at: 0) } == .signatureInvalid)
        #expect(try after { $0.fields.remove(at: 3) } == .componentMissing)
        #expect(try after { $0.fields[3].value = "0190-1\r\nx" } == .fieldMalformed)
        #expect(try after { $0.fields[3].value = "0190-é" } == .fieldMalformed)
    }

    @Test func everyChangedCharacterOfTheFieldsIsRefused() throws {
        let head = try signed()
        for place in head.fields.indices where head.fields[place].name.hasPrefix("Signature") {
            let text = Array(head.fields[place].value.utf8)
            for offset in text.indices {
                var changed = text
                changed[offset] ^= 1
                guard let value = String(validating: changed, as: UTF8.self) else { continue }
                var other = head
                other.fields[place].value = value
                #expect(code(other) != nil, "\(value)")
            }
        }
    }

    @Test func refusesFieldsOfAnotherMind() throws {
        #expect(code(Self.head()) == .signatureMissing)
        #expect(code(try signed(label: "proxy")) == .signatureMissing)
        #expect(try code(replacing: "alg=\"ecdsa-p256-sha256\"", with: "alg=\"hmac-sha256\"") == .algorithmNotAllowed)
        #expect(try code(replacing: ";alg=\"ecdsa-p256-sha256\"", with: "") == .signatureInvalid, "absent is allowed, but it was signed with it")
        #expect(try code(replacing: Self.certificate.hex, with: SHA256.hash([]).hex) == .keyUnknown)
        #expect(try code(replacing: ";keyid=\"\(Self.certificate.hex)\"", with: "") == .parameterMissing)
        #expect(try code(replacing: ";nonce=\"n-1\"", with: "") == .parameterMissing)
        #expect(try code(replacing: ";nonce=\"n-1\"", with: ";nonce=\"\"") == .parameterMissing)
        #expect(try code(replacing: "n-1", with: String(repeating: "n", count: 129)) == .limitExceeded)
        #expect(try code(replacing: ";expires=\(Trial.now.later(60).seconds)", with: "") == .parameterMissing)
        #expect(try code(replacing: ";created=\(Trial.now.seconds)", with: "") == .parameterMissing)
        #expect(try code(replacing: ";created=\(Trial.now.seconds)", with: ";created=\"now\"") == .fieldMalformed)
        #expect(try code(replacing: ";nonce=\"n-1\"", with: ";nonce=\"n-1\";tag=\"x\"") == .parameterNotAllowed)
        #expect(try code(replacing: "\"@method\"", with: "\"@method\" \"@method\"") == .componentRepeated)
        #expect(try code(replacing: "\"@method\" ", with: "") == .componentNotCovered)
        #expect(try code(replacing: "\"@method\"", with: "\"@method\";sf") == .componentUnsupported)
        #expect(try code(replacing: "\"@method\"", with: "\"@method\" \"@target-uri\"") == .componentUnsupported)
        #expect(try code(replacing: "\"@method\"", with: "\"@method\" \"@status\"") == .componentUnsupported)
        #expect(try code(replacing: "\"@method\"", with: "\"@method\" \"Date\"") == .componentUnsupported)
        #expect(try code(replacing: "\"@method\"", with: "\"@method\" \"date\"") == .componentMissing)
        #expect(try code(replacing: "\"@method\"", with: "\"@method\" \"@method\";req") == .componentUnsupported)
        #expect(try code(replacing: "\"@method\"", with: "\"@method\" method") == .fieldMalformed)
        #expect(try code(replacing: "sluice=(", with: "sluice=:AAAA:, sluice=(") == .labelRepeated)
        #expect(try code(replacing: "sluice=:", with: "sluice=:AAAA:, sluice=:") == .labelRepeated)
        #expect(try code(replacing: "sluice=:", with: "sluice=1, a=:") == .fieldMalformed)
        #expect(try code(replacing: "sluice=(", with: "sluice=1, a=(") == .fieldMalformed)
        var loose = try signed()
        loose.fields[loose.fields.count - 1].value += ";x=1"
        #expect(code(loose) == .fieldMalformed)
        #expect(try code(replacing: "sluice=(", with: "sluice=((") == .fieldMalformed)
    }

    @Test func otherLabelsBesideOursAreLeftAlone() throws {
        var head = try signed()
        head.fields.append(HTTPFieldLine("Signature-Input", "proxy=(\"@method\");created=1"))
        head.fields.append(HTTPFieldLine("Signature", "proxy=:AAAA:"))
        #expect(code(head) == nil)
    }

    @Test func countsWithinItsWindowOnly() throws {
        let head = try signed()
        #expect(code(head, at: Trial.now.later(-300)) == nil)
        #expect(code(head, at: Trial.now.later(-301)) == .notYetValid)
        #expect(code(head, at: Trial.now.later(360)) == nil)
        #expect(code(head, at: Trial.now.later(361)) == .expired)
        #expect(code(try signed(terms: Self.terms { $0.expires = Trial.now.later(301) })) == .windowTooLong)
        #expect(code(try signed(terms: Self.terms { $0.expires = Trial.now.later(-1) })) == .expired)
        #expect(try code(replacing: "created=\(Trial.now.seconds)", with: "created=-999999999999999") == .windowTooLong)
        #expect(try code(replacing: "created=\(Trial.now.seconds)", with: "created=999999999999999") == .notYetValid)
    }

    @Test func aNonceIsAdmittedOnce() throws {
        var nonces = HTTPSignatureNonces(entriesMax: 2)
        func admit(_ nonce: String, made: Int64 = 0, at seconds: Int64) throws -> HTTPSignatureError.Code? {
            let head = try signed(terms: Self.terms { ($0.nonce, $0.created, $0.expires) = (nonce, Trial.now.later(made), Trial.now.later(made + 60)) })
            let verified = try verify(head, at: Trial.now.later(made))
            do throws(HTTPSignatureError) { try nonces.admit(verified, at: Trial.now.later(seconds)) } catch { return error.code }
            return nil
        }
        #expect(try admit("a", at: 0) == nil)
        #expect(try admit("a", at: 1) == .nonceRepeated)
        #expect(try admit("a", at: 360) == .nonceRepeated, "as long as its message would pass")
        #expect(try admit("b", at: 2) == nil)
        #expect(try admit("c", at: 3) == .limitExceeded, "full: nothing is forgotten before its time")
        #expect(try admit("c", made: 361, at: 361) == nil)
        #expect(try admit("a", made: 361, at: 362) == nil)
    }

    @Test func theContentIsHeldAgainstItsDigest() throws {
        let head = try signed()
        #expect(code(head, policy: Self.policy { $0.contentDigest = SHA256.hash(Self.content + [0]) }) == .digestMismatch)
        let withoutDigest = try signed(covering: [Component("@method")])
        #expect(code(withoutDigest, policy: Self.policy { $0.required = [] }) == .componentNotCovered)
        let digest = SHA256.hash(Self.content)
        func judge(_ lines: String...) -> HTTPSignatureError.Code? {
            do throws(HTTPSignatureError) { try ContentDigest.verify(lines, digest: digest) } catch { return error.code }
            return nil
        }
        #expect(judge(ContentDigest.text(digest)) == nil)
        #expect(judge("sha-512=:AAAA:, " + ContentDigest.text(digest)) == nil)
        #expect(judge("sha-512=:AAAA:", ContentDigest.text(digest)) == nil)
        #expect(judge() == .digestMissing)
        #expect(judge("sha-512=:AAAA:") == .digestMissing)
        #expect(judge("sha-256=\"\(digest.base64)\"") == .digestMissing)
        #expect(judge("sha-256=:AAAA:") == .digestMismatch)
        #expect(judge("sha-256=:AAAA:, " + ContentDigest.text(digest)) == .fieldMalformed)
        #expect(judge("sha-256=:AAA:") == .fieldMalformed)
    }

    @Test func aResponseIsBoundToItsRequest() throws {
        let request = try signed()
        let fields = [HTTPFieldLine("Content-Digest", ContentDigest.text(SHA256.hash(Self.content)))]
        let components = [Component("@status"), Component("content-digest"), Component("signature", ofRequest: true), Component("@path", ofRequest: true)]
        let lines = try HTTPSignature.sign(.response(status: 200, fields: fields, to: request), covering: components, terms: Self.terms()) {
            try key.es256(over: $0)
        }
        func code(_ status: Int, to request: HopRequest) -> HTTPSignatureError.Code? {
            do throws(HTTPSignatureError) {
                _ = try HTTPSignature.verify(
                    .response(status: status, fields: fields + lines, to: request), policy: Self.policy { $0.required = components }, at: Trial.now
                ) { _ in publicKey }
            } catch { return error.code }
            return nil
        }
        #expect(code(200, to: request) == nil)
        #expect(code(201, to: request) == .signatureInvalid)
        #expect(code(200, to: try signed(terms: Self.terms { $0.nonce = "n-2" })) == .signatureInvalid)
        #expect(code(200, to: Self.head()) == .componentMissing)
    }

    @Test func doesNotSignWhatCannotBeSaid() throws {
        func refusal(_ body: () throws -> Void) -> HTTPSignatureError.Code? {
            do { try body() } catch { return (error as? HTTPSignatureError)?.code }
            return nil
        }
        #expect(refusal { _ = try signed(covering: [Component("@method"), Component("@method")]) } == .componentRepeated)
        #expect(refusal { _ = try signed(covering: [Component("Date")]) } == .componentUnsupported)
        #expect(refusal { _ = try signed(covering: [Component("date")]) } == .componentMissing)
        #expect(refusal { _ = try signed(terms: Self.terms { $0.nonce = "\n" }) } == .fieldMalformed)
        #expect(refusal { _ = try signed(label: "Sluice") } == .signingFailed)
        let head = Self.head()
        #expect(refusal { _ = try HTTPSignature.sign(.request(head), covering: [], terms: Self.terms()) { _ in [1] } } == .signingFailed)
        #expect(
            refusal { _ = try HTTPSignature.sign(.request(head), covering: [], terms: Self.terms()) { _ in throw CryptoError(.keyUnusable, "") } }
                == .signingFailed)
    }
}

/// The examples of RFC 9421, appendix B.2, as another implementation keeps them.
@Suite(.enabled(if: Corpus.isPresent, "the reference data is absent (SLUICE_CORPUS)"))
struct HTTPSignatureVectorTests {
    static let folder = "vectors/remitly-oss__httpsig-go/testdata"

    private static func message(_ name: String) throws -> HTTPSignatureMessage {
        let lines = String(decoding: try Corpus.bytes("\(folder)/\(name)"), as: UTF8.self).replacing("\r\n", with: "\n")
            .split(separator: "\n", omittingEmptySubsequences: false)
        let fields = lines.dropFirst().prefix { !$0.isEmpty }.map { line in
            HTTPFieldLine(String(line.prefix { $0 != ":" }), String(line.drop { $0 != ":" }.dropFirst()))
        }
        let start = lines[0].split(separator: " ")
        if start[0].hasPrefix("HTTP") {
            return .response(status: Int(start[1]) ?? 0, fields: fields, to: HopRequest(method: "", authority: "", path: "", fields: []))
        }
        let target = start[1].split(separator: "?", maxSplits: 1)
        return .request(
            HopRequest(
                method: String(start[0]), authority: String(fields.first { $0.name == "Host" }?.value.dropFirst() ?? ""), path: String(target[0]),
                query: target.count > 1 ? String(target[1]) : nil, fields: fields))
    }

    private static func key() throws -> PublicKey {
        let pem = String(decoding: try Corpus.bytes("\(folder)/test-key-ecc-p256.pub"), as: UTF8.self)
        return try PublicKey(der: #require(Base64.decode(pem.split(separator: "\n").filter { !$0.hasPrefix("-") }.joined())))
    }

    private static func code(_ name: String, label: String, at seconds: Int64 = 1_618_884_475) throws -> HTTPSignatureError.Code? {
        var policy = HTTPSignature.Policy(required: [])
        policy.label = label
        policy.requiresSingleUse = false
        let key = try key()
        let message = try message(name)
        do throws(HTTPSignatureError) {
            _ = try HTTPSignature.verify(message, policy: policy, at: Instant(seconds: seconds)) {
                $0.hasPrefix("test-key") || $0.hasPrefix("test-shared") ? key : nil
            }
        } catch { return error.code }
        return nil
    }

    /// B.2.4 is the one of ECDSA on P-256.
    @Test func acceptsTheExampleOfRFC9421() throws {
        #expect(try Self.code("b24_response_signed.txt", label: "sig-b24") == nil)
        #expect(try Self.code("b24_response_signed.txt", label: "sig-b24", at: 1_618_885_474) == .expired)
        #expect(try Self.code("b24_response_signed.txt", label: "sig1") == .signatureMissing)
    }

    @Test func refusesTheExamplesOfOtherAlgorithms() throws {
        #expect(try Self.code("b21_request_signed.txt", label: "sig-b21") == .signatureInvalid, "RSA-PSS")
        #expect(try Self.code("b22_request_signed.txt", label: "sig-b22") == .componentUnsupported, "@query-param")
        #expect(try Self.code("b23_request_signed.txt", label: "sig-b23") == .signatureInvalid, "RSA-PSS")
        #expect(try Self.code("b25_request_signed.txt", label: "sig-b25") == .signatureInvalid, "HMAC with a shared secret")
        #expect(try Self.code("b26_request_signed.txt", label: "sig-b26") == .signatureInvalid, "Ed25519")
        #expect(try Self.code("verify_request2.txt", label: "bad-sig") == .signatureInvalid)
        #expect(try Self.code("request1.txt", label: "sig1") == .signatureMissing)
    }
}
