import SluiceKit

/// The time that one table may take; asked wherever work grows with the records.
struct Deadline {
    private let end: ContinuousClock.Instant
    private let limits: RecordLimits

    init(_ limits: RecordLimits) {
        self.limits = limits
        end = ContinuousClock.now.advanced(by: limits.deadline)
    }

    /// - Throws: `deadline` past the time.
    func check() throws(ProtectionError) {
        guard ContinuousClock.now < end else {
            throw ProtectionError(
                .deadline, detail: "the records could not be protected within \(limits.deadline); send fewer at a time, or generalise less finely")
        }
    }
}
