/// A disclosure-control step that an agreement may oblige.
///
/// It takes a whole table and returns another one that is safe to release, or throws: then nothing is released. It never returns a
/// table it has not audited. The same table and obligations give the same result. The returned table has storage of its own, in which
/// nothing of a hidden value is left: not its text, not its place among the rows.
public protocol Protection: Sendable {
    /// The name under which an agreement asks for it (`protect: method`).
    var method: String { get }
    func protect(_ table: Table, under obligations: ProtectionObligations) throws(ProtectionError) -> (Table, ProtectionReport)
    /// Attacks a table that is about to leave, as read back from the very bytes. Throws `auditNotClean` unless it withstands.
    func audit(_ released: Table, against original: Table, under obligations: ProtectionObligations) throws(ProtectionError) -> ProtectionReport.Audit
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

    public init(method: String, cells: Int, withheldByReason: [Reason: Int] = [:], audit: Audit = Audit(), rounds: Int = 0, lostValuePercent: Double? = nil) {
        self.method = method
        self.cells = cells
        self.withheldByReason = withheldByReason
        self.audit = audit
        self.rounds = rounds
        self.lostValuePercent = lostValuePercent
    }

    public var withheld: Int { withheldByReason.values.reduce(0, +) }
    public var primary: Int { (withheldByReason[.smallCount] ?? 0) + (withheldByReason[.declared] ?? 0) }
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
