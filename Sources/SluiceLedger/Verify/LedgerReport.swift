/// What a verification found.
package struct LedgerReport: Sendable {
    /// Damages listed; further ones are only counted.
    package static let damagesMax = 100
    /// Warnings listed; further ones are only counted.
    package static let warningsMax = 100

    /// The checkpoint verified against; nil where it could not be read.
    package internal(set) var checkpoint: Checkpoint?
    /// Entries whose bytes lead to the signed root.
    package internal(set) var entriesVerified: UInt64 = 0
    /// Entries at the beginning of the log whose bytes are withheld (pruned); their hashes still lead to the root.
    package internal(set) var entriesWithheld: UInt64 = 0
    /// What disagrees with the signed root or breaks the format, first things first, at most `damagesMax`.
    package private(set) var damages: [LedgerError] = []
    package private(set) var damageCount = 0
    /// What an auditor should know but what proves no change, at most `warningsMax`.
    package private(set) var warnings: [String] = []
    package private(set) var warningCount = 0
    /// The earliest and latest time among the entries, as seconds since 1970.
    package internal(set) var times: ClosedRange<EntryTime>?

    /// Whether everything that is there is as it was signed.
    package var isIntact: Bool { damageCount == 0 }

    mutating func add(_ damage: LedgerError) {
        damageCount += 1
        if damages.count < Self.damagesMax { damages.append(damage) }
    }

    mutating func warn(_ warning: String) {
        warningCount += 1
        if warnings.count < Self.warningsMax { warnings.append(warning) }
    }
}
