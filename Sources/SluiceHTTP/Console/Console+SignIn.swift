internal import HTTPTypes
internal import Hummingbird
internal import SluiceCore
internal import SluiceKit

/// Who comes in, how, and how they leave.
extension Console {
    enum Admission {
        case admitted(Viewer)
        case turnedAway(Response)
    }

    /// Whether somebody has to sign in before anything is shown.
    var asksWhoIsThere: Bool {
        switch listener.signIn {
        case .off: false
        case .required: true
        // Where nobody can say who the people are, nobody may look.
        case .whenKnown: node.peopleStanding != .nobody
        }
    }

    func admit(_ request: Request, to route: ConsoleRoute) -> Admission {
        guard !route.isOpen, asksWhoIsThere else { return .admitted(.anybody) }
        guard listener.takesPassphrases else { return .turnedAway(plainBeyondTheMachine()) }
        guard let viewer = viewer(of: request) else {
            guard route.method == .get else {
                return .turnedAway(messagePage(.unauthorized, "Sign in first: the session is over, or never was. Nothing was done."))
            }
            let target = request.uri.query.map { "\(request.uri.path)?\($0)" } ?? request.uri.path
            return .turnedAway(.redirect(to: "\(ConsoleRoute.signInForm.path)?to=\(ConsoleQuery.percentEncoded(target))"))
        }
        guard viewer.mayUse(route) else {
            let needed = route.roles.map(\.rawValue).joined(separator: ", ")
            let own = viewer.person?.roles.map(\.rawValue).joined(separator: ", ") ?? ""
            return .turnedAway(messagePage(.forbidden, "This is for \(needed). You are signed in as \(own).", viewer: viewer))
        }
        return .admitted(viewer)
    }

    /// Whoever the request's session is of, if they are still the same person.
    private func viewer(of request: Request) -> Viewer? {
        guard let id = cookie.value(cookie.name, in: request), let session = sessions.session(id) else { return nil }
        // A person who was taken out, or whose passphrase was set anew, is signed in no longer; new roles hold at once.
        guard let person = node.person(named: session.person.name), person.passphraseHash == session.person.passphraseHash else {
            sessions.end(id)
            return nil
        }
        return Viewer(sessionID: id, session: session, person: person)
    }

    private func plainBeyondTheMachine() -> Response {
        messagePage(
            .forbidden,
            "This console is open beyond its machine over plain HTTP, where a passphrase could be read on the way. Bind it to the machine itself, or put a proxy with TLS before it and name its address (node.console.address)."
        )
    }

    // MARK: Sign-in

    func signInPage(_ request: Request) -> Response {
        guard listener.takesPassphrases else { return plainBeyondTheMachine() }
        return signInForm(to: Self.target(request.uri.query ?? ""), problem: nil, status: .ok)
    }

    private func signInForm(to target: String, problem: String?, status: HTTPResponse.Status) -> Response {
        let token = Sessions.newToken()
        let hint =
            node.peopleStanding == .known
            ? nil : "This node knows no people yet, or cannot read who they are. Whoever keeps it makes them known: sluice people add."
        var response = html(status, SignInPage(target: target, token: token, problem: problem, hint: hint), "sign-in", viewer: nil)
        response.headers.append(HTTPField(name: .setCookie, value: cookie.setting(cookie.formName, to: token)))
        return response
    }

    func signIn(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        guard listener.takesPassphrases else { return plainBeyondTheMachine() }
        var target = ConsoleRoute.exchanges.path
        do throws(Problem) {
            let fields = try await fields(of: request)
            target = Self.isTarget(fields["to"] ?? "") ? fields["to"]! : target
            guard let expected = cookie.value(cookie.formName, in: request), let token = fields["token"], Sessions.equal(token, expected) else {
                throw Problem(
                    status: 403, code: "form-stale", title: "Form too old",
                    detail: "This form is not the last one that was shown here, or the browser keeps no cookies. Try again.")
            }
            guard let name = fields["person"], let passphrase = fields["passphrase"], !name.isEmpty, !passphrase.isEmpty else {
                throw Problem(status: 400, code: "form-malformed", title: "Form not complete", detail: "Give your name and your passphrase.")
            }
            let person = try await node.signIn(Credentials(name: name, passphrase: Array(passphrase.utf8)), from: listener.client(of: request, context))
            // A new id at each sign-in: one that somebody planted before is of no use.
            if let old = cookie.value(cookie.name, in: request) { sessions.end(old) }
            let id = sessions.begin(person, earlierVisit: await node.beginVisit(of: person.name))
            var response = Response.redirect(to: target)
            response.headers.append(HTTPField(name: .setCookie, value: cookie.setting(cookie.name, to: id)))
            response.headers.append(HTTPField(name: .setCookie, value: cookie.setting(cookie.formName, to: nil)))
            response.headers[.cacheControl] = "no-store"
            return response
        } catch {
            var response = signInForm(to: target, problem: error.detail, status: .init(code: error.status))
            if let seconds = error.retryAfterSeconds { response.headers[.retryAfter] = String(seconds) }
            return response
        }
    }

    func signOut(_ request: Request, _ viewer: Viewer) async throws -> Response {
        do throws(Problem) {
            let fields = try await fields(of: request)
            try requireToken(fields, viewer)
        } catch { return messagePage(.init(code: error.status), error.detail, viewer: viewer) }
        if let id = viewer.sessionID { sessions.end(id) }
        var response = Response.redirect(to: ConsoleRoute.signInForm.path)
        response.headers.append(HTTPField(name: .setCookie, value: cookie.setting(cookie.name, to: nil)))
        return response
    }

    /// Each form of somebody who is signed in brings the session's token.
    func requireToken(_ fields: [String: String], _ viewer: Viewer) throws(Problem) {
        guard let session = viewer.session else { return }
        guard let token = fields["token"], Sessions.equal(token, session.formToken) else {
            throw Problem(
                status: 403, code: "form-foreign", title: "Not from here", detail: "The form is not of this session. Load its page again. Nothing was done.")
        }
    }

    // MARK: Where to go on

    private static func target(_ query: String) -> String {
        let found = FormFields.pairs(query).first { $0.0 == "to" }?.1 ?? ""
        return isTarget(found) ? found : ConsoleRoute.exchanges.path
    }

    /// An address of the console and of nothing else, whatever a browser makes of it.
    static func isTarget(_ text: String) -> Bool {
        guard text.utf8.count <= 1_024, text == "/console" || text.hasPrefix("/console/") || text.hasPrefix("/console?") else { return false }
        return text.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "\\") } && !text.contains("//") && !text.contains("..")
    }
}

/// `/console/sign-in`.
struct SignInPage: ConsolePage {
    var viewer: ViewerView?
    var title = "Sign in"
    var target: String
    var token: String
    var problem: String?
    var hint: String?

    init(target: String, token: String, problem: String?, hint: String?) {
        self.target = target
        self.token = token
        self.problem = problem
        self.hint = hint
    }
}
