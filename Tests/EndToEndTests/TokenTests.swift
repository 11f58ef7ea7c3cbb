import Foundation
import SluiceKitTesting
import Testing

/// Nodes whose sealing keys are in a token: seals, receipts and hops are signed there, and no file holds the key.
@Suite(.serialized, .enabled(if: Tools.softHSM != nil, "softhsm2 is absent"))
struct TokenTests {
    /// Moves the sealing key of each site into a token of its own, and leaves no copy.
    private func moveKeys(of pair: Pair) throws {
        let folder = pair.root.file("tokens")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let settings = pair.root.file("softhsm.conf")
        try "directories.tokendir = \(folder)\nobjectstore.backend = file\n".write(toFile: settings, atomically: true, encoding: .utf8)
        // Read by the token's library in the nodes; nothing else of this process uses one.
        setenv("SOFTHSM2_CONF", settings, 1)
        let pin = pair.root.file("pin")
        try "1234\n".write(toFile: pin, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: pin)
        let tool = try #require(Tools.find("softhsm2-util"))
        let module = try #require(Tools.softHSM)
        for site in [pair.sender, pair.receiver] {
            let key = site.folder + "/keys/sealing.key.pem"
            for arguments in [
                ["--init-token", "--free", "--label", site.id, "--pin", "1234", "--so-pin", "5678"],
                ["--import", key, "--token", site.id, "--label", "sealing", "--id", "01", "--pin", "1234"],
            ] {
                let run = try Run.run(tool, arguments)
                try #require(run.status == 0, "\(run.output) \(run.errors)")
            }
            try FileManager.default.removeItem(atPath: key)
            let uri = "pkcs11:token=\(site.id);object=sealing?module-path=\(module)&pin-source=file:\(pin)"
            let text = try String(contentsOfFile: site.configuration, encoding: .utf8)
            try #require(text.contains("sealingKey: keys/sealing.key.pem"))
            try text.replacingOccurrences(of: "sealingKey: keys/sealing.key.pem", with: "sealingKey: \"\(uri)\"")
                .write(toFile: site.configuration, atomically: true, encoding: .utf8)
        }
    }

    @Test(arguments: ["[asic-e]", "[jws]"])
    func sealsReceiptsAndHopsAreSignedInTheToken(_ seals: String) throws {
        let pair = try Pair(seals: seals)
        try moveKeys(of: pair)
        for site in [pair.sender, pair.receiver] { try pair.setHopSignatures("required", at: site) }
        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        try pair.exchangesOnce()
    }

    @Test func aTokenThatIsGoneIsNamedAndLosesNothing() throws {
        let pair = try Pair()
        try moveKeys(of: pair)
        try FileManager.default.removeItem(atPath: pair.root.file("tokens"))
        try FileManager.default.createDirectory(atPath: pair.root.file("tokens"), withIntermediateDirectories: true)
        let sent = try pair.send(wait: 1)
        #expect(sent.status == 2 && sent.errors.contains("token"), "\(sent.status) \(sent.output) \(sent.errors)")
    }
}
