import Hummingbird
import HummingbirdTesting
import SluiceCore
import SluiceKit
import Synchronization
import Testing

@testable import SluiceHTTP

/// The form on an exchange's page, and what is posted to it.
struct ConsoleActsTests {
    private struct Asked: Hashable {
        var act: ExchangeAct
        var exchange: String
        var reason: String
        var name: String
        var passphrase: String
    }
    private final class Record: Sendable {
        let asked = Mutex<[Asked]>([])
    }

    private let record = Record()
    private static let path = "/console/exchanges/AM.ARMSTAT/\(FakeNode.id(1))"
    private static let form = "act=park&person=anahit.h&passphrase=twelve+bytes%26more&reason=moved%20%3Cb%3E"

    private func node(_ state: ExchangeState = .parked, direction: ExchangeRecord.Direction = .outgoing, refusing problem: Problem? = nil) -> FakeNode {
        FakeNode(
            records: [FakeNode.record(1, state, direction: direction)], knowsPeople: true,
            acts: { [record] act, id, reason, credentials throws(Problem) in
                let asked = Asked(
                    act: act, exchange: id, reason: reason, name: credentials.name, passphrase: String(decoding: credentials.passphrase, as: UTF8.self))
                record.asked.withLock { $0.append(asked) }
                if let problem { throw problem }
            })
    }

    private func ask(
        _ node: FakeNode, _ method: HTTPRequest.Method = .post, _ path: String = ConsoleActsTests.path + "/acts", form: String = ConsoleActsTests.form,
        host: String = "127.0.0.1", headers: HTTPFields = [.contentType: "application/x-www-form-urlencoded"]
    ) async throws -> (status: Int, headers: HTTPFields, text: String) {
        let routes = try InspectionRoutes(listener: InspectionListener(host: host), node: node, tally: ExchangeTally(), logger: quietLogger)
        let application = Application(responder: routes.responder(), logger: quietLogger)
        let response = try await application.test(.router) { client in
            try await client.execute(uri: path, method: method, headers: headers, body: method == .post ? ByteBuffer(string: form) : nil) { $0 }
        }
        return (response.status.code, response.headers, String(buffer: response.body))
    }

    private var asked: [Asked] { record.asked.withLock { $0 } }

    @Test func whatIsPostedIsDoneAndTheExchangeShown() async throws {
        let answer = try await ask(node())
        #expect(answer.status == 303 && answer.headers[.location] == Self.path)
        #expect(asked == [Asked(act: .park, exchange: FakeNode.id(1), reason: "moved <b>", name: "anahit.h", passphrase: "twelve bytes&more")])
    }

    @Test(arguments: [
        (ExchangeState.awaitingApproval, ["approve", "refuse", "cancel"]), (.parked, ["replay", "cancel"]), (.queued, ["park", "cancel"]),
        (.handedOver, ["park"]), (.receipted, []), (.cancelled, []),
    ])
    func theFormOffersWhatTheStateAllows(state: ExchangeState, acts: [String]) async throws {
        let page = try Page(try await ask(node(state), .get, Self.path).text)
        #expect(page.elements.filter { $0.name == "button" }.compactMap { $0.attributes["value"] } == acts)
        #expect(page.count("form") == (acts.isEmpty ? 0 : 1))
    }

    @Test func nothingIsOfferedToReadOrToBeStolen() async throws {
        #expect(try await !ask(node(direction: .incoming), .get, "/console/exchanges/UN.UNSD/\(FakeNode.id(1))").text.contains("<form"))
        var nobody = node()
        nobody.knowsPeople = false
        #expect(try await !ask(nobody, .get, Self.path).text.contains("<form"))
        #expect(try await !ask(node(), .get, Self.path, host: "0.0.0.0").text.contains("<form"), "a passphrase over plain HTTP, beyond the machine")
        let open = try await ask(node(), host: "0.0.0.0")
        #expect(open.status == 403 && open.text.contains("command line"))
        #expect(asked.isEmpty)
    }

    @Test(arguments: [
        "", "act=park", "act=erase&person=a&passphrase=b&reason=c", "act=park&person=a&passphrase=b", "act=refuse&person=a&passphrase=b",
        "act=replay&passphrase=b", "act=replay&person=a",
        "act=replay&act=park&person=a&passphrase=b&reason=c", "act=park&person=a&passphrase=b&reason=%0Aforged line", "%ff=%00",
        "act=park&person=a&passphrase=b&reason=" + String(repeating: "x", count: 501),
    ])
    func aFormThatIsNotCompleteIsRefusedInWords(form: String) async throws {
        let answer = try await ask(node(), form: form)
        #expect(answer.status == 400 && answer.headers[.contentType] == "text/html; charset=utf-8")
        _ = try Page(answer.text)
        #expect(asked.isEmpty)
    }

    @Test func whatIsNoFormOfOursIsRefused() async throws {
        let long = try await ask(node(), form: Self.form + "&x=" + String(repeating: "x", count: 9_000))
        #expect(long.status == 413)
        #expect(try await ask(node(), headers: [.contentType: "application/json"]).status == 415)
        #expect(try await ask(node(), headers: [:]).status == 415)
        let foreign: HTTPFields = [.contentType: "application/x-www-form-urlencoded", .secFetchSite: "cross-site"]
        #expect(try await ask(node(), headers: foreign).status == 403)
        #expect(try await ask(node(), .post, "/console/exchanges/AM.ARMSTAT/\(FakeNode.id(2))/acts").status == 404)
        #expect(try await ask(node(direction: .incoming), .post, "/console/exchanges/UN.UNSD/\(FakeNode.id(1))/acts").status == 404)
        #expect(try await ask(node(), .post, "/console").status == 405)
        #expect(try await ask(node(), .post, "/console/exchanges/acts").status == 404)
        let read = try await ask(node(), .get)
        #expect(read.status == 405 && read.headers[.allow] == "POST", "what is sent there cannot be read back")
        #expect(asked.isEmpty)
    }

    @Test func whatTheNodeObjectsToIsSaid() async throws {
        let busy = Problem(status: 429, code: "log-in-waits", title: "Too many", detail: "Try again <later>.", retryAfterSeconds: 60)
        let answer = try await ask(node(refusing: busy))
        #expect(answer.status == 429 && answer.headers[.retryAfter] == "60")
        let page = try Page(answer.text)
        #expect(page.text.contains("Try again <later>.") && page.elements.contains { $0.attributes["href"] == Self.path })
        #expect(asked.count == 1)
    }
}
