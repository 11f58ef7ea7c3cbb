package import SluiceKit
internal import Synchronization

/// Signs with words instead of keys, judges as it is told, and remembers what it was asked.
package final class FakeHopGuard: HopGuard {
    package struct Asked: Sendable {
        package var signedRequests: [HopRequest] = []
        package var judgedAnswers: [HopAnswer] = []
        package var judgedRequests: [HopRequest] = []
        package var signedAnswers: [HopAnswer] = []
    }

    package let signs: Bool
    package let demands: Bool
    private let fault: HopFault?
    private let state = Mutex(Asked())
    package var asked: Asked { state.withLock { $0 } }

    package static let line = HTTPFieldLine(HopFields.signatureName, "sluice=:AA==:")

    package init(signs: Bool, demands: Bool, fault: HopFault? = nil) {
        self.signs = signs
        self.demands = demands
        self.fault = fault
    }

    package func lines(for request: HopRequest, to receiver: ParticipantID) async throws(HopFault) -> [HTTPFieldLine] {
        state.withLock { $0.signedRequests.append(request) }
        return [Self.line]
    }

    package func check(_ answer: HopAnswer, to request: HopRequest, from receiver: ParticipantID) async throws(HopFault) -> Bool {
        state.withLock { $0.judgedAnswers.append(answer) }
        if let fault { throw fault }
        return answer.fields.contains { $0.name.lowercased() == "signature" }
    }

    package func check(_ request: HopRequest, from sender: ParticipantID) async throws(HopFault) {
        state.withLock { $0.judgedRequests.append(request) }
        if let fault { throw fault }
    }

    package func lines(for answer: HopAnswer, to request: HopRequest) async throws(HopFault) -> [HTTPFieldLine] {
        state.withLock { $0.signedAnswers.append(answer) }
        return [Self.line]
    }
}
