import Foundation
import SluiceKitTesting
import Testing

/// Two nodes that do not reach each other: the test carries their files.
@Suite(.serialized) struct FolderTests {
    static let quick = "firstRetryMilliseconds: 50, retryMillisecondsMax: 200, pollMilliseconds: 50, quietMilliseconds: 0"

    /// Asks until it is so; the condition is what is waited for, the pause only spares the machine.
    private func eventually(_ what: String, at location: SourceLocation = #_sourceLocation, _ isSo: () throws -> Bool) throws {
        let deadline = ContinuousClock.now + .seconds(40)
        while ContinuousClock.now < deadline {
            if try isSo() { return }
            usleep(20_000)
        }
        Issue.record("it never came to this: \(what)", sourceLocation: location)
    }

    private func state(_ pair: Pair, _ site: Pair.Site) throws -> String {
        try pair.query(site, "SELECT state FROM exchange").trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func incoming(_ site: Pair.Site) throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: site.carried + "/in").sorted() }

    /// Sends, and returns the name of the package that lies there for the carrier.
    private func handOver(_ pair: Pair) throws -> String {
        let run = try pair.send()
        #expect(run.status == 0 && run.output.contains("handed-over"), "\(run.output) \(run.errors)")
        return try #require(try pair.laidDown(pair.sender).first)
    }

    /// Carries the receipt back and waits until it is taken.
    private func carryReceipt(_ pair: Pair) throws -> String {
        try eventually("a receipt lies there") { try !pair.laidDown(pair.receiver).isEmpty }
        let name = try #require(try pair.carry(pair.receiver, pair.sender).first)
        try eventually("the receipt is taken") { try incoming(pair.sender).allSatisfy { $0 == "refused" } }
        return name
    }

    @Test(arguments: ["[asic-e]", "[jws]"]) func anAcceptedPackageComesBackAsAReceipt(_ seals: String) throws {
        let pair = try Pair(seals: seals, carried: Self.quick)
        let name = try handOver(pair)
        #expect(name.hasPrefix("0000000000") && name.hasSuffix(seals == "[jws]" ? ".jwsz" : ".asice"))
        #expect(try state(pair, pair.sender) == "handed-over")
        let nodes = try [pair.serve(pair.receiver), pair.serve(pair.sender)]
        defer { nodes.forEach { $0.stop() } }
        let package = try Data(contentsOf: URL(fileURLWithPath: pair.sender.carried + "/out/" + name))
        try pair.carry(pair.sender, pair.receiver)
        let receipt = try carryReceipt(pair)
        #expect(receipt.contains(".receipt."))
        #expect(try state(pair, pair.sender) == "receipted" && incoming(pair.receiver) == [])
        try pair.holdsExactlyOnce()

        // The package again, carried twice: the first receipt again, byte for byte, and known at the sender's.
        try package.write(to: URL(fileURLWithPath: pair.receiver.carried + "/in/" + name))
        #expect(try carryReceipt(pair) == receipt)
        #expect(pair.setAside(pair.sender) == [] && pair.setAside(pair.receiver) == [])
        try pair.holdsExactlyOnce()
    }

    @Test func participantsOfADirectoryExchangeByFolders() throws {
        let pair = try Pair(carried: Self.quick)
        let mistaken = try Sluice.run(["participant", "export", "--own", "--endpoint", "folder:/srv/moi", "--config", pair.sender.configuration])
        #expect(mistaken.status == 2 && mistaken.errors.contains("--transport folder"), "\(mistaken.output) \(mistaken.errors)")
        for (site, other) in [(pair.sender, pair.receiver), (pair.receiver, pair.sender)] {
            try pair.openDirectory(site)
            // Each participant has its folders below `carried`; here they are those of the one partner.
            try FileManager.default.createSymbolicLink(atPath: "\(site.carried)/\(other.id)", withDestinationPath: ".")
            try pair.letIn(other, at: site, by: ["--transport", "folder"])
            let document = try String(contentsOfFile: "\(site.folder)/\(other.id).yaml", encoding: .utf8)
            #expect(document.contains("transport: folder") && !document.contains("endpoint:") && !document.contains("\ntls:"), "\(document)")
            let shown = try Sluice.succeed(["participant", "show", other.id, "--config", site.configuration])
            #expect(shown.contains("folder:\(site.carried)/\(other.id)"), "\(shown)")
        }
        _ = try handOver(pair)
        let nodes = try [pair.serve(pair.receiver), pair.serve(pair.sender)]
        defer { nodes.forEach { $0.stop() } }
        try pair.carry(pair.sender, pair.receiver)
        _ = try carryReceipt(pair)
        #expect(try state(pair, pair.sender) == "receipted")
        try pair.holdsExactlyOnce()
    }

    @Test func nodesWithoutTLSKeysServeFoldersAndSayWhatIsOff() throws {
        let pair = try Pair(carried: Self.quick)
        for site in [pair.sender, pair.receiver] {
            let yaml = try String(contentsOfFile: site.configuration, encoding: .utf8)
            let bare = yaml.replacingOccurrences(of: "tlsKey: keys/tls.key.pem, tlsCertificate: keys/tls.cert.pem, ", with: "").split(separator: "\n")
                .filter { !$0.contains("exchange: {") }.joined(separator: "\n")
            #expect(bare != yaml)
            try Data(bare.utf8).write(to: URL(fileURLWithPath: site.configuration))
            for file in ["tls.key.pem", "tls.cert.pem"] { try FileManager.default.removeItem(atPath: "\(site.folder)/keys/\(file)") }
        }
        _ = try handOver(pair)
        let words = pair.receiver.folder + "/words"
        let nodes = try [pair.serve(pair.receiver, script: "exec \"$@\" 2>'\(words)'"), pair.serve(pair.sender)]
        defer { nodes.forEach { $0.stop() } }
        let said = try String(contentsOfFile: words, encoding: .utf8)
        #expect(said.contains("takes in exchanges by folders alone") && said.contains("nothing is taken in or delivered over HTTPS"), "\(said)")
        try pair.carry(pair.sender, pair.receiver)
        _ = try carryReceipt(pair)
        try pair.holdsExactlyOnce()
        let doctor = try Sluice.run(["doctor", pair.receiver.id, "--config", pair.sender.configuration])
        #expect(doctor.status == 0 && doctor.output.contains("ok      keys: "), "\(doctor.output) \(doctor.errors)")
        try Sluice.succeed(["keys", "check", "--config", pair.sender.configuration])
        let https = try Sluice.run(["participant", "export", "--own", "--config", pair.sender.configuration])
        #expect(https.status == 2 && https.errors.contains("--transport folder"), "\(https.output) \(https.errors)")
    }

    @Test func aPackageThatTheAgreementRefusesComesBackAsARefusal() throws {
        let pair = try Pair(carried: Self.quick)
        let agreement = pair.receiver.folder + "/agreements/permits.yaml"
        let text = try String(contentsOfFile: agreement, encoding: .utf8)
        let others = text.replacingOccurrences(of: "official-statistics", with: "tourism")
        #expect(others != text)
        try Data(others.utf8).write(to: URL(fileURLWithPath: agreement))
        _ = try handOver(pair)
        let nodes = try [pair.serve(pair.receiver), pair.serve(pair.sender)]
        defer { nodes.forEach { $0.stop() } }
        try pair.carry(pair.sender, pair.receiver)
        _ = try carryReceipt(pair)
        #expect(try state(pair, pair.sender) == "refused-by-receiver" && state(pair, pair.receiver) == "refused")
        #expect(try pair.query(pair.receiver, "SELECT count(*) FROM dataset") == "0\n")
        #expect(try incoming(pair.receiver) == [])
    }

    @Test func aLostReceiptIsAskedForByHandingOverAgain() throws {
        let pair = try Pair(carried: Self.quick + ", replyMillisecondsMax: 1000")
        let name = try handOver(pair)
        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        try pair.carry(pair.sender, pair.receiver)
        try eventually("a receipt lies there") { try !pair.laidDown(pair.receiver).isEmpty }
        let lost = try #require(try pair.laidDown(pair.receiver).first)
        // The carrier loses it; the receiver goes on for ever without knowing.
        try FileManager.default.removeItem(atPath: pair.receiver.carried + "/out/" + lost)
        let sender = try pair.serve(pair.sender)
        defer { sender.stop() }
        try eventually("the package is handed over again") { try pair.laidDown(pair.sender) == [name] }
        #expect(try pair.query(pair.sender, "SELECT count(*) > 0 FROM ledger WHERE instr(entry, 'delivery.no-receipt')") == "1\n")
        try pair.carry(pair.sender, pair.receiver)
        #expect(try carryReceipt(pair) == lost)
        try eventually("it is receipted") { try state(pair, pair.sender) == "receipted" }
        try pair.holdsExactlyOnce()
    }

    @Test func aDamagedPackageIsRefusedAndTheGenuineOneTaken() throws {
        let pair = try Pair(carried: Self.quick + ", replyMillisecondsMax: 1000")
        let name = try handOver(pair)
        let path = pair.sender.carried + "/out/" + name
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: URL(fileURLWithPath: pair.receiver.carried + "/in/" + name))
        try FileManager.default.removeItem(atPath: path)
        let nodes = try [pair.serve(pair.receiver), pair.serve(pair.sender)]
        defer { nodes.forEach { $0.stop() } }
        try eventually("a refusal lies there") { try !pair.laidDown(pair.receiver).isEmpty }
        // It answers bytes that the sender never sent: recorded at the receiver, set aside at the sender's, and it settles nothing.
        let refusal = try #require(try pair.carry(pair.receiver, pair.sender).first)
        try eventually("the refusal is set aside") { pair.setAside(pair.sender) == [refusal] }
        try eventually("the package is handed over again") { try pair.laidDown(pair.sender) == [name] }
        try pair.carry(pair.sender, pair.receiver)
        _ = try carryReceipt(pair)
        try eventually("it is receipted") { try state(pair, pair.sender) == "receipted" }
        #expect(try pair.query(pair.receiver, "SELECT count(*) FROM dataset") == "1\n")
    }

    @Test func whatLiesInTheWrongFolderIsNotThePartners() throws {
        // The receiver has a third participant's folders beside; our package lies there, and our receipt in ours under their name.
        let pair = try Pair(carried: Self.quick + ", replyMillisecondsMax: 1000000")
        let other = pair.receiver.folder + "/other"
        for folder in ["in", "out"] { try FileManager.default.createDirectory(atPath: "\(other)/\(folder)", withIntermediateDirectories: true) }
        let yaml = try String(contentsOfFile: pair.receiver.configuration, encoding: .utf8)
        try Data(yaml.replacingOccurrences(of: "partners: [", with: "partners: [{id: UN.UNSD, endpoint: \"folder:other\"}, ").utf8).write(
            to: URL(fileURLWithPath: pair.receiver.configuration))
        let name = try handOver(pair)
        try FileManager.default.copyItem(atPath: pair.sender.carried + "/out/" + name, toPath: other + "/in/" + name)
        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        func answers() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: other + "/out").filter { !$0.hasPrefix(".") } }
        try eventually("a refusal lies in the third participant's folder") { try answers().count == 1 }
        #expect(try pair.query(pair.receiver, "SELECT sender, state, reason_code FROM exchange") == "UN.UNSD|refused|verify.peer\n")
        // The genuine one is taken all the same.
        try pair.carry(pair.sender, pair.receiver)
        try eventually("the genuine one is answered") { try pair.laidDown(pair.receiver).count == 1 }
        #expect(try pair.query(pair.receiver, "SELECT count(*) FROM dataset WHERE sender = 'AM.MOI'") == "1\n")
        // The refusal for the third participant, carried to the sender, answers a hand-over that was not theirs.
        let refusal = try #require(try answers().first)
        try FileManager.default.moveItem(atPath: other + "/out/" + refusal, toPath: pair.sender.carried + "/in/" + refusal)
        let sender = try pair.serve(pair.sender)
        defer { sender.stop() }
        try eventually("it is set aside") { pair.setAside(pair.sender) == [refusal] }
        #expect(try state(pair, pair.sender) == "handed-over")
    }

    @Test func anotherPackageUnderAnAnsweredIdIsExplainedAndSetAside() throws {
        let pair = try Pair(carried: Self.quick)
        let name = try handOver(pair)
        let nodes = try [pair.serve(pair.receiver), pair.serve(pair.sender)]
        defer { nodes.forEach { $0.stop() } }
        try pair.carry(pair.sender, pair.receiver)
        _ = try carryReceipt(pair)
        try Data("other bytes".utf8).write(to: URL(fileURLWithPath: pair.receiver.carried + "/in/" + name))
        try eventually("it is set aside") { pair.setAside(pair.receiver) == [name] }
        let problem = try #require(try pair.laidDown(pair.receiver).first)
        #expect(problem.hasSuffix(".problem.json"))
        #expect(try String(contentsOfFile: pair.receiver.carried + "/out/" + problem, encoding: .utf8).contains("urn:sluice:problem:exchange-id-reused"))
        try pair.carry(pair.receiver, pair.sender)
        try eventually("people find it") { pair.setAside(pair.sender) == [problem] }
        try pair.holdsExactlyOnce()
    }

    @Test func hostileFilesNeitherStopTheNodeNorGetLost() throws {
        let pair = try Pair(carried: Self.quick)
        let yaml = try String(contentsOfFile: pair.receiver.configuration, encoding: .utf8)
        try Data(yaml.appending("\nlimits: {packageBytesMax: 200000}\n").utf8).write(to: URL(fileURLWithPath: pair.receiver.configuration))
        let folder = pair.receiver.carried + "/in/"
        let id = "01a203bd-0000-7000-8000-0000000000"
        #expect(symlink("/etc/passwd", folder + "000000000001.\(id)01.asice") == 0)
        #expect(mkfifo(folder + "000000000001.\(id)02.asice", 0o600) == 0)
        try FileManager.default.createDirectory(atPath: folder + "000000000001.\(id)03.asice", withIntermediateDirectories: false)
        // Says it has a terabyte.
        #expect(FileManager.default.createFile(atPath: folder + "000000000001.\(id)04.asice", contents: nil))
        #expect(truncate(folder + "000000000001.\(id)04.asice", 1 << 40) == 0)
        for number in 0..<500 { #expect(FileManager.default.createFile(atPath: folder + "letter \(number)", contents: Data("x".utf8))) }
        #expect(FileManager.default.createFile(atPath: folder + "\(id)05.receipt.0123456789abcdef.asice", contents: Data("x".utf8)))
        let name = try handOver(pair)
        try pair.carry(pair.sender, pair.receiver)
        let nodes = try [pair.serve(pair.receiver), pair.serve(pair.sender)]
        defer { nodes.forEach { $0.stop() } }
        try eventually("all is sorted out") { try incoming(pair.receiver) == ["refused"] }
        #expect(pair.setAside(pair.receiver).count == 505 && !pair.setAside(pair.receiver).contains(name))
        // A receipt for the package, and a problem for what is too large.
        let answers = try pair.laidDown(pair.receiver)
        #expect(answers.count == 2 && answers.contains("\(id)04.problem.json"), "\(answers)")
        _ = try carryReceipt(pair)
        try eventually("it is receipted") { try state(pair, pair.sender) == "receipted" }
    }

    @Test func aMediumThatIsNotThereIsWaitedFor() throws {
        let pair = try Pair(carried: Self.quick)
        try FileManager.default.moveItem(atPath: pair.sender.carried, toPath: pair.sender.carried + ".away")
        let run = try pair.send(wait: 1)
        #expect(run.status == 1 && run.output.contains("queued"), "\(run.output) \(run.errors)")
        #expect(try pair.query(pair.sender, "SELECT attempts, instr(last_error, 'cannot open the folder') > 0 FROM outbox") == "0|1\n")
        #expect(!FileManager.default.fileExists(atPath: pair.sender.carried))
    }

    @Test func aParkedExchangeIsHandedOverAgainAndALateReceiptSettlesIt() throws {
        let pair = try Pair(carried: Self.quick)
        let name = try handOver(pair)
        try pair.carry(pair.sender, pair.receiver)
        let id = String(name.split(separator: ".")[1])
        let node = ["--config", pair.sender.configuration]
        try Sluice.succeed(["exchange", "park", id, "--reason", "the courier is ill"] + node)
        #expect(try Sluice.succeed(["exchange", "replay", id] + node).contains("handed-over"))
        #expect(try pair.laidDown(pair.sender) == [name])
        try Sluice.succeed(["exchange", "park", id, "--reason", "still ill"] + node)
        let nodes = try [pair.serve(pair.receiver), pair.serve(pair.sender)]
        defer { nodes.forEach { $0.stop() } }
        _ = try carryReceipt(pair)
        #expect(try state(pair, pair.sender) == "receipted")
        try pair.holdsExactlyOnce()
    }

    @Test(arguments: ["received", "verified", "judged", "stored", "answered"]) func aKilledReceiverTakesTheFileAgain(_ point: String) throws {
        let pair = try Pair(carried: Self.quick)
        _ = try handOver(pair)
        let doomed = try pair.serve(pair.receiver, fault: point)
        try pair.carry(pair.sender, pair.receiver)
        doomed.waitUntilExit()
        #expect(try incoming(pair.receiver).count == 1, "the package was removed before \(point)")
        let nodes = try [pair.serve(pair.receiver), pair.serve(pair.sender)]
        defer { nodes.forEach { $0.stop() } }
        try eventually("the package is taken") { try incoming(pair.receiver).isEmpty }
        _ = try carryReceipt(pair)
        try pair.holdsExactlyOnce()
    }

    @Test(arguments: ["delivered", "settled"]) func aKilledSenderHandsOverAgainOrKnowsTheReceipt(_ point: String) throws {
        let pair = try Pair(carried: Self.quick)
        if point == "delivered" {
            #expect(try pair.send(fault: point).signal == SIGKILL)
        } else {
            _ = try handOver(pair)
        }
        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        try pair.carry(pair.sender, pair.receiver)
        try eventually("a receipt lies there") { try !pair.laidDown(pair.receiver).isEmpty }
        let doomed = point == "settled" ? try pair.serve(pair.sender, fault: point) : nil
        try pair.carry(pair.receiver, pair.sender)
        doomed?.waitUntilExit()
        let sender = try pair.serve(pair.sender)
        defer { sender.stop() }
        try eventually("the receipt is taken") { try incoming(pair.sender).isEmpty }
        #expect(try state(pair, pair.sender) == "receipted")
        try pair.holdsExactlyOnce()
    }
}
