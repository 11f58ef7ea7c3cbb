/// When a cell is unsafe by itself, and how far its value has to stay uncertain.
///
/// Contributions to a cell are x1 ≥ x2 ≥ …, their sum X, their number f. Any rule that finds a cell unsafe makes it so, and the widest of the
/// protection levels counts. Percents are whole, so that the rules are exact. Definitions: Handbook on Statistical Disclosure Control (Hundepool et al., 2012), ch. 4.
public struct PrimaryRules: Hashable, Sendable {
    /// (n, k) dominance: unsafe when x1 + … + xn > k/100 · X. Level (100/k)(x1 + … + xn) − X.
    public struct Dominance: Hashable, Sendable {
        public var n: Int
        public var k: Int
        public init(n: Int, k: Int) {
            self.n = n
            self.k = k
        }
    }
    /// p %: unsafe when X − (x1 + … + x(n+1)) < p/100 · x1, where n − 1 contributors join the second largest. Level p/100 · x1 − (X − (x1 + … + x(n+1))).
    public struct PercentRule: Hashable, Sendable {
        public var p: Int
        public var n: Int
        public init(p: Int, n: Int = 1) {
            self.p = p
            self.n = n
        }
    }
    /// p/q, prior and posterior ambiguity: unsafe when p/100 · x1 + q/100 · (x1 + … + x(n+1) − X) > 0. Level (p/q) x1 + (x1 + … + x(n+1)) − X.
    public struct PriorPosterior: Hashable, Sendable {
        public var p: Int
        public var q: Int
        public var n: Int
        public init(p: Int, q: Int, n: Int = 1) {
            self.p = p
            self.q = q
            self.n = n
        }
    }

    /// Minimum frequency t: unsafe when 0 < f < t. Level `safetyPercent` of X, at least 1. nil: no such rule.
    public var minimumCell: Int?
    /// Width of the protection interval of minimum frequency to either side, in percent of the cell's value; at least 1 in any case.
    public var safetyPercent: Int
    public var dominance: [Dominance]
    public var percent: [PercentRule]
    public var priorPosterior: [PriorPosterior]
    /// Zero rule: a cell that is zero although somebody contributes (f > 0) is unsafe, and has to be able to reach this value. nil: no such rule.
    public var zeroRange: Int?
    /// Group disclosure: where all of a sum of counts falls into one of its parts, the zeros beside it are unsafe, for they tell of every member of the group.
    public var groupDisclosure: Bool

    public init(
        minimumCell: Int? = nil, safetyPercent: Int = 0, dominance: [Dominance] = [], percent: [PercentRule] = [], priorPosterior: [PriorPosterior] = [],
        zeroRange: Int? = nil, groupDisclosure: Bool = false
    ) {
        self.minimumCell = minimumCell
        self.safetyPercent = safetyPercent
        self.dominance = dominance
        self.percent = percent
        self.priorPosterior = priorPosterior
        self.zeroRange = zeroRange
        self.groupDisclosure = groupDisclosure
    }

    /// How many of the largest contributions the rules look at.
    public var largestNeeded: Int {
        max(dominance.map(\.n).max() ?? 0, percent.map { $0.n + 1 }.max() ?? 0, priorPosterior.map { $0.n + 1 }.max() ?? 0)
    }
    /// True when no rule would ever find a cell unsafe.
    public var isEmpty: Bool {
        minimumCell == nil && dominance.isEmpty && percent.isEmpty && priorPosterior.isEmpty && zeroRange == nil && !groupDisclosure
    }
}
