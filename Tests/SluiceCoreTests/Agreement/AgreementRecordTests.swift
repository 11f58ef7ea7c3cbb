import SluiceKit
import Testing

@testable import SluiceCore

/// Where the versions of an agreement stand, told by statements alone.
@Suite struct AgreementRecordTests {
    private let now = Instant(milliseconds: 1_768_478_400_000)

    private func digest(_ byte: UInt8) -> SHA256Digest { SHA256Digest(hex: Hexadecimal.encode(Array(repeating: byte, count: 32)))! }

    /// Statements one after the other, each digest made of its number.
    private final class Chain {
        var record = AgreementRecord("P")
        private var number: UInt8 = 0
        private let test: AgreementRecordTests
        init(_ test: AgreementRecordTests) { self.test = test }

        @discardableResult
        func say(
            _ act: AgreementStatement.Act, _ version: String, by person: String, document: UInt8 = 0xd1, package: UInt8? = nil, supersedes: String? = nil,
            signers: [String] = ["AM.MOI", "AM.ARMSTAT"], later: Int64 = 0
        ) throws(DirectoryError) -> [AgreementRecord.Change] {
            let statement = AgreementStatement(
                agreement: "P", version: version, number: record.count + 1, previous: record.last, act: act, document: test.digest(document),
                package: act == .activate ? test.digest(package ?? document &+ 1) : nil, signers: act == .activate ? signers : [], supersedes: supersedes,
                person: person, time: test.now.advanced(byMilliseconds: later * 1_000), reason: act == .suspend ? "an emergency" : "")
            let changes = try record.take(statement, digest: test.digest(number &+ 1))
            number &+= 1
            return changes
        }

        func activate(_ version: String, document: UInt8 = 0xd1, supersedes: String? = nil) throws {
            for person in ["anahit", "besa"] { try say(.activate, version, by: person, document: document, supersedes: supersedes) }
        }

        func code(_ body: () throws -> Void) -> DirectoryError.Code? {
            let before = record
            do { try body() } catch {
                #expect(record == before, "a refused statement changed something")
                return (error as? DirectoryError)?.code
            }
            return nil
        }

        func state(_ version: String) -> AgreementRecord.State? { record.versions[version]?.state }
    }

    @Test func twoPeopleBringAVersionIntoForce() throws {
        let chain = Chain(self)
        #expect(try chain.say(.activate, "1.0", by: "anahit") == [.init(version: "1.0", document: digest(0xd1), before: nil, after: .draft)])
        #expect(chain.code { try chain.say(.activate, "1.0", by: "anahit") } == .approvedTwice)
        #expect(try chain.say(.activate, "1.0", by: "besa") == [.init(version: "1.0", document: digest(0xd1), before: .draft, after: .active)])
        #expect(chain.record.versions["1.0"]?.signers == ["AM.MOI", "AM.ARMSTAT"] && chain.record.versions["1.0"]?.pending == nil)
        #expect(chain.code { try chain.say(.activate, "1.0", by: "chen") } == .stateWrong, "the same package again")
        #expect(chain.code { try chain.say(.activate, "1.0", by: "chen", document: 0xe1) } == .documentDiffers, "another wording under the same version")
    }

    @Test func whoeverWantsAnotherPackageBeginsAnew() throws {
        let chain = Chain(self)
        try chain.say(.activate, "1.0", by: "anahit", package: 1)
        try chain.say(.activate, "1.0", by: "besa", package: 2)
        #expect(chain.state("1.0") == .draft, "two people, and each meant another package")
        try chain.say(.activate, "1.0", by: "besa", document: 0xe1, package: 2)
        #expect(chain.state("1.0") == .draft && chain.record.versions["1.0"]?.document == digest(0xe1))
        try chain.say(.activate, "1.0", by: "anahit", document: 0xe1, package: 2)
        #expect(chain.state("1.0") == .active)
    }

    @Test func aFurtherReceiverSignsAVersionThatIsInForce() throws {
        let chain = Chain(self)
        try chain.activate("1.0")
        try chain.say(.activate, "1.0", by: "anahit", package: 9, signers: ["AM.MOI", "EU.ESTAT"])
        #expect(chain.state("1.0") == .active && chain.record.versions["1.0"]?.signers == ["AM.MOI", "AM.ARMSTAT"])
        try chain.say(.activate, "1.0", by: "besa", package: 9, signers: ["AM.MOI", "EU.ESTAT"])
        #expect(chain.record.versions["1.0"]?.signers == ["AM.MOI", "AM.ARMSTAT", "EU.ESTAT"])
    }

    @Test func aNewerVersionEndsTheOneThatItSupersedes() throws {
        let chain = Chain(self)
        try chain.activate("1.0")
        #expect(chain.code { try chain.say(.activate, "2.0", by: "anahit", document: 0xe1) } == .stateWrong, "two versions in force")
        #expect(chain.code { try chain.say(.activate, "2.0", by: "anahit", document: 0xe1, supersedes: "0.9") } == .stateWrong)
        try chain.say(.activate, "2.0", by: "anahit", document: 0xe1, supersedes: "1.0")
        #expect(chain.state("1.0") == .active, "one word ended it")
        let changes = try chain.say(.activate, "2.0", by: "besa", document: 0xe1, supersedes: "1.0")
        #expect(changes.map(\.version) == ["2.0", "1.0"] && changes.map(\.after) == [.active, .ended] && changes.last?.before == .active)
        // The old package, brought once more.
        #expect(chain.code { try chain.say(.activate, "1.0", by: "anahit") } == .stateWrong)
        #expect(chain.code { try chain.say(.activate, "0.9", by: "anahit", document: 0xc1) } == .stateWrong, "an older version beside the newer")
    }

    @Test func aSuspendedVersionIsSupersededToo() throws {
        let chain = Chain(self)
        try chain.activate("1.0")
        try chain.say(.suspend, "1.0", by: "dora")
        try chain.activate("2.0", document: 0xe1, supersedes: "1.0")
        #expect(chain.state("1.0") == .ended && chain.state("2.0") == .active)
        #expect(chain.code { try chain.say(.resume, "1.0", by: "anahit") } == .stateWrong)
    }

    @Test func oneSuspendsAndTwoResume() throws {
        let chain = Chain(self)
        try chain.activate("1.0")
        try chain.say(.suspend, "1.0", by: "dora")
        #expect(chain.state("1.0") == .suspended && chain.record.versions["1.0"]?.reason == "an emergency")
        #expect(chain.code { try chain.say(.suspend, "1.0", by: "anahit") } == .stateWrong)
        try chain.say(.resume, "1.0", by: "anahit")
        #expect(chain.code { try chain.say(.resume, "1.0", by: "anahit") } == .approvedTwice)
        // A second alarm takes back what the first wanted.
        try chain.say(.suspend, "1.0", by: "dora")
        try chain.say(.resume, "1.0", by: "besa")
        #expect(chain.state("1.0") == .suspended)
        try chain.say(.resume, "1.0", by: "anahit")
        #expect(chain.state("1.0") == .active)
        #expect(chain.code { try chain.say(.activate, "1.0", by: "chen") } == .stateWrong)
    }

    @Test func whatHasEndedStaysSo() throws {
        let chain = Chain(self)
        try chain.say(.activate, "1.0", by: "anahit")
        #expect(chain.code { try chain.say(.suspend, "1.0", by: "dora") } == .stateWrong, "a draft lets nothing travel that could be stopped")
        try chain.say(.end, "1.0", by: "anahit")
        for act in AgreementStatement.Act.allCases { #expect(chain.code { try chain.say(act, "1.0", by: "chen") } == .stateWrong, "\(act)") }
    }

    @Test func aPlainFilesVersionIsStoppedWithoutHavingBeenActivated() throws {
        let chain = Chain(self)
        #expect(try chain.say(.suspend, "1.0", by: "dora") == [.init(version: "1.0", document: digest(0xd1), before: .active, after: .suspended)])
        #expect(chain.code { try chain.say(.resume, "1.0", by: "anahit", document: 0xe1) } == .documentDiffers)
        for person in ["anahit", "besa"] { try chain.say(.resume, "1.0", by: person) }
        #expect(chain.state("1.0") == .active && chain.record.versions["1.0"]?.package == nil)
    }

    @Test func statementsAreAChainInTime() throws {
        let chain = Chain(self)
        try chain.activate("1.0")
        #expect(chain.code { try chain.say(.suspend, "1.0", by: "dora", later: -1) } == .stateWrong)
        for (number, previous) in [(2, chain.record.last), (4, chain.record.last), (3, digest(0x99)), (3, nil)] as [(Int, SHA256Digest?)] {
            let forged = AgreementStatement(
                agreement: "P", version: "1.0", number: number, previous: previous, act: .suspend, document: digest(0xd1), person: "dora", time: now)
            var record = chain.record
            #expect(throws: DirectoryError.self) { try record.take(forged, digest: digest(0x77)) }
        }
        let other = AgreementStatement(
            agreement: "Q", version: "1.0", number: 3, previous: chain.record.last, act: .end, document: digest(0xd1), person: "dora", time: now)
        #expect(throws: DirectoryError.self) { try chain.record.take(other, digest: digest(0x77)) }
    }

    @Test func aStatementReadsBackAndNoOtherSpellingDoes() throws {
        let statement = AgreementStatement(
            agreement: "P", version: "2.0", number: 3, previous: digest(1), act: .activate, document: digest(2), package: digest(3), signers: ["AM.MOI"],
            supersedes: "1.0", person: "anahit", time: now, reason: "as agreed")
        #expect(try AgreementStatement(statement.canonicalBytes, named: "it") == statement)
        let text = String(decoding: statement.canonicalBytes, as: UTF8.self)
        for other in [
            "", "{}", text + "\n", text.replacing("\"anahit\"", with: "7"), text.replacing("activate", with: "approve"), text.replacing("{", with: "{\"x\":1,"),
            text.replacing("[\"AM.MOI\"]", with: "[7]"), text.replacing(digest(3).hex, with: "zz"),
        ] { #expect(throws: DirectoryError.self, "\(other)") { try AgreementStatement(Array(other.utf8), named: "it") } }
    }

    // MARK: What it means for decisions

    private func request(_ purpose: String = "official-statistics") throws -> AgreementRequest {
        var request = PermitsSample.request(try PermitsSample.table(["M CIS 2026-01 10"]))
        request.purpose = purpose
        return request
    }

    private func agreement(_ id: String = "PERMITS", version: String = "1.0") throws -> Agreement {
        try AgreementReader.read(
            PermitsSample.yaml.replacing("agreement: PERMITS", with: "agreement: \(id)").replacing("version: \"1.0\"", with: "version: \"\(version)\""))
    }

    private func decide(_ all: [StandingAgreement], _ request: AgreementRequest) -> Decision {
        let book = AgreementBook(all)
        return AgreementBook.suspension(request, among: book.others)
            ?? AgreementBook.explained(Decide.run(request, under: book.active), request, among: book.others)
    }

    @Test func aSuspendedAgreementStopsWhatAnotherOneWouldPermit() throws {
        let (one, other) = (try agreement(), try agreement("OTHER"))
        #expect(decide([.init(one, .active), .init(other, .active)], try request()).isPermit)
        let stopped = decide([.init(one, .active), .init(other, .suspended, reason: "a leak")], try request())
        #expect(
            stopped.reasons.map(\.code) == [.agreementSuspended] && stopped.reasons[0].words.contains("a leak") && stopped.reasons[0].rule.contains("OTHER 1.0")
        )
        // It stops only what it is about.
        var elsewhere = other
        elsewhere.purposes = ["press-release"]
        #expect(decide([.init(one, .active), .init(elsewhere, .suspended)], try request()).isPermit)
    }

    @Test func draftsAndEndedOnesPermitNothingAndSaySo() throws {
        for (state, code) in [(AgreementRecord.State.draft, Decision.ReasonCode.agreementDraft), (.ended, .agreementEnded)] {
            let refused = decide([.init(try agreement(), state)], try request())
            #expect(refused.reasons.first?.code == code && refused.reasons.contains { $0.code == .agreementNone })
            // Another one that permits is not hindered.
            #expect(decide([.init(try agreement(), state), .init(try agreement(version: "2.0"), .active)], try request()).isPermit)
            #expect(decide([.init(try agreement(), state)], try request("press-release")).reasons.first?.code == .agreementNone)
        }
    }

    @Test func theOutboxKnowsWhatWasStopped() throws {
        let book = AgreementBook([.init(try agreement("AB"), .suspended), .init(try agreement("C"), .active)])
        #expect(book.suspended(among: "AB 1.0") != nil && book.suspended(among: "C 1.0 + AB 1.0") != nil)
        #expect(book.suspended(among: "C 1.0") == nil && book.suspended(among: "AB 1.00") == nil && book.suspended(among: "") == nil)
        book.replace([])
        #expect(book.suspended(among: "AB 1.0") == nil && book.active.isEmpty)
    }
}
