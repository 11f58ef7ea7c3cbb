import Foundation
import SluiceKitTesting

/// Another solver on another reading of the tables: `SLUICE_ORACLE_PYTHON` names a Python that has `highspy`.
enum Oracle {
    struct Problem {
        var table: TestTable
        var base: Int
        var isWidened = false
    }

    /// The least total change of each table; nil where no table fits.
    static func leastChange(_ problems: [Problem]) throws -> [Int?] {
        let input = problems.map { problem -> [String: Any] in
            let dimensions = problem.table.dimensions.map { dimension in
                Dictionary(uniqueKeysWithValues: dimension.codes.map { ($0.id, $0.parent.map { $0 as Any } ?? NSNull()) })
            }
            let cells = problem.table.rows.map { [$0.key, Int($0.value ?? "") ?? 0] as [Any] }
            return ["dimensions": dimensions, "cells": cells, "base": problem.base, "widened": problem.isWidened]
        }
        let output = try OraclePython.answer(of: "rounding.py", to: [UInt8](try JSONSerialization.data(withJSONObject: input)))
        guard let answers = try JSONSerialization.jsonObject(with: Data(output)) as? [Any] else { throw ConformanceFailure("rounding.py", "gave no list") }
        return answers.map { $0 as? Int }
    }
}
