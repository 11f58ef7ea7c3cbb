package import SluiceKit

/// Nonces of messages that were accepted, each kept as long as its message would be accepted again. A value: whoever owns it holds the lock.
package struct HTTPSignatureNonces: Sendable {
    private struct Key: Hashable {
        let keyName: String
        let nonce: String
    }

    /// Full, it refuses: to forget would let a message be repeated.
    package let entriesMax: Int
    private var seen: [Key: Instant] = [:]
    private var nextSweep = Instant(milliseconds: .min)

    /// A partner that sends a hundred messages a second for ten minutes fits.
    package init(entriesMax: Int = 65_536) { self.entriesMax = entriesMax }

    /// Admits a message once.
    package mutating func admit(_ verified: HTTPSignature.Verified, at time: Instant) throws(HTTPSignatureError) {
        guard let nonce = verified.nonce else { throw HTTPSignatureError(.parameterMissing, "the signature has no nonce") }
        let key = Key(keyName: verified.keyName, nonce: nonce)
        if let until = seen[key], time <= until {
            throw HTTPSignatureError(.nonceRepeated, "a message with this signature's nonce was accepted before; the sender must sign anew, not send again")
        }
        if seen.count >= entriesMax, time >= nextSweep {
            seen = seen.filter { time <= $0.value }
            nextSweep = time.advanced(byMilliseconds: 1000)
        }
        guard seen.count < entriesMax || seen[key] != nil else {
            throw HTTPSignatureError(.limitExceeded, "\(entriesMax) messages are being remembered, which is the limit; try again in a few minutes")
        }
        seen[key] = verified.acceptedUntil
    }
}
