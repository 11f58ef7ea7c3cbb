import Foundation
import SluiceKitTesting
import Synchronization
import Testing

/// What authorities outside say of times and revocations: `openssl ts` stamps, and lists that `openssl ca` makes, asked for over HTTP.
@Suite(.serialized) struct OutsideAuthorityTests {
    private func append(_ lines: String, to site: Pair.Site) throws {
        let yaml = try String(contentsOfFile: site.configuration, encoding: .utf8)
        try Data((yaml + "\n" + lines + "\n").utf8).write(to: URL(fileURLWithPath: site.configuration))
    }

    @Test func sealsCarryTheTimeOfTheConfiguredAuthority() throws {
        let pair = try Pair()
        let stamper = try TestTimeStamper()
        let server = try ScriptedServer { path, body in path == "/tsr" ? try? stamper.answer(body) : nil }
        defer { server.stop() }
        // Without trust in the authority a stamped package is refused, in words that name the mend.
        try append("timeStamps: {url: \"http://127.0.0.1:\(server.port)/tsr\", authority: \"\(stamper.authorityPath)\"}", to: pair.sender)
        let distrusting = try pair.serve(pair.receiver)
        let refused = try pair.send()
        distrusting.stop()
        #expect(refused.status == 1 && refused.output.contains("timeStampUntrusted"), "\(refused.output) \(refused.errors)")
        // The receiver asks nobody for stamps of its own: it only believes.
        try append("timeStamps: {authority: \"\(stamper.authorityPath)\"}", to: pair.receiver)
        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        let sent = try pair.send()
        #expect(sent.status == 0, "\(sent.output) \(sent.errors)")
        #expect(server.asked == ["POST /tsr", "POST /tsr"])

        // openssl finds the stamp over our signature.
        let id = try pair.query(pair.sender, "SELECT id FROM exchange WHERE state = 'receipted'").trimmingCharacters(in: .newlines)
        let out = pair.root.file("out")
        try Sluice.succeed(["exchange", "export", id, out, "--config", pair.sender.configuration])
        let unzip = try #require(Tools.find("unzip"), "unzip is not installed")
        #expect(try Run.run(unzip, ["-q", "\(out)/\(id).asice", "-d", out]).status == 0)
        let dump = try Run.run(
            "/usr/bin/env", ["openssl", "cms", "-cmsout", "-print", "-inform", "DER", "-in", out + "/META-INF/signature001.p7s"], within: .seconds(20))
        let package = "\(out)/\(id).asice"
        let authorities = ["--ca", pair.sender.folder + "/keys/ca.pem", "--time-authority", stamper.authorityPath]
        #expect(try Sluice.succeed(["package", "verify", package] + authorities).contains("as a time-stamping authority proves"))
        #expect(try Sluice.run(["package", "verify", package, "--ca", pair.sender.folder + "/keys/ca.pem"]).status == 1)
        // The receiver counter-signs what it got; both signatures hold, and the first is as it was.
        let both = pair.root.file("both.asice")
        try Sluice.succeed(["package", "countersign", package, both, "--config", pair.receiver.configuration])
        #expect(try Sluice.succeed(["package", "verify", both] + authorities).contains("Counter-signed by AM.ARMSTAT"))
        #expect(try Sluice.run(["package", "countersign", package, both, "--config", pair.receiver.configuration]).status == 2, "it wrote over a file")
        try Data("not a package".utf8).write(to: URL(fileURLWithPath: pair.root.file("none")))
        let none = try Sluice.run(["package", "countersign", pair.root.file("none"), pair.root.file("never"), "--config", pair.receiver.configuration])
        #expect(none.status == 1 && !FileManager.default.fileExists(atPath: pair.root.file("never")), "\(none.status) \(none.errors)")
        #expect(dump.output.contains("id-smime-aa-timeStampToken") || dump.output.contains("signatureTimeStampToken"), "\(dump.output.prefix(3000))")
    }

    @Test func withoutAStampNothingIsSealedAndNothingLost() throws {
        let pair = try Pair()
        let stamper = try TestTimeStamper()
        try append("timeStamps: {url: \"http://127.0.0.1:\(try FreePorts.find(1)[0])/tsr\", authority: \"\(stamper.authorityPath)\"}", to: pair.sender)
        let run = try pair.send(wait: 0)
        #expect(run.status == 2 && run.errors.contains("no time stamp"), "\(run.status) \(run.output) \(run.errors)")
        #expect(try pair.query(pair.sender, "SELECT count(*) FROM exchange") == "0\n")
    }

    @Test func aReceiverThatCannotProveItsTimeDecidesNothing() throws {
        let pair = try Pair()
        let stamper = try TestTimeStamper()
        let isThere = Mutex(false)
        let server = try ScriptedServer { _, body in isThere.withLock { $0 } ? try? stamper.answer(body) : nil }
        defer { server.stop() }
        for (site, url) in [(pair.receiver, "url: \"http://127.0.0.1:\(server.port)/tsr\", "), (pair.sender, "")] {
            try append("timeStamps: {\(url)authority: \"\(stamper.authorityPath)\"}", to: site)
        }
        // It answers with a status of its own, and finds itself unable to start sealing: nothing is refused.
        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        let early = try pair.send(wait: 2)
        #expect(early.status == 1 && early.errors.contains("seal.timeStampUnavailable; nothing was decided"), "\(early.output) \(early.errors)")
        #expect(try pair.query(pair.sender, "SELECT state FROM exchange") == "queued\n")
        #expect(try pair.query(pair.receiver, "SELECT state FROM exchange") == "received\n")
        isThere.withLock { $0 = true }
        // The sender was told to wait a minute; a person does not.
        let id = try pair.query(pair.sender, "SELECT id FROM exchange").trimmingCharacters(in: .newlines)
        try Sluice.succeed(["exchange", "park", id, "--reason", "the authority is back", "--config", pair.sender.configuration])
        try Sluice.succeed(["exchange", "replay", id, "--config", pair.sender.configuration])
        try pair.holdsExactlyOnce()
    }

    /// A list of the trial authority, by openssl, in which these serials are revoked.
    /// - Parameter validity: how long it is current; two seconds from now unless said.
    private func list(_ pair: Pair, number: Int, revoked: [String], validity: [String] = ["-crlsec", "2"]) throws -> [UInt8] {
        let folder = pair.root.file("authority")
        try Data(revoked.map { "R\t491231235959Z\t251101000000Z,keyCompromise\t\($0)\tunknown\t/CN=x\n" }.joined().utf8)
            .write(to: URL(fileURLWithPath: folder + "/index.txt"))
        try Data("0\(number)\n".utf8).write(to: URL(fileURLWithPath: folder + "/number"))
        try Data("[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ncrlnumber=number\ndefault_md=sha256\n".utf8)
            .write(to: URL(fileURLWithPath: folder + "/ca.cnf"))
        let pem = try TestTool.run(
            [
                "openssl", "ca", "-gencrl", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key.pem", "-out", "list.pem",
            ] + validity, in: folder)
        #expect(pem.status == 0, "\(pem.output)")
        #expect(try TestTool.run(["openssl", "crl", "-in", "list.pem", "-outform", "DER", "-out", "list.der"], in: folder).status == 0)
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder + "/list.der")))
    }

    /// Sends once, and returns the package that left, unpacked.
    private func sealed(_ pair: Pair, as name: String) throws -> (package: String, folder: String) {
        let sent = try pair.send()
        #expect(sent.status == 0, "\(sent.output) \(sent.errors)")
        let id = try pair.query(pair.sender, "SELECT id FROM exchange ORDER BY id DESC LIMIT 1").trimmingCharacters(in: .newlines)
        let out = pair.root.file(name)
        try Sluice.succeed(["exchange", "export", id, out, "--config", pair.sender.configuration])
        #expect(try TestTool.run(["unzip", "-q", "\(id).asice", "-d", "inside"], in: out).status == 0)
        return ("\(out)/\(id).asice", out + "/inside")
    }

    @Test func sealsCarryTheConfiguredListAndOpenSSLJudgesByIt() throws {
        let pair = try Pair()
        for site in [pair.sender, pair.receiver] { try pair.openDirectory(site) }
        try pair.letIn(pair.receiver, at: pair.sender)
        try pair.letIn(pair.sender, at: pair.receiver)
        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        let plain = try sealed(pair, as: "plain")
        let file = pair.sender.folder + "/authority.crl"
        try Data(try list(pair, number: 2, revoked: [], validity: ["-crldays", "7"])).write(to: URL(fileURLWithPath: file))
        try append("revocation: {lists: [authority.crl]}", to: pair.sender)
        let along = try sealed(pair, as: "along")

        // The chain is checked for revocation by what is in the signature, for there is nothing else.
        func verify(_ folder: String) throws -> TestTool.Outcome {
            try TestTool.run(
                [
                    "openssl", "cms", "-verify", "-binary", "-cades", "-crl_check", "-inform", "DER", "-in", "META-INF/signature001.p7s", "-content",
                    "META-INF/ASiCManifest001.xml", "-CAfile", pair.sender.folder + "/keys/ca.pem", "-out", "/dev/null",
                ], in: folder)
        }
        let judged = try verify(along.folder)
        #expect(judged.status == 0 && judged.output.contains("successful"), "\(judged.output)")
        let unjudged = try verify(plain.folder)
        #expect(unjudged.status != 0 && unjudged.output.contains("CRL"), "\(unjudged.output)")
        let dump = try TestTool.run(
            ["openssl", "cms", "-cmsout", "-print", "-inform", "DER", "-in", "META-INF/signature001.p7s"], in: along.folder
        ).output
        #expect(dump.contains("crls:") && dump.contains("d.crl:"), "\(dump.suffix(2000))")

        // An auditor whose list says nothing of that time believes the one inside.
        let old = ["-crl_lastupdate", "20260101000000Z", "-crl_nextupdate", "20260102000000Z"]
        _ = try list(pair, number: 1, revoked: [], validity: old)
        let authorities = ["--ca", pair.sender.folder + "/keys/ca.pem", "--revocation-list", pair.root.file("authority/list.pem")]
        try Sluice.succeed(["package", "verify", along.package] + authorities)
        let refused = try Sluice.run(["package", "verify", plain.package] + authorities)
        #expect(refused.status == 1 && refused.errors.contains("revocationUnknown"), "\(refused.output) \(refused.errors)")
        // What is revoked is refused, whatever stands inside.
        let serial = try TestTool.run(["openssl", "x509", "-noout", "-serial", "-in", "sealing.cert.pem"], in: pair.sender.folder + "/keys")
            .output.trimmingCharacters(in: .newlines).replacingOccurrences(of: "serial=", with: "")
        _ = try list(pair, number: 3, revoked: [serial], validity: ["-crldays", "7"])
        let revoked = try Sluice.run(["package", "verify", along.package] + authorities)
        #expect(revoked.status == 1 && revoked.errors.contains("certificateRevoked"), "\(revoked.output) \(revoked.errors)")
    }

    @Test func fetchedListsTurnARevokedPartnerAway() throws {
        let pair = try Pair()
        let current = Mutex(try list(pair, number: 1, revoked: []))
        let server = try ScriptedServer { path, _ in path == "/ca.crl" ? current.withLock { $0 } : nil }
        defer { server.stop() }
        for site in [pair.sender, pair.receiver] {
            try pair.openDirectory(site)
            try append("revocation: {fetch: true, listAddresses: [\"http://127.0.0.1:\(server.port)/ca.crl\"], graceSeconds: 86400}", to: site)
        }
        try pair.letIn(pair.receiver, at: pair.sender)
        try pair.letIn(pair.sender, at: pair.receiver)
        let trusting = try pair.serve(pair.receiver)
        let sent = try pair.send()
        trusting.stop()
        #expect(sent.status == 0, "\(sent.output) \(sent.errors)")
        #expect(server.asked.contains("GET /ca.crl"))
        let serial = try TestTool.run(["openssl", "x509", "-noout", "-serial", "-in", "tls.cert.pem"], in: pair.sender.folder + "/keys")
            .output.trimmingCharacters(in: .newlines).replacingOccurrences(of: "serial=", with: "")
        let revoking = try list(pair, number: 2, revoked: [serial])
        current.withLock { $0 = revoking }
        // The list of before is half through its two seconds by now, so the node asks again as soon as it serves.
        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        try receiver.waits(for: "sluice_certificate_warnings{severity=\"critical\"} 1")
        let refused = try pair.send(wait: 2)
        #expect(refused.status == 1 && refused.output.contains("403"), "\(refused.output) \(refused.errors)")
    }
}
