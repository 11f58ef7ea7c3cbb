import Foundation
import SluiceKitTesting
import Testing

/// TLS certificates that change while the nodes run.
@Suite(.serialized) struct RotationTests {
    private func openssl(_ arguments: [String], in folder: String) throws -> String {
        let run = try Run.run(try #require(Tools.openssl, "openssl is not installed"), arguments, folder: folder, within: .seconds(20))
        #expect(run.status == 0, "openssl \(arguments): \(run.output) \(run.errors)")
        return run.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func serial(_ file: String, _ site: Pair.Site) throws -> String {
        try openssl(["x509", "-noout", "-serial", "-in", file], in: site.folder + "/keys")
    }

    /// The serial number that a stranger's new connection is shown.
    private func shown(_ site: Pair.Site) throws -> String {
        let script = "openssl s_client -connect localhost:\(site.exchangePort) -CAfile keys/ca.pem </dev/null 2>/dev/null | openssl x509 -noout -serial"
        return try Run.run("/bin/sh", ["-c", script], folder: site.folder, within: .seconds(20)).output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func eventually(_ what: String, at location: SourceLocation = #_sourceLocation, _ isSo: () throws -> Bool) throws {
        let deadline = ContinuousClock.now + .seconds(40)
        while ContinuousClock.now < deadline {
            if try isSo() { return }
            usleep(100_000)
        }
        Issue.record("it never came to this: \(what)", sourceLocation: location)
    }

    /// Asks the trial authority for the next TLS certificate, by its stock tool, and brings it home.
    private func takeNext(_ site: Pair.Site, _ pair: Pair) throws {
        let node = ["--config", site.configuration]
        try Sluice.succeed(["keys", "request", "--for", "tls", "--host", "localhost"] + node)
        let extensions = "keyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth,clientAuth\nsubjectAltName=DNS:localhost\n"
        try Data(extensions.utf8).write(to: URL(fileURLWithPath: site.folder + "/tls.ext"))
        let authority = pair.root.file("authority")
        _ = try openssl(
            [
                "x509", "-req", "-in", "keys/tls.next.csr.pem", "-CA", authority + "/ca.pem", "-CAkey", authority + "/ca.key.pem", "-days", "30", "-extfile",
                "tls.ext", "-out", "issued.pem",
            ], in: site.folder)
        try Sluice.succeed(["keys", "import", site.folder + "/issued.pem", "--for", "tls"] + node)
    }

    @Test func aRunningNodeTakesItsNextCertificateAndKeepsItFromABrokenOne() throws {
        let pair = try Pair()
        let both = [(pair.sender, pair.receiver), (pair.receiver, pair.sender)]
        for (site, other) in both {
            try pair.openDirectory(site)
            try pair.letIn(other, at: site)
        }
        let words = pair.receiver.folder + "/words"
        func said(_ text: String) throws -> Int { try String(contentsOfFile: words, encoding: .utf8).components(separatedBy: text).count - 1 }
        let nodes = try [pair.serve(pair.receiver, script: "exec \"$@\" 2>'\(words)'"), pair.serve(pair.sender)]
        defer { nodes.forEach { $0.stop() } }
        #expect(try pair.send().status == 0)
        let before = try serial("tls.cert.pem", pair.receiver)
        #expect(try shown(pair.receiver) == before)

        // Half of a certificate, then one whose key is elsewhere: the node goes on with what it has, and says so each time.
        let path = URL(fileURLWithPath: pair.receiver.folder + "/keys/tls.cert.pem")
        let genuine = try Data(contentsOf: path)
        let foreign = try Data(contentsOf: URL(fileURLWithPath: pair.sender.folder + "/keys/tls.cert.pem"))
        for (count, broken) in [(1, genuine.prefix(genuine.count / 2)), (2, foreign)] {
            try Data(broken).write(to: path)
            try eventually("it warns of broken certificate \(count)") { try said("the one in use stays") == count }
            #expect(try shown(pair.receiver) == before)
        }
        try genuine.write(to: path)

        // The overlap: partners know the next certificate before it is used.
        for (site, other) in both {
            try takeNext(site, pair)
            try pair.letIn(site, at: other)
        }
        for (site, _) in both {
            let next = try serial("tls.next.cert.pem", site)
            let old = try shown(site)
            #expect(old != next, "it is not used before it is rotated")
            try Sluice.succeed(["keys", "rotate", "--for", "tls", "--config", site.configuration])
            try eventually("\(site.id) shows its new certificate") { try shown(site) == next }
        }
        #expect(try said("new connections use another TLS certificate") == 1 && said("the one in use stays") == 2)
        // The running sender delivers, with its new certificate, to the receiver's.
        #expect(try pair.send(wait: 0).output.contains("queued"))
        try eventually("the receiver has taken it in") { try pair.query(pair.receiver, "SELECT count(*) FROM dataset") == "2\n" }
        try eventually("the sender has its receipt") { try pair.query(pair.sender, "SELECT count(*) FROM exchange WHERE state = 'receipted'") == "2\n" }
        _ = try openssl(["x509", "-in", "tls.cert.pem", "-outform", "DER", "-out", "tls.der"], in: pair.sender.folder + "/keys")
        let used = try openssl(["dgst", "-sha256", "-r", "tls.der"], in: pair.sender.folder + "/keys").prefix(64)
        #expect(try pair.query(pair.receiver, "SELECT count(*) > 0 FROM ledger WHERE instr(entry, '\(used)')") == "1\n", "delivered with another certificate")
    }
}
