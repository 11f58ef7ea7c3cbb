internal import SluiceCrypto
package import SluiceKit

/// The node's own key, under which the keys of its exchanges are kept: whoever has a copy of the database alone can read no body.
package struct StorageKey: Sendable {
    private let bytes: [UInt8]

    /// Reads a file of mode 0600 that holds 64 hexadecimal digits.
    package init(path: String) throws {
        let text = String(decoding: try BoundedFile.load(path, secret: true), as: UTF8.self).trimmingASCIIWhitespace
        guard let digest = SHA256Digest(hex: text) else {
            throw NodeError(
                "\(path) holds no storage key: 64 hexadecimal digits. Restore it from a backup; without it the packages of this node cannot be opened")
        }
        bytes = digest.bytes
    }

    /// The text of a new key file.
    package static func newText() -> String { Hexadecimal.encode(SecureRandom.bytes(SegmentedCipher.keyBytes)) + "\n" }

    /// Key of the codes by which received data are known again.
    package var contentKey: [UInt8] { HMACSHA256.code(key: bytes, message: Array("sluice content codes".utf8)).bytes }

    /// A new key for one exchange, and the form in which it is stored.
    package func makeKey(sender: String, exchangeID: String) throws -> (key: ExchangeKey, wrapped: [UInt8]) {
        let key = SecureRandom.bytes(SegmentedCipher.keyBytes)
        return (ExchangeKey(bytes: key, sender: sender, exchangeID: exchangeID), try cipher(sender, exchangeID).seal(key))
    }

    /// - Throws: when the key was erased, belongs to another exchange, or to another node.
    package func key(of record: ExchangeRecord) throws -> ExchangeKey {
        guard !record.wrappedKey.isEmpty else { throw NodeError("the package and the receipt of exchange \(record.id) were erased") }
        return ExchangeKey(bytes: try cipher(record.sender, record.id).open(record.wrappedKey), sender: record.sender, exchangeID: record.id)
    }

    /// For what the register keeps of a release: its own key for each entry, which does not go with the exchange's.
    func releaseCipher(sender: String, exchangeID: String, dataset: Int) -> SegmentedCipher {
        let label = "sluice release key \(sender.utf8.count) \(sender) \(exchangeID) \(dataset)"
        return SegmentedCipher(key: HMACSHA256.code(key: bytes, message: Array(label.utf8)).bytes, label: label)
    }

    /// A key of its own for each exchange: the nonce has 56 random bits, too few for one key over the keys of all exchanges.
    private func cipher(_ sender: String, _ exchangeID: String) -> SegmentedCipher {
        let label = "sluice exchange key \(sender.utf8.count) \(sender) \(exchangeID)"
        return SegmentedCipher(key: HMACSHA256.code(key: bytes, message: Array(label.utf8)).bytes, label: label)
    }
}

/// The key of one exchange's bodies. Destroying it erases them wherever copies may be.
package struct ExchangeKey: Sendable {
    private let bytes: [UInt8]
    private let sender: String
    private let exchangeID: String

    fileprivate init(bytes: [UInt8], sender: String, exchangeID: String) {
        self.bytes = bytes
        self.sender = sender
        self.exchangeID = exchangeID
    }

    func cipher(_ kind: BodyKind) -> SegmentedCipher { SegmentedCipher(key: bytes, label: "\(kind.rawValue) \(sender) \(exchangeID)") }

    /// For the true values of the cells that a release withholds, which go with the exchange's bodies.
    func truthCipher(dataset: Int) -> SegmentedCipher { SegmentedCipher(key: bytes, label: "release \(dataset) \(sender) \(exchangeID)") }

    /// Key of the input's digest in the ledger: the giver can show which file it was, and nobody without it can test a guess. It goes with the exchange's key.
    package var inputKey: [UInt8] { HMACSHA256.code(key: bytes, message: Array("input".utf8)).bytes }
}
