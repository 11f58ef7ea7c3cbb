import Foundation
import SluiceKitTesting
import Testing

/// Programs in Python with libraries that others wrote; `SLUICE_ORACLE_PYTHON` names the interpreter.
enum PythonOracle {
    static let interpreter = ProcessInfo.processInfo.environment["SLUICE_ORACLE_PYTHON"]

    static var isThere: Bool {
        if interpreter == nil { print("skipped: SLUICE_ORACLE_PYTHON names no interpreter") }
        return interpreter != nil
    }

    /// Runs a program with the files of a folder of its own; returns what it printed, and expects that it ended well.
    static func run(_ program: String, files: [String: Data]) throws -> String {
        let folder = try TemporaryFolder("sluice-oracle")
        for (name, data) in files { try data.write(to: URL(fileURLWithPath: folder.file(name))) }
        let path = folder.file("oracle.py")
        try program.write(toFile: path, atomically: true, encoding: .utf8)
        let outcome = try TestTool.run([try #require(interpreter), path], in: folder.path)
        #expect(outcome.status == 0, "\(outcome.output.suffix(2_000))")
        return outcome.output
    }
}
