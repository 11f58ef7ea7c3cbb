package import SluiceKit

/// The node's inner side as a witness of its partners' ledgers (C2SP tlog-witness); the listener only carries.
package protocol WitnessService: Sendable {
    /// Longest request it reads, in bytes.
    var bodyBytesMax: Int { get }
    /// `add-checkpoint`: the answer is persisted before it is given.
    /// - Throws: a problem for a stranger, or for one who asks too often.
    func addCheckpoint(_ body: [UInt8], from peer: Peer) async throws(Problem) -> TransportAnswer
    /// The last checkpoint cosigned of the log whose origin has this SHA-256 (hex).
    func checkpoint(originSHA256: String, for peer: Peer) async throws(Problem) -> TransportAnswer
}

/// Where the exchange endpoint has its witness: the submission prefix, and the monitoring prefix too.
package enum WitnessPaths {
    package static let prefix = "/exchange/v1/witness"
    package static let addCheckpoint = prefix + "/add-checkpoint"
    package static func checkpoint(originSHA256: String) -> String { "\(prefix)/\(originSHA256)/checkpoint" }
}
