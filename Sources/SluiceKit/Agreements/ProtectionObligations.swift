/// The parameters of disclosure control. Confidential: they stay with the giver and in its ledger, and never travel with the data.
///
/// One method, the rules that make a cell or a record unsafe, and what that method needs to know. A method that is given parameters
/// of another one, or lacks its own, refuses (`unsupported`).
public struct ProtectionObligations: Hashable, Sendable {
    /// What the receiver gets to see of an unsafe cell.
    public enum Mode: String, Hashable, Sendable, CaseIterable {
        /// Nothing: the value is absent and marked `OBS_STATUS=Q`.
        case withheld
        /// The value with a confidentiality status, for a receiver who protects it in turn.
        case flagged
    }
    /// What withholding one more cell costs.
    public enum Cost: String, Hashable, Sendable, CaseIterable {
        /// Every cell the same: fewest cells withheld.
        case one
        /// The cell's value: totals and large cells stay published as long as possible.
        case value
    }
    /// How a dimension adds up, where the code list does not say so.
    public enum Totals: Hashable, Sendable {
        /// This code is the total of all codes that have no parent.
        case code(String)
        /// These sums and no others, whatever the code list says.
        case parts([Breakdown])
        /// The dimension's codes do not add up to one another (indicators, units).
        case none
    }
    /// One sum: `total` is all of `parts` together.
    public struct Breakdown: Hashable, Sendable {
        public var total: String
        public var parts: [String]
        public init(total: String, parts: [String]) {
            self.total = total
            self.parts = parts
        }
    }

    /// The name of the protection that has to be applied, as its plugin registers it.
    public var method: String
    /// When a cell is unsafe by itself.
    public var rules: PrimaryRules
    public var mode: Mode
    /// The component that counts contributors; nil means that the measure itself is a count, unless the table brings its contributions
    /// (`Table.contributions`).
    public var frequencyComponent: String?
    /// Components that hold the largest contributions to a cell, the largest first; empty where the table brings them or no rule needs them.
    public var largestComponents: [String]
    /// Dimension id → how it adds up.
    public var totals: [String: Totals]
    /// Say `C` for every withheld cell instead of the reason, which tells an attacker something.
    public var neutralStatus: Bool
    public var cost: Cost
    /// Whether a contributor who is alone in a withheld cell, and so knows it, must not find out another one.
    public var insiders: Bool
    /// Of the rounding methods.
    public var rounding: Rounding?
    /// Of the cell key method.
    public var cellKey: CellKey?
    /// Of the protection of records.
    public var records: RecordRules?
    /// Which earlier releases a new one is held against; nil where the agreement does not ask for it.
    public var differencing: Differencing?

    public init(
        method: String = "suppression", rules: PrimaryRules, mode: Mode = .withheld, frequencyComponent: String? = nil, largestComponents: [String] = [],
        totals: [String: Totals] = [:], neutralStatus: Bool = true, cost: Cost = .value, insiders: Bool = false
    ) {
        self.method = method
        self.rules = rules
        self.mode = mode
        self.frequencyComponent = frequencyComponent
        self.largestComponents = largestComponents
        self.totals = totals
        self.neutralStatus = neutralStatus
        self.cost = cost
        self.insiders = insiders
    }

    /// With minimum frequency as the only rule.
    public init(
        method: String = "suppression", minimumCell: Int, safetyPercent: Int = 0, mode: Mode = .withheld, frequencyComponent: String? = nil,
        totals: [String: Totals] = [:], neutralStatus: Bool = true, cost: Cost = .value
    ) {
        self.init(
            method: method, rules: PrimaryRules(minimumCell: minimumCell, safetyPercent: safetyPercent), mode: mode, frequencyComponent: frequencyComponent,
            totals: totals, neutralStatus: neutralStatus, cost: cost)
    }

    /// Of controlled and of random rounding.
    public struct Rounding: Hashable, Sendable {
        /// Every released figure is a multiple of it.
        public var base: Int
        public init(base: Int) { self.base = base }
    }

    /// Of the cell key method (ONS and ABS form).
    public struct CellKey: Hashable, Sendable {
        /// Name of the perturbation table, which the host finds (`ProtectionContext.resource`).
        public var table: String
        /// The component that holds each cell's key (sum of its record keys mod 256); nil where the table brings it (`Table.contributions`).
        public var component: String?
        public init(table: String, component: String? = nil) {
            self.table = table
            self.component = component
        }
    }

    /// Which earlier releases of the same population and reference period a new one is held against.
    public struct Differencing: Hashable, Sendable {
        /// Whose knowledge is taken together.
        public enum Scope: Hashable, Sendable {
            /// Each receiver alone, with what is public.
            case receiver
            /// These receivers put together what they hold, with what is public.
            case coalition([String])
            /// Everybody who ever received anything of it.
            case everybody
        }
        public var scope: Scope
        /// Name of the population; releases of several dataflows about the same people share it. nil: the dataflow is a population of its own.
        public var population: String?
        public init(scope: Scope, population: String? = nil) {
            self.scope = scope
            self.population = population
        }
    }
}
