import SluiceCore
import SluiceHTTP
import SluiceKit
import Synchronization
import Testing
import TransportHTTP

/// What the exchange endpoint makes of requests to the node's witness, before and after it.
@Suite struct WitnessEndpointTests {
    /// Answers as it is told, and remembers what it was given.
    final class FakeWitness: WitnessService {
        let bodyBytesMax = 4_096
        let answer: TransportAnswer
        let problem: Problem?
        private let given = Mutex<[String]>([])
        var asked: [String] { given.withLock { $0 } }

        init(_ answer: TransportAnswer, problem: Problem? = nil) {
            self.answer = answer
            self.problem = problem
        }

        func addCheckpoint(_ body: [UInt8], from peer: Peer) async throws(Problem) -> TransportAnswer {
            given.withLock { $0.append("\(peer.participant) \(String(decoding: body, as: UTF8.self))") }
            if let problem { throw problem }
            return answer
        }

        func checkpoint(originSHA256: String, for peer: Peer) async throws(Problem) -> TransportAnswer {
            given.withLock { $0.append("\(peer.participant) asks \(originSHA256)") }
            return answer
        }
    }

    private let cosigned = TransportAnswer(status: 200, contentType: "text/plain; charset=utf-8", body: Array("— w line\n".utf8))
    private static let path = "/exchange/v1/witness/add-checkpoint"

    private func answer(to question: TransportQuestion, _ witness: FakeWitness?) async throws -> TransportAnswer {
        let parties = try TestParties.usual.get()
        var listener = parties.exchangeListener()
        listener.refusalLingerSeconds = 1
        listener.witness = witness
        return try await withListeners(listener, inbound: FakeInbound()) { port, _ in
            let transport = try parties.transport()
            let endpoint = Endpoint(participant: ParticipantID("AM.ARMSTAT")!, url: "https://localhost:\(port)")
            do {
                let answer = try await transport.ask(question, of: endpoint)
                await transport.close()
                return answer
            } catch {
                await transport.close()
                throw error
            }
        }
    }

    private func post(_ body: String, path: String = path, digest: SHA256Digest? = nil) -> TransportQuestion {
        TransportQuestion(path: path, body: Array(body.utf8), bodySHA256: digest, contentType: "text/plain", bytesMax: 65_536, secondsMax: 10)
    }

    private func get(_ path: String) -> TransportQuestion { TransportQuestion(path: path, bytesMax: 65_536, secondsMax: 10) }

    @Test func carriesTheBodyInAndTheAnswerOut() async throws {
        let size = TransportAnswer(status: 409, contentType: "text/x.tlog.size", body: Array("12\n".utf8), retryAfterSeconds: 7)
        for expected in [cosigned, size] {
            let witness = FakeWitness(expected)
            #expect(try await answer(to: post("old 0\n\nnote"), witness) == expected)
            #expect(witness.asked == ["UN.UNSD old 0\n\nnote"])
        }
        let witness = FakeWitness(cosigned)
        let hash = String(repeating: "ab", count: 32)
        #expect(try await answer(to: get("/exchange/v1/witness/\(hash)/checkpoint"), witness) == cosigned)
        #expect(witness.asked == ["UN.UNSD asks \(hash)"])
    }

    @Test func refusesWhatIsNoRequestToAWitness() async throws {
        let hash = String(repeating: "ab", count: 32)
        let questions: [(TransportQuestion, Int)] = [
            (get(Self.path), 405), (post("x", path: "/exchange/v1/witness/\(hash)/checkpoint"), 405), (post("x", path: "/exchange/v1/witness/"), 404),
            (post("x", path: "/exchange/v1/witness/add-checkpoint/"), 404), (get("/exchange/v1/witness/\(hash.uppercased())/checkpoint"), 404),
            (get("/exchange/v1/witness/\(hash.dropLast())/checkpoint"), 404), (get("/exchange/v1/witness/../\(hash)/checkpoint"), 404),
            (get("/exchange/v1/witness//checkpoint"), 404), (get("/exchange/v1/witness/\(hash)/checkpoint/more"), 404),
            (post(String(repeating: "x", count: 4_097)), 413), (post("x", digest: SHA256Digest(hex: hash)), 409),
        ]
        for (question, status) in questions {
            let witness = FakeWitness(cosigned)
            let found = try await answer(to: question, witness)
            #expect(found.status == status, "\(question.path): \(found.status) \(String(decoding: found.body, as: UTF8.self))")
            #expect(witness.asked.isEmpty, "\(question.path) reached the witness")
        }
        #expect(try await answer(to: post("old 0\n\nnote"), nil).status == 404)
        let full = Problem(status: 429, code: "rate-limited", title: "Too many", detail: "later", retryAfterSeconds: 9)
        let refused = try await answer(to: post("x"), FakeWitness(cosigned, problem: full))
        #expect(refused.status == 429 && refused.retryAfterSeconds == 9)
    }
}
