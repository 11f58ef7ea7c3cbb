/// The last head of a log that this node has cosigned as its witness. Of the node's own log: the furthest head that a witness has shown and that the
/// node's own key has signed, kept where the node does not have it.
public struct WitnessedHead: Hashable, Sendable {
    public var origin: String
    public var size: Int64
    /// Hex.
    public var root: String
    /// The whole signed note.
    public var note: String
    public var witnessedAt: Instant

    public init(origin: String, size: Int64, root: String, note: String, witnessedAt: Instant) {
        self.origin = origin
        self.size = size
        self.root = root
        self.note = note
        self.witnessedAt = witnessedAt
    }
}

/// Evidence against a log: a head that it has signed and that does not continue, or was not shown to continue, the one that was cosigned.
public struct LogFork: Hashable, Sendable {
    public var origin: String
    public var size: Int64
    /// Hex.
    public var root: String
    /// The whole signed note.
    public var note: String
    /// The note that it should have continued.
    public var knownNote: String
    /// Two roots of one size, both signed; else a proof that did not verify.
    public var isProven: Bool
    /// Who handed it in.
    public var participant: String
    public var foundAt: Instant

    public init(origin: String, size: Int64, root: String, note: String, knownNote: String, isProven: Bool, participant: String, foundAt: Instant) {
        self.origin = origin
        self.size = size
        self.root = root
        self.note = note
        self.knownNote = knownNote
        self.isProven = isProven
        self.participant = participant
        self.foundAt = foundAt
    }
}

/// The last cosignature that a witness has given to this node's own log.
public struct CosignedHead: Hashable, Sendable {
    /// The name in the witness's key.
    public var witness: String
    public var size: Int64
    /// Hex.
    public var root: String
    /// By the witness's clock.
    public var cosignedAt: Instant
    /// Why there is no newer one; empty where all is well.
    public var problem: String

    public init(witness: String, size: Int64, root: String, cosignedAt: Instant, problem: String = "") {
        self.witness = witness
        self.size = size
        self.root = root
        self.cosignedAt = cosignedAt
        self.problem = problem
    }
}
