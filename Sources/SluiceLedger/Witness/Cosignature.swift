package import SluiceKit

/// A witness's word about a checkpoint: that, as of a time, it is the furthest head of the log it has seen, and continues all it saw before
/// (C2SP tlog-cosignature, Ed25519).
package struct Cosignature: Hashable, Sendable {
    /// Eight bytes of time and 64 of signature.
    static let bytesCount = 72
    /// C2SP tlog-cosignature, "Format".
    static let timeMax = UInt64(Int64.max)

    package let key: CosignerKey
    /// Seconds since 1970, as the witness's clock had it.
    package let time: UInt64
    private let signature: [UInt8]

    init(key: CosignerKey, time: UInt64, signature: [UInt8]) throws(LedgerError) {
        guard time <= Self.timeMax else { throw LedgerError(.malformed, "the time of a cosignature is at most \(Self.timeMax) seconds") }
        self.key = key
        self.time = time
        self.signature = signature
    }

    /// The cosignature in `line`; nil where it is none of `key`, throws where it says to be and is not.
    init?(_ line: SignedNote.Signature, of key: CosignerKey, over body: String) throws(LedgerError) {
        guard line.name == key.name, line.keyID == key.id else { return nil }
        let time = line.signature.prefix(8).reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        guard line.signature.count == Self.bytesCount, time <= Self.timeMax,
            key.isValid(line.signature.dropFirst(8), over: Self.message(body: body, time: time))
        else {
            throw LedgerError(.signature, "the cosignature of \(key.name) is wrong: the text was changed, or signed by another key")
        }
        self.key = key
        self.time = time
        signature = Array(line.signature.dropFirst(8))
    }

    /// The same as an instant; a time beyond all calendars is the last one there is.
    package var instant: Instant {
        let (milliseconds, isOver) = Int64(clamping: time).multipliedReportingOverflow(by: 1_000)
        return Instant(milliseconds: isOver ? .max : milliseconds)
    }

    /// nil where the difference is beyond all numbers.
    func secondsAhead(of now: Instant) -> Int64? {
        let (seconds, isOver) = Int64(clamping: time).subtractingReportingOverflow(now.seconds)
        return isOver ? nil : seconds
    }

    /// The line below the note.
    package var line: SignedNote.Signature {
        let bytes = stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: time >> UInt64($0)) }
        return SignedNote.Signature(name: key.name, keyID: key.id, signature: bytes + signature)
    }

    /// What is signed (C2SP tlog-cosignature, "Ed25519 signed message").
    static func message(body: String, time: UInt64) -> [UInt8] { Array("cosignature/v1\ntime \(time)\n\(body)".utf8) }
}

extension SignedNote {
    /// The cosignatures of `keys` below this note, one a key, the latest; throws where one of them is wrong. Lines of other keys are ignored.
    package func cosignatures(of keys: [CosignerKey]) throws(LedgerError) -> [Cosignature] {
        var found: [Cosignature] = []
        for key in keys {
            var latest: Cosignature?
            for line in signatures {
                guard let one = try Cosignature(line, of: key, over: body) else { continue }
                if one.time >= latest?.time ?? 0 { latest = one }
            }
            if let latest { found.append(latest) }
        }
        return found
    }
}

/// Whose cosignatures count, and how many of them make a checkpoint one that no longer can be taken back unseen.
package struct WitnessPolicy: Hashable, Sendable {
    /// Each public key counts once, whatever names it has.
    package let witnesses: [CosignerKey]
    package let quorum: Int

    /// - Parameter quorum: between 1 and the number of different public keys; nil for more than half of them.
    package init(witnesses: [CosignerKey], quorum: Int? = nil) throws(LedgerError) {
        var known: Set<[UInt8]> = []
        for key in witnesses where !known.insert(key.publicKeyBytes).inserted {
            throw LedgerError(.malformed, "the witness \(key.name) has a key that stands twice; each witness has one of its own")
        }
        let quorum = quorum ?? witnesses.count / 2 + 1
        guard quorum >= 1, quorum <= witnesses.count else {
            throw LedgerError(.malformed, "a quorum of \(quorum) cannot be reached: there are \(witnesses.count) witnesses")
        }
        self.witnesses = witnesses
        self.quorum = quorum
    }

    /// Whether enough of the witnesses have cosigned the note.
    package func holds(for note: SignedNote) throws(LedgerError) -> Bool { try note.cosignatures(of: witnesses).count >= quorum }

    /// The most entries that a quorum vouches for, of what each witness has cosigned of one log.
    package func covered(_ sizes: [UInt64]) -> UInt64 {
        let sorted = sizes.sorted(by: >)
        return quorum <= sorted.count ? sorted[quorum - 1] : 0
    }
}
