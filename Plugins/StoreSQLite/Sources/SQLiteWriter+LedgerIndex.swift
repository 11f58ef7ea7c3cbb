import Foundation
import GRDB
import SluiceKit

extension SQLiteWriter {
    func index(_ stretch: LedgerStretch) throws {
        let next = try ledgerStretchCount()
        guard stretch.number == next else {
            throw StoreError(.conflict, detail: "stretch \(stretch.number) of the ledger was to be indexed, and \(next) is the next")
        }
        guard try ledgerSize() >= (next + 1) * Int64(LedgerStretch.entryCount) else {
            throw StoreError(.conflict, detail: "the ledger has not all entries of stretch \(next) yet")
        }
        try execute(
            "INSERT INTO ledger_stretch (number, earliest, latest) VALUES (?, ?, ?)",
            [stretch.number, stretch.times.lowerBound.milliseconds, stretch.times.upperBound.milliseconds])
        for (term, places) in stretch.places {
            try execute(
                """
                INSERT INTO ledger_term (facet, value, entries) VALUES (?, ?, ?)
                ON CONFLICT (facet, value) DO UPDATE SET entries = entries + excluded.entries
                """, [term.facet.rawValue, term.value, places.count])
            try execute(
                "INSERT INTO ledger_place (term, stretch, places) VALUES ((SELECT term FROM ledger_term WHERE facet = ? AND value = ?), ?, ?)",
                [term.facet.rawValue, term.value, stretch.number, Data(places.bytes)])
        }
    }

    func removeLedgerIndex() throws {
        for table in ["ledger_place", "ledger_term", "ledger_stretch"] { try execute("DELETE FROM \(table)") }
    }
}
