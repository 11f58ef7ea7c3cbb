internal import ArgumentParser
internal import SluiceCore
internal import SluiceKit
internal import SluiceNode

extension AgreementCommand {
    struct Diff: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what changes between two versions of an agreement, and whether more may travel by it.",
            discussion:
                "Each change is wider, narrower or other (neither, or only code lists and data could tell). With --data also what changes for the receiver on a real file: observations newly released, gone, coarser, finer, withheld, shown. Exit code 1 when a change is wider, when cells are protected in another way and the terms do not say that it is by as much, or when more is released, so that nobody widens an agreement unawares."
        )

        @Argument(help: ArgumentHelp("The agreement as it was.", valueName: "old.yaml")) var old: String
        @Argument(help: ArgumentHelp("The agreement as it is to be.", valueName: "new.yaml")) var new: String
        @Option(name: .long, help: ArgumentHelp("Data file on which both versions are tried.", valueName: "file")) var data: String?
        @OptionGroup var input: TrialInput
        @Option(name: .long, help: ArgumentHelp("CSV file to write each change of an observation to; needs --data.", valueName: "changes.csv")) var out: String?
        @Flag(name: .long, help: "Print one JSON document.") var json = false

        func run() async throws {
            let (old, new) = (try Agreements.open(self.old), try Agreements.open(self.new))
            let changes = AgreementDifference.changes(from: old, to: new)
            let onData = try data.map { try DataChanges($0, input, from: old, to: new) }
            if data == nil, out != nil { throw Outcome.unusable("--out writes the changes of observations; name the data with --data") }
            json ? print(Self.json(old, new, changes, onData).prettyText) : tell(old, new, changes, onData)
            if let onData, let out { try onData.write(to: out) }
            if !changes.isEmpty, old.name == new.name {
                Terminal.note("both are \(old.name): a changed term is a new version, and a partner tells them apart by their digest only")
            }
            let isWider = changes.contains { $0.effect == .wider || $0.leavesProtectionOpen }
            if isWider || onData?.letsMoreThrough ?? false { throw Outcome.refused() }
        }

        private func tell(_ old: Agreement, _ new: Agreement, _ changes: [AgreementDifference.Change], _ onData: DataChanges?) {
            print("\(old.name) to \(new.name)\(changes.isEmpty ? ": no term changes" : ":")")
            for change in changes { print("  \(change)") }
            onData?.lines.forEach { print($0) }
        }

        private static func json(_ old: Agreement, _ new: Agreement, _ changes: [AgreementDifference.Change], _ onData: DataChanges?) -> JSONValue {
            let members = changes.map { change in
                JSONValue.object([
                    JSONMember("effect", .string(change.effect.rawValue)), JSONMember("term", .string(change.term)), JSONMember("words", .string(change.words)),
                ])
            }
            return .object(
                [JSONMember("old", .string(old.name)), JSONMember("new", .string(new.name)), JSONMember("changes", .array(members))]
                    + (onData.map { [JSONMember("data", $0.json)] } ?? []))
        }
    }
}
