import Foundation
import Logging
import SluiceCore
import SluiceKitTesting
import Testing

@testable import SluiceNode

struct VisitsTests {
    private let folder: TemporaryFolder
    private var path: String { folder.file("visits") + "/anahit.checkpoint" }
    private var kept: String? { try? String(contentsOfFile: path, encoding: .utf8) }

    init() throws { folder = try TemporaryFolder("sluice-visits") }

    private func begin(_ today: String?, isContinued: Bool = true, of person: String = "anahit") async -> EarlierVisit {
        let visits = Visits(directory: folder.file("visits"), log: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        return await visits.begin(person, today: today) { _ in isContinued }
    }

    @Test func eachVisitIsHeldAgainstTheOneBefore() async {
        #expect(await begin(nil) == .unknown && kept == nil)
        #expect(await begin("one") == .first && kept == "one")
        #expect(await begin("two") == .checkpoint("one") && kept == "two")
    }

    @Test func whatDoesNotFitStaysAsEvidence() async {
        _ = await begin("one")
        #expect(await begin("forged", isContinued: false) == .checkpoint("one"))
        #expect(kept == "one")
        #expect(await begin(nil) == .checkpoint("one") && kept == "one")
    }

    @Test func whatCannotBeReadIsNeitherAFirstVisitNorReplaced() async throws {
        // A folder in its place: neither reading nor writing it works, whoever asks.
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        #expect(await begin("one") == .unknown)
        var isFolder: ObjCBool = false
        #expect(FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue)
    }

    @Test func aNameThatIsNoneLeadsNowhere() async {
        #expect(await begin("one", of: "../anahit") == .unknown)
        #expect(!FileManager.default.fileExists(atPath: folder.file("anahit.checkpoint")))
    }
}
