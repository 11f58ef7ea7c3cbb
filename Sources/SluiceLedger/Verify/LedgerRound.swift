internal import SluiceKit

/// One round of the self check, step by step: every entry of the store against its published tiles, and these up to the signed root.
///
/// Each step stands on the checkpoint that is published at its time, and proves what it looked at by itself; so a round may be stopped and resumed anywhere, and a log
/// that grows meanwhile is no difficulty. A step reads at most one bundle, one tile a level and the unfinished tiles, whatever the size of the log.
package struct LedgerRound: Hashable, Sendable {
    /// Superseded partial tiles looked at in one step.
    package static let olderMax = 64
    /// Steps that those of a log take at most, for whoever plans the time of a round: 255 of each of the bundle and seven tiles.
    package static let olderStepsMax = 32

    /// What the next step looks at.
    package enum Place: Hashable, Sendable {
        /// The bundle of this number, with its entries in the store and its tiles.
        case bundle(UInt64)
        /// The superseded partial tiles from this one on, in order of their names.
        case older(Int)
    }
    package enum Outcome: Hashable, Sendable {
        case goesOn
        /// All was looked at; the log had so many entries.
        case ended(entries: UInt64)
    }

    package var place = Place.bundle(0)

    package init(place: Place = .bundle(0)) { self.place = place }

    /// Entries that were looked at.
    package func entriesChecked(of size: UInt64) -> UInt64 {
        guard case .bundle(let number) = place else { return size }
        return min(size, number * UInt64(TilePath.fullWidth))
    }

    /// Looks at the next place. Throws what is damaged, `LedgerError` with its place and how to mend it, and stays where it is; the store's own errors pass through.
    package mutating func step(_ log: LedgerUnderCheck) throws -> Outcome {
        guard let signed = try log.signedHead() else { return .ended(entries: 0) }
        let unfinished = try log.unfinishedTiles(of: signed)
        switch place {
        case .bundle(let number):
            if number * UInt64(TilePath.fullWidth) < signed.size { try log.checkBundle(number, of: signed, unfinished) }
            let isLast = (number + 1) * UInt64(TilePath.fullWidth) >= signed.size
            place = isLast ? .older(0) : .bundle(number + 1)
            return .goesOn
        case .older(let first):
            let count = try log.checkOlder(from: first, limit: Self.olderMax, of: signed, unfinished)
            if count == Self.olderMax {
                place = .older(first + count)
                return .goesOn
            }
            place = .bundle(0)
            return .ended(entries: signed.size)
        }
    }
}
