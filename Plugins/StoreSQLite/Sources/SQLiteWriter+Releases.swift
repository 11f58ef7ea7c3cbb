import Foundation
import GRDB
import SluiceKit

extension SQLiteReading {
    func releases(_ filter: ReleaseFilter) throws -> [ReleaseRecord] {
        var conditions = ["sequence > ?"]
        var arguments: StatementArguments = [filter.after]
        if let periods = filter.periods {
            // By way of the periods of a population; without one, of all populations that there are.
            let marks = Array(repeating: "?", count: periods.count).joined(separator: ", ")
            let populations = filter.population == nil ? "IN (SELECT DISTINCT population FROM release INDEXED BY release_by_population)" : "= ?"
            conditions.append("sequence IN (SELECT sequence FROM release_period WHERE population \(populations) AND period IN (\(marks)))")
            if let population = filter.population { arguments += [population] }
            arguments += StatementArguments(periods.sorted())
        }
        if let population = filter.population {
            conditions.append("population = ?")
            arguments += [population]
        }
        if let receiver = filter.receiver {
            conditions.append("(receiver = ? OR is_public = 1)")
            arguments += [receiver]
        }
        arguments += [max(0, filter.limit)]
        let bodies = filter.withFigures ? "figures, truth" : "x'' AS figures, x'' AS truth"
        return try rows(
            """
            SELECT sequence, sender, exchange_id, dataset, population, dataflow, receiver, is_public, periods, cells, withheld, released_at, \(bodies)
            FROM release WHERE \(conditions.joined(separator: " AND ")) ORDER BY sequence LIMIT ?
            """, arguments
        ) { row in
            ReleaseRecord(
                sender: row[1], exchangeID: row[2], dataset: row[3], population: row[4], dataflow: row[5], receiver: row[6], isPublic: row[7],
                periods: (row[8] as String).split(separator: " ").map(String.init), cells: row[9], withheld: row[10],
                releasedAt: Instant(milliseconds: row[11]), sequence: row[0], figures: Array(row[12] as Data), truth: Array(row[13] as Data))
        }
    }

    func lastRelease(population: String) throws -> Int64 {
        try rows("SELECT sequence FROM release WHERE population = ? ORDER BY sequence DESC LIMIT 1", [population]) { $0[0] as Int64 }.first ?? 0
    }
}

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
