import Foundation
import SluiceKitTesting
import Testing

/// Signatures of the hop between two real processes; requests by hand come from openssl and curl.
@Suite(.serialized, .enabled(if: Tools.openssl != nil, "openssl is absent"))
struct HopSignatureTests {
    private static let id = "01920000-0000-7000-8000-000000000001"

    private func held(_ pair: Pair) throws -> String { try pair.query(pair.sender, "SELECT state FROM exchange").trimmingCharacters(in: .newlines) }

    private func greeting(_ pair: Pair, _ change: (inout SignedRequest) -> Void = { _ in }) -> SignedRequest {
        var request = SignedRequest()
        request.fields = [("Sluice-Receiver", pair.receiver.id)]
        change(&request)
        return request
    }

    @Test func twoNodesThatRequireThemExchange() throws {
        let pair = try Pair()
        for site in [pair.sender, pair.receiver] { try pair.setHopSignatures("required", at: site) }
        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        try pair.exchangesOnce()
        let doctor = try Sluice.run(["doctor", pair.receiver.id, "--config", pair.sender.configuration])
        #expect(
            doctor.status == 0 && doctor.output.contains("ok      signature: ") && doctor.output.contains("sealing key that is in force"), "\(doctor.output)")
    }

    @Test func aDirectoryHoldsTheKeysOfBoth() throws {
        let pair = try Pair()
        for site in [pair.sender, pair.receiver] {
            try pair.setHopSignatures("required", at: site)
            try pair.openDirectory(site)
        }
        try pair.letIn(pair.receiver, at: pair.sender)
        try pair.letIn(pair.sender, at: pair.receiver)
        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        try pair.exchangesOnce()
    }

    @Test func anUnsignedSenderIsToldAndLosesNothing() throws {
        let pair = try Pair()
        try pair.setHopSignatures("required", at: pair.receiver)
        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        let unsigned = try pair.send(wait: 1)
        #expect(unsigned.status == 1, "\(unsigned.output) \(unsigned.errors)")
        #expect(try held(pair) == "queued")
        let reason = try pair.query(pair.sender, "SELECT last_error FROM outbox")
        #expect(reason.contains("AM.ARMSTAT takes only signed requests") && reason.contains("set hopSignatures to sent"), "\(reason)")
        let doctor = try Sluice.run(["doctor", pair.receiver.id, "--config", pair.sender.configuration])
        #expect(doctor.status == 1 && doctor.output.contains("FAILED  answer: ") && doctor.output.contains("takes only signed requests"), "\(doctor.output)")
        #expect(try pair.query(pair.receiver, "SELECT (SELECT count(*) FROM exchange) || (SELECT count(*) FROM body)") == "00\n")

        try pair.setHopSignatures("sent", at: pair.sender)
        let sender = try pair.serve(pair.sender)
        defer { sender.stop() }
        try sender.waits(for: "sluice_exchanges{state=\"receipted\"} 1")
        try pair.holdsExactlyOnce()
    }

    @Test func anAnswerWithoutASignatureIsNone() throws {
        let pair = try Pair()
        try pair.setHopSignatures("required", at: pair.sender)
        let silent = try pair.serve(pair.receiver)
        let sent = try pair.send(wait: 1)
        #expect(sent.status == 1, "\(sent.output) \(sent.errors)")
        #expect(try held(pair) == "queued")
        let reason = try pair.query(pair.sender, "SELECT last_error FROM outbox")
        #expect(reason.contains("the answer is not signed") && reason.contains("AM.ARMSTAT has to set hopSignatures"), "\(reason)")
        let doctor = try Sluice.run(["doctor", pair.receiver.id, "--config", pair.sender.configuration])
        #expect(doctor.status == 1 && doctor.output.contains("FAILED  signature: ") && doctor.output.contains("the answer is not signed"), "\(doctor.output)")
        silent.stop()

        try pair.setHopSignatures("sent", at: pair.receiver)
        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        let sender = try pair.serve(pair.sender)
        defer { sender.stop() }
        try sender.waits(for: "sluice_exchanges{state=\"receipted\"} 1")
        try pair.holdsExactlyOnce()
    }

    @Test func whatIsNotSignedRightIsRefusedByItsCode() throws {
        let pair = try Pair()
        try pair.setHopSignatures("required", at: pair.receiver)
        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        func refused(_ request: SignedRequest, _ code: String, change: (inout SignedRequest) -> Void = { _ in }) throws {
            let answer = try request.send(from: pair.sender, to: pair.receiver, change: change)
            #expect(answer.status == 401 && answer.code == "hop.\(code)", "\(code): \(answer.status) \(answer.body)")
            // Refusals are signed as well.
            #expect(answer.field("Signature") != nil && answer.field("Signature-Input")?.contains("\"content-digest\"") == true, "\(answer.head)")
        }
        let right = greeting(pair)
        let first = try right.send(from: pair.sender, to: pair.receiver)
        #expect(first.status == 200 && first.body.contains("\"participant\":\"AM.ARMSTAT\""), "\(first.head) \(first.body)")
        #expect(first.field("Signature-Input")?.contains("\"signature\";req") == true, "\(first.head)")
        try refused(right, "nonceRepeated")
        try refused(
            greeting(pair) {
                $0.created -= 1_000
                $0.expires = $0.created + 60
            }, "expired")
        try refused(greeting(pair) { $0.created += 1_000 }, "notYetValid")
        try refused(greeting(pair) { $0.expires = $0.created + 3_600 }, "windowTooLong")
        try refused(greeting(pair) { $0.signer = pair.receiver }, "keyNotTrusted")
        try refused(greeting(pair) { $0.keyPair = "tls" }, "keyNotTrusted")
        try refused(greeting(pair) { $0.fields = [("Sluice-Receiver", "UN.UNSD")] }, "receiverWrong")
        try refused(greeting(pair) { $0.covered = [] }, "componentNotCovered")
        try refused(greeting(pair), "signatureInvalid") { $0.path += "?" + "all" }
        try refused(greeting(pair), "componentMissing") { $0.fields = [] }

        let folder = try TemporaryFolder("sluice-hop")
        let package = [UInt8](repeating: 7, count: 5_000)
        func put(_ change: (inout SignedRequest) -> Void = { _ in }) throws -> SignedRequest {
            var request = try SignedRequest.put(Self.id, package, to: pair.receiver.id, in: folder)
            change(&request)
            return request
        }
        try refused(put(), "signatureInvalid") { $0.fields[1].value = "application/vnd.sluice.jws+zip" }
        try refused(put(), "signatureInvalid") { $0.path = $0.path.replacing("01920000", with: "01930000") }
        try refused(put(), "componentNotCovered") { $0.fields.append(("Upload-Length", "5000")) }
        try refused(
            put {
                $0.fields.removeLast()
                $0.covered.removeAll { $0 == "repr-digest" }
            }, "digestMissing")
        try refused(put { $0.covered.removeAll { $0 == "repr-digest" } }, "componentNotCovered")
        // Its fields hold, the bytes are others: the digest that was signed says so.
        let other = try put().send(from: pair.sender, to: pair.receiver) { $0.body?[17] = 8 }
        #expect(other.status == 409 && other.code == "upload-digest-mismatch", "\(other.status) \(other.body)")

        #expect(try pair.query(pair.receiver, "SELECT (SELECT count(*) FROM exchange) || (SELECT count(*) FROM body)") == "00\n")
        #expect(try pair.query(pair.receiver, "SELECT count(*) FROM ledger WHERE instr(entry, 'AM.MOI')") == "0\n")
        // Asking how much is there is a request like others.
        let ask = try put {
            ($0.method, $0.body) = ("HEAD", nil)
            $0.fields = [("Sluice-Receiver", pair.receiver.id), ("Upload-Length", "5000"), $0.fields[3]]
            $0.covered = ["sluice-receiver", "upload-length", "repr-digest"]
        }
        let asked = try ask.send(from: pair.sender, to: pair.receiver)
        #expect(asked.status == 404 && asked.field("Signature") != nil, "\(asked.head)")
        // The whole, signed and right but for the seal: the receiver judges it and seals its refusal.
        let judged = try put().send(from: pair.sender, to: pair.receiver)
        #expect(judged.status == 422 && judged.field("Signature-Input")?.contains("\"repr-digest\";req") == true, "\(judged.head)")
    }

    @Test func aSignatureThatIsThereIsJudgedWhereNoneIsRequired() throws {
        let pair = try Pair()
        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        let wrong = try greeting(pair) { $0.signer = pair.receiver }.send(from: pair.sender, to: pair.receiver)
        #expect(wrong.status == 401 && wrong.code == "hop.keyNotTrusted", "\(wrong.status) \(wrong.body)")
        let right = try greeting(pair).send(from: pair.sender, to: pair.receiver)
        // Nothing is signed by a node that is told nothing of it.
        #expect(right.status == 200 && right.field("Signature") == nil, "\(right.head)")
    }
}
