import Foundation
import SluiceKitTesting
import Testing

/// `sluice doctor` names what stops an exchange, and nothing else.
@Suite(.serialized) struct DoctorTests {
    private func doctor(_ pair: Pair, _ participant: String? = nil) throws -> Run {
        try Sluice.run(["doctor", participant ?? pair.receiver.id, "--config", pair.sender.configuration])
    }

    private func change(_ file: String, _ from: String, to: String) throws {
        let text = try String(contentsOfFile: file, encoding: .utf8)
        #expect(text.contains(from), "\(file) has no \(from)")
        try Data(text.replacingOccurrences(of: from, with: to).utf8).write(to: URL(fileURLWithPath: file))
    }

    @Test func findsNothingWhereAnExchangeGoesThrough() throws {
        let pair = try Pair()
        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        let run = try doctor(pair)
        #expect(run.status == 0 && !run.output.contains("FAILED") && !run.output.contains("warning"), "\(run.output) \(run.errors)")
        for step in ["participant", "keys", "agreement", "name", "port", "tls", "certificate", "answer", "clock", "format", "queue"] {
            #expect(run.output.contains("ok      \(step): "), "\(step) was not looked at: \(run.output)")
        }
        #expect(run.output.contains("AM.ARMSTAT has the same AM-MOI-ARMSTAT-PERMITS 1.0"), "\(run.output)")
        #expect(try pair.query(pair.receiver, "SELECT count(*) FROM exchange") == "0\n")
        // What it asks, a stock client asks too.
        let curl = try #require(Tools.find("curl"), "curl is not installed")
        let keys = pair.sender.folder + "/keys"
        let greeting = try Run.run(
            curl,
            [
                "-s", "--cacert", keys + "/ca.pem", "--cert", keys + "/tls.cert.pem", "--key", keys + "/tls.key.pem",
                "https://localhost:\(pair.receiver.exchangePort)/exchange/v1",
            ])
        let parsed = try JSONSerialization.jsonObject(with: Data(greeting.output.utf8)) as? [String: Any]
        #expect(parsed?["participant"] as? String == "AM.ARMSTAT" && (parsed?["agreements"] as? [Any])?.count == 1, "\(greeting.output)")
    }

    @Test func namesANodeThatDoesNotRunAndAWrongEndpoint() throws {
        let pair = try Pair()
        let down = try doctor(pair)
        #expect(down.status == 1 && down.output.contains("FAILED  port: ") && !down.output.contains("tls:"), "\(down.output)")
        // The sender's own node listens where the partner should.
        let sender = try pair.serve(pair.sender)
        defer { sender.stop() }
        try change(pair.sender.configuration, "localhost:\(pair.receiver.exchangePort)", to: "localhost:\(pair.sender.exchangePort)")
        let other = try doctor(pair)
        #expect(other.status == 1 && other.output.contains("that is AM.MOI, not AM.ARMSTAT; correct the endpoint"), "\(other.output)")
        try change(pair.sender.configuration, "localhost:\(pair.sender.exchangePort)", to: "no-such-host.invalid:7443")
        let nowhere = try doctor(pair)
        #expect(nowhere.status == 1 && nowhere.output.contains("FAILED  name: no-such-host.invalid cannot be resolved"), "\(nowhere.output)")
        let stranger = try doctor(pair, "XX.NOBODY")
        #expect(stranger.status == 1 && stranger.output.contains("FAILED  participant: XX.NOBODY is not among the partners"), "\(stranger.output)")
        #expect(try doctor(pair, "not a participant").status == 2)
    }

    @Test func comparesTheAgreementsOfBothSides() throws {
        let pair = try Pair()
        try change(pair.receiver.folder + "/agreements/permits.yaml", "retention: P5Y", to: "retention: P2Y")
        let receiver = try pair.serve(pair.receiver)
        let differing = try doctor(pair)
        receiver.stop()
        #expect(differing.status == 0 && differing.output.contains("says something else at AM.ARMSTAT"), "\(differing.output)")
        try change(pair.receiver.configuration, "[agreements/permits.yaml]", to: "[]")
        let without = try pair.serve(pair.receiver)
        defer { without.stop() }
        let run = try doctor(pair)
        #expect(run.status == 1 && run.output.contains("FAILED  agreement: AM.ARMSTAT does not have"), "\(run.output)")
    }
}
