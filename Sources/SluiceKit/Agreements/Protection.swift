/// A disclosure-control step that an agreement may oblige.
///
/// It takes a whole table and returns another one that is safe to release, or throws: then nothing is released. It never returns a
/// table it has not audited. The same table and obligations give the same result. The returned table has storage of its own, in which
/// nothing of a hidden value is left: not its text, not its place among the rows.
public protocol Protection: Sendable {
    /// The name under which an agreement asks for it (`protect: method`).
    var method: String { get }
    func protect(_ table: Table, under obligations: ProtectionObligations, in context: ProtectionContext) throws(ProtectionError) -> (Table, ProtectionReport)
    /// Attacks a table that is about to leave, as read back from the very bytes. Throws `auditNotClean` unless it withstands.
    func audit(_ released: Table, against original: Table, under obligations: ProtectionObligations, in context: ProtectionContext) throws(ProtectionError)
        -> ProtectionReport.Audit
}

extension Protection {
    /// As a method that needs neither keys nor tables of the host.
    public func protect(_ table: Table, under obligations: ProtectionObligations) throws(ProtectionError) -> (Table, ProtectionReport) {
        try protect(table, under: obligations, in: ProtectionContext())
    }

    /// As a method that needs neither keys nor tables of the host.
    public func audit(_ released: Table, against original: Table, under obligations: ProtectionObligations) throws(ProtectionError) -> ProtectionReport.Audit {
        try audit(released, against: original, under: obligations, in: ProtectionContext())
    }
}

/// What the host lends a protection: for whom, and the secrets and tables that a method needs. The secrets themselves stay with the host.
public struct ProtectionContext: Sendable {
    /// To whom the release goes; empty where nobody is named.
    public var receiver: String
    /// The agreements that oblige it, as `ID VERSION`.
    public var agreements: [String]
    /// nil where this host has no protection key; a method that needs it then refuses (`keyMissing`).
    public var codes: (any KeyedCodes)?
    /// Tables that the configuration names, by that name (a perturbation table).
    public var resources: [String: Content]

    public init(receiver: String = "", agreements: [String] = [], codes: (any KeyedCodes)? = nil, resources: [String: Content] = [:]) {
        self.receiver = receiver
        self.agreements = agreements
        self.codes = codes
        self.resources = resources
    }
}

/// Codes under a key of the node that no plugin sees.
public protocol KeyedCodes: Sendable {
    /// HMAC-SHA-256 of a message under a key for this use alone (`rounding`, or a pseudonym's with receiver and agreement): two uses cannot be linked. 32 bytes.
    func code(_ message: [UInt8], for use: String) -> SHA256Digest
}

/// Adds protections.
public protocol ProtectionPlugin: Plugin {
    static var protections: [any Protection] { get }
}

/// What a protection did, as counts: they go into the ledger of the giver. Nothing in it names a cell.
public struct ProtectionReport: Hashable, Sendable {
    /// Why a cell was withheld; the true reason, also where the data say a neutral one.
    public enum Reason: String, Hashable, Sendable, CaseIterable {
        /// Fewer contributors than the minimum cell.
        case smallCount
        /// One, two or more contributors make up most of it.
        case dominance
        /// A contributor could estimate another one's part too closely (p %).
        case percent
        /// The same, by what was known before (p/q).
        case priorPosterior
        /// Zero, although somebody contributes.
        case zero
        /// It tells something of every member of a group.
        case group
        /// The source had marked it confidential.
        case declared
        /// It would allow another withheld cell to be computed.
        case secondary
    }
    /// What the attacker's programs found on the released table.
    public struct Audit: Hashable, Sendable {
        /// Withheld cells whose interval was computed.
        public var cells: Int
        /// Sums that an attacker can write down.
        public var equations: Int
        /// Narrowest interval of an unsafe cell, in units of the measure; nil when none is bounded.
        public var narrowestWidth: Double?
        /// Narrowest interval of an unsafe cell divided by its value.
        public var narrowestRelativeWidth: Double?
        /// Cells absent from the input that the attacker's equations contain too.
        public var unreportedCells: Int

        public init(cells: Int = 0, equations: Int = 0, narrowestWidth: Double? = nil, narrowestRelativeWidth: Double? = nil, unreportedCells: Int = 0) {
            self.cells = cells
            self.equations = equations
            self.narrowestWidth = narrowestWidth
            self.narrowestRelativeWidth = narrowestRelativeWidth
            self.unreportedCells = unreportedCells
        }
    }

    /// The protection's name and version.
    public var method: String
    public var cells: Int
    public var withheldByReason: [Reason: Int]
    public var audit: Audit
    /// Rounds of protect, audit, repair until clean.
    public var rounds: Int
    /// Share of the grand sum of published-before values that is no longer readable from its own cell, in percent; nil where the sum is zero.
    public var lostValuePercent: Double?
    /// What else this method did, as members of its ledger entry: names, whole numbers and short texts.
    public var figures: [JSONMember] = []
    /// What was done and what remains, in a data steward's words, a sentence each.
    public var words: [String] = []

    public init(method: String, cells: Int, withheldByReason: [Reason: Int] = [:], audit: Audit = Audit(), rounds: Int = 0, lostValuePercent: Double? = nil) {
        self.method = method
        self.cells = cells
        self.withheldByReason = withheldByReason
        self.audit = audit
        self.rounds = rounds
        self.lostValuePercent = lostValuePercent
    }

    public var withheld: Int { withheldByReason.values.reduce(0, +) }
    public var primary: Int { withheld - secondary }
    public var secondary: Int { withheldByReason[.secondary] ?? 0 }
}

/// Why a table could not be protected. The release is refused.
public struct ProtectionError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// How the cells add up is not known or does not hold in the data.
        case additivityUnknown
        /// No set of withheld cells makes the table safe, or the audit of the result found an unsafe cell.
        case auditNotClean
        /// A named limit of size or of steps was passed.
        case tooLarge
        /// A measure that should be a number is not one, or is one the method cannot take.
        case measureNotNumeric
        case negativeValue
        /// What is said of a cell's contributors cannot be true of its value.
        case contributionsContradict
        /// Two observations have the same key.
        case keyDuplicate
        /// A row leaves a dimension open, so it speaks of cells that the audit could not hold it against.
        case keyPartial
        /// The structure has no place to mark a withheld cell.
        case markingImpossible
        /// A mandatory attribute of the observation would tell something about a withheld cell.
        case attributeReveals
        /// The obligations ask for something this protection does not do.
        case unsupported
        case deadline
        /// The method needs a key or a table that this node does not have.
        case keyMissing
        /// Together with earlier releases it would tell too much.
        case differencing
    }
    public var code: Code
    /// What is wrong and how to mend it, in a data steward's words. It never contains a value of an unsafe cell.
    public var detail: String

    public init(_ code: Code, detail: String) {
        self.code = code
        self.detail = detail
    }

    public var description: String { "\(detail) [\(code.rawValue)]" }
}
