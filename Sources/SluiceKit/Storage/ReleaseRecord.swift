/// One entry of the register of releases: what one dataset of an exchange let out, to whom.
///
/// Names and counts are readable; the figures are encrypted by the node. What was let out stays when the exchange's bodies are erased, since nobody
/// forgets by our deleting; the true values of withheld cells go with them.
public struct ReleaseRecord: Hashable, Sendable {
    public var sender: String
    public var exchangeID: String
    /// Which dataset of the message, from 0.
    public var dataset: Int
    public var population: String
    public var dataflow: String
    public var receiver: String
    public var isPublic: Bool
    /// The reference periods, by meaning.
    public var periods: [String]
    public var cells: Int
    public var withheld: Int
    public var releasedAt: Instant
    /// Order of recording, given by the store.
    public var sequence: Int64
    /// Encrypted `ReleasedFigures.keptBytes`; empty in a list.
    public var figures: [UInt8]
    /// Encrypted `ReleasedFigures.truthBytes` under the exchange's own key; empty once erased, and in a list.
    public var truth: [UInt8]

    public init(
        sender: String, exchangeID: String, dataset: Int = 0, population: String, dataflow: String, receiver: String, isPublic: Bool = false,
        periods: [String], cells: Int = 0, withheld: Int = 0, releasedAt: Instant, sequence: Int64 = 0, figures: [UInt8] = [], truth: [UInt8] = []
    ) {
        self.sender = sender
        self.exchangeID = exchangeID
        self.dataset = dataset
        self.population = population
        self.dataflow = dataflow
        self.receiver = receiver
        self.isPublic = isPublic
        self.periods = periods
        self.cells = cells
        self.withheld = withheld
        self.releasedAt = releasedAt
        self.sequence = sequence
        self.figures = figures
        self.truth = truth
    }
}

/// Which releases to list, the oldest first.
public struct ReleaseFilter: Hashable, Sendable {
    public var population: String?
    /// Only those to this receiver, and public ones.
    public var receiver: String?
    public var limit: Int

    public init(population: String? = nil, receiver: String? = nil, limit: Int = 1_000) {
        self.population = population
        self.receiver = receiver
        self.limit = limit
    }
}
