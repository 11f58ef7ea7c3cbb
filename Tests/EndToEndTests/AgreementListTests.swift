import Foundation
import SluiceKitTesting
import Testing

/// `sluice agreement list` where what people said is damaged.
@Suite struct AgreementListTests {
    private static let id = "AM-MOI-ARMSTAT-PERMITS"

    @Test func aBrokenRecordIsNamedAndEndsWithOne() throws {
        let pair = try Pair()
        let site = pair.sender
        try pair.openDirectory(site)
        let list = ["agreement", "list", "--config", site.configuration]
        try Sluice.succeed(
            ["agreement", "suspend", Self.id, "1.0", "--reason", "a laptop was lost", "--config", site.configuration] + pair.passphrase("anahit", site))
        #expect(try Sluice.succeed(list).contains("\(Self.id) 1.0  suspended"))

        let statement = "\(site.folder)/directory/agreements/\(Self.id)/000001.json"
        let text = try String(contentsOfFile: statement, encoding: .utf8)
        try #require(text.contains("a laptop was lost"))
        try Data(text.replacingOccurrences(of: "a laptop was lost", with: "a laptop was found").utf8).write(to: URL(fileURLWithPath: statement))
        let damaged = try Sluice.run(list)
        #expect(damaged.status == 1 && damaged.output.contains("\(Self.id)  broken  ("), "\(damaged.status) \(damaged.output) \(damaged.errors)")
        let json = try Sluice.run(list + ["--json"])
        let all = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]], "\(json.output)")
        let broken = all.filter { $0["state"] as? String == "broken" }
        #expect(json.status == 1 && broken.count == 1 && broken.first?["agreement"] as? String == Self.id, "\(json.output)")
    }

    /// The folder alone does not tell that its last statement is gone; the ledger does, also for who only looks.
    @Test func aStatementThatWasTakenOutIsNamed() throws {
        let pair = try Pair()
        let site = pair.sender
        try pair.openDirectory(site)
        try Sluice.succeed(
            ["agreement", "suspend", Self.id, "1.0", "--reason", "a laptop was lost", "--config", site.configuration] + pair.passphrase("anahit", site))
        try FileManager.default.removeItem(atPath: "\(site.folder)/directory/agreements")
        let list = try Sluice.run(["agreement", "list", "--config", site.configuration])
        #expect(list.status == 1 && list.output.contains("\(Self.id) 1.0  suspended"), "\(list.status) \(list.output) \(list.errors)")
        #expect(list.output.contains("\(Self.id)  broken  (statement 1"), "\(list.output)")
        let doctor = try Sluice.run(["doctor", pair.receiver.id, "--config", site.configuration])
        #expect(doctor.output.contains("is suspended here"), "\(doctor.output)")
    }

    /// A version whose only text is gone stands in no other line; beside its plain file it stands there as suspended.
    @Test(arguments: [false, true]) func anActivatedTextThatIsGoneIsNamed(_ keepsPlainFile: Bool) throws {
        let pair = try Pair()
        let site = pair.sender
        try pair.openDirectory(site)
        let (one, both) = (pair.root.file("one.asice"), pair.root.file("both.asice"))
        try Sluice.succeed(["agreement", "sign", site.folder + "/agreements/permits.yaml", "--out", one, "--config", site.configuration])
        try Sluice.succeed(["package", "countersign", one, both, "--config", pair.receiver.configuration])
        try pair.letIn(pair.receiver, at: site)
        for name in Pair.people.prefix(2) {
            try Sluice.succeed(["agreement", "activate", both, "--config", site.configuration] + pair.passphrase(name, site))
        }
        let yaml = try String(contentsOfFile: site.configuration, encoding: .utf8)
        if !keepsPlainFile {
            try Data(yaml.replacingOccurrences(of: "agreements: [agreements/permits.yaml]", with: "agreements: []").utf8).write(
                to: URL(fileURLWithPath: site.configuration))
        }
        let list = ["agreement", "list", "--config", site.configuration]
        #expect(try Sluice.succeed(list).contains("\(Self.id) 1.0  active"))
        let folder = "\(site.folder)/directory/agreements/\(Self.id)"
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name.hasSuffix(".yaml") {
            try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
        }
        let gone = try Sluice.run(list)
        let line = keepsPlainFile ? "\(Self.id) 1.0  suspended" : "\(Self.id) 1.0  broken  ("
        #expect(gone.status == 1 && gone.output.contains(line), "\(gone.status) \(gone.output) \(gone.errors)")
    }
}
