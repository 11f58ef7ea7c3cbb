internal import ArgumentParser
internal import SluiceCore
internal import SluiceKit
internal import SluiceNode

extension AgreementCommand {
    struct Diff: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what changes between two versions of an agreement, and whether more may travel by it.",
            discussion:
                "Each change is wider, narrower or other (neither, or only code lists and data could tell). Exit code 1 when a change is wider, so that nobody widens an agreement unawares."
        )

        @Argument(help: ArgumentHelp("The agreement as it was.", valueName: "old.yaml")) var old: String
        @Argument(help: ArgumentHelp("The agreement as it is to be.", valueName: "new.yaml")) var new: String
        @Flag(name: .long, help: "Print one JSON document.") var json = false

        func run() async throws {
            let (old, new) = (try Agreements.open(self.old), try Agreements.open(self.new))
            let changes = AgreementDifference.changes(from: old, to: new)
            if json {
                let members = changes.map { change in
                    JSONValue.object([
                        JSONMember("effect", .string(change.effect.rawValue)), JSONMember("term", .string(change.term)),
                        JSONMember("words", .string(change.words)),
                    ])
                }
                print(
                    JSONValue.object([
                        JSONMember("old", .string(old.name)), JSONMember("new", .string(new.name)), JSONMember("changes", .array(members)),
                    ]).prettyText)
            } else {
                print("\(old.name) to \(new.name)\(changes.isEmpty ? ": no term changes" : ":")")
                for change in changes { print("  \(change)") }
            }
            if !changes.isEmpty, old.name == new.name {
                Terminal.note("both are \(old.name): a changed term is a new version, and a partner tells them apart by their digest only")
            }
            if changes.contains(where: { $0.effect == .wider }) { throw Outcome.refused() }
        }
    }
}
