import Foundation
import SluiceCore
import SluiceCrypto
import SluiceKit
import SluiceKitTesting
import SluiceNode
import Testing

/// What people have said of agreements, in files that others can reach: whatever is taken away, nothing travels for it.
struct AgreementStoreTests {
    private let world: DirectoryWorld
    private let store: AgreementStore
    private let other: SignerIdentity
    private let own: SignerIdentity

    init() throws {
        world = try DirectoryWorld()
        store = AgreementStore(
            folder: world.folder.file("agreements"), own: ParticipantID("AM.ARMSTAT")!, verifier: try TrustStore(authorities: [world.authority.certificate]))
        func signer(_ id: String) -> SignerIdentity {
            SignerIdentity(
                participant: ParticipantID(id)!, organisation: nil, organisationIdentifier: nil, subject: "CN=\(id)", issuer: "CN=CA", serial: "01",
                certificateSHA256: NodeHashing().sha256(Array(id.utf8)), notBefore: DirectoryWorld.now, notAfter: DirectoryWorld.now, certificateDER: [],
                claimedSigningTime: DirectoryWorld.now)
        }
        (other, own) = (signer("AM.MOI"), signer("AM.ARMSTAT"))
    }

    private func folder(_ id: String = "PERMITS") -> String { "\(store.folder)/\(id)" }

    private func text(_ id: String = "PERMITS", version: String = "1.0", forbids: Bool = false, supersedes: String? = nil) -> String {
        let head = """
            agreement: \(id)
            version: "\(version)"
            title: Permits
            giver: AM.MOI
            receiver: AM.ARMSTAT
            dataflow: AM.MOI:DF_PERMITS(1.0)
            purpose: [official-statistics]
            legalBasis: a law
            validity: {from: 2020-01-01, until: 2099-12-31}

            """
        let permits = "grant: {dimensions: {SEX: all}}\nprotect: none\nobligations: {retention: P5Y, onwardTransfer: none}\n"
        return head + (supersedes.map { "supersedes: \"\($0)\"\n" } ?? "") + (forbids ? "effect: forbid\n" : permits)
    }

    private func agreement(_ text: String) throws -> Agreement { try AgreementReader.read(text, file: "agreement.yaml") }

    /// Two people activate it, as signed by both sides.
    private func activate(_ text: String) throws {
        let agreement = try agreement(text)
        let document = SignedAgreement.document(
            of: agreement, digest: NodeHashing().sha256(agreement.canonicalBytes), signedAt: DirectoryWorld.now)
        let bytes = Array(text.utf8)
        func file(_ name: String, _ content: [UInt8]) -> CoveredFile {
            CoveredFile(name: name, mediaType: nil, bytes: Int64(content.count), sha256: NodeHashing().sha256(content), content: .bytes(content))
        }
        let exchange = try document.canonicalBytes()
        let signed = try SignedAgreement(
            OpenedPackage(
                files: [file("exchange.json", exchange), file(SignedAgreement.payloadName, bytes)], exchange: exchange, mainFileName: nil,
                manifestSHA256: NodeHashing().sha256(exchange), signer: other, counterSigners: [own]), hashing: NodeHashing())
        for person in ["anahit", "besa"] {
            _ = try store.activate(signed, package: bytes, by: person, at: DirectoryWorld.now, signer: world.identity, reason: "")
        }
    }

    @discardableResult
    private func act(_ act: AgreementStatement.Act, _ text: String, by person: String = "anahit") throws -> AgreementStore.Entry {
        let agreement = try agreement(text)
        return try store.act(
            act, on: agreement.id, version: agreement.version, document: NodeHashing().sha256(agreement.canonicalBytes), by: person, at: DirectoryWorld.now,
            signer: world.identity, reason: "stop")
    }

    /// As the ledger would have it of all that was said until now.
    private func note(_ ids: String...) throws {
        var known: [String: NotedStatements.About] = [:]
        for id in ids {
            known[id] = NotedStatements.About(
                try store.history(id).entries.flatMap { entry in
                    try entry.changes.map { change in
                        try JSONValue.object([
                            JSONMember("type", .string("sluice.agreement.changed")), JSONMember("data", .object(entry.ledgerData(change))),
                        ]).canonicalBytes()
                    }
                }, of: .agreementChanged)
        }
        store.noted.replace(known)
    }

    private func states(_ files: [String] = [], isSignedOnly: Bool = false) throws -> (states: [String: AgreementRecord.State], isInDoubt: Bool, problems: Int)
    {
        let standing = store.standing(files: try files.map(agreement), isSignedOnly: isSignedOnly)
        return (Dictionary(standing.all.map { ($0.agreement.name, $0.state) }, uniquingKeysWith: { $1 }), standing.isInDoubt, standing.problems.count)
    }

    private func remove(_ name: String, of id: String = "PERMITS") throws { try FileManager.default.removeItem(atPath: "\(folder(id))/\(name)") }

    private func remove(text: String) throws { try remove(NodeHashing().sha256(agreement(text).canonicalBytes).hex + ".yaml") }

    @Test func aSuspensionThatIsTakenOutIsMissed() throws {
        try act(.suspend, text())
        #expect(try states([text()]).states == ["PERMITS 1.0": .suspended])
        try note("PERMITS")
        try remove("000001.json")
        try remove("000001.p7s")
        let after = try states([text()])
        #expect(after.states == ["PERMITS 1.0": .suspended] && after.problems == 1 && !after.isInDoubt, "\(after)")
        #expect(world.code { _ = try store.record("PERMITS") } == .recordBroken)
        #expect(world.code { try act(.suspend, text()) } == .recordBroken, "nothing is said beside a statement that is missing")
        // The whole folder is gone: the ledger knows of it all the same.
        try FileManager.default.removeItem(atPath: folder())
        #expect(try states([text()]).states == ["PERMITS 1.0": .suspended])
        // Without the ledger nobody could tell.
        store.noted.replace([:])
        #expect(try states([text()]).states == ["PERMITS 1.0": .active])
    }

    @Test func anotherStatementInThePlaceOfOneIsMissed() throws {
        try act(.suspend, text())
        try note("PERMITS")
        let noted = store.noted["PERMITS"]
        try FileManager.default.removeItem(atPath: folder())
        store.noted.replace([:])
        // Said and signed by this node's own key, with a ledger that was not asked.
        try act(.suspend, text(), by: "besa")
        for person in ["anahit", "besa"] { try act(.resume, text(), by: person) }
        #expect(try states([text()]).states == ["PERMITS 1.0": .active])
        store.noted.replace(["PERMITS": noted])
        #expect(try states([text()]).states == ["PERMITS 1.0": .suspended])
    }

    @Test func aBrokenRecordStopsEveryVersionAlsoOneThatForbids() throws {
        try activate(text(version: "1.0"))
        try activate(text(version: "2.0", forbids: true, supersedes: "1.0"))
        try act(.end, text(version: "2.0", forbids: true, supersedes: "1.0"))
        try activate(text(version: "3.0", supersedes: "2.0"))
        #expect(try states().states == ["PERMITS 1.0": .ended, "PERMITS 2.0": .ended, "PERMITS 3.0": .active])
        try note("PERMITS")
        try remove("000005.p7s")
        let broken = try states([text("OTHER")])
        let expected: [String: AgreementRecord.State] = [
            "PERMITS 1.0": .suspended, "PERMITS 2.0": .suspended, "PERMITS 3.0": .suspended, "OTHER 1.0": .active,
        ]
        #expect(broken.states == expected && !broken.isInDoubt && broken.problems == 1, "\(broken)")
    }

    @Test func whereItCannotBeToldWhatWasAgreedNothingTravels() throws {
        let forbidding = text(forbids: true)
        try activate(forbidding)
        try note("PERMITS")
        #expect(try !states([text("OTHER")]).isInDoubt)
        // Its text is gone, and the record is whole.
        try remove(text: forbidding)
        let lost = try states([text("OTHER")])
        #expect(lost.isInDoubt && lost.problems == 2, "\(lost)")
        // A file with the very text says what it is about.
        let found = try states([forbidding])
        #expect(!found.isInDoubt && found.states == ["PERMITS 1.0": .suspended], "\(found)")
        try FileManager.default.removeItem(atPath: folder())
        #expect(try states([text("OTHER")]).isInDoubt)
    }

    @Test func aMissingStatementOfWhichTheLedgerKnowsNothingStopsAll() throws {
        try act(.suspend, text())
        for person in ["anahit", "besa"] { try act(.resume, text(), by: person) }
        try remove("000001.json")
        #expect(try states([text()]).isInDoubt)
        // What cannot be read is as good as missing.
        try Data("{}".utf8).write(to: URL(fileURLWithPath: folder() + "/000001.json"))
        #expect(try states([text()]).isInDoubt)
    }

    @Test func aVersionInAPlainFileEndsWhenASignedOneSupersedesIt() throws {
        #expect(try states([text()]).states == ["PERMITS 1.0": .active])
        let newer = text(version: "2.0", supersedes: "1.0")
        try activate(newer)
        for isSignedOnly in [false, true] {
            #expect(try states([text()], isSignedOnly: isSignedOnly).states == ["PERMITS 1.0": .ended, "PERMITS 2.0": .active])
        }
        // What has ended does not come back, also when the newer one ends.
        try act(.end, newer)
        #expect(try states([text()]).states == ["PERMITS 1.0": .ended, "PERMITS 2.0": .ended])
        #expect(world.code { try act(.suspend, text()) } == .stateWrong && world.code { try activate(text()) } == .stateWrong)
    }
}
