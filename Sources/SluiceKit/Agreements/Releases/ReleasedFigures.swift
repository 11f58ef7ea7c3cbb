/// What one exchange let out about one population: its cells, which of them were shown, and what their codes contain.
///
/// The register keeps it for each dataset, so that a later release can be held against it. A population is a set of people and one thing that is
/// counted of them; agreements give it a name where several dataflows are about it.
public struct ReleasedFigures: Hashable, Sendable {
    /// One dimension and how it is cut. Dimensions of two releases are the same where id and list are.
    public struct Dimension: Hashable, Sendable {
        public var id: String
        /// The id of its code list, whoever maintains it and in whichever version; `years` for ages; empty where there is none.
        public var list: String
        public var codes: [Code]
        /// Whether the codes contain everything that the total does; false where the list has more.
        public var isComplete: Bool

        public init(id: String, list: String, codes: [Code], isComplete: Bool) {
            self.id = id
            self.list = list
            self.codes = codes
            self.isComplete = isComplete
        }

        /// The list of dimensions whose codes are ages by their spelling.
        public static let ages = "years"
    }
    public struct Code: Hashable, Sendable {
        public var id: String
        public var extent: Extent
        public init(_ id: String, _ extent: Extent) {
            self.id = id
            self.extent = extent
        }
    }
    /// Cells are related only within one: the reference period, and the codes of dimensions that do not add up.
    public struct Slice: Hashable, Sendable {
        /// The period by meaning, the same however it is spelled.
        public var period: String
        /// `INDICATOR=EMP`, in order of dimension.
        public var labels: [String]
        /// The period as the data spell it.
        public var periodText: String

        public init(period: String, labels: [String] = [], periodText: String? = nil) {
            self.period = period
            self.labels = labels
            self.periodText = periodText ?? period
        }

        /// Whether cells of the other one are about the same.
        public func matches(_ other: Slice) -> Bool { period == other.period && labels == other.labels }
    }
    /// What is only the giver's to know. It goes when the exchange's own bodies go.
    public struct Truth: Hashable, Sendable {
        /// Of each cell that was not shown exactly, its value; nil where it was shown.
        public var values: [Int64?]
        /// Contributors of each cell; empty where the measure counts them.
        public var contributors: [Int64?]
        public init(values: [Int64?], contributors: [Int64?] = []) {
            self.values = values
            self.contributors = contributors
        }
    }

    public var exchangeID: String
    public var releasedAt: Instant
    public var population: String
    public var dataflow: String
    /// The receiver, and whom the agreement lets it pass the data on to.
    public var holders: [String]
    /// Anybody may have it.
    public var isPublic: Bool
    /// Whose knowledge its agreement wants taken together; nil where it does not ask.
    public var scope: ProtectionObligations.Differencing.Scope?
    /// The rules under which it was protected; 0 where none.
    public var minimumCell: Int
    public var safetyPercent: Int
    /// Rules of concentration were among them, whose levels the register does not know: a withheld cell may then not be narrowed at all.
    public var keepsIntervals: Bool
    /// False where the figures are rounded or perturbed: nothing can be computed from them exactly.
    public var isExact: Bool
    public var dimensions: [Dimension]
    public var slices: [Slice]
    /// Digits after the point of all values.
    public var scale: Int
    /// Of each cell, its slice.
    public private(set) var sliceOfCell: [UInt32] = []
    /// Of each cell, one after the other, the code of each dimension as its place in `Dimension.codes`.
    public private(set) var codes: [UInt32] = []
    /// Of each cell, the value that the receiver sees; nil where it was withheld.
    public private(set) var shown: [Int64?] = []
    /// Of each cell, whether it was withheld because it is unsafe itself.
    public private(set) var isUnsafe: [Bool] = []
    /// nil once it was erased, and for a release known from its file alone.
    public var truth: Truth?

    public init(
        exchangeID: String, releasedAt: Instant, population: String, dataflow: String, holders: [String], isPublic: Bool = false,
        scope: ProtectionObligations.Differencing.Scope? = nil, minimumCell: Int, safetyPercent: Int = 0, keepsIntervals: Bool = false, isExact: Bool = true,
        dimensions: [Dimension], slices: [Slice], scale: Int = 0
    ) {
        self.exchangeID = exchangeID
        self.releasedAt = releasedAt
        self.population = population
        self.dataflow = dataflow
        self.holders = holders
        self.isPublic = isPublic
        self.scope = scope
        self.minimumCell = minimumCell
        self.safetyPercent = safetyPercent
        self.keepsIntervals = keepsIntervals
        self.isExact = isExact
        self.dimensions = dimensions
        self.slices = slices
        self.scale = scale
    }

    public var cellCount: Int { sliceOfCell.count }
    public var withheldCount: Int { shown.reduce(0) { $0 + ($1 == nil ? 1 : 0) } }

    /// Adds a cell.
    /// - Parameter codes: one of each dimension, in their order.
    public mutating func append(slice: Int, codes: [UInt32], shown value: Int64?, isUnsafe: Bool = false) {
        precondition(codes.count == dimensions.count && slices.indices.contains(slice), "a cell of another partition")
        sliceOfCell.append(UInt32(slice))
        self.codes += codes
        shown.append(value)
        self.isUnsafe.append(isUnsafe)
    }

    public func codes(ofCell cell: Int) -> ArraySlice<UInt32> { codes[cell * dimensions.count..<(cell + 1) * dimensions.count] }

    /// The value as the giver knows it.
    public func trueValue(ofCell cell: Int) -> Int64? { shown[cell] ?? truth?.values[cell] }

    /// Withholds a cell that was shown; its value stays with the giver.
    public mutating func withhold(_ cell: Int) {
        guard let value = shown[cell] else { return }
        if truth == nil { truth = Truth(values: Array(repeating: nil, count: cellCount)) }
        truth?.values[cell] = value
        shown[cell] = nil
    }

    /// The same release with only some of its cells.
    public func keeping(_ keep: (Int) -> Bool) -> ReleasedFigures {
        var result = self
        let kept = (0..<cellCount).filter(keep)
        result.sliceOfCell = kept.map { sliceOfCell[$0] }
        result.codes = kept.flatMap { codes(ofCell: $0) }
        result.shown = kept.map { shown[$0] }
        result.isUnsafe = kept.map { isUnsafe[$0] }
        result.truth = truth.map { truth in
            Truth(values: kept.map { truth.values[$0] }, contributors: truth.contributors.isEmpty ? [] : kept.map { truth.contributors[$0] })
        }
        return result
    }

    /// The distinct reference periods, in order.
    public var periods: [String] { Array(Set(slices.map(\.period))).sorted() }
}
