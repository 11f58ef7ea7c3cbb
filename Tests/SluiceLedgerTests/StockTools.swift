import Foundation

/// Tools of third parties that check us (tier `full`): found in `SLUICE_TOOLS` (a folder of executables, such as a virtual environment's `bin`) or on PATH.
enum StockTools {
    static func path(_ name: String) -> String? {
        let environment = ProcessInfo.processInfo.environment
        let folders = [environment["SLUICE_TOOLS"]].compactMap { $0 } + (environment["PATH"] ?? "").split(separator: ":").map(String.init)
        return folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    static func has(_ name: String) -> Bool { path(name) != nil }

    /// Whether the Python beside the tools has `module`.
    static func hasPython(module: String) -> Bool { (try? run("python3", ["-c", "import \(module)"]).status) == 0 }

    /// Runs a tool to its end; returns its exit status and all it printed.
    static func run(_ name: String, _ arguments: [String], input: [UInt8] = []) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(filePath: path(name) ?? name)
        process.arguments = arguments
        let folder = try TemporaryFolder()
        let inputURL = folder.url.appending(path: "input")
        try Data(input).write(to: inputURL)
        process.standardInput = try FileHandle(forReadingFrom: inputURL)
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: bytes, as: UTF8.self))
    }
}
