import Foundation
import Testing

/// The product's executable, run as its users run it.
enum Sluice {
    static let executable: String = ProcessInfo.processInfo.environment["SLUICE_BINARY"] ?? Repository.path(".build/debug/sluice")

    /// Runs `sluice`. Records an issue, rather than skipping, where the executable is not there: without it nothing here would be tested.
    static func run(
        _ arguments: [String], input: Run.Input = .none, folder: String? = nil, within limit: Duration = .seconds(60),
        at location: SourceLocation = #_sourceLocation
    )
        throws -> Run
    {
        guard FileManager.default.isExecutableFile(atPath: executable) else {
            Issue.record("There is no executable at \(executable); build it, or name it in SLUICE_BINARY.", sourceLocation: location)
            throw Run.CannotStart(description: "no sluice")
        }
        let run = try Run.run(executable, arguments, input: input, folder: folder, within: limit)
        #expect(!run.timedOut, "sluice \(arguments) did not end in \(limit)", sourceLocation: location)
        #expect(run.signal == 0 || run.timedOut, "sluice \(arguments) was ended by signal \(run.signal): \(run.errors.prefix(500))", sourceLocation: location)
        return run
    }

    /// Runs `sluice` and expects exit code 0; returns what it printed.
    @discardableResult
    static func succeed(_ arguments: [String], input: Run.Input = .none, folder: String? = nil, at location: SourceLocation = #_sourceLocation) throws -> String
    {
        let run = try run(arguments, input: input, folder: folder, at: location)
        #expect(run.status == 0, "sluice \(arguments): \(run.output.suffix(1_000)) \(run.errors.suffix(1_000))", sourceLocation: location)
        return run.output
    }
}
