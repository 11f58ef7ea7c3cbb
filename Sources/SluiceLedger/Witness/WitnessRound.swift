package import SluiceKit

/// What a log knows of one of its witnesses: from which size to submit, and when. A value: answers go in, what to do comes out.
package struct WitnessRound: Hashable, Sendable {
    /// Least time from one request to the next.
    package static let pauseSeconds: Int64 = 3
    /// How long a witness that failed is left alone at most; the pause doubles up to here.
    package static let pauseSecondsMax: Int64 = 300
    /// A log that does not grow is cosigned again after this, so that the age of a cosignature says that the witness still sees it.
    package static let refreshSeconds: Int64 = 900
    /// How far a witness's clock may be from ours; a cosignature of another time says nothing about now.
    package static let clockSecondsMax: Int64 = 900

    package enum Step: Hashable, Sendable {
        /// The witness has cosigned.
        case keep(Cosignature)
        /// It knows another size than we thought: submit again, from there.
        case again(from: UInt64)
        /// It knows something that our log does not lead to: look at the checkpoint that it has of us, for only our own signature proves that.
        case look(String)
        /// Later, with the reason.
        case later(String)
    }

    package let key: CosignerKey
    /// The size that the witness cosigned last, as far as we know.
    package private(set) var knownSize: UInt64
    /// The last cosignature: entries, and seconds since 1970 by the witness's clock.
    package private(set) var cosignedSize: UInt64
    package private(set) var cosignedAt: UInt64?
    /// Why there is no newer one; empty where all is well.
    package private(set) var problem = ""
    /// What its operator should be asked; stays until the next start.
    package private(set) var warning = ""
    private var failures = 0
    private var nextAt = Instant(milliseconds: 0)

    /// - Parameters:
    ///   - cosignedSize: of the last cosignature that was kept; 0 where there is none.
    ///   - cosignedAt: its time.
    package init(key: CosignerKey, cosignedSize: UInt64 = 0, cosignedAt: UInt64? = nil) {
        self.key = key
        self.cosignedSize = cosignedSize
        self.cosignedAt = cosignedAt
        knownSize = cosignedSize
    }

    /// The old size to submit a log of `size` entries from; nil where nothing is to be done now.
    package func due(size: UInt64, at now: Instant) -> UInt64? {
        guard now >= nextAt else { return nil }
        let isOld = cosignedAt.map { now.seconds - Int64(clamping: $0) >= Self.refreshSeconds } ?? true
        guard size > cosignedSize || isOld else { return nil }
        return knownSize <= size ? knownSize : 0
    }

    /// Reads the answer to a submission of `note`, from `oldSize` to `size`.
    /// - Parameter isSecond: the size was already corrected once.
    package mutating func answered(
        _ answer: TransportAnswer, to note: SignedNote, size: UInt64, from oldSize: UInt64, isSecond: Bool, at now: Instant
    ) -> Step {
        switch answer.status {
        case 200:
            do throws(LedgerError) {
                guard let cosignature = try SignedNote(parsing: Array(note.text.utf8) + answer.body).cosignatures(of: [key]).first else {
                    return failed("\(key.name) answered without a cosignature by the key that is configured for it", at: now)
                }
                guard let ahead = cosignature.secondsAhead(of: now), (-Self.clockSecondsMax...Self.clockSecondsMax).contains(ahead) else {
                    return failed("\(key.name) cosigned at \(cosignature.instant.rfc3339), which is far from this node's clock: set both by NTP", at: now)
                }
                knownSize = size
                cosignedSize = size
                cosignedAt = cosignature.time
                problem = ""
                failures = 0
                nextAt = now.advanced(byMilliseconds: Self.pauseSeconds * 1_000)
                return .keep(cosignature)
            } catch {
                return failed("\(key.name): \(error.detail)", at: now)
            }
        case 409:
            guard answer.contentType.prefix(while: { $0 != ";" }) == WitnessDecision.sizeType, let size = Self.size(answer.body) else {
                return failed("\(key.name) says 409 without the size that it knows", at: now)
            }
            return corrected(to: size, ours: note, oldSize: oldSize, isSecond: isSecond, at: now)
        case 422:
            // Also where it may send another answer tomorrow: what it holds decides.
            _ = failed("\(key.name) says that this log does not continue what it cosigned before: \(answer.words)", at: now)
            return .look(problem)
        default:
            return failed("\(key.name) answered \(answer.status): \(answer.words)", at: now, retryAfterSeconds: answer.retryAfterSeconds)
        }
    }

    private mutating func corrected(to size: UInt64, ours note: SignedNote, oldSize: UInt64, isSecond: Bool, at now: Instant) -> Step {
        let submitted = (try? Checkpoint(body: note.body).head.size) ?? 0
        if size > submitted || size == oldSize {
            _ = failed("\(key.name) knows \(size) entries of this log, which has \(submitted)", at: now)
            return .look(problem)
        }
        if size < cosignedSize {
            warning =
                "\(key.name) knows \(size) entries of this log and had cosigned \(cosignedSize): it has lost what it knew, and would not find a fork before that"
        }
        knownSize = size
        if isSecond { return failed("\(key.name) names another size each time", at: now) }
        return .again(from: size)
    }

    /// It was not reached, or what it holds of us could not be looked at.
    @discardableResult
    package mutating func failed(_ words: String, at now: Instant, retryAfterSeconds: Int? = nil) -> Step {
        problem = words
        let pause = min(Self.pauseSecondsMax, Self.pauseSeconds << Int64(min(failures, 10)))
        failures += 1
        nextAt = now.advanced(byMilliseconds: max(pause, min(Int64(retryAfterSeconds ?? 0), Self.pauseSecondsMax)) * 1_000)
        return .later(words)
    }

    /// What it holds of us is the beginning of our log: it is submitted to from there, next time.
    package mutating func knows(_ size: UInt64) { knownSize = size }

    private static func size(_ body: [UInt8]) -> UInt64? {
        guard body.count <= 21, body.last == 0x0a else { return nil }
        return LedgerNumber.parse(String(decoding: body.dropLast(), as: UTF8.self))
    }
}

extension TransportAnswer {
    /// The beginning of its text, fit for a log line.
    var words: String {
        String(String.UnicodeScalarView(String(decoding: body.prefix(300), as: UTF8.self).unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7f }))
    }
}
