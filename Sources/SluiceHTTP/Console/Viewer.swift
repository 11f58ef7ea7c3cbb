internal import SluiceCore

/// Who looks at a page: somebody who has signed in, or whoever reached it where nobody has to.
struct Viewer: Sendable {
    var sessionID: String?
    var session: Sessions.Session?
    /// The person as known now.
    var person: Person?

    static let anybody = Viewer()

    func mayUse(_ route: ConsoleRoute) -> Bool { person.map(route.mayBeUsed) ?? true }
}

/// The head of a page, as far as it depends on who looks.
struct ViewerView {
    struct Link {
        var address: String
        var word: String
    }
    var links: [Link]
    var isSignedIn: Bool
    var name: String
    var roles: String
    var formToken: String

    init(_ viewer: Viewer) {
        links = ConsoleRoute.navigation.filter { viewer.mayUse($0.0) }.map { Link(address: $0.0.path, word: $0.1) }
        isSignedIn = viewer.person != nil
        name = viewer.person?.name ?? ""
        roles = viewer.person?.roles.map(\.rawValue).joined(separator: ", ") ?? ""
        formToken = viewer.session?.formToken ?? ""
    }
}

/// What a template is given: a page, and who looks at it.
protocol ConsolePage: Sendable {
    var viewer: ViewerView? { get set }
}
