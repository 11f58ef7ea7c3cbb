package import SluiceKit

/// The receiver's book of uploads that are under way or broke off: who may write where. The files are the caller's.
///
/// The idea is that of the IETF's resumable uploads (draft-ietf-httpbis-resumable-upload), on the resource that the package has anyway.
/// A partial upload belongs to (sender, exchange id) and to what the sender announced: other bytes under the id begin anew.
package struct ResumableUploads: Hashable, Sendable {
    package struct Key: Hashable, Sendable {
        package var sender: ParticipantID
        package var exchangeID: String
        package init(sender: ParticipantID, exchangeID: String) {
            self.sender = sender
            self.exchangeID = exchangeID
        }
    }

    /// What the whole will be, as the sender says with each request.
    package struct Announced: Hashable, Sendable {
        package var bytes: Int
        /// SHA-256 (hex) of the whole.
        package var sha256: String
        package init(bytes: Int, sha256: String) {
            self.bytes = bytes
            self.sha256 = sha256
        }
    }

    package struct Limits: Hashable, Sendable {
        /// Longest package, as for uploads in one piece.
        package var packageBytesMax: Int
        /// Most partial uploads of one participant, and the disk they may claim together by their announced lengths.
        package var uploadsMax: Int
        package var bytesMax: Int
        /// How long a partial upload is kept after its last byte.
        package var idleMillisecondsMax: Int64

        package init(packageBytesMax: Int, uploadsMax: Int = 8, bytesMax: Int = 64 << 30, idleMillisecondsMax: Int64 = 86_400_000) {
            self.packageBytesMax = packageBytesMax
            self.uploadsMax = uploadsMax
            self.bytesMax = bytesMax
            self.idleMillisecondsMax = idleMillisecondsMax
        }
    }

    /// The right to write, for one request. A later request for the same upload ends it.
    package struct Writer: Hashable, Sendable {
        package let key: Key
        fileprivate let number: UInt64
    }

    package enum Beginning: Hashable, Sendable {
        /// Write from `offset` on. `discards`: what is there is of another announcement, or is begun anew; remove it first.
        case write(Writer, offset: Int, discards: Bool)
        /// 409 `upload-offset-mismatch`, with `Upload-Offset`.
        case mismatch(offset: Int)
        /// 413 `package-too-large`.
        case tooLarge
        /// 429 `too-many-uploads`.
        case refused(retryAfterSeconds: Int)
    }

    package enum Step: Hashable, Sendable {
        case goOn
        /// All is there and on disk: check the digest, then `finish`.
        case complete
        /// Another request has taken over, or more came than was announced: close this connection and write nothing more.
        case stop
    }

    package struct Partial: Hashable, Sendable {
        package var announced: Announced
        /// Bytes on disk; only grows.
        package var offset: Int
        package var touchedAt: Instant
        fileprivate var writer: UInt64?
    }

    package let limits: Limits
    private var partials: [Key: Partial] = [:]
    private var writers: UInt64 = 0

    /// - Parameter found: what a restart found on disk: announcements, and the lengths of the files.
    package init(_ limits: Limits, found: [(key: Key, announced: Announced, offset: Int, touchedAt: Instant)] = []) {
        self.limits = limits
        for one in found where one.offset >= 0 && one.offset <= one.announced.bytes {
            partials[one.key] = Partial(announced: one.announced, offset: one.offset, touchedAt: one.touchedAt, writer: nil)
        }
    }

    package var count: Int { partials.count }

    /// What `HEAD` answers: the offset to go on from; nil when nothing of this announcement is there.
    package func offset(of key: Key, _ announced: Announced) -> Int? {
        partials[key].flatMap { $0.announced == announced ? $0.offset : nil }
    }

    /// A request that brings bytes from `offset` on. At 0 it begins anew, whatever is there: the sender may not know of it.
    package mutating func begin(_ key: Key, _ announced: Announced, from offset: Int, at now: Instant) -> Beginning {
        guard announced.bytes > 0, announced.bytes <= limits.packageBytesMax else { return .tooLarge }
        let known = partials[key]
        let isSame = known?.announced == announced
        if offset != 0 || isSame && known?.offset == 0 {
            guard isSame, let known, known.offset == offset else { return .mismatch(offset: isSame ? known?.offset ?? 0 : 0) }
            writers += 1
            partials[key] = Partial(announced: announced, offset: offset, touchedAt: now, writer: writers)
            return .write(Writer(key: key, number: writers), offset: offset, discards: false)
        }
        let others = partials.filter { $0.key.sender == key.sender && $0.key != key }
        let (claimed, isOver) = others.values.reduce((announced.bytes, false)) { sum, partial in
            let (bytes, isOver) = sum.0.addingReportingOverflow(partial.announced.bytes)
            return (bytes, sum.1 || isOver)
        }
        guard others.count < limits.uploadsMax, !isOver, claimed <= limits.bytesMax else {
            // The oldest that nobody writes makes room when its time is over; that is what the sender is told to wait for.
            let oldest = others.values.filter { $0.writer == nil }.map { $0.touchedAt.adding(limits.idleMillisecondsMax) }.min()
            let wait = oldest.map { $0 > now ? ($0.milliseconds &- now.milliseconds) / 1_000 : 0 } ?? 60
            return .refused(retryAfterSeconds: Int(clamping: min(max(wait, 1), 3_600)))
        }
        writers += 1
        partials[key] = Partial(announced: announced, offset: 0, touchedAt: now, writer: writers)
        return .write(Writer(key: key, number: writers), offset: 0, discards: known != nil)
    }

    /// So many more bytes are on disk.
    package mutating func wrote(_ count: Int, by writer: Writer, at now: Instant) -> Step {
        guard var partial = partials[writer.key], partial.writer == writer.number, count >= 0 else { return .stop }
        let (offset, isOver) = partial.offset.addingReportingOverflow(count)
        guard !isOver, offset <= partial.announced.bytes else { return .stop }
        partial.offset = offset
        partial.touchedAt = now
        partials[writer.key] = partial
        return offset == partial.announced.bytes ? .complete : .goOn
    }

    /// The connection ended, or all was there; what is on disk waits for the next request.
    package mutating func ended(_ writer: Writer) {
        guard partials[writer.key]?.writer == writer.number else { return }
        partials[writer.key]?.writer = nil
    }

    /// The whole was answered, or its digest was not the announced one: the upload is forgotten, and its file no longer this book's.
    /// What is under the same key by now, of another announcement, stays.
    package mutating func finish(_ key: Key, _ announced: Announced) {
        if partials[key]?.announced == announced { partials[key] = nil }
    }

    /// Forgets what nobody went on with; the caller removes the files. A clock that was set back starts the time anew.
    package mutating func expire(at now: Instant) -> [Key] {
        var gone: [Key] = []
        for (key, partial) in partials where partial.writer == nil {
            if partial.touchedAt > now {
                partials[key]?.touchedAt = now
            } else if partial.touchedAt.adding(limits.idleMillisecondsMax) < now {
                gone.append(key)
            }
        }
        for key in gone { partials[key] = nil }
        return gone.sorted { ($0.sender.rawValue, $0.exchangeID) < ($1.sender.rawValue, $1.exchangeID) }
    }
}
