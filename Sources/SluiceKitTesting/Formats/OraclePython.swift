internal import Foundation

/// Asks programs of others, in Python, what they make of our files: `SLUICE_ORACLE_PYTHON`, else `python3` of `SLUICE_TOOLS` or the PATH.
package enum OraclePython {
    /// A Python that can import the packages (names with commas between them); nil where there is none.
    package static func importing(_ packages: String) -> String? {
        let environment = ProcessInfo.processInfo.environment
        let folders = [environment["SLUICE_TOOLS"]].compactMap { $0 } + (environment["PATH"] ?? "").split(separator: ":").map(String.init)
        let candidates = [environment["SLUICE_ORACLE_PYTHON"]].compactMap { $0 } + folders.map { $0 + "/python3" }
        return candidates.first { FileManager.default.isExecutableFile(atPath: $0) && (try? run($0, ["-c", "import \(packages)"]).status) == 0 }
    }

    /// The Python that `SLUICE_ORACLE_PYTHON` names, with the packages of Tests/Oracles/requirements.txt; nil where it names none.
    package static let interpreter = ProcessInfo.processInfo.environment["SLUICE_ORACLE_PYTHON"]

    /// What a script beside the test's source says to its standard input; it may import what lies in Tests/Oracles.
    /// - Throws: where there is no interpreter, or it ends badly.
    package static func answer(of script: String, to input: [UInt8], file: String = #filePath) throws -> [UInt8] {
        guard let interpreter else { throw ConformanceFailure(script, "SLUICE_ORACLE_PYTHON names no interpreter") }
        return try withFile("input", input) { path in
            let process = Process()
            let pipe = Pipe()
            process.executableURL = URL(fileURLWithPath: interpreter)
            process.arguments = [URL(fileURLWithPath: file).deletingLastPathComponent().appendingPathComponent("Fixtures/\(script)").path]
            process.environment = ProcessInfo.processInfo.environment.merging(["PYTHONPATH": oracles]) { $1 }
            process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            process.standardOutput = pipe
            process.standardError = FileHandle.nullDevice
            try process.run()
            let output = pipe.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            guard process.terminationStatus == 0 else { throw ConformanceFailure(script, "ended with \(process.terminationStatus)") }
            return [UInt8](output)
        }
    }

    private static let oracles: String = {
        let room = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return room.deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Tests/Oracles").path
    }()

    package static func run(_ tool: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: tool)
        process.arguments = arguments
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    /// Lends the path of a file with these bytes, which is removed behind.
    package static func withFile<Result>(_ name: String, _ bytes: [UInt8], _ body: (String) throws -> Result) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sluice-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent(name)
        try Data(bytes).write(to: file)
        return try body(file.path)
    }
}

/// The bytes of a file in the `Fixtures` folder beside the test's source.
package func fixture(_ name: String, file: String = #filePath) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: file).deletingLastPathComponent().appendingPathComponent("Fixtures/\(name)")))
}
