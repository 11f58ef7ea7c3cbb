internal import Logging
internal import SluiceCore
internal import SluiceCrypto
internal import SluiceKit
internal import SluiceLedger

/// The checkpoint of this node's ledger that each person saw last, a file for each.
struct Visits: Sendable {
    let directory: String
    let log: Logger

    /// What the person saw at the visit before this one. Today's checkpoint takes its place where it goes on from there; where it does not, or where what was kept
    /// cannot be read, that stays, as evidence.
    /// - Parameters:
    ///   - today: the published checkpoint; nil where there is none.
    ///   - isContinued: whether today's ledger goes on from an earlier checkpoint.
    func begin(_ person: String, today: String?, isContinued: (String) async throws -> Bool) async -> EarlierVisit {
        // A name has nothing in it that a path could be led astray by.
        guard Person.isName(person) else { return .unknown }
        let path = "\(directory)/\(person).checkpoint"
        let earlier: String?
        do {
            earlier = try await Worker.run {
                Folders.exists(path) ? String(decoding: try FileByteSource.contents(of: path, bytesMax: SignedNote.bytesMax), as: UTF8.self) : nil
            }
            if let earlier, try await !isContinued(earlier) { return .checkpoint(earlier) }
        } catch {
            log.error("the checkpoint of somebody's last visit cannot be held against the ledger", metadata: ["file": "\(path)", "error": "\(error)"])
            return .unknown
        }
        guard let today else {
            log.notice("nothing is published of the ledger yet, so no checkpoint is kept for somebody's next visit")
            return earlier.map(EarlierVisit.checkpoint) ?? .unknown
        }
        do {
            try await Worker.run { [directory] in
                try Folders.make(directory)
                try BoundedFile.replace(path, with: Array(today.utf8), mode: 0o600)
            }
        } catch {
            log.error("today's checkpoint cannot be kept for somebody's next visit", metadata: ["file": "\(path)", "error": "\(error)"])
            return earlier.map(EarlierVisit.checkpoint) ?? .unknown
        }
        return earlier.map(EarlierVisit.checkpoint) ?? .first
    }
}
