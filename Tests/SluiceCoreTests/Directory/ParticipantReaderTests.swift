import SluiceCore
import SluiceKit
import Testing

struct ParticipantReaderTests {
    private func problem(_ yaml: String) -> String {
        do { _ = try ParticipantReader(FakeCertificates()).read(yaml, file: "moi.yaml") } catch { return "\(error)" }
        return "accepted"
    }

    @Test func readsEveryKey() throws {
        let participant = try DirectorySample.read(DirectorySample.yaml(extra: "subject: CN=AM.MOI\ncontact: helpdesk"))
        #expect(participant.id == DirectorySample.moi && participant.formats == ["sdmx-csv-2.0", "sdmx-ml-3.0"] && participant.seals == ["asic-e", "jws"])
        #expect(participant.limits == .init(packageBytesMax: 1_000_000, exchangesPerMinuteMax: 60) && participant.transport == .https)
        #expect(participant.endpoint == "https://moi.example.org:8443" && participant.subject == "CN=AM.MOI" && participant.contact == "helpdesk")
        #expect(participant.certificates(for: .sealing).map(\.serial) == ["s1"] && participant.certificates(for: .tls).map(\.serial) == ["t1"])
    }

    @Test func spellingAndOrderDoNotChangeTheDigestAndEveryValueDoes() throws {
        let hashing = FakeHashing()
        let document = try DirectorySample.read(DirectorySample.yaml(sealing: "certificates: \"sealing AM.MOI 0 1000 s1\\nsealing AM.MOI 500 2000 s2\""))
        let again = try DirectorySample.read(
            "# comment\nseals: [\"asic-e\", 'jws']\n"
                + DirectorySample.yaml(sealing: "certificates: |\n    sealing AM.MOI 500 2000 s2\n    sealing AM.MOI 0 1000 s1").replacing(
                    "seals: [asic-e, jws]\n", with: ""))
        #expect(document.json != .null && document.digest(hashing) == again.digest(hashing))
        var changed: [Participant] = []
        func change(_ body: (inout Participant) -> Void) {
            var copy = document
            body(&copy)
            changed.append(copy)
        }
        change { $0.name += "." }
        change { $0.endpoint = nil }
        change { $0.formats.reverse() }
        change { $0.seals = ["jws"] }
        change { $0.limits.packageBytesMax = nil }
        change { $0.tls = nil }
        change { $0.sealing = $0.tls! }
        change { $0.subject = "CN=AM.MOI" }
        change { $0.contact = "x" }
        change { $0.ledgerKey = "sluice.AM.MOI+0011aabb+AQ==" }
        change { $0.transport = .folder }
        let texts = try changed.map { try $0.json.canonicalBytes() } + [document.json.canonicalBytes()]
        #expect(Set(texts).count == 12)
    }

    @Test(arguments: ["/srv/moi", "/srv//moi/"]) func aFolderHasOneSpelling(_ path: String) throws {
        let document = try DirectorySample.read(DirectorySample.yaml(extra: "transport: folder", endpoint: path))
        #expect(document.transport == .folder && document.endpoint == path && document.endpointURL(carried: "x") == "folder:/srv/moi")
        #expect(try DirectorySample.read(DirectorySample.yaml()).endpointURL(carried: "x")?.hasPrefix("https://") == true)
    }

    @Test func aDocumentWithoutAFolderLeavesThePlaceToTheNode() throws {
        var document = try DirectorySample.read(
            DirectorySample.yaml(extra: "transport: folder").replacing("endpoint: \"https://moi.example.org:8443\"\n", with: "").replacing(
                "tls:\n  certificates: tls AM.MOI 0 1000 t1", with: ""))
        #expect(document.endpoint == nil && document.tls == nil && document.endpointURL(carried: "/srv/carried") == "folder:/srv/carried/AM.MOI")
        #expect(try DirectorySample.read(document.yaml(FakeCertificates())) == document)
        document.transport = .https
        #expect(document.endpointURL(carried: "/srv/carried") == nil)
    }

    @Test func writesWhatItReads() throws {
        let reading = FakeCertificates()
        let document = try DirectorySample.read(DirectorySample.yaml(extra: "contact: \"quote \\\" and # and: colon\"\nledgerKey: sluice.AM.MOI+0011aabb+AQ=="))
        #expect(try DirectorySample.read(document.yaml(reading)) == document)
        let other = try DirectorySample.read(
            DirectorySample.yaml(id: "AL.MOI", sealing: "authority: ca CA 0 9 ca", tls: "certificates: tls AL.MOI 0 1000 t2", extra: "subject: CN=AL.MOI"))
        let bundle = try ParticipantReader(reading).read(Participant.bundle([document, other], reading), file: "bundle.yaml")
        #expect(bundle == [other, document])
    }

    @Test(arguments: [
        (DirectorySample.yaml(extra: "endpiont: x"), "did you mean \"endpoint\""),
        (DirectorySample.yaml(extra: "endpoint: https://twice"), "stands twice"),
        (DirectorySample.yaml(id: "../etc"), "no participant id"),
        (DirectorySample.yaml(sealing: "certificates: tls AM.MOI 0 1000 s1"), "not for sealing"),
        (DirectorySample.yaml(tls: "certificates: sealing AM.MOI 0 1000 t1"), "not for TLS"),
        (DirectorySample.yaml(sealing: "certificates: rsa AM.MOI 0 1000 s1"), "RSA"),
        (DirectorySample.yaml(sealing: "certificates: ca AM.MOI 0 1000 s1"), "an authority's"),
        (DirectorySample.yaml(sealing: "certificates: sealing AL.MOI 0 1000 s1"), "names AL.MOI in its common name"),
        (DirectorySample.yaml(sealing: "certificates: sealing AM.MOI 1000 0 s1"), "ends before it begins"),
        (DirectorySample.yaml(sealing: "certificates: \"sealing AM.MOI 0 1000 s1\\nsealing AM.MOI 0 1000 s1\""), "stands twice"),
        (DirectorySample.yaml(sealing: "certificates: sealing AM.MOI 0 1000 t1"), "key of its own"),
        (DirectorySample.yaml(sealing: "certificates: garbage"), "not a certificate"),
        (DirectorySample.yaml(sealing: "certificates: [a, b]"), "text is expected"),
        (DirectorySample.yaml(sealing: "authority: ca CA 0 9 ca"), "for one subject only"),
        (DirectorySample.yaml(sealing: "authority: sealing AM.MOI 0 1000 s1", extra: "subject: CN=AM.MOI"), "no authority's certificate"),
        (DirectorySample.yaml(sealing: "certificates: sealing AM.MOI 0 1000 s1\n  authority: ca CA 0 9 ca"), "exactly one of"),
        (DirectorySample.yaml(extra: "subject: CN=AM.MOI,O=Other"), "another subject"),
        (DirectorySample.yaml(formats: "[]"), "the best liked first"), (DirectorySample.yaml(formats: "[a, a]"), "different names"),
        (DirectorySample.yaml(formats: "[\"../x\"]"), "no name of a format"),
        (DirectorySample.yaml(endpoint: "http://plain.example"), "https://host:port"),
        (DirectorySample.yaml(endpoint: "https://user:word@host"), "without name, password"),
        (DirectorySample.yaml(endpoint: "https://"), "https://host:port"),
        (DirectorySample.yaml(extra: "transport: folder", endpoint: "/srv/../etc"), "whole path"),
        (DirectorySample.yaml(extra: "transport: pigeon"), "https or folder"),
        (DirectorySample.yaml().replacing("tls:\n  certificates: tls AM.MOI 0 1000 t1", with: ""), "\"tls\" is missing"),
        ("participants: [1, 2]", "mapping"), ("[]", "mapping"), ("", "empty"),
    ])
    func refusesDocumentsThatSaySomethingElse(yaml: String, words: String) { #expect(problem(yaml).contains(words), "\(problem(yaml))") }

    @Test func tenThousandCertificatesAreRefusedBeforeTheyAreRead() {
        let many = (0..<10_000).map { "    sealing AM.MOI 0 1000 s\($0)" }.joined(separator: "\n")
        #expect(problem(DirectorySample.yaml(sealing: "certificates: |\n\(many)")).contains("limitExceeded"))
    }

    @Test func sameParticipantTwiceInABundleIsRefused() throws {
        let document = try DirectorySample.read(DirectorySample.yaml())
        #expect(problem(Participant.bundle([document, document], FakeCertificates())).contains("stands twice"))
    }
}
