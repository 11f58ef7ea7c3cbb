internal import ArgumentParser
internal import SluiceCore
internal import SluiceCrypto
internal import SluiceKit
internal import SluiceNode

struct PeopleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "people", abstract: "Who may act in this node's name: names, roles, and passphrases as hashes.", subcommands: [List.self, Add.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List people with their roles.")
        @OptionGroup var options: TrustOptions

        func run() throws {
            let store = try options.store()
            let people = try TrustOptions.run { try store.people() }
            if options.json {
                print(
                    JSONValue.array(
                        people.all.map { person in
                            .object([JSONMember("name", .string(person.name)), JSONMember("roles", .array(person.roles.map { .string($0.rawValue) }))])
                        }
                    ).prettyText)
            } else {
                for person in people.all { print("\(person.name)  \(person.roles.map(\.rawValue).joined(separator: ", "))") }
            }
        }
    }

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a person known, or give one new roles and a new passphrase.",
            discussion: "Whoever may write people.yaml may name people; keep it as you keep the keys.")
        @Argument(help: ArgumentHelp("Small letters, digits, dots and hyphens.", valueName: "name")) var name: String
        @OptionGroup var options: TrustOptions
        @Option(name: .long, help: "steward, operator, auditor or administrator; may be given more than once.") var role: [Person.Role]
        @Option(name: .long, help: ArgumentHelp("File (mode 0600) with the person's passphrase.", valueName: "file")) var passphraseFile: String

        func run() throws {
            let store = try options.store()
            let passphrase = try TrustOptions.passphrase(.file(passphraseFile))
            try TrustOptions.run { try store.add(name, roles: role, passphrase: passphrase) }
            if options.json {
                print(JSONValue.object([JSONMember("name", .string(name)), JSONMember("roles", .array(role.map { .string($0.rawValue) }))]).compactText)
            } else {
                print("\(name) is known as \(role.map(\.rawValue).joined(separator: ", ")).")
            }
        }
    }
}

extension Person.Role: ExpressibleByArgument {}
