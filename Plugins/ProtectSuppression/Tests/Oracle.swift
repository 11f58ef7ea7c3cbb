import Foundation
import SluiceKit
import SluiceKitTesting

@testable import ProtectSuppression

/// Another linear-programming code on another reading of the table: `SLUICE_ORACLE_PYTHON` names a Python that has `highspy`.
enum Oracle {
    /// Whether that Python has `pytauargus`.
    static let hasTauArgus = OraclePython.interpreter != nil && OraclePython.importing("pytauargus") == OraclePython.interpreter

    /// Key, whether it is unsafe, and its level, of every cell of regions by sectors; nil when it crashed three times.
    static func tauArgus(_ records: [(key: [String], value: String)], rule: String) throws -> [(key: [String], isUnsafe: Bool, level: Double)]? {
        let input: [String: Any] = ["records": records.map { $0.key + [$0.value] }, "rule": rule]
        for _ in 0..<3 {
            guard let rows = (try? answer("tauargus.py", input)) as? [[Any]] else { continue }
            return rows.compactMap { row in
                guard let region = row[0] as? String, let sector = row[1] as? String, let isUnsafe = row[3] as? Bool, let level = row[4] as? Double else {
                    return nil
                }
                return ([region, sector], isUnsafe, level)
            }
        }
        return nil
    }

    /// What `optimum.py` says: further cells, and whether none fewer would do; where its time ran out, they may.
    /// - Throws: where it crashed three times.
    static func fewestFurtherCells(_ problem: [String: Any]) throws -> (further: Int, isOptimal: Bool) {
        for _ in 0..<3 {
            guard let found = (try? answer("optimum.py", problem)) as? [String: Any] else { continue }
            if let further = found["further"] as? Int, let isOptimal = found["isOptimal"] as? Bool { return (further, isOptimal) }
        }
        throw ConformanceFailure("optimum.py", "crashed three times")
    }

    private static func answer(_ script: String, _ input: Any) throws -> Any {
        let bytes = [UInt8](try JSONSerialization.data(withJSONObject: input))
        return try JSONSerialization.jsonObject(with: Data(try OraclePython.answer(of: script, to: bytes)))
    }

    /// Of each withheld row of `source`, in order; a high without limit is infinite.
    static func intervals(_ source: TestTable, withheld: [Bool]) throws -> [Interval] {
        let dimensions = source.dimensions.map { dimension in
            Dictionary(uniqueKeysWithValues: dimension.codes.map { ($0.id, $0.parent.map { $0 as Any } ?? NSNull()) })
        }
        let cells = source.rows.enumerated().map { at, row -> [Any] in [row.key, Double(row.value ?? "") ?? 0, withheld[at]] }
        let input: [String: Any] = ["dimensions": dimensions, "cells": cells]
        guard let pairs = try answer("intervals.py", input) as? [[Any]] else { throw ConformanceFailure("intervals.py", "gave no list") }
        return pairs.map { Interval(low: $0[0] as? Double ?? 0, high: $0[1] as? Double ?? .infinity) }
    }
}
