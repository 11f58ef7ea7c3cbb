internal import ArgumentParser
internal import SluiceKit
internal import SluiceNode
internal import UnixSignals

#if canImport(Glibc)
    internal import Glibc
#endif

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Three nodes on loopback: a ministry, the statistical office and the UN exchange statistics, with every proof checked by stock tools.",
        discussion:
            "Exit code 0 only if all of it held. With --dir everything is kept there: ca.pem, evidence/*.asice, nodes/<id>/ledger and nodes/<id>/ledger.vkey.")

    @Option(name: .long, help: ArgumentHelp("New folder to keep everything in; a temporary one that is removed when left out.", valueName: "dir")) var dir:
        String?
    @Flag(name: .long, help: "Leave the nodes running and print the console addresses.") var serve = false
    @Flag(name: .long, help: "Print one JSON document.") var json = false

    func run() async throws {
        let directory = try folder()
        defer { if dir == nil, !serve { Folders.removeTree(directory) } }
        let nodes: DemoNodes
        do { nodes = try DemoNodes.prepare(in: directory) } catch let error as NodeError { throw Outcome.unusable(error.detail) }
        var running: [String: RunningNode] = [:]
        for id in DemoNodes.all {
            // With --serve, Ctrl-C reaches the first node's services; the others are stopped after it.
            let signals: [UnixSignal] = serve && id == DemoNodes.all[0] ? [.sigint, .sigterm] : []
            running[id] = try await RunningNode.start(NodeOptions.node(nodes.configuration(id), quietly: true), signals: signals)
        }
        let story = DemoStory(nodes: nodes, running: running)
        do {
            try await story.play()
        } catch {
            for node in running.values { try? await node.stop() }
            throw error is Outcome ? error : Outcome.refused("the demonstration stopped: \(error)")
        }
        if json { print(Self.json(story, directory).prettyText) } else { tell(story, directory) }
        if serve {
            for id in DemoNodes.all { print("\(id): console \(running[id]!.consoleURL)") }
            print("Running until interrupted (Ctrl-C).")
            try await running[DemoNodes.all[0]]!.untilStopped()
        }
        for id in DemoNodes.all where !serve || id != DemoNodes.all[0] { try await running[id]!.stop() }
        if !story.holds { throw Outcome.refused("not everything held") }
    }

    private func folder() throws -> String {
        guard let dir else {
            var template = Array("\(Inputs.temporaryDirectory)/sluice-demo-XXXXXX".utf8CString)
            guard mkdtemp(&template) != nil else { throw Outcome.unusable("cannot make a temporary folder: \(String(cString: strerror(errno)))") }
            return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        guard Folders.names(in: dir).isEmpty else { throw Outcome.unusable("\(dir) is not empty; choose a new folder") }
        try Folders.make(dir)
        // Absolute, so that the commands printed work from anywhere.
        guard let path = realpath(dir, nil) else { throw Outcome.unusable("cannot use \(dir): \(String(cString: strerror(errno)))") }
        defer { free(path) }
        return String(cString: path)
    }

    private func tell(_ story: DemoStory, _ directory: String) {
        for scene in story.scenes {
            print("\n\(scene.title)")
            for line in scene.lines { print(line.hasPrefix("  ") ? line : "    \(line)") }
        }
        print("\nChecked with tools that others wrote (openssl, unzip):")
        for subject in story.subjects {
            let checks = story.checks.filter { $0.claim.hasPrefix(subject + ": ") }
            let claims = checks.map { String($0.claim.dropFirst(subject.count + 2)) }.joined(separator: ", ")
            print("  \(checks.allSatisfy(\.holds) ? "✓" : "✗") \(subject): \(claims)")
            for check in checks where !check.holds { print("      FAILED \(check.command)\n      \(check.output)") }
        }
        guard dir != nil else {
            print("\nTo keep the evidence and repeat every check yourself: sluice demo --dir DIR")
            print(story.holds ? "\nAll of it held." : "\nNOT everything held.")
            return
        }
        print("\nRepeat them: sh \(directory)/verify.sh   or, in \(directory), one by one with NAME=01-permits and ID=\(DemoNodes.office):")
        for (_, command) in StockTools.packageCommands + StockTools.ledgerCommands {
            print("    \(command.split(separator: "\n").joined(separator: "\n    "))")
        }
        print("The ledgers, recomputed entry by entry:")
        for id in DemoNodes.all { print("    sluice ledger verify \(directory)/nodes/\(id)/ledger --key \(directory)/nodes/\(id)/ledger.vkey") }
        print(story.holds ? "\nAll of it held." : "\nNOT everything held.")
    }

    private static func json(_ story: DemoStory, _ directory: String) -> JSONValue {
        .object([
            JSONMember("held", .bool(story.holds)), JSONMember("directory", .string(directory)),
            JSONMember(
                "scenes",
                .array(
                    story.scenes.map { scene in
                        .object([
                            JSONMember("title", .string(scene.title)), JSONMember("held", .bool(scene.holds)),
                            JSONMember("lines", .array(scene.lines.map(JSONValue.string))),
                        ])
                    })),
            JSONMember(
                "checks",
                .array(
                    story.checks.map { check in
                        .object([
                            JSONMember("claim", .string(check.claim)), JSONMember("held", .bool(check.holds)), JSONMember("command", .string(check.command)),
                            JSONMember("output", .string(check.output)),
                        ])
                    })),
        ])
    }
}
