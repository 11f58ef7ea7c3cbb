import Foundation
import SluiceKit

@testable import ProtectSuppression

/// Another linear-programming code on another reading of the table: `SLUICE_ORACLE_PYTHON` names a Python that has `highspy`.
enum Oracle {
    static let python = ProcessInfo.processInfo.environment["SLUICE_ORACLE_PYTHON"]

    struct Failure: Error { var text: String }

    /// Of each withheld row of `source`, in order; a high without limit is infinite.
    static func intervals(_ source: TestTable, withheld: [Bool]) throws -> [Interval] {
        guard let python else { return [] }
        let dimensions = source.dimensions.map { dimension in
            Dictionary(uniqueKeysWithValues: dimension.codes.map { ($0.id, $0.parent.map { $0 as Any } ?? NSNull()) })
        }
        let cells = source.rows.enumerated().map { at, row -> [Any] in [row.key, Double(row.value ?? "") ?? 0, withheld[at]] }
        let input = try JSONSerialization.data(withJSONObject: ["dimensions": dimensions, "cells": cells])
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures/intervals.py")
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sluice-oracle-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("problem.json")
        try input.write(to: file)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = [script.path]
        process.standardInput = try FileHandle(forReadingFrom: file)
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0, let pairs = try JSONSerialization.jsonObject(with: data) as? [[Any]] else {
            throw Failure(text: "the oracle failed")
        }
        return pairs.map { Interval(low: $0[0] as? Double ?? 0, high: $0[1] as? Double ?? .infinity) }
    }
}
