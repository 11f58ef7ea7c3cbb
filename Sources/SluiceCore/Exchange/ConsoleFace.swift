package import SluiceKit

/// What the console asks of a node beside what all its faces do: who people are, proofs from the ledger, and the log of looks.
package protocol ConsoleFace: Sendable {
    /// Whether there is anybody who could sign in.
    var peopleStanding: PeopleStanding { get }
    /// Who is called so now; nil for nobody. Roles and passphrases change while somebody is signed in.
    func person(named name: String) -> Person?
    /// The person, if the passphrase is theirs; the problem's words are for whoever asks, and the same for a wrong name and a wrong passphrase.
    /// - Parameter address: where the request came from, so that guesses from one place do not keep people out at another.
    func signIn(_ credentials: Credentials, from address: String) async throws(Problem) -> Person

    /// Notes that somebody looked. It is on the disk when this returns: what cannot be noted is not shown.
    func note(_ look: Look) async throws
    /// The newest first.
    /// - Parameter before: only those before this place.
    func looks(before: LookPlace?, limit: Int) async throws -> [NotedLook]

    /// The entry at `index` with its way to the published root; nil where the published ledger has none.
    func ledgerPath(index: Int64) async throws -> LedgerPathFacts?
    /// The checkpoint that is published now and its key; nil before the first.
    func publishedCheckpoint() async throws -> PublishedCheckpoint?
    /// Whether the published ledger goes on from an earlier checkpoint, as far as this node can tell. Where it cannot, its log says why.
    func consistency(since checkpoint: String) async throws -> LedgerSinceVisit
    /// Entries of the ledger that a query finds, a page at a time: those not yet published too.
    func searchLedger(_ query: LedgerQuery, _ place: LedgerSearchPlace, limit: Int) async throws -> LedgerSearchPage
    /// What there is to search for: at most `limit` values of each facet.
    func ledgerTerms(limit: Int) async throws -> LedgerTermCounts
    /// The exchanges with one of these ids, by id. Two senders may have given the same.
    func exchanges(ids: Set<String>) async throws -> [String: [ExchangeRecord]]
    /// How the ledger stands with those who witness it.
    func witnessReport() async throws -> WitnessReport
    /// What the newest entries of the ledger add up to.
    func ledgerStatistics() async throws -> LedgerStatistics
    func retentionCalendar() async throws -> RetentionCalendar
    /// In force or not.
    var standingAgreements: [StandingAgreement] { get }
    /// What a person who has just come in saw at the last visit; what is published now is kept for the next one.
    func beginVisit(of person: String) async -> EarlierVisit
}

/// The checkpoint of the ledger that somebody saw at the last visit.
package enum EarlierVisit: Hashable, Sendable {
    /// There was none before.
    case first
    case checkpoint(String)
    /// What was kept cannot be read or held against the ledger, or nothing could be kept; the node's log says why.
    case unknown
}

/// What of past exchanges is to be erased, the first due first.
package struct RetentionCalendar: Sendable {
    package static let dueMax = 1_000
    package var now: Instant
    package var due: [ExchangeRecord]
    package var erasedCount: Int

    package init(now: Instant, due: [ExchangeRecord], erasedCount: Int) {
        self.now = now
        self.due = due
        self.erasedCount = erasedCount
    }
}

package enum PeopleStanding: Hashable, Sendable {
    /// No directory, or nobody in it.
    case nobody
    case known
    /// `people.yaml` cannot be read: nobody can say who may come in, so nobody may.
    case unreadable
}

/// Somebody's look at a page with records.
package struct Look: Hashable, Sendable {
    /// nil where the console asks for no sign-in.
    package var person: String?
    /// The page's code, such as `exchange`.
    package var page: String
    /// The exchange, or other subject; empty for a list.
    package var subject: String
    /// What the list was asked for, as in its address.
    package var query: String

    package init(person: String?, page: String, subject: String = "", query: String = "") {
        self.person = person
        self.page = page
        self.subject = subject
        self.query = query
    }
}

/// Where a look stands: in the log of a month, at an index.
package struct LookPlace: Hashable, Sendable {
    /// `2026-11`.
    package var month: String
    package var index: Int

    package init(month: String, index: Int) {
        self.month = month
        self.index = index
    }
}

package struct NotedLook: Hashable, Sendable {
    package var place: LookPlace
    /// RFC 3339.
    package var time: String
    /// As noted: a code, never a name; empty where nobody was signed in.
    package var personCode: String
    /// The name that has the code, where somebody known now has it.
    package var person: String?
    package var page: String
    package var subject: String
    package var query: String

    package init(place: LookPlace, time: String, personCode: String, person: String?, page: String, subject: String, query: String) {
        self.place = place
        self.time = time
        self.personCode = personCode
        self.person = person
        self.page = page
        self.subject = subject
        self.query = query
    }
}

package struct PublishedCheckpoint: Hashable, Sendable {
    /// The signed note.
    package var text: String
    package var size: Int64
    /// Base 64, as in the note.
    package var root: String
    /// `name+id+key`.
    package var verifierKey: String

    package init(text: String, size: Int64, root: String, verifierKey: String) {
        self.text = text
        self.size = size
        self.root = root
        self.verifierKey = verifierKey
    }
}

/// One entry's way up to the root. Digests are in lower-case hexadecimal.
package struct LedgerPathFacts: Hashable, Sendable {
    package struct Step: Hashable, Sendable {
        /// The hash beside the way.
        package var sibling: String
        package var isSiblingLeft: Bool
        /// What comes of both.
        package var result: String

        package init(sibling: String, isSiblingLeft: Bool, result: String) {
            self.sibling = sibling
            self.isSiblingLeft = isSiblingLeft
            self.result = result
        }
    }
    package var index: Int64
    package var entry: [UInt8]
    package var leaf: String
    package var steps: [Step]
    package var checkpoint: PublishedCheckpoint

    package init(index: Int64, entry: [UInt8], leaf: String, steps: [Step], checkpoint: PublishedCheckpoint) {
        self.index = index
        self.entry = entry
        self.leaf = leaf
        self.steps = steps
        self.checkpoint = checkpoint
    }
}

/// What a node says of its own ledger since an earlier checkpoint.
package struct LedgerSinceVisit: Hashable, Sendable {
    package enum Verdict: Hashable, Sendable {
        case unchanged
        /// Entries were added at the end, and nothing else.
        case grown
        /// In words what is wrong: shorter than it was, another history, or no checkpoint of this ledger.
        case broken(String)
    }
    package var verdict: Verdict
    package var earlierSize: Int64
    package var now: PublishedCheckpoint

    package init(verdict: Verdict, earlierSize: Int64, now: PublishedCheckpoint) {
        self.verdict = verdict
        self.earlierSize = earlierSize
        self.now = now
    }
}
