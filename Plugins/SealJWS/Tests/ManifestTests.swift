import SluiceCrypto
import SluiceKit
import Testing

@testable import SealJWS

/// Manifests that a trusted signer could write, each properly signed.
struct ManifestTests {
    let trial: Trial
    let right: String

    init() throws {
        trial = try Trial()
        right = String(decoding: try Trial.manifest(Trial.payload), as: UTF8.self)
    }

    private func code(_ manifest: String) throws -> PackageError.Code? { try trial.refusal(trial.container(manifest: Array(manifest.utf8))) }

    @Test func isCanonicalJSON() throws {
        let digest = SHA256.hash(Trial.exchange).hex
        #expect(
            try String(decoding: Trial.manifest([("exchange.json", Trial.exchange)]), as: UTF8.self)
                == #"{"files":[{"bytes":14,"mediaType":"text/plain","name":"exchange.json","sha256":"\#(digest)"}],"main":"exchange.json","version":1}"#)
    }

    @Test func refusesOtherSpellingsAndOtherMembers() throws {
        #expect(try code(right) == nil)
        #expect(try code(right + "\n") == .manifestMalformed)
        #expect(try code(right.replacing(",\"main\"", with: ", \"main\"")) == .manifestMalformed)
        #expect(try code(right.replacing("\"version\":1", with: "\"version\":1.0")) == .manifestMalformed)
        #expect(try code(right.replacing("\"version\":1", with: "\"version\":2")) == .sealUnsupported)
        #expect(try code(right.replacing("\"version\":1", with: "\"version\":\"1\"")) == .manifestMalformed)
        #expect(try code(right.replacing(",\"version\":1", with: "")) == .manifestMalformed)
        #expect(try code(right.replacing(",\"version\":1", with: ",\"version\":1,\"version\":1")) == .manifestMalformed)
        #expect(try code(right.replacing("\"main\":\"exchange.json\"", with: "\"expires\":1,\"main\":\"exchange.json\"")) == .manifestMalformed)
        #expect(try code(right.replacing("\"main\":\"exchange.json\"", with: "\"main\":\"other.json\"")) == .manifestMalformed)
        #expect(try code(right.replacing("{\"bytes\"", with: "{\"a\":1,\"bytes\"")) == .manifestMalformed)
        #expect(try code(right.replacing("text/plain", with: "")) == .manifestMalformed)
        #expect(try code(right.replacing("text/plain", with: "text/pläin")) == .manifestMalformed)
        #expect(try code(right.replacing("\"bytes\":14", with: "\"bytes\":-14")) == .manifestMalformed)
        #expect(try code(right.replacing("\"bytes\":14", with: "\"bytes\":\"14\"")) == .manifestMalformed)
        #expect(try code(right.replacing("\"bytes\":14", with: "\"bytes\":15")) == .digestMismatch)
        let digest = SHA256.hash(Trial.data).hex
        #expect(try code(right.replacing(digest, with: digest.uppercased())) == .manifestMalformed)
        #expect(try code(right.replacing(digest, with: String(digest.dropLast(2)))) == .manifestMalformed)
        #expect(try code(right.replacing(digest, with: SHA256.hash([]).hex)) == .digestMismatch)
        for text in ["", "null", "[]", "{}", "{\"files\":[],\"main\":\"a\",\"version\":1}", String(repeating: "[", count: 10_000)] {
            #expect(try code(text) == .manifestMalformed, "\(text.prefix(40))")
        }
    }

    @Test func coversEachFileOnceAndNothingElse() throws {
        let more = Trial.payload + [("extra.csv", [UInt8(1)])]
        #expect(try trial.refusal(trial.container(more, manifest: Array(right.utf8))) == .uncoveredFile)
        #expect(try trial.refusal(trial.container(manifest: Trial.manifest(more))) == .missingFile)
        #expect(try trial.refusal(trial.container(manifest: Trial.manifest(Trial.payload + [Trial.payload[0]]))) == .duplicateName)
        #expect(try trial.refusal(trial.container(manifest: Trial.manifest(Trial.payload + [("mimetype", [])]))) == .manifestMalformed)
        let hidden = Trial.payload + [("META-INF/notes.txt", [UInt8(1)])]
        #expect(try trial.refusal(trial.container(hidden, manifest: Array(right.utf8))) == .uncoveredFile)
        #expect(try trial.refusal(trial.container(hidden, manifest: Trial.manifest(hidden))) == .manifestMalformed)
        #expect(try trial.refusal(trial.container([Trial.payload[1]], manifest: Array(right.replacing("exchange.json", with: "x.json").utf8))) == .missingFile)
        let alone = [("data.csv", Trial.data)]
        let manifest = String(decoding: try Trial.manifest(alone), as: UTF8.self).replacing("\"main\":\"exchange.json\"", with: "\"main\":\"data.csv\"")
        #expect(try trial.refusal(trial.container(alone, manifest: Array(manifest.utf8))) == .missingFile, "no exchange.json")
        let swapped = [("exchange.json", Trial.data), ("data.csv", Trial.exchange)]
        #expect(try trial.refusal(trial.container(swapped, manifest: Array(right.utf8))) == .digestMismatch)
        // The same name to the eye: composed in the manifest, decomposed in the archive.
        let composed = Trial.payload + [("\u{e9}.csv", [UInt8(1)])]
        let decomposed = Trial.payload + [("e\u{301}.csv", [UInt8(1)])]
        #expect(try trial.refusal(trial.container(composed, manifest: Trial.manifest(composed))) == nil)
        #expect(try trial.refusal(trial.container(decomposed, manifest: Trial.manifest(composed))) == .uncoveredFile)
    }

    @Test func refusesContainersOfAnotherMind() throws {
        let manifest = Array(right.utf8)
        let signature = try trial.sign(header: trial.header().canonicalBytes(), manifest)
        let mimetype = ("mimetype", Array(JWSContainer.mediaType.utf8))
        let (listed, signed) = ((JWSContainer.manifestName, manifest), (JWSContainer.signatureName, signature))
        func code(_ files: [(String, [UInt8])]) throws -> PackageError.Code? { try trial.refusal(Trial.archive(files.map { (name: $0.0, data: $0.1) })) }
        let payload = Trial.payload.map { ($0.name, $0.data) }
        #expect(try code([mimetype] + payload + [listed, signed]) == nil)
        #expect(try code([mimetype, signed, listed] + payload) == nil, "in another order")
        #expect(try code(payload + [mimetype, listed, signed]) == .mimetypeWrong)
        #expect(try code([("mimetype", Array("application/zip".utf8))] + payload + [listed, signed]) == .mimetypeWrong)
        #expect(try code(payload + [listed, signed]) == .mimetypeWrong)
        #expect(try code([mimetype] + payload + [listed]) == .missingFile)
        #expect(try code([mimetype] + payload + [signed]) == .missingFile)
        #expect(try code([mimetype] + payload + [listed, ("META-INF/signature002.jws", signature)]) == .missingFile)
        #expect(try code([mimetype] + payload + [listed, signed, ("META-INF/signature002.jws", signature)]) == .uncoveredFile)
        #expect(try code([mimetype] + payload + [listed, signed, ("meta-inf/MANIFEST.json", manifest)]) == .duplicateName)
        #expect(try code([mimetype, listed, signed] + payload + [("../up", [])]) == .unsafeName)
    }
}
