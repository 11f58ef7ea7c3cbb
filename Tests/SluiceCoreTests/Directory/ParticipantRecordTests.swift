import SluiceCore
import SluiceKit
import SluiceKitTesting
import Testing

struct ParticipantRecordTests {
    private let one = FakeCertificates.digest("document one")
    private let two = FakeCertificates.digest("document two")

    private func code(_ body: () throws -> Void) -> DirectoryError.Code? {
        do { try body() } catch { return (error as? DirectoryError)?.code }
        return nil
    }

    /// A record that statements are said to, each digest made of its number.
    private final class Talk {
        var record: ParticipantRecord
        init(_ rule: ApprovalRule = .standard) { record = ParticipantRecord(DirectorySample.moi, rule: rule) }

        func say(_ act: DirectoryStatement.Act, _ document: SHA256Digest, _ person: String, at seconds: Int64 = 0) throws {
            let statement = record.next(act, document: document, person: person, time: Instant(seconds: seconds))
            try record.take(statement, digest: FakeHashing().sha256(statement.canonicalBytes))
        }
    }

    @Test func twoOtherPeopleLetAParticipantIn() throws {
        let talk = Talk()
        try talk.say(.propose, one, "anahit")
        #expect(talk.record.state == .proposed)
        try talk.say(.approve, one, "besa")
        #expect(talk.record.state == .proposed && talk.record.inForce == nil)
        try talk.say(.approve, one, "chen")
        #expect(talk.record.state == .approved && talk.record.inForce == one && talk.record.approvers == ["besa", "chen"] && talk.record.pending == nil)
    }

    @Test func nobodyApprovesTheirOwnDocumentOrTwice() throws {
        let talk = Talk()
        try talk.say(.propose, one, "anahit")
        #expect(code { try talk.say(.approve, one, "anahit") } == .selfApproval)
        try talk.say(.approve, one, "besa")
        #expect(code { try talk.say(.approve, one, "besa") } == .approvedTwice)
        #expect(code { try talk.say(.approve, two, "chen") } == .documentDiffers)
        #expect(talk.record.state == .proposed && talk.record.count == 2)
    }

    @Test func changedDocumentNeedsNewApprovalsAndTheOldOneStaysInForce() throws {
        let talk = Talk()
        try talk.say(.propose, one, "anahit")
        try talk.say(.approve, one, "besa")
        try talk.say(.propose, two, "anahit")
        try talk.say(.approve, two, "chen")
        #expect(talk.record.state == .proposed, "the approval of another document does not count")
        try talk.say(.approve, two, "besa")
        #expect(talk.record.inForce == two)
        try talk.say(.propose, one, "besa")
        #expect(talk.record.state == .approved && talk.record.inForce == two && talk.record.pending?.document == one)
        #expect(code { try talk.say(.propose, two, "chen") } == .stateWrong)
        #expect(code { try talk.say(.propose, one, "chen") } == .stateWrong)
    }

    @Test func proposerIsNeverTheOnlyApproverWhateverTheRule() throws {
        let talk = Talk(ApprovalRule(approvalsRequired: 1, proposerMayApprove: true))
        try talk.say(.propose, one, "anahit")
        try talk.say(.approve, one, "anahit")
        #expect(talk.record.state == .proposed)
        try talk.say(.approve, one, "besa")
        #expect(talk.record.state == .approved)
    }

    @Test func onePersonClosesTheDoorAndTwoOpenIt() throws {
        let talk = Talk()
        #expect(code { try talk.say(.suspend, one, "anahit") } == .stateWrong)
        try talk.say(.propose, one, "anahit")
        try talk.say(.approve, one, "besa")
        try talk.say(.approve, one, "chen")
        try talk.say(.suspend, one, "anahit")
        #expect(talk.record.state == .suspended)
        #expect(code { try talk.say(.suspend, one, "besa") } == .stateWrong)
        try talk.say(.resume, one, "besa")
        #expect(talk.record.state == .suspended)
        #expect(code { try talk.say(.resume, one, "besa") } == .approvedTwice)
        // Somebody closes it again in between: both have to say it anew.
        try talk.say(.suspend, one, "anahit")
        try talk.say(.resume, one, "chen")
        #expect(talk.record.state == .suspended)
        try talk.say(.resume, one, "besa")
        #expect(talk.record.state == .approved)
    }

    @Test func newDocumentDoesNotLiftASuspension() throws {
        let talk = Talk()
        for (act, document, person) in [
            (DirectoryStatement.Act.propose, one, "anahit"), (.approve, one, "besa"), (.approve, one, "chen"), (.suspend, one, "besa"),
            (.propose, two, "anahit"),
            (.approve, two, "besa"), (.approve, two, "chen"),
        ] { try talk.say(act, document, person) }
        #expect(talk.record.state == .suspended && talk.record.inForce == two)
    }

    @Test func withdrawnParticipantComesBackOnlyByTwoApprovals() throws {
        let talk = Talk()
        try talk.say(.propose, one, "anahit")
        try talk.say(.approve, one, "besa")
        try talk.say(.approve, one, "chen")
        try talk.say(.withdraw, one, "besa")
        #expect(talk.record.state == .withdrawn && talk.record.inForce == nil)
        #expect(code { try talk.say(.resume, one, "chen") } == .stateWrong)
        try talk.say(.propose, one, "anahit")
        try talk.say(.approve, one, "besa")
        #expect(talk.record.state == .withdrawn)
        try talk.say(.approve, one, "chen")
        #expect(talk.record.state == .approved)
    }

    @Test func missingDoubledAndBackdatedStatementsAreRefused() throws {
        let talk = Talk()
        try talk.say(.propose, one, "anahit", at: 100)
        let skipped = DirectoryStatement(
            participant: DirectorySample.moi, number: 3, previous: talk.record.last, act: .approve, document: one, person: "besa", time: Instant(seconds: 100),
            reason: "")
        #expect(code { try talk.record.take(skipped, digest: one) } == .recordBroken)
        var torn = talk.record.next(.approve, document: one, person: "besa", time: Instant(seconds: 100))
        torn.previous = two
        #expect(code { try talk.record.take(torn, digest: one) } == .recordBroken)
        var foreign = talk.record.next(.approve, document: one, person: "besa", time: Instant(seconds: 100))
        foreign.participant = ParticipantID("AL.MOI")!
        #expect(code { try talk.record.take(foreign, digest: one) } == .recordBroken)
        #expect(code { try talk.say(.approve, one, "besa", at: 99) } == .stateWrong)
    }

    @Test func statementIsReadFromItsCanonicalBytesAlone() throws {
        let statement = DirectoryStatement(
            participant: DirectorySample.moi, number: 2, previous: one, act: .approve, document: two, person: "besa",
            time: Instant(milliseconds: 1_768_478_400_123),
            reason: "seen \"on\" paper")
        #expect(try DirectoryStatement(statement.canonicalBytes, named: "x") == statement)
        #expect(code { _ = try DirectoryStatement([32] + statement.canonicalBytes, named: "x") } == .recordBroken)
        for length in 0..<statement.canonicalBytes.count {
            #expect(code { _ = try DirectoryStatement(Array(statement.canonicalBytes[..<length]), named: "x") } == .recordBroken)
        }
        let more = String(decoding: statement.canonicalBytes, as: UTF8.self).replacing("{\"act\"", with: "{\"a\":1,\"act\"")
        #expect(code { _ = try DirectoryStatement(Array(more.utf8), named: "x") } == .recordBroken)
    }

    /// Whatever is said in whatever order: a document is in force only when two people, neither of them its proposer, approved exactly it.
    @Test(arguments: 0..<40) func noOrderOfStatementsLetsADocumentInWithoutTwo(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let documents = [one, two]
        let people = ["anahit", "besa", "chen", "dritan"]
        let talk = Talk()
        var proposer: [SHA256Digest: String] = [:]
        var approvers: Set<String> = []
        for _ in 0..<200 {
            let act = DirectoryStatement.Act.allCases.randomElement(using: &generator)!
            let document = documents.randomElement(using: &generator)!
            let person = people.randomElement(using: &generator)!
            let before = talk.record.inForce
            guard (try? talk.say(act, document, person)) != nil else { continue }
            if act == .propose {
                proposer[document] = person
                approvers = []
            }
            if act == .approve { approvers.insert(person) }
            if let now = talk.record.inForce, now != before || talk.record.pending == nil && act == .approve {
                #expect(approvers.count >= 2 && !approvers.contains(proposer[now] ?? ""), "seed \(seed)")
            }
        }
    }

    @Test func peopleAreReadStrictly() throws {
        let people = try People(yaml: "people:\n  - {name: anahit.h, roles: [steward, operator], passphraseHash: x}\n", file: "people.yaml")
        #expect(people["anahit.h"]?.mayDo(DirectoryStatement.Act.approve) == true && people["besa"] == nil)
        #expect(try People(yaml: people.yaml, file: "people.yaml") == people)
        #expect(
            !Person(name: "a", roles: [.auditor], passphraseHash: "").mayDo(DirectoryStatement.Act.suspend)
                && !Person(name: "a", roles: [.operator], passphraseHash: "").mayDo(DirectoryStatement.Act.approve))
        for yaml in [
            "people:\n  - {name: Anahit, roles: [steward], passphraseHash: x}", "people:\n  - {name: a, roles: [king], passphraseHash: x}",
            "people:\n  - {name: a, roles: [], passphraseHash: x}", "people:\n  - {name: a, roles: [steward], passphrase: x}",
            "people:\n  - {name: a, roles: [steward], passphraseHash: x}\n  - {name: a, roles: [steward], passphraseHash: y}",
        ] { #expect((try? People(yaml: yaml, file: "people.yaml")) == nil, "\(yaml)") }
    }
}
