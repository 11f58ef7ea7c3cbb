package import SluiceKit

/// What a witness says to a request, as a value: the head it knows and the request go in, the answer comes out (C2SP tlog-witness, "add-checkpoint").
package enum WitnessDecision: Hashable, Sendable {
    /// 200: the new head is persisted, then cosigned.
    case cosign
    /// 400
    case malformed(String)
    /// 403: not signed by the key that is known for the log.
    case notSigned(String)
    /// 404
    case unknownLog
    /// 409: the size that the witness has cosigned.
    case otherSize(UInt64)
    /// 422
    case notConsistent(String)

    /// A head that the log has signed and that is not shown to continue the one that was cosigned.
    package enum Evidence: Hashable, Sendable {
        /// Another root for the size that was cosigned: the log has two histories, and both are signed.
        case fork
        /// The proof does not lead from the one to the other. Whoever sent it may have sent a wrong proof.
        case unproven
    }

    /// Whether the log's own key signed the request's checkpoint; nil where it did.
    /// - Parameter key: the one known for the origin.
    package static func refusal(of request: WitnessRequest, key: VerifierKey?) -> WitnessDecision? {
        guard let key, key.name == request.checkpoint.origin else { return .unknownLog }
        do throws(LedgerError) {
            try request.note.verified(by: [key])
            return nil
        } catch {
            return .notSigned(error.detail)
        }
    }

    /// - Parameters:
    ///   - request: signed by the log.
    ///   - known: the last head of the log that was cosigned; nil where none was.
    package static func decide(_ request: WitnessRequest, known: LedgerHead?) -> (decision: WitnessDecision, evidence: Evidence?) {
        let head = request.checkpoint.head
        guard request.oldSize <= head.size else {
            return (.malformed("the old size \(request.oldSize) is larger than the size of the checkpoint, \(head.size)"), nil)
        }
        // Two roots of one size prove a fork whatever old size came with them.
        let isFork = known.map { $0.size == head.size && $0.root != head.root && $0.size > 0 } ?? false
        let knownSize = known?.size ?? 0
        guard request.oldSize == knownSize else { return (.otherSize(knownSize), isFork ? .fork : nil) }
        if head.size == 0, head.root != MerkleHasher.emptyRoot { return (.notConsistent("a log without entries has the digest of nothing as its root"), nil) }
        guard let known, known.size > 0 else {
            return request.proof.isEmpty ? (.cosign, nil) : (.notConsistent("from an empty log no proof is needed, and none is taken"), nil)
        }
        if isFork { return (.notConsistent("the log has signed another root for its \(head.size) entries before"), .fork) }
        guard
            MerkleVerification.isConsistent(
                oldSize: known.size, oldRoot: known.root, size: head.size, root: head.root, proof: request.proof, with: MerkleHasher())
        else {
            // With the right root and the same size, only the proof is too much.
            let isSame = known == head
            return (.notConsistent("the proof does not lead from the \(known.size) entries cosigned before to these \(head.size)"), isSame ? nil : .unproven)
        }
        return (.cosign, nil)
    }

    /// The HTTP answer; of `.cosign` it is what goes with the cosignatures.
    package func answer(_ cosignatures: [Cosignature] = []) -> TransportAnswer {
        switch self {
        case .cosign: TransportAnswer(200, cosignatures.map { $0.line.text + "\n" }.joined())
        case .malformed(let words): TransportAnswer(400, words + "\n")
        case .notSigned(let words): TransportAnswer(403, words + "\n")
        case .unknownLog: TransportAnswer(404, "this witness knows no log of that origin\n")
        case .otherSize(let size): TransportAnswer(409, "\(size)\n", contentType: Self.sizeType)
        case .notConsistent(let words): TransportAnswer(422, words + "\n")
        }
    }

    static let sizeType = "text/x.tlog.size"
}

extension TransportAnswer {
    package init(_ status: Int, _ text: String, contentType: String = "text/plain; charset=utf-8", retryAfterSeconds: Int? = nil) {
        self.init(status: status, contentType: contentType, body: Array(text.utf8), retryAfterSeconds: retryAfterSeconds)
    }
}
