import Foundation
import SluiceKit

@testable import ProtectSuppression

/// Another linear-programming code on another reading of the table: `SLUICE_ORACLE_PYTHON` names a Python that has `highspy`.
enum Oracle {
    static let python = ProcessInfo.processInfo.environment["SLUICE_ORACLE_PYTHON"]

    struct Failure: Error { var text: String }

    /// Whether that Python has `pytauargus`.
    static let hasTauArgus: Bool = {
        guard let python else { return false }
        return (try? run(python, ["-c", "import pytauargus"], Data())) != nil
    }()

    /// Key, whether it is unsafe, and its level, of every cell of regions by sectors; nil when it crashed three times.
    static func tauArgus(_ records: [(key: [String], value: String)], rule: String) throws -> [(key: [String], isUnsafe: Bool, level: Double)]? {
        guard let python else { return nil }
        let input = try JSONSerialization.data(withJSONObject: ["records": records.map { $0.key + [$0.value] }, "rule": rule])
        for _ in 0..<3 {
            guard let data = try? run(python, [fixture("tauargus.py")], input), let rows = try? JSONSerialization.jsonObject(with: data) as? [[Any]] else {
                continue
            }
            return rows.compactMap { row in
                guard let region = row[0] as? String, let sector = row[1] as? String, let isUnsafe = row[3] as? Bool, let level = row[4] as? Double else {
                    return nil
                }
                return ([region, sector], isUnsafe, level)
            }
        }
        return nil
    }

    private static func fixture(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures/\(name)").path
    }

    private static func run(_ python: String, _ arguments: [String], _ input: Data) throws -> Data {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sluice-oracle-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("problem.json")
        try input.write(to: file)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = arguments
        process.standardInput = try FileHandle(forReadingFrom: file)
        process.standardError = FileHandle.nullDevice
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(text: "the oracle failed") }
        return data
    }

    /// Of each withheld row of `source`, in order; a high without limit is infinite.
    static func intervals(_ source: TestTable, withheld: [Bool]) throws -> [Interval] {
        guard let python else { return [] }
        let dimensions = source.dimensions.map { dimension in
            Dictionary(uniqueKeysWithValues: dimension.codes.map { ($0.id, $0.parent.map { $0 as Any } ?? NSNull()) })
        }
        let cells = source.rows.enumerated().map { at, row -> [Any] in [row.key, Double(row.value ?? "") ?? 0, withheld[at]] }
        let input = try JSONSerialization.data(withJSONObject: ["dimensions": dimensions, "cells": cells])
        guard let pairs = try JSONSerialization.jsonObject(with: try run(python, [fixture("intervals.py")], input)) as? [[Any]] else {
            throw Failure(text: "the oracle failed")
        }
        return pairs.map { Interval(low: $0[0] as? Double ?? 0, high: $0[1] as? Double ?? .infinity) }
    }
}
