/// What of an exchange is kept beside its record.
public enum BodyKind: String, Hashable, Sendable, CaseIterable {
    /// The sealed package as it travelled.
    case package
    /// The receipt that answers it, as it travelled.
    case receipt
    /// What would leave, while it waits for approval: its bytes, and all else that sealing needs.
    case payload, draft
    /// What a second person said of it, signed.
    case approval
}

/// A package that was refused before it could be believed, remembered by its bytes: the same bytes get the same answer.
public struct RefusedCopy: Hashable, Sendable {
    public var sender: String
    public var exchangeID: String
    /// SHA-256 (hex) of the whole package.
    public var packageDigest: String
    /// Of the refusal.
    public var code: String
    /// The receipt that says so, and its seal.
    public var receipt: [UInt8]
    public var seal: String
    public var refusedAt: Instant

    public init(sender: String, exchangeID: String, packageDigest: String, code: String, receipt: [UInt8], seal: String, refusedAt: Instant) {
        self.sender = sender
        self.exchangeID = exchangeID
        self.packageDigest = packageDigest
        self.code = code
        self.receipt = receipt
        self.seal = seal
        self.refusedAt = refusedAt
    }
}

/// One encrypted body of an exchange: small ones lie in the store itself, where they commit with the change they belong to, large ones in a file beside it.
public struct StoredBody: Hashable, Sendable {
    public var sender: String
    public var exchangeID: String
    public var kind: BodyKind
    /// The encrypted bytes; empty for a file.
    public var bytes: [UInt8]
    /// Name of the file in the node's folder of bodies; empty for bytes in the store.
    public var file: String

    public init(sender: String, exchangeID: String, kind: BodyKind, bytes: [UInt8] = [], file: String = "") {
        self.sender = sender
        self.exchangeID = exchangeID
        self.kind = kind
        self.bytes = bytes
        self.file = file
    }
}
