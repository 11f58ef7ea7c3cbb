import Foundation
import SluiceKitTesting
import Testing

/// Tools of third parties: in `SLUICE_TOOLS` (a folder of executables, such as a virtual environment's `bin`) or on PATH.
enum Tools {
    static func find(_ name: String) -> String? {
        let environment = ProcessInfo.processInfo.environment
        let folders = [environment["SLUICE_TOOLS"]].compactMap { $0 } + (environment["PATH"] ?? "").split(separator: ":").map(String.init)
        return folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    static let python = find("python3")
    static let openssl = find("openssl")
    /// A token in software: its PKCS #11 library.
    static let softHSM = ["/usr/lib", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"].map { "\($0)/softhsm/libsofthsm2.so" }
        .first { FileManager.default.fileExists(atPath: $0) && find("softhsm2-util") != nil }
    static let xmllint = find("xmllint")
    static let tlog = find("aics-tlog")
    static let sdmx1 = imports("sdmx, pandas")
    static let pysdmx = imports("pysdmx.io, xmltodict, pandas")
    static let httpSignatures = imports("http_message_signatures, cryptography")
    static let aicsWitness = imports("aics_witness, aics_tlog")
    static let scipyOrHighs = imports("highspy, numpy")
    static let pycanon = imports("pycanon.anonymity, pandas")

    static func imports(_ modules: String) -> Bool {
        guard let python else { return false }
        return (try? Run.run(python, ["-c", "import \(modules)"]))?.status == 0
    }

    /// Runs a Python program that nothing of ours takes part in; returns what it printed, and records an issue when it fails.
    @discardableResult
    static func python(_ program: String, _ arguments: [String], at location: SourceLocation = #_sourceLocation) throws -> String {
        let folder = try TemporaryFolder("sluice-python")
        try Data(program.utf8).write(to: URL(fileURLWithPath: folder.file("program.py")))
        let run = try Run.run(try #require(python, sourceLocation: location), [folder.file("program.py")] + arguments, within: .seconds(90))
        #expect(run.status == 0, "\(run.output.suffix(1_500))\n\(run.errors.suffix(1_500))", sourceLocation: location)
        return run.output
    }
}
