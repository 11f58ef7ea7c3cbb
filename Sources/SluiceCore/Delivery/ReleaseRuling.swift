internal import SluiceKit

/// A second person's word on a release that waits for approval, and what the node made of it.
package struct ReleaseRuling: Hashable, Sendable {
    /// What was sealed for an approval, beside the release's record until it commits.
    package struct Sealed: Hashable, Sendable {
        /// Identifier of the seal.
        package var seal: String
        /// SHA-256 (hex) of the package and of its manifest.
        package var packageDigest: String
        package var manifestDigest: String
        package var bytes: Int
        /// What the sealing has to say to the ledger.
        package var events: [LedgerEvent]

        package init(seal: String, packageDigest: String, manifestDigest: String, bytes: Int, events: [LedgerEvent]) {
            self.seal = seal
            self.packageDigest = packageDigest
            self.manifestDigest = manifestDigest
            self.bytes = bytes
            self.events = events
        }
    }
    package enum Verdict: Hashable, Sendable {
        case approve(Sealed)
        case refuse(reason: String)
    }

    /// The code of an exchange that a person refused.
    package static let refusedCode = "approval.refused"

    package var verdict: Verdict
    package var person: String
    /// Who sent it; nil for a route, and for a feed that nobody owns.
    package var sentBy: String?
    /// The person as the ledger may name them: a code that only the exchange's own key leads to, and that goes with it.
    package var personCode: String
    /// In which roles they ruled.
    package var roles: [String]
    /// SHA-256 (hex) of the signed statement.
    package var statement: String
    /// SHA-256 (hex) of what they ruled on.
    package var payloadDigest: String

    package init(
        _ verdict: Verdict, person: String, sentBy: String?, personCode: String = "", roles: [String] = [], statement: String = "", payloadDigest: String = ""
    ) {
        self.verdict = verdict
        self.person = person
        self.sentBy = sentBy
        self.personCode = personCode
        self.roles = roles
        self.statement = statement
        self.payloadDigest = payloadDigest
    }

    /// Digests and roles, no name.
    var ledgerData: [JSONMember] {
        [
            LedgerData.text("payloadSHA256", payloadDigest), LedgerData.text("statement", statement), LedgerData.text("person", personCode),
            JSONMember("roles", .array(roles.map { .string($0) })),
        ]
    }
}
