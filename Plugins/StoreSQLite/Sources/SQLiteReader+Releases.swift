import Foundation
import GRDB
import SluiceKit

extension SQLiteReading {
    private static var releaseColumns: String {
        "sequence, sender, exchange_id, dataset, population, dataflow, receiver, is_public, periods, cells, withheld, released_at"
    }

    func releases(_ filter: ReleaseFilter) throws -> [ReleaseRecord] {
        var asked = Conditions("sequence > 0")
        asked.add("population = ?", filter.population)
        asked.add("(receiver = ? OR is_public = 1)", filter.receiver)
        return try rows(
            """
            SELECT \(Self.releaseColumns), x'' AS figures, x'' AS truth
            FROM release WHERE \(asked.all.joined(separator: " AND ")) ORDER BY sequence LIMIT ?
            """, asked.arguments + [max(0, filter.limit)], release)
    }

    func releases(population: String, periods: Set<String>, limit: Int) throws -> [ReleaseRecord] {
        try rows(
            """
            SELECT \(Self.releaseColumns), figures, truth
            FROM release WHERE sequence IN (SELECT sequence FROM release_period WHERE \(Self.among(periods))) ORDER BY sequence LIMIT ?
            """, Self.arguments(population, periods) + [max(0, limit)], release)
    }

    func lastRelease(population: String, periods: Set<String>) throws -> Int64 {
        let last = try rows("SELECT max(sequence) FROM release_period WHERE \(Self.among(periods))", Self.arguments(population, periods)) {
            try $0[0] as Int64?
        }
        return last.first.flatMap(\.self) ?? 0
    }

    private static func among(_ periods: Set<String>) -> String {
        "population = ? AND period IN (\(Array(repeating: "?", count: periods.count).joined(separator: ", ")))"
    }

    private static func arguments(_ population: String, _ periods: Set<String>) -> StatementArguments {
        [population] + StatementArguments(periods.sorted())
    }

    private func release(_ row: Columns) throws -> ReleaseRecord {
        try ReleaseRecord(
            sender: row[1], exchangeID: row[2], dataset: row[3], population: row[4], dataflow: row[5], receiver: row[6], isPublic: row[7],
            periods: (row[8] as String).split(separator: " ").map(String.init), cells: row[9], withheld: row[10],
            releasedAt: Instant(milliseconds: row[11]), sequence: row[0], figures: Array(row[12] as Data), truth: Array(row[13] as Data))
    }
}
