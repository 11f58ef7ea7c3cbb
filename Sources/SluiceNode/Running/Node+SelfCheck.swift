internal import SluiceCore
internal import SluiceKit
internal import SluiceLedger

extension Node {
    func selfCheckMetrics() async -> [(name: String, help: String, type: String, samples: [(labels: [(String, String)], value: Double)])] {
        let status = await selfCheck.status
        func gauge(_ name: String, _ help: String, _ value: Double?) -> (
            name: String, help: String, type: String, samples: [(labels: [(String, String)], value: Double)]
        ) { ("sluice_ledger_check_" + name, help, "gauge", value.map { [([], $0)] } ?? []) }
        return [
            gauge("age_seconds", "Time since the self check last looked the whole ledger through.", status.ageSeconds.map(Double.init)),
            gauge("pace_seconds", "Within which time the self check is to look the whole ledger through.", Double(status.paceSeconds)),
            gauge("entries", "Entries that the last whole round of the self check found whole.", (status.lastRound?.entries).map(Double.init)),
            gauge("late", "Whether the last whole round is older than twice the pace.", status.isLate ? 1 : 0),
            gauge("damaged", "Whether the self check has found damage.", status.damage.isEmpty ? 0 : 1),
        ]
    }

    /// Looks the whole ledger through now: entries against files, files against the signed checkpoint, then what is not published yet: the store against its own head.
    /// - Returns: how many entries are whole.
    /// - Throws: what is damaged.
    package func checkLedger() async throws -> Int64 {
        let entries = try await selfCheck.wholeRound()
        try await ledger.recompute()
        return entries
    }
}
