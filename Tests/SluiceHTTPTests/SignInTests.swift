import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import SluiceCore
import SluiceKit
import Synchronization
import Testing

@testable import SluiceHTTP

/// Who comes in at the console, where they may go, and what is noted of it.
struct SignInTests {
    private final class Time: Sendable {
        private let start = ContinuousClock.now
        private let passed = Mutex(Duration.zero)
        var now: ContinuousClock.Instant { start + passed.withLock { $0 } }
        func pass(_ seconds: Int) { passed.withLock { $0 += .seconds(seconds) } }
    }

    private let time = Time()
    private let sessions: Sessions
    private static let form: HTTPFields = [.contentType: "application/x-www-form-urlencoded"]
    private static let id = FakeNode.id(1)
    private static let exchange = "/console/exchanges/AM.ARMSTAT/\(id)"

    init() { sessions = Sessions(now: { [time] in time.now }) }

    private func node(_ roles: Person.Role...) -> FakeNode {
        FakeNode(
            records: [FakeNode.record(1, .parked, direction: .outgoing)], entries: [], knowsPeople: true,
            people: roles.map { Person(name: $0.rawValue, roles: [$0], passphraseHash: "h1") },
            path: LedgerPathFacts(
                index: 0, entry: Array("{}".utf8), leaf: "ab", steps: [],
                checkpoint: PublishedCheckpoint(text: "t", size: 1, root: "r", verifierKey: "k")),
            checkpoint: PublishedCheckpoint(text: "today", size: 3, root: "r", verifierKey: "k"))
    }

    private func ask(
        _ node: FakeNode, _ method: HTTPRequest.Method = .get, _ path: String, cookie: String? = nil, form: String? = nil,
        _ change: (inout InspectionListener) -> Void = { _ in }, headers more: HTTPFields = [:]
    ) async throws -> (status: Int, headers: HTTPFields, text: String) {
        var listener = InspectionListener()
        change(&listener)
        let routes = try InspectionRoutes(listener: listener, node: node, tally: ExchangeTally(), logger: quietLogger, sessions: sessions)
        let application = Application(responder: routes.responder(), logger: quietLogger)
        var headers = method == .post ? Self.form : [:]
        headers.append(contentsOf: more)
        if let cookie { headers.append(HTTPField(name: .cookie, value: cookie)) }
        let body = form.map { ByteBuffer(string: $0) }
        let fields = headers
        let response = try await application.test(.router) { client in
            try await client.execute(uri: path, method: method, headers: fields, body: body) { $0 }
        }
        return (response.status.code, response.headers, String(buffer: response.body))
    }

    /// `name=value` of the cookie that is set, or nil.
    private func cookie(_ headers: HTTPFields, _ name: String = "sluice-AM.ARMSTAT") -> String? {
        headers[values: .setCookie].compactMap { $0.split(separator: ";").first.map(String.init) }.first { $0.hasPrefix(name + "=") && !$0.hasSuffix("=") }
    }

    private func value(_ cookie: String) -> String { String(cookie.split(separator: "=")[1]) }

    /// Signs in as the form does, and answers with the answer.
    private func signIn(
        _ node: FakeNode, _ name: String, passphrase: String? = nil, to: String = "/console", with more: String? = nil,
        _ change: (inout InspectionListener) -> Void = { _ in }, prefix: String = ""
    ) async throws -> (status: Int, headers: HTTPFields, text: String) {
        let page = try await ask(node, .get, "/console/sign-in", change)
        let before = try #require(cookie(page.headers, "\(prefix)sluice-AM.ARMSTAT-form"))
        let form = "token=\(value(before))&to=\(to)&person=\(name)&passphrase=\(passphrase ?? "passphrase+of+\(name)")"
        return try await ask(node, .post, "/console/sign-in", cookie: [before, more].compactMap { $0 }.joined(separator: "; "), form: form, change)
    }

    private func session(_ node: FakeNode, _ name: String) async throws -> String {
        let answer = try await signIn(node, name)
        #expect(answer.status == 303, "\(answer.text)")
        return try #require(cookie(answer.headers))
    }

    private func token(_ page: String) throws -> String {
        String(try #require(page.firstMatch(of: /name="token" value="([0-9a-f]{64})"/), "\(page)").1)
    }

    private static func address(_ route: ConsoleRoute) -> String {
        route.path.replacingOccurrences(of: "{sender}", with: "AM.ARMSTAT").replacingOccurrences(of: "{id}", with: id)
            .replacingOccurrences(of: "{index}", with: "0")
    }

    /// Every address, asked by nobody and by each role: what the table says, and nothing else.
    @Test func everyAddressIsForItsRolesAlone() async throws {
        let node = node(.steward, .operator, .auditor, .administrator)
        for route in ConsoleRoute.allCases {
            let path = Self.address(route)
            let stranger = try await ask(node, route.method, path, form: route.method == .post ? "act=cancel&reason=x&person=steward&passphrase=x" : nil)
            switch route {
            case .signInForm, .stylesheet, .script: #expect(stranger.status == 200, "\(route)")
            case .signIn: #expect(stranger.status == 403, "without the form's token nobody comes in")
            default: #expect(stranger.status == (route.method == .get ? 303 : 401), "\(route) is open to strangers: \(stranger.status)")
            }
            #expect(!stranger.text.contains(Self.id), "\(route) shows a stranger an exchange")
            for role in Person.Role.allCases {
                let cookie = try await session(node, role.rawValue)
                guard !route.isOpen else { continue }
                let page = try token(try await ask(node, .get, "/console", cookie: cookie).text)
                let form = route.method == .post ? "token=\(page)&act=cancel&reason=x&passphrase=x" : nil
                let answer = try await ask(node, route.method, path, cookie: cookie, form: form)
                let expected = route.roles.contains(role) ? (route.method == .get ? 200 : 303) : 403
                #expect(answer.status == expected, "\(role.rawValue) at \(route): \(answer.status)")
            }
        }
    }

    /// The table in README.md says the same as the code.
    @Test func theTableOfRolesIsTheCodes() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "Sources/SluiceHTTP/README.md"), encoding: .utf8)
        let rows = ConsoleRoute.allCases.map { route in
            let who = route.isOpen ? "everybody" : Person.Role.allCases.filter(route.roles.contains).map(\.rawValue).joined(separator: ", ")
            return "| `\(route.method.rawValue) \(route.path)` | \(who) | \(route.isLook ? "yes" : "no") |"
        }
        let found = text.split(separator: "\n").map(String.init).filter { $0.contains(/^\| `(GET|POST) \/console/) }
        #expect(found == rows, "the table has to be:\n\(rows.joined(separator: "\n"))")
    }

    @Test func nothingIsAskedWhereNobodyIsKnownOrItIsOff() async throws {
        #expect(try await ask(node(), .get, "/console").status == 200)
        #expect(try await ask(node(.auditor), .get, "/console", { $0.signIn = .off }).status == 200)
        #expect(try await ask(node(.auditor), .get, "/console").status == 303)
        #expect(try await ask(node(), .get, "/console", { $0.signIn = .required }).status == 303)
        var unreadable = node()
        unreadable.arePeopleUnreadable = true
        #expect(try await ask(unreadable, .get, "/console").status == 303, "where nobody can say who they are, nobody may look")
        for path in ["/health/live", "/health/ready", "/metrics"] { #expect(try await ask(node(.auditor), .get, path).status == 200) }
    }

    @Test func theCookieIsNarrow() async throws {
        let node = node(.auditor)
        let answer = try await signIn(node, "auditor", to: "/console/exchanges/AM.ARMSTAT/x%3Fa=b")
        #expect(answer.headers[.location] == "/console/exchanges/AM.ARMSTAT/x?a=b")
        let line = try #require(answer.headers[values: .setCookie].first { $0.hasPrefix("sluice-AM.ARMSTAT=") })
        #expect(line.hasSuffix("; Path=/; HttpOnly; SameSite=Strict"))
        #expect(value(try #require(cookie(answer.headers))).utf8.count == 64)
        let secure = try await signIn(node, "auditor", { $0.isBehindTLS = true }, prefix: "__Host-")
        #expect(
            secure.headers[values: .setCookie].contains { $0.hasPrefix("__Host-sluice-AM.ARMSTAT=") && $0.hasSuffix("; HttpOnly; SameSite=Strict; Secure") })
    }

    @Test func anIDThatWasThereBeforeIsOfNoUse() async throws {
        let node = node(.auditor)
        let planted = "sluice-AM.ARMSTAT=" + String(repeating: "a", count: 64)
        let answer = try await signIn(node, "auditor", with: planted)
        #expect(answer.status == 303 && cookie(answer.headers) != planted)
        #expect(try await ask(node, .get, "/console", cookie: planted).status == 303)
        let first = try #require(cookie(answer.headers))
        let again = try await signIn(node, "auditor", with: first)
        #expect(cookie(again.headers) != first)
        #expect(try await ask(node, .get, "/console", cookie: first).status == 303, "the old session ended with the new sign-in")
        // Two cookies of one name: one of them was planted.
        let second = try #require(cookie(again.headers))
        for letter in "abcdef" {
            let other = "sluice-AM.ARMSTAT=" + String(repeating: letter, count: 64)
            #expect(try await ask(node, .get, "/console", cookie: "\(second); \(other)").status == 303)
        }
        #expect(try await ask(node, .get, "/console", cookie: "x=y; \(second)").status == 200)
    }

    @Test func aSessionEndsWhenItIsIdleOrOld() async throws {
        let node = node(.auditor)
        let idle = try await session(node, "auditor")
        time.pass(Sessions.idleSecondsMax - 1)
        #expect(try await ask(node, .get, "/console", cookie: idle).status == 200)
        time.pass(Sessions.idleSecondsMax)
        #expect(try await ask(node, .get, "/console", cookie: idle).status == 303)
        let busy = try await session(node, "auditor")
        for _ in 0..<(Sessions.secondsMax / 1_000) {
            time.pass(1_000)
            _ = try await ask(node, .get, "/console", cookie: busy)
        }
        time.pass(1_000)
        #expect(try await ask(node, .get, "/console", cookie: busy).status == 303, "twelve hours are over")
        #expect(sessions.count == 0, "nothing is left of them")
    }

    @Test func nobodyHoldsMoreThanAFewSessions() async throws {
        let node = node(.auditor)
        var cookies: [String] = []
        for _ in 0..<(Sessions.perPersonMax + 2) {
            time.pass(1)
            cookies.append(try await session(node, "auditor"))
        }
        #expect(sessions.count == Sessions.perPersonMax)
        #expect(try await ask(node, .get, "/console", cookie: cookies[0]).status == 303)
        #expect(try await ask(node, .get, "/console", cookie: cookies.last).status == 200)
    }

    @Test func whoIsTakenOutOrChangedIsSignedInNoLonger() async throws {
        let node = node(.auditor)
        let cookie = try await session(node, "auditor")
        node.kept.people.withLock { $0 = [Person(name: "auditor", roles: [.operator], passphraseHash: "h1")] }
        #expect(try await ask(node, .get, "/console/looks", cookie: cookie).status == 403, "new roles hold at once")
        node.kept.people.withLock { $0 = [Person(name: "auditor", roles: [.auditor], passphraseHash: "h2")] }
        #expect(try await ask(node, .get, "/console", cookie: cookie).status == 303, "a new passphrase ends what the old one began")
        #expect(sessions.count == 0)
    }

    @Test func formsBringTheirToken() async throws {
        let node = node(.operator)
        let cookie = try await session(node, "operator")
        let page = try await ask(node, .get, Self.exchange, cookie: cookie)
        let token = try token(page.text)
        let acts = Self.exchange + "/acts"
        for bad in ["", "token=\(String(repeating: "0", count: 64))&", "token=\(token.dropLast())&"] {
            #expect(try await ask(node, .post, acts, cookie: cookie, form: bad + "act=cancel&reason=x&passphrase=x").status == 403)
            #expect(try await ask(node, .post, "/console/sign-out", cookie: cookie, form: bad + "x=y").status == 403)
        }
        #expect(try await ask(node, .get, "/console", cookie: cookie).status == 200, "nobody signed them out")
        #expect(try await ask(node, .post, acts, cookie: cookie, form: "token=\(token)&act=cancel&reason=x").status == 400, "each act asks for the passphrase")
        #expect(try await ask(node, .post, acts, cookie: cookie, form: "token=\(token)&act=cancel&reason=x&passphrase=x").status == 303)
        let foreign: HTTPFields = [HTTPField.Name("sec-fetch-site")!: "same-site"]
        #expect(try await ask(node, .post, "/console/sign-out", cookie: cookie, form: "token=\(token)", headers: foreign).status == 403)
        let out = try await ask(node, .post, "/console/sign-out", cookie: cookie, form: "token=\(token)")
        #expect(out.status == 303 && out.headers[.setCookie]?.contains("Max-Age=0") == true)
        #expect(try await ask(node, .get, "/console", cookie: cookie).status == 303)
    }

    /// Who is signed in acts in their own name, whatever the form says.
    @Test func nobodyActsInAnothersName() async throws {
        let asked = Mutex<[String]>([])
        var node = node(.operator)
        node.acts = { _, _, _, credentials throws(Problem) in asked.withLock { $0.append(credentials.name) } }
        let cookie = try await session(node, "operator")
        let token = try token(try await ask(node, .get, Self.exchange, cookie: cookie).text)
        _ = try await ask(node, .post, Self.exchange + "/acts", cookie: cookie, form: "token=\(token)&act=cancel&reason=x&person=steward&passphrase=x")
        #expect(asked.withLock { $0 } == ["operator"])
    }

    @Test func whatIsWrongIsSaidAndNothingBegins() async throws {
        let node = node(.auditor)
        let wrong = try await signIn(node, "auditor", passphrase: "guess")
        #expect(wrong.status == 403 && wrong.text.contains("Nobody is known here by this name") && cookie(wrong.headers) == nil)
        _ = try Page(wrong.text)
        #expect(try await signIn(node, "%3Cscript%3E").status == 403)
        #expect(try await ask(node, .post, "/console/sign-in", form: "person=auditor&passphrase=passphrase+of+auditor").status == 403, "no form was shown")
        #expect(try await ask(node, .post, "/console/sign-in", form: "person=a&person=b").status == 400)
        #expect(try await ask(node, .post, "/console/sign-in", form: String(repeating: "x", count: 9_000)).status == 413)
        #expect(sessions.count == 0)
        let beyond = try await ask(node, .get, "/console/sign-in", { $0.host = "0.0.0.0" })
        #expect(beyond.status == 403 && beyond.text.contains("node.console.address"), "no passphrase over plain HTTP beyond the machine")
        #expect(try await ask(node, .get, "/console", { $0.host = "0.0.0.0" }).status == 403)
    }

    @Test(arguments: [
        "//evil.example", "https://evil.example", "/console/../metrics", "/console//evil.example", "/console\\evil", "/consoleevil", "/metrics", "javascript:1",
        "",
        "/console/\u{0}x", "/console/ x",
    ])
    func goesOnWithinTheConsoleAlone(target: String) async throws {
        #expect(!Console.isTarget(target))
        let answer = try await signIn(node(.auditor), "auditor", to: ConsoleQuery.percentEncoded(target))
        #expect(answer.headers[.location] == "/console")
    }

    @Test func whoIsTurnedAwayGoesOnWhereTheyWanted() async throws {
        let answer = try await ask(node(.auditor), .get, "/console?state=parked&participant=AM.MOI")
        #expect(answer.headers[.location] == "/console/sign-in?to=%2Fconsole%3Fstate%3Dparked%26participant%3DAM.MOI")
        let form = try await ask(node(.auditor), .get, try #require(answer.headers[.location]))
        #expect(form.text.contains("value=\"/console?state=parked&amp;participant=AM.MOI\""))
    }

    // MARK: Looks

    @Test func eachLookIsNotedBeforeItIsShown() async throws {
        let node = node(.auditor)
        let cookie = try await session(node, "auditor")
        for path in ["/console?participant=AM.MOI", Self.exchange, "/console/ledger/0", "/console/visit", "/console/console.css", "/console/looks"] {
            #expect(try await ask(node, .get, path, cookie: cookie).status == 200)
        }
        #expect(try await ask(node, .get, "/console").status == 303)
        #expect(
            node.kept.looks.withLock { $0 } == [
                Look(person: "auditor", page: "exchanges", query: "participant=AM.MOI"), Look(person: "auditor", page: "exchange", subject: Self.id),
                Look(person: "auditor", page: "entry", subject: "entry 0"), Look(person: "auditor", page: "looks"),
            ])
        node.kept.isFull.withLock { $0 = true }
        let refused = try await ask(node, .get, Self.exchange, cookie: cookie)
        #expect(refused.status == 503 && refused.text.contains("cannot be recorded") && !refused.text.contains("From source to receipt"))
    }

    @Test func looksAreListedAndPagedThrough() async throws {
        let node = node(.auditor)
        let cookie = try await session(node, "auditor")
        node.kept.looks.withLock { $0 = (0..<150).map { Look(person: nil, page: "exchanges", query: "<script>\($0)</script>") } }
        let first = try await ask(node, .get, "/console/looks", cookie: cookie)
        let page = try Page(first.text)
        #expect(page.text.contains("<script>149</script>") && page.text.contains("nobody signed in") && page.count("script") == 0)
        let older = try #require(page.elements.first { $0.attributes["rel"] == "next" }?.attributes["href"])
        let second = try Page(try await ask(node, .get, older, cookie: cookie).text)
        #expect(second.text.contains("<script>0</script>") && !second.text.contains("<script>149</script>"))
        for odd in ["2026-11.-1", "../..1", "2026-11", "x", "2026-11.1.2"] {
            #expect(LooksPage.place(odd) == nil)
            #expect(try await ask(node, .get, "/console/looks?before=\(odd)", cookie: cookie).status == 400, "\(odd)")
        }
        #expect(try await ask(node, .get, "/console/looks?before=", cookie: cookie).status == 200)
    }

    // MARK: Since the last visit

    @Test func theCardHoldsTodayAgainstTheLastVisit() async throws {
        var node = node(.auditor)
        func card() async throws -> String {
            let cookie = try await session(node, "auditor")
            return try Page(try await ask(node, .get, "/console", cookie: cookie).text).text
        }
        #expect(try await card().contains("First visit"))
        node.visit = .unknown
        #expect(try await card().contains("Not known"))
        node.visit = .checkpoint("yesterday")
        #expect(try await card().contains("Unchanged"))
        node.verdict = .grown
        #expect(try await card().contains("Consistent since your last visit"))
        node.verdict = .broken("another history <b>")
        #expect(try await card().contains("NOT consistent with your last visit"))
    }
}
