internal import ArgumentParser
internal import SluiceKit
internal import SluiceNode
internal import SluiceYAML

struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make a new node: keys, trial certificates, ledger key and a first configuration.",
        discussion:
            "The certificates come from a trial authority in --authority (made when it is not there). For production, put certificates of your own authority in keys/."
    )

    @Argument(help: ArgumentHelp("Folder of the new node.", valueName: "dir")) var directory: String
    @Option(name: .long, help: ArgumentHelp("Participant id, such as AM.ARMSTAT.", valueName: "id")) var id: String
    @Option(name: .long, help: "The organisation's name, as its certificates carry it.") var organisation: String?
    @Option(name: .long, help: ArgumentHelp("Folder of the trial authority; <dir>/authority when left out.", valueName: "dir")) var authority: String?
    @Option(name: .long, help: ArgumentHelp("A host name or address of the node, beside localhost; may be given more than once.", valueName: "host")) var host:
        [String] = []
    @Flag(name: .long, help: "Print one JSON document.") var json = false

    func run() async throws {
        guard let participant = ParticipantID(id) else {
            throw Outcome.unusable("\"\(id)\" is no participant id; it has letters, digits, _ and -, with dots between, such as AM.ARMSTAT")
        }
        // A trial authority may be there before its first node.
        let others = Folders.names(in: directory).filter { $0 != "authority" }
        guard others.isEmpty || Folders.exists(directory + "/node.yaml") else {
            throw Outcome.unusable("\(directory) is not empty (it holds \(others.sorted()[0])); choose a new folder for the node")
        }
        let authorityDirectory = authority ?? directory + "/authority"
        let provisioning = Provisioning(directory: directory, participant: participant, organisation: organisation ?? id, hosts: host)
        let now = SystemClock().now()
        do {
            try Provisioning.authority(in: authorityDirectory, now: now)
            try provisioning.create(authorityDirectory: authorityDirectory, configuration: provisioning.firstConfiguration, now: now)
        } catch {
            throw Outcome.unusable("\(error)")
        }
        if json {
            print(
                JSONValue.object([
                    JSONMember("id", .string(id)), JSONMember("configuration", .string(directory + "/node.yaml")),
                    JSONMember("authority", .string(authorityDirectory + "/ca.pem")),
                ]).compactText)
        } else {
            print(
                "\(participant) is ready in \(directory).\nNext: name its partners, structures and agreements in \(directory)/node.yaml, then\n  sluice config check \(directory)/node.yaml\n  sluice serve --config \(directory)/node.yaml"
            )
        }
    }
}

struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "config", abstract: "The node's configuration.", subcommands: [Check.self])

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Check a configuration with everything it names, without starting anything.")
        @Argument(help: ArgumentHelp("The node's configuration file.", valueName: "file")) var file: String
        @Flag(name: .long, help: "Print one JSON document.") var json = false

        func run() async throws {
            let node = try NodeOptions.load(file)
            let summary =
                "\(node.participant): \(node.partners.count) partners, \(node.structures.count) structure files, \(node.agreements.count) agreements, \(node.feeds.count) feeds, \(node.routes.count) routes"
            if json {
                print(
                    JSONValue.object([
                        JSONMember("file", .string(file)), JSONMember("valid", .bool(true)), JSONMember("id", .string(node.participant.rawValue)),
                    ]).compactText)
            } else {
                print("\(file) is usable. \(summary)")
            }
        }
    }
}
