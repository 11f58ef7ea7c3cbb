import SluiceCore
import SluiceKit
import Testing

struct ParticipantDirectoryTests {
    private let reading = FakeCertificates()

    private func entry(_ yaml: String, _ acts: [(DirectoryStatement.Act, String)]) throws -> ParticipantDirectory.Entry {
        let participant = try DirectorySample.read(yaml)
        var record = ParticipantRecord(participant.id)
        let digest = participant.digest(FakeHashing())
        for (act, person) in acts {
            let statement = record.next(act, document: digest, person: person, time: Instant(seconds: 0))
            try record.take(statement, digest: FakeHashing().sha256(statement.canonicalBytes))
        }
        return .init(
            record: record, participant: record.inForce == nil ? nil : participant, pending: record.pending == nil ? nil : participant)
    }

    private static let approved: [(DirectoryStatement.Act, String)] = [(.propose, "a"), (.approve, "b"), (.approve, "c")]

    private func doubt(
        _ directory: ParticipantDirectory, _ line: String, _ use: CertificateUse = .sealing, of id: String = "AM.MOI", at seconds: Int64 = 100
    ) throws -> ParticipantDirectory.Doubt? {
        switch directory.ruling(on: try FakeCertificates.make(line), of: ParticipantID(id)!, for: use, at: Instant(seconds: seconds), reading) {
        case .trusted: nil
        case .refused(let doubt, _): doubt
        }
    }

    @Test func onlyPinnedCertificatesOfApprovedParticipantsAreBelieved() throws {
        let directory = ParticipantDirectory([try entry(DirectorySample.yaml(), Self.approved)])
        #expect(try doubt(directory, "sealing AM.MOI 0 1000 s1") == nil)
        #expect(try doubt(directory, "sealing AM.MOI 0 1000 s2") == .certificateUnknown)
        #expect(try doubt(directory, "sealing AL.MOI 0 1000 s1") == .certificateUnknown)
        #expect(try doubt(directory, "sealing AL.MOI 0 1000 s1", of: "AL.MOI") == .participantUnknown)
        #expect(try doubt(directory, "sealing AM.MOI 0 1000 s1", .tls) == .wrongUse)
        #expect(try doubt(directory, "tls AM.MOI 0 1000 t1", .sealing) == .wrongUse)
        #expect(try doubt(directory, "sealing AM.MOI 0 1000 s1", at: 1000) == nil)
        #expect(try doubt(directory, "sealing AM.MOI 0 1000 s1", at: 1001) == .expired)
        #expect(try doubt(directory, "sealing AM.MOI 0 1000 s1", at: -1) == .notYetValid)
    }

    @Test func proposedSuspendedAndWithdrawnAreTurnedAway() throws {
        let line = "sealing AM.MOI 0 1000 s1"
        #expect(try doubt(ParticipantDirectory([entry(DirectorySample.yaml(), [(.propose, "a"), (.approve, "b")])]), line) == .notApproved)
        #expect(try doubt(ParticipantDirectory([entry(DirectorySample.yaml(), Self.approved + [(.suspend, "b")])]), line) == .suspended)
        #expect(try doubt(ParticipantDirectory([entry(DirectorySample.yaml(), Self.approved + [(.withdraw, "b")])]), line) == .withdrawn)
        let tls = try FakeCertificates.make("tls AM.MOI 0 1000 t1")
        for acts in [[(.propose, "a")], Self.approved + [(.suspend, "b")], Self.approved + [(.withdraw, "b")]] as [[(DirectoryStatement.Act, String)]] {
            #expect(try ParticipantDirectory([entry(DirectorySample.yaml(), acts)]).participant(ofTLS: tls, at: Instant(seconds: 1), reading) == nil)
        }
        let open = try ParticipantDirectory([entry(DirectorySample.yaml(), Self.approved)])
        #expect(open.participant(ofTLS: tls, at: Instant(seconds: 1), reading) == DirectorySample.moi)
    }

    @Test func oldAndNewCertificateAreBothBelievedWhileTheyOverlap() throws {
        let yaml = DirectorySample.yaml(sealing: "certificates: |\n    sealing AM.MOI 0 1000 s1\n    sealing AM.MOI 900 2000 s2")
        let directory = ParticipantDirectory([try entry(yaml, Self.approved)])
        func serials(_ seconds: Int64) -> [String] {
            directory.certificates(of: DirectorySample.moi, for: .sealing, at: Instant(seconds: seconds)).map(\.serial)
        }
        #expect(serials(899) == ["s1"] && serials(900) == ["s1", "s2"] && serials(1000) == ["s1", "s2"] && serials(1001) == ["s2"] && serials(2001) == [])
    }

    @Test func authorityIsBelievedForItsOwnParticipantAndSubjectOnly() throws {
        let moi = try entry(DirectorySample.yaml(sealing: "authority: ca CA 0 9 one", extra: "subject: CN=AM.MOI"), Self.approved)
        let other = try entry(
            DirectorySample.yaml(
                id: "AL.MOI", sealing: "authority: ca CA 0 9 two", tls: "certificates: tls AL.MOI 0 1000 t2", extra: "subject: CN=AL.MOI"), Self.approved)
        let directory = ParticipantDirectory([moi, other])
        #expect(try doubt(directory, "sealing AM.MOI 0 1000 one-7") == nil)
        #expect(try doubt(directory, "sealing AM.MOI 0 1000 two-7") == .certificateUnknown, "AL.MOI's authority does not speak for AM.MOI")
        #expect(try doubt(directory, "sealing AL.MOI 0 1000 two-7", of: "AL.MOI") == nil)
    }

    // MARK: Warnings

    private static let day: Int64 = 86_400

    private func warnings(_ lines: [String], at seconds: Int64 = 0) throws -> [CertificateWarning] {
        CertificateWarning.all(
            of: try lines.map { try FakeCertificates.make("sealing AM.MOI " + $0) }, owner: DirectorySample.moi, use: .sealing, at: Instant(seconds: seconds))
    }

    @Test(arguments: [
        (31 as Int64, nil as String?, nil as CertificateWarning.Severity?), (30, "30 days", .warning), (8, "30 days", .warning), (7, "7 days", .warning),
        (1, "a day", .critical),
    ])
    func endIsToldThirtySevenAndOneDayBefore(days: Int64, words: String?, severity: CertificateWarning.Severity?) throws {
        let found = try warnings(["-100 \(days * Self.day) s1"])
        #expect(found.first?.severity == severity && found.count == (words == nil ? 0 : 1))
        if let words { #expect(found.first?.kind == .endsSoon && found.first?.detail.contains(words) == true) }
        #expect(try warnings(["-100 \(30 * Self.day) s1"], at: -1).isEmpty)
    }

    @Test func nothingIsWrongWhenASuccessorOverlaps() throws {
        #expect(try warnings(["-100 \(5 * Self.day) s1", "\(3 * Self.day) \(400 * Self.day) s2"]).isEmpty)
    }

    @Test func gapAndShortOverlapAreTold() throws {
        let gap = try warnings(["-100 \(50 * Self.day) s1", "\(51 * Self.day) \(400 * Self.day) s2"])
        #expect(gap.map(\.kind) == [.noOverlap] && gap[0].detail.contains("after s1 has ended"))
        let short = try warnings(["-100 \(50 * Self.day) s1", "\(50 * Self.day - Self.day + 1) \(400 * Self.day) s2"])
        #expect(short.map(\.kind) == [.noOverlap])
        #expect(try warnings(["-100 \(50 * Self.day) s1", "\(49 * Self.day) \(400 * Self.day) s2"]).isEmpty)
        // A gap does not hide that the present one ends.
        #expect(Set(try warnings(["-100 \(5 * Self.day) s1", "\(51 * Self.day) \(400 * Self.day) s2"]).map(\.kind)) == [.noOverlap, .endsSoon])
    }

    @Test func expiredFutureAndLeftOverAreTold() throws {
        #expect(try warnings(["-100 -1 s1"]).map(\.kind) == [.noneValid])
        #expect(try warnings(["-100 0 s1"]).first?.kind == .endsSoon, "the last second is still valid")
        #expect(try warnings(["10 \(400 * Self.day) s1"]).map(\.kind) == [.noneValid])
        #expect(try warnings(["-100 -1 s1", "-50 \(400 * Self.day) s2"]).map(\.kind) == [.leftOver])
        #expect(try warnings([]).map(\.kind) == [.noneValid])
    }

    @Test func directoryTellsWorstFirstAndOnlyOfThoseItTrusts() throws {
        let soon = try entry(
            DirectorySample.yaml(sealing: "certificates: sealing AM.MOI 0 \(3 * Self.day) s1", tls: "certificates: tls AM.MOI 0 \(9 * Self.day) t1"),
            Self.approved)
        let proposed = try entry(
            DirectorySample.yaml(id: "AL.MOI", sealing: "certificates: sealing AL.MOI 0 9 s3", tls: "certificates: tls AL.MOI 0 9 t3"), [(.propose, "a")])
        let found = ParticipantDirectory([soon, proposed]).warnings(at: Instant(seconds: 10))
        #expect(found.map(\.use) == [.sealing, .tls] && found.allSatisfy { $0.owner == DirectorySample.moi })
    }
}
