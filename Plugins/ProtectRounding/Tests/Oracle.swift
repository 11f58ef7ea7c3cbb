import Foundation

/// Another solver on another reading of the tables: `SLUICE_ORACLE_PYTHON` names a Python that has `highspy`.
enum Oracle {
    static let python = ProcessInfo.processInfo.environment["SLUICE_ORACLE_PYTHON"]

    struct Problem {
        var table: TestTable
        var base: Int
        var isWidened = false
    }
    struct Failure: Error { var text: String }

    /// The least total change of each table; nil where no table fits.
    static func leastChange(_ problems: [Problem]) throws -> [Int?] {
        guard let python else { return [] }
        let input = problems.map { problem -> [String: Any] in
            let dimensions = problem.table.dimensions.map { dimension in
                Dictionary(uniqueKeysWithValues: dimension.codes.map { ($0.id, $0.parent.map { $0 as Any } ?? NSNull()) })
            }
            let cells = problem.table.rows.map { [$0.key, Int($0.value ?? "") ?? 0] as [Any] }
            return ["dimensions": dimensions, "cells": cells, "base": problem.base, "widened": problem.isWidened]
        }
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures/rounding.py")
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sluice-oracle-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("problems.json")
        try JSONSerialization.data(withJSONObject: input).write(to: file)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = [script.path]
        process.standardInput = try FileHandle(forReadingFrom: file)
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0, let answers = try JSONSerialization.jsonObject(with: data) as? [Any] else {
            throw Failure(text: "the oracle failed")
        }
        return answers.map { $0 as? Int }
    }
}
