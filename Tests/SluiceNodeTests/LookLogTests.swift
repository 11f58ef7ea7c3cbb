import Foundation
import Logging
import SluiceCore
import SluiceCrypto
import SluiceKit
import SluiceKitTesting
import SluiceLedger
import Synchronization
import Testing

@testable import SluiceNode

struct LookLogTests {
    private final class Clock: WallClock {
        let instant = Mutex(Instant(milliseconds: 1_796_000_000_000))  // 2026-11-30
        func now() -> Instant { instant.withLock { $0 } }
        func pass(days: Int) { instant.withLock { $0 = Instant(milliseconds: $0.milliseconds + Int64(days) * 86_400_000) } }
    }

    private let folder: TemporaryFolder
    private let clock = Clock()
    private let key: LedgerKey

    init() throws {
        folder = try TemporaryFolder("sluice-looks")
        key = try LedgerKey(generatingFor: "sluice.AM.MOI")
        try Folders.write(Array((try key.text() + "\n").utf8), to: folder.file("ledger.key"))
    }

    private func log(days: Int = 40) -> LookLog {
        LookLog(
            directory: folder.file("looks"), keyPath: folder.file("ledger.key"), participant: ParticipantID("AM.MOI")!, retentionDays: days, clock: clock,
            log: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    private func month() -> String { LookLog.month(clock.now()) }

    @Test func whatIsNotedIsReadAgainAndVerifiesAsALedger() async throws {
        let looks = log()
        try await looks.note(Look(person: "anahit", page: "exchange", subject: "id 1"))
        try await looks.note(Look(person: nil, page: "exchanges", query: "a=\"b\"\u{7}&\u{1F600}" + String(repeating: "x", count: 5_000)))
        try await looks.note(Look(person: "besarta", page: "exchange", subject: "id 1"))
        let found = try await looks.looks(before: nil, limit: 10, names: ["anahit", "chinara"])
        #expect(found.map(\.person) == [nil, nil, "anahit"] && found.map(\.place.index) == [2, 1, 0])
        #expect(found[0].personCode.utf8.count == 64 && found[1].personCode.isEmpty && found[2].subject == "id 1")
        #expect(try await looks.looks(before: found[1].place, limit: 10, names: []).map(\.place.index) == [0])
        await looks.close()

        let path = "\(folder.path)/looks/\(month())"
        let verifier = try VerifierKey(text: String(contentsOfFile: path + "/ledger.vkey", encoding: .utf8).trimmingASCIIWhitespace)
        #expect(verifier.name == "sluice.AM.MOI/looks/\(month())")
        let report = try LedgerVerifier.verify(directory: path + "/ledger", key: verifier)
        #expect(report.isIntact && report.entriesVerified == 3, "\(report)")
        let text = try FileManager.default.contentsOfDirectory(atPath: path + "/ledger/tile/entries")
        #expect(!text.isEmpty)
        let journal = String(decoding: try Data(contentsOf: URL(fileURLWithPath: path + "/journal")), as: UTF8.self)
        #expect(!journal.contains("anahit") && journal.contains("sluice.record.looked"))
        #expect(try FileManager.default.attributesOfItem(atPath: path + "/journal")[.posixPermissions] as? Int == 0o600)
    }

    @Test func goesOnAfterAStopAndCutsOffWhatACrashLeft() async throws {
        let first = log()
        for number in 0..<3 { try await first.note(Look(person: "anahit", page: "exchange", subject: "\(number)")) }
        // A crash: nothing is closed, and half an entry stands at the end.
        let path = "\(folder.path)/looks/\(month())/journal"
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data([0x01, 0x00, 0x7b, 0x22]))
        let second = log()
        try await second.note(Look(person: "anahit", page: "exchange", subject: "3"))
        #expect(try await second.looks(before: nil, limit: 10, names: []).map(\.subject) == ["3", "2", "1", "0"])
        await second.close()
    }

    @Test func whatWasChangedIsNotContinued() async throws {
        let first = log()
        for number in 0..<3 { try await first.note(Look(person: "anahit", page: "exchange", subject: "id \(number)")) }
        await first.close()
        let path = "\(folder.path)/looks/\(month())/journal"
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let place = try #require(bytes.indices.first { bytes[$0...].starts(with: Array("id 1".utf8)) })
        bytes[place + 3] = UInt8(ascii: "7")
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        await #expect(throws: (any Error).self) { try await log().note(Look(person: "anahit", page: "exchange")) }
        // Nor is one that lost its end.
        try Data(bytes.prefix(20)).write(to: URL(fileURLWithPath: path))
        await #expect(throws: (any Error).self) { try await log().note(Look(person: "anahit", page: "exchange")) }
    }

    @Test func monthsAreKeptApartAndGoWithTheirKeys() async throws {
        let looks = log(days: 40)
        try await looks.note(Look(person: "anahit", page: "exchange"))
        let old = month()
        clock.pass(days: 20)
        try await looks.note(Look(person: "anahit", page: "exchange"))
        let found = try await looks.looks(before: nil, limit: 10, names: ["anahit"])
        #expect(found.map(\.place.month) == [month(), old] && found.allSatisfy { $0.person == "anahit" })
        #expect(found[0].personCode != found[1].personCode, "nobody is followed from month to month by a code")
        #expect(try await looks.looks(before: found[0].place, limit: 1, names: []).map(\.place.month) == [old])
        clock.pass(days: 62)
        await looks.prune()
        #expect(Folders.names(in: folder.file("looks")) == ["2026-12"], "the one in use stays open")
        try await looks.note(Look(person: "anahit", page: "exchange"))
        clock.pass(days: 1)
        await looks.prune()
        #expect(!Folders.exists("\(folder.path)/looks/\(old)"))
        await looks.close()
    }
}
