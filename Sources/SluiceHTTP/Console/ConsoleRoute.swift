internal import HTTPTypes
internal import SluiceCore

/// The console's addresses, and who may go there. The table in README.md is held to this by a test.
enum ConsoleRoute: String, CaseIterable {
    case exchanges, exchange, approvals, act, search, entry, visit, statistics, retention, register, registerTable, looks, signInForm, signIn, signOut,
        stylesheet,
        script

    var method: HTTPRequest.Method {
        switch self {
        case .act, .signIn, .signOut: .post
        default: .get
        }
    }

    var path: String {
        switch self {
        case .exchanges: "/console"
        case .exchange: "/console/exchanges/{sender}/{id}"
        case .approvals: "/console/approvals"
        case .act: "/console/exchanges/{sender}/{id}/acts"
        case .search: SearchQuery.path
        case .entry: "/console/ledger/{index}"
        case .visit: "/console/visit"
        case .statistics: "/console/statistics"
        case .retention: "/console/retention"
        case .register: "/console/register"
        case .registerTable: "/console/register.csv"
        case .looks: "/console/looks"
        case .signInForm, .signIn: "/console/sign-in"
        case .signOut: "/console/sign-out"
        case .stylesheet: "/console/console.css"
        case .script: "/console/ledger.js"
        }
    }

    /// What is served to whoever asks: the way in, and files that are the same for everybody.
    var isOpen: Bool { [.signInForm, .signIn, .stylesheet, .script].contains(self) }

    /// Who may, where people sign in. Whether an act is allowed depends on the act as well; the node judges that.
    var roles: [Person.Role] {
        switch self {
        case .exchanges, .exchange, .approvals, .search, .entry, .visit, .statistics, .retention, .signOut: Person.Role.allCases
        case .register, .registerTable: [.steward, .auditor, .administrator]
        case .act: [.steward, .operator, .administrator]
        case .looks: [.auditor, .administrator]
        case .signInForm, .signIn, .stylesheet, .script: Person.Role.allCases
        }
    }

    /// Whether records are shown there, so that the look is noted.
    var isLook: Bool { [.exchanges, .exchange, .approvals, .search, .entry, .retention, .looks].contains(self) }

    func mayBeUsed(by person: Person) -> Bool { person.roles.contains(where: roles.contains) }

    /// What the navigation leads to.
    static let navigation: [(ConsoleRoute, String)] = [
        (.exchanges, "Exchanges"), (.approvals, "Approvals"), (.search, "Search"), (.visit, "Ledger"), (.statistics, "Statistics"), (.retention, "Retention"),
        (.register, "Register"),
        (.looks, "Looks"),
    ]
}
