import Foundation
import GRDB
import SluiceKit

extension SQLiteWriter {
    func insert(_ release: ReleaseRecord) throws {
        guard release.periods.allSatisfy({ !$0.contains(" ") }) else { throw StoreError(.failed, detail: "a reference period has a blank in it") }
        try execute(
            """
            INSERT INTO release (sender, exchange_id, dataset, population, dataflow, receiver, is_public, periods, cells, withheld, released_at, figures, truth)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                release.sender, release.exchangeID, release.dataset, release.population, release.dataflow, release.receiver, release.isPublic,
                release.periods.joined(separator: " "), release.cells, release.withheld, release.releasedAt.milliseconds, Data(release.figures),
                Data(release.truth),
            ], conflict: "the release of dataset \(release.dataset) of exchange \(release.exchangeID) is recorded already",
            missing: "the release's exchange \(release.exchangeID) of \(release.sender) is not recorded")
        let sequence = database.lastInsertedRowID
        for period in Set(release.periods) {
            try execute("INSERT INTO release_period (population, period, sequence) VALUES (?, ?, ?)", [release.population, period, sequence])
        }
    }

    func eraseReleaseTruth(sender: String, exchangeID: String) throws {
        try execute("UPDATE release SET truth = x'' WHERE sender = ? AND exchange_id = ?", [sender, exchangeID])
    }
}
