internal import ArgumentParser
internal import SluiceCore
internal import SluiceKit
internal import SluiceNode

/// Each subcommand is a file of its own in this folder.
struct AgreementCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agreement", abstract: "Data-sharing agreements.",
        subcommands: [
            Check.self, Explain.self, Diff.self, Digest.self, Schema.self, Sign.self, Activate.self, Suspend.self, Resume.self, End.self, List.self, Test.self,
            WhatIf.self, ODRL.self,
        ])
}

/// The agreement that a command is about.
struct AgreementArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("The agreement.", valueName: "agreement.yaml")) var path: String

    func open() throws -> Agreement { try Agreements.open(path) }
}

extension Agreement {
    /// SHA-256 of the canonical form, which packages name.
    var digest: SHA256Digest { NodeHashing().sha256(canonicalBytes) }
}

extension CalendarDate {
    static var today: CalendarDate { CalendarDate(utc: SystemClock().now()) }
}

extension Agreements {
    /// What the file of an agreement's tests ends with.
    static let testsEnding = ".tests.yaml"
    private static let testsEndings = [testsEnding, ".tests.yml"]
    private static func isOfTests(_ path: String) -> Bool { testsEndings.contains { path.hasSuffix($0) } }

    /// Files as they are named; of a folder all .yaml files in it and below it that are no tests of agreements.
    static func paths(_ named: [String]) throws -> [String] {
        do throws(ReadError) {
            var paths: [String] = []
            for path in named { paths += try FileTree.files(in: path, endings: [".yaml", ".yml"]) ?? [path] }
            return paths.filter { !isOfTests($0) }
        } catch { throw Outcome.unusable(error.detail) }
    }

    /// Files of tests: those named, and all in the folders named.
    static func testsFiles(_ named: [String]) throws -> [String] {
        do throws(ReadError) {
            var paths: [String] = []
            for path in named { paths += try FileTree.files(in: path, endings: testsEndings) ?? [path].filter(isOfTests) }
            return paths
        } catch { throw Outcome.unusable(error.detail) }
    }

    /// Loads an agreement for a command: what is wrong with it is exit code 2.
    static func open(_ path: String) throws -> Agreement {
        do { return try load(path) } catch { throw Outcome.unusable("\(error)") }
    }
}
