internal import ArgumentParser
internal import SluiceKit
internal import SluiceLedger
internal import SluiceNode

struct LedgerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger", abstract: "The append-only ledger of a node.",
        subcommands: [
            Verify.self, LedgerCheckCommand.self, LedgerProveCommand.self, LedgerVerifyProofCommand.self, LedgerShowCommand.self, LedgerSearchCommand.self,
            LedgerExportCommand.self,
            LedgerConsistencyCommand.self, LedgerWitnessCommand.self, LedgerKeyCommand.self,
        ])

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Recompute a published ledger from its entries and hold it against its signed checkpoint.",
            discussion:
                "DIR holds checkpoint and tile/ (C2SP tlog-tiles). VKEY is the log's verifier key, or a file that holds it. Exit code 1 when anything is damaged, or too few of the --witness keys have cosigned."
        )

        @Argument(help: ArgumentHelp("Folder with the checkpoint and the tiles.", valueName: "dir")) var directory: String
        @Option(name: .long, help: ArgumentHelp("Verifier key NAME+ID+BASE64, or a file with it.", valueName: "vkey")) var key: String
        @OptionGroup var witnesses: WitnessOptions
        @Flag(name: .long, help: "Print one JSON document.") var json = false

        func run() async throws {
            let key = try VerifierKeys.load(self.key)
            let policy = try witnesses.policy()
            guard Folders.exists(directory) else { throw Outcome.unusable("there is no folder \(directory)") }
            let isShown = Terminal.errorIsTerminal
            let report: LedgerReport
            do {
                report = try LedgerVerifier.verify(directory: directory, key: key) { done, all in
                    if isShown { Terminal.write("\r\u{1B}[K\(done) of \(all) entries", to: 2) }
                }
            } catch {
                throw Outcome.unusable("\(directory): \(error)")
            }
            if isShown { Terminal.write("\r\u{1B}[K", to: 2) }
            let cosigned = policy.map { CosignedReport(directory: directory, key: key, policy: $0, report: report) }
            if json {
                print(JSONValue.object(Self.members(report) + (cosigned?.members ?? [])).prettyText)
            } else {
                Self.tell(report)
                for line in cosigned?.lines ?? CosignedReport.unknown(in: directory) { print(line) }
            }
            if !report.isIntact || isUnread(report) || cosigned?.holds == false { throw Outcome.refused() }
        }

        private static func tell(_ report: LedgerReport) {
            if let checkpoint = report.checkpoint { print("\(checkpoint.origin): \(checkpoint.head.size) entries, root \(checkpoint.head.root.base64)") }
            for warning in report.warnings { print("warning: \(warning)") }
            for damage in report.damages { print("DAMAGED \(damage)") }
            if report.damageCount > report.damages.count { print("… and \(report.damageCount - report.damages.count) more") }
            guard report.isIntact else { return print("The ledger is NOT whole.") }
            guard report.entriesWithheld > 0 else { return print("The ledger is whole: \(report.entriesVerified) entries lead to the signed root.") }
            print("\(report.entriesWithheld) entries are withheld: their bytes are not here and could not be read, only their hashes lead to the signed root.")
            print("\(report.entriesVerified) entries were read and lead to the signed root. Ask the node whether its retention rules explain what is withheld.")
        }

        /// A log of which not one entry is there proves nothing about its entries.
        private func isUnread(_ report: LedgerReport) -> Bool { report.entriesVerified == 0 && report.entriesWithheld > 0 }

        private static func members(_ report: LedgerReport) -> [JSONMember] {
            [
                JSONMember("intact", .bool(report.isIntact)), JSONMember("origin", report.checkpoint.map { .string($0.origin) } ?? .null),
                JSONMember("size", report.checkpoint.map { .integer(Int64($0.head.size)) } ?? .null),
                JSONMember("root", report.checkpoint.map { .string($0.head.root.base64) } ?? .null),
                JSONMember("entriesVerified", .integer(Int64(report.entriesVerified))), JSONMember("entriesWithheld", .integer(Int64(report.entriesWithheld))),
                JSONMember("damages", .array(report.damages.map { .string("\($0)") })), JSONMember("warnings", .array(report.warnings.map(JSONValue.string))),
            ]
        }
    }
}

/// A verifier key given as text or in a file.
enum VerifierKeys {
    static func load(_ argument: String) throws -> VerifierKey {
        do { return try LedgerKeys.log(NodeConfiguration.KeyReference(text: argument, path: argument)) } catch { throw Outcome.unusable("\(error)") }
    }
}
