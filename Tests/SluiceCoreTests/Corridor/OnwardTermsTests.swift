import SluiceKit
import Testing

@testable import SluiceCore

/// How many exchanges data may have come in by whose terms are held together.
@Suite struct OnwardTermsTests {
    private struct Received: ReceivedData {
        var count: Int
        func terms(payloadSHA256: String, contentCode: String, atMost limit: Int) -> [ReceivedTerms] {
            (0..<min(count, limit)).map {
                ReceivedTerms(exchangeID: "x\($0)", sender: "AM.MOI", agreement: "PERMITS 1.0", onwardTransfer: .public, purposes: ["official-statistics"])
            }
        }
    }

    private func terms(_ count: Int) throws -> Int {
        var tools = TrialTools.make()
        tools.received = Received(count: count)
        let corridor = OutboundCorridor(tools)
        let survey = Survey(schema: PermitsSample.schema(), datasets: 1, observations: 0, summaries: [], content: nil)
        return try corridor.terms(of: FakeHashing().sha256([]), survey, among: tools.received).count
    }

    @Test func termsThatAreTooManyToBeHeldTogetherRefuse() throws {
        #expect(try terms(0) == 0 && terms(OutboundCorridor.receivedMax) == OutboundCorridor.receivedMax)
        let refusal = #expect(throws: Refusal.self) { try terms(OutboundCorridor.receivedMax + 1) }
        #expect(refusal?.code == "agreement.onward" && refusal?.detail.contains("AM.MOI") == true)
    }
}
