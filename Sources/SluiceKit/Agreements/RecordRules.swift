/// How records about single persons are protected before they may leave: what goes, what is replaced, and how alike the rest has to be.
///
/// Definitions: k-anonymity (Samarati and Sweeney 1998), l-diversity (Machanavajjhala et al. 2007), t-closeness (Li et al. 2007).
public struct RecordRules: Hashable, Sendable {
    /// How diverse a sensitive component is within each class of records that look alike.
    public enum Diversity: Hashable, Sendable {
        /// At least l different values.
        case distinct(Int)
        /// Entropy at least log l.
        case entropy(Int)
    }
    /// How the values of a component may be made coarser.
    public enum Generalisation: Hashable, Sendable {
        /// Along the parents of its code list, no further than this level (the top is level 1).
        case hierarchy(topLevel: Int)
        /// Whole numbers into bands of these widths, one after the other, the narrowest first.
        case bands([Int])
    }
    /// Numbers beyond a bound become the bound.
    public struct Bounds: Hashable, Sendable {
        public var bottom: Int?
        public var top: Int?
        public init(bottom: Int? = nil, top: Int? = nil) {
            self.bottom = bottom
            self.top = top
        }
    }

    /// Components that name a person (name, document number): they never travel.
    public var identifiers: [String]
    /// Components that are replaced by a code that is the same for one receiver and agreement, and cannot be linked to another one's.
    public var pseudonyms: [String]
    /// Components by which a person could be recognised together.
    public var quasiIdentifiers: [String]
    /// Components that must not be learnt of a person.
    public var sensitive: [String]
    /// Fewest records that share all quasi-identifiers.
    public var k: Int
    public var diversity: Diversity?
    /// Most distance, in percent, between a class's distribution of a sensitive component and that of all records. nil: no such rule.
    public var closenessPercent: Int?
    /// Component id → how far it may be made coarser.
    public var generalisation: [String: Generalisation]
    public var bounds: [String: Bounds]
    /// Most records that may be left out or have a quasi-identifier withheld, in percent; past it the release is refused.
    public var suppressedPercentMax: Int

    public init(
        identifiers: [String] = [], pseudonyms: [String] = [], quasiIdentifiers: [String], sensitive: [String] = [], k: Int, diversity: Diversity? = nil,
        closenessPercent: Int? = nil, generalisation: [String: Generalisation] = [:], bounds: [String: Bounds] = [:], suppressedPercentMax: Int = 5
    ) {
        self.identifiers = identifiers
        self.pseudonyms = pseudonyms
        self.quasiIdentifiers = quasiIdentifiers
        self.sensitive = sensitive
        self.k = k
        self.diversity = diversity
        self.closenessPercent = closenessPercent
        self.generalisation = generalisation
        self.bounds = bounds
        self.suppressedPercentMax = suppressedPercentMax
    }
}
