import Foundation
import SluiceKitTesting
import Testing

/// Two nodes whose agreements count only when both have signed them: signed, counter-signed, activated, suspended in operation, resumed, ended.
@Suite(.serialized) struct AgreementLifecycleTests {
    private static let id = "AM-MOI-ARMSTAT-PERMITS"

    /// Two nodes with people, that know each other, and take signed agreements alone.
    private func pair(mode: String = "signed") throws -> Pair {
        let pair = try Pair()
        for site in [pair.sender, pair.receiver] {
            try pair.openDirectory(site)
            let yaml = try String(contentsOfFile: site.configuration, encoding: .utf8).replacingOccurrences(
                of: "agreements: [agreements/permits.yaml]", with: "agreements: {files: [agreements/permits.yaml], mode: \(mode)}")
            try Data(yaml.utf8).write(to: URL(fileURLWithPath: site.configuration))
        }
        try pair.letIn(pair.receiver, at: pair.sender)
        try pair.letIn(pair.sender, at: pair.receiver)
        return pair
    }

    private func node(_ site: Pair.Site) -> [String] { ["--config", site.configuration] }

    private func act(_ pair: Pair, _ site: Pair.Site, _ words: [String], by name: String) throws -> Run {
        try Sluice.run(["agreement"] + words + pair.passphrase(name, site) + node(site))
    }

    /// Signed by the ministry, counter-signed by the office.
    private func signed(_ pair: Pair) throws -> (one: String, both: String) {
        let (one, both) = (pair.root.file("one.asice"), pair.root.file("both.asice"))
        let said = try Sluice.succeed(["agreement", "sign", pair.sender.folder + "/agreements/permits.yaml", "--out", one] + node(pair.sender))
        #expect(said.contains("\(Self.id) 1.0"))
        try Sluice.succeed(["package", "countersign", one, both] + node(pair.receiver))
        return (one, both)
    }

    private func activate(_ pair: Pair, _ site: Pair.Site, _ package: String) throws {
        for name in Pair.people.prefix(2) {
            let run = try act(pair, site, ["activate", package], by: name)
            #expect(run.status == 0, "\(run.output) \(run.errors)")
        }
    }

    private func state(_ site: Pair.Site) throws -> String { try Sluice.succeed(["agreement", "list"] + node(site)) }

    @Test func bothSidesSignTwoPeopleActivateOneSuspends() throws {
        let pair = try pair()
        #expect(try state(pair.sender).contains("\(Self.id) 1.0  draft"))
        let early = try pair.send(wait: 0)
        #expect(early.status == 1 && early.output.contains("[agreement.draft]"), "\(early.output) \(early.errors)")

        let (one, both) = try signed(pair)
        let half = try act(pair, pair.sender, ["activate", one], by: "anahit")
        #expect(half.status == 1 && half.errors.contains("signatureMissing") && half.errors.contains("receivers"), "\(half.errors)")
        let first = try act(pair, pair.sender, ["activate", both], by: "anahit")
        #expect(first.status == 0 && first.output.contains("is draft; 1 of 2"), "\(first.output) \(first.errors)")
        let twice = try act(pair, pair.sender, ["activate", both], by: "anahit")
        #expect(twice.status == 1 && twice.errors.contains("approvedTwice"), "\(twice.errors)")
        #expect(try pair.send(wait: 0).output.contains("[agreement.draft]"), "one person is not enough")
        let second = try act(pair, pair.sender, ["activate", both], by: "besarta")
        #expect(second.status == 0 && second.output.contains("\(Self.id) 1.0 is active"), "\(second.output) \(second.errors)")

        // Active here, a draft there: the receipt says so.
        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        let refused = try pair.send()
        #expect(refused.status == 1 && refused.output.contains("refused-by-receiver") && refused.output.contains("[agreement.draft]"), "\(refused.output)")
        try activate(pair, pair.receiver, both)
        // The running node follows within seconds.
        try eventually("the receiver follows the activation") { try pair.send().status == 0 }

        let stop = try act(pair, pair.receiver, ["suspend", Self.id, "1.0", "--reason", "a laptop was lost"], by: "chinara")
        #expect(stop.status == 0 && stop.output.contains("is suspended"), "\(stop.output) \(stop.errors)")
        var last = ""
        try eventually("the receiver follows the suspension") {
            last = try pair.send().output
            return last.contains("refused-by-receiver")
        }
        #expect(last.contains("[agreement.suspended]") && last.contains("a laptop was lost"), "\(last)")
        // On the sender's side too, whoever stops it: nothing leaves, and what waits in the outbox stays.
        try Sluice.succeed(
            ["agreement", "suspend", Self.id, "1.0", "--reason", "we wait as well"] + pair.passphrase("anahit", pair.sender) + node(pair.sender))
        let here = try pair.send(wait: 0)
        #expect(here.status == 1 && here.output.contains("refused-here") && here.output.contains("[agreement.suspended]"), "\(here.output)")
        for site in [pair.sender, pair.receiver] {
            let noted = try pair.query(site, "SELECT count(*) FROM ledger WHERE instr(entry, 'sluice.agreement.changed')")
            #expect(noted == "3\n", "\(site.id): \(noted)")
            #expect(try pair.query(site, "SELECT count(*) FROM ledger WHERE subject = '\(Self.id)' AND instr(entry, 'anahit')") == "0\n")
        }

        for site in [pair.sender, pair.receiver] {
            #expect(try act(pair, site, ["resume", Self.id, "1.0"], by: "anahit").output.contains("suspended; 1 of 2 want it back"))
            #expect(try act(pair, site, ["resume", Self.id, "1.0"], by: "anahit").status == 1)
            #expect(try act(pair, site, ["resume", Self.id, "1.0"], by: "besarta").output.contains("is active"))
        }
        try eventually("the receiver takes again") { try pair.send().status == 0 }
        #expect(try act(pair, pair.sender, ["end", Self.id, "1.0", "--reason", "the protocol ended"], by: "anahit").output.contains("is ended"))
        #expect(try pair.send(wait: 0).output.contains("[agreement.ended]"))
        let replayed = try act(pair, pair.sender, ["activate", both], by: "anahit")
        #expect(replayed.status == 1 && replayed.errors.contains("does not come back"), "\(replayed.errors)")
    }

    private func eventually(_ what: String, _ isSo: () throws -> Bool) throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if try isSo() { return }
            usleep(300_000)
        }
        Issue.record("it never came to this: \(what)")
    }

    /// Both signatures hold for whoever has `unzip` and `openssl`, and the text is what was signed.
    @Test func stockToolsVerifyBothSignatures() throws {
        let pair = try Pair()
        let (_, both) = try signed(pair)
        let unzip = try #require(Tools.find("unzip"), "unzip is not installed")
        let openssl = try #require(Tools.find("openssl"), "openssl is not installed")
        let out = pair.root.file("both")
        #expect(try Run.run(unzip, ["-q", both, "-d", out]).status == 0)
        for number in ["001", "002"] {
            let arguments = [
                "cms", "-verify", "-binary", "-cades", "-inform", "DER", "-in", "\(out)/META-INF/signature\(number).p7s", "-content",
                "\(out)/META-INF/ASiCManifest\(number).xml", "-CAfile", pair.root.file("authority/ca.pem"), "-signer", pair.root.file("signer\(number)"),
                "-out", "/dev/null",
            ]
            let verified = try Run.run(openssl, arguments)
            #expect(verified.status == 0, "signature \(number): \(verified.errors)")
            let subject = try Run.run(openssl, ["x509", "-in", pair.root.file("signer\(number)"), "-noout", "-subject"]).output
            #expect(subject.contains(number == "001" ? "AM.MOI" : "AM.ARMSTAT"), "\(subject)")
        }
        let digest = try Run.run("/usr/bin/sha256sum", [out + "/agreement.yaml"]).output.prefix(64)
        let wanted = Data(stride(from: 0, to: 64, by: 2).map { UInt8(String(Array(digest)[$0...($0 + 1)]), radix: 16)! }).base64EncodedString()
        #expect(try String(contentsOfFile: out + "/META-INF/ASiCManifest001.xml", encoding: .utf8).contains(wanted))
        #expect(
            FileManager.default.contents(atPath: out + "/agreement.yaml")
                == FileManager.default.contents(atPath: pair.sender.folder + "/agreements/permits.yaml"))
    }

    @Test func whatIsNotSignedByItsPartiesIsRefused() throws {
        let pair = try pair()
        let (one, both) = try signed(pair)
        func refused(_ package: String, _ words: String, at site: Pair.Site? = nil, _ location: SourceLocation = #_sourceLocation) throws {
            let run = try act(pair, site ?? pair.sender, ["activate", package], by: "anahit")
            #expect(run.status == 1 && run.errors.contains(words), "\(run.status) \(run.output) \(run.errors)", sourceLocation: location)
        }
        // Somebody else's signature, of the same authority: no partner, and no party.
        let other = pair.root.file("other")
        try Sluice.succeed(["init", other, "--id", "AL.MOI", "--authority", pair.root.file("authority")])
        try Data(String(contentsOfFile: other + "/node.yaml", encoding: .utf8).replacingOccurrences(of: "partners: []", with: "partners: [{id: AM.MOI}]").utf8)
            .write(to: URL(fileURLWithPath: other + "/node.yaml"))
        let foreign = pair.root.file("foreign.asice")
        try Sluice.succeed(["package", "countersign", one, foreign, "--config", other + "/node.yaml"])
        try refused(foreign, "signerUntrusted")
        // A text that names others.
        let elsewhere = pair.root.file("elsewhere.yaml")
        let text = try String(contentsOfFile: pair.sender.folder + "/agreements/permits.yaml", encoding: .utf8)
        try Data(text.replacingOccurrences(of: "receiver: AM.ARMSTAT", with: "receiver: AL.INSTAT").utf8).write(to: URL(fileURLWithPath: elsewhere))
        let theirs = pair.root.file("theirs.asice")
        try Sluice.succeed(["agreement", "sign", elsewhere, "--out", theirs] + node(pair.sender))
        try refused(theirs, "this node is AM.ARMSTAT", at: pair.receiver)
        let notOurs = try Sluice.run(["agreement", "sign", elsewhere, "--out", pair.root.file("never")] + node(pair.receiver))
        #expect(notOurs.status == 1 && notOurs.errors.contains("this node is AM.ARMSTAT"), "\(notOurs.errors)")
        // The same signatures over another text.
        var bytes = [UInt8](try #require(FileManager.default.contents(atPath: both)))
        let mark = Array("minimumCell: 5".utf8)
        if let place = (0..<(bytes.count - mark.count)).first(where: { Array(bytes[$0..<($0 + mark.count)]) == mark }) {
            bytes[place + mark.count - 1] = UInt8(ascii: "2")
        } else {
            bytes[bytes.count / 3] ^= 1
        }
        try Data(bytes).write(to: URL(fileURLWithPath: pair.root.file("changed.asice")))
        try refused(pair.root.file("changed.asice"), "REFUSED")
        // A package of another kind, and no package at all.
        try Data("not a package".utf8).write(to: URL(fileURLWithPath: pair.root.file("none")))
        try refused(pair.root.file("none"), "REFUSED")
        // A clerk may not; a passphrase has to be one's own.
        let wrong = try Sluice.run(
            ["agreement", "activate", both, "--as", "anahit", "--passphrase-file", "\(pair.sender.folder)/besarta"] + node(pair.sender))
        #expect(wrong.status == 1 && wrong.errors.contains("passphraseWrong"))
        #expect(try state(pair.sender).contains("draft"))
    }

    @Test func plainFilesCountAndCanBeStopped() throws {
        let pair = try pair(mode: "plain")
        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        #expect(try pair.send().status == 0)
        // What was queued before waits in the outbox; nothing new is decided.
        #expect(try pair.send(wait: 0).status == 0)
        try Sluice.succeed(["agreement", "suspend", Self.id, "1.0", "--reason", "stop"] + pair.passphrase("anahit", pair.sender) + node(pair.sender))
        let refused = try pair.send(wait: 0)
        #expect(refused.status == 1 && refused.output.contains("[agreement.suspended]"), "\(refused.output)")
        let sender = try pair.serve(pair.sender)
        defer { sender.stop() }
        try eventually("the outbox waits") { try pair.query(pair.sender, "SELECT last_error FROM outbox").contains("is suspended") }
        #expect(try pair.query(pair.receiver, "SELECT count(*) FROM dataset") == "1\n")
        let doctor = try Sluice.run(["doctor", "AM.ARMSTAT"] + node(pair.sender))
        #expect(doctor.output.contains("is suspended here"), "\(doctor.output)")
    }

    /// Two agreements; the one that says that the rows are records is for another purpose, and ends.
    @Test func rowsStayRecordsWhenTheAgreementThatSaysSoHasEnded() throws {
        let pair = try pair(mode: "plain")
        let text = try String(contentsOfFile: pair.sender.folder + "/agreements/permits.yaml", encoding: .utf8)
        let register = text.replacingOccurrences(of: "agreement: \(Self.id)", with: "agreement: REGISTER")
            .replacingOccurrences(of: "purpose: [official-statistics, migration-profile]", with: "purpose: [research]")
        try #require(register.contains("purpose: [research]"))
        try Data((register + "\nrecords: {structure: \"AM.MOI:PERMITS(1.0)\", release: pseudonymised}\n").utf8)
            .write(to: URL(fileURLWithPath: pair.sender.folder + "/agreements/register.yaml"))
        let yaml = try String(contentsOfFile: pair.sender.configuration, encoding: .utf8)
        #expect(try pair.send(wait: 0).status == 0)
        try Data(yaml.replacingOccurrences(of: "[agreements/permits.yaml]", with: "[agreements/permits.yaml, agreements/register.yaml]").utf8)
            .write(to: URL(fileURLWithPath: pair.sender.configuration))
        #expect(try pair.send(wait: 0).output.contains("[agreement.records]"))
        #expect(try act(pair, pair.sender, ["end", "REGISTER", "1.0", "--reason", "over"], by: "anahit").output.contains("is ended"))
        let later = try pair.send(wait: 0)
        #expect(later.status == 1 && later.output.contains("[agreement.records]"), "\(later.output) \(later.errors)")
    }

    @Test func aBrokenRecordLetsNothingTravel() throws {
        let pair = try pair(mode: "plain")
        for words in [["suspend", Self.id, "1.0", "--reason", "stop"], ["resume", Self.id, "1.0"]] {
            #expect(try act(pair, pair.sender, words, by: "anahit").status == 0)
        }
        #expect(try act(pair, pair.sender, ["resume", Self.id, "1.0"], by: "besarta").status == 0)
        #expect(try pair.send(wait: 0).status == 0)
        // Somebody would like the suspension not to have been.
        try FileManager.default.removeItem(atPath: "\(pair.sender.folder)/directory/agreements/\(Self.id)/000001.json")
        let run = try pair.send(wait: 0)
        #expect(run.status == 1 && run.output.contains("[agreement.suspended]") && run.output.contains("cannot be believed"), "\(run.output) \(run.errors)")
    }

    /// The only statement there is, taken out whole: nothing in the folder tells of it, and the ledger does.
    @Test func aSuspensionThatWasTakenOutOfTheFolderHolds() throws {
        let pair = try pair(mode: "plain")
        #expect(try act(pair, pair.sender, ["suspend", Self.id, "1.0", "--reason", "stop"], by: "anahit").status == 0)
        let folder = "\(pair.sender.folder)/directory/agreements/\(Self.id)"
        for name in ["000001.json", "000001.p7s"] { try FileManager.default.removeItem(atPath: "\(folder)/\(name)") }
        func isHeldBack(_ what: String) throws {
            let run = try pair.send(wait: 0)
            #expect(run.status == 1 && run.output.contains("[agreement.suspended]"), "\(what): \(run.output) \(run.errors)")
        }
        try isHeldBack("the statement is gone")
        let resumed = try act(pair, pair.sender, ["suspend", Self.id, "1.0", "--reason", "anew"], by: "anahit")
        #expect(resumed.status != 0 && resumed.errors.contains("recordBroken"), "\(resumed.output) \(resumed.errors)")
        try FileManager.default.removeItem(atPath: "\(pair.sender.folder)/directory/agreements")
        try isHeldBack("the folder is gone")
    }
}
