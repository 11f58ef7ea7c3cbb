internal import ArgumentParser
internal import SluiceCore
internal import SluiceKit
internal import SluiceNode

struct FeedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "feed", abstract: "The feeds of a node.", subcommands: [List.self, Run.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the feeds with their next and last runs.")
        @Option(name: .long, help: ArgumentHelp("The node's configuration file.", valueName: "file")) var config: String
        @Flag(name: .long, help: "Print one JSON document.") var json = false

        func run() async throws {
            let node = try NodeOptions.node(config)
            let feeds = try await node.feeds.statuses()
            try await node.close()
            if json {
                print(
                    JSONValue.array(
                        feeds.map { feed in
                            .object([
                                JSONMember("id", .string(feed.id)), JSONMember("schedule", .string(feed.schedule)),
                                JSONMember("timeZone", .string(feed.timeZone)),
                                JSONMember("nextRun", feed.nextRun.map { .string($0.rfc3339) } ?? .null),
                                JSONMember("lastRun", feed.lastRun.map { .string($0.startedAt.rfc3339) } ?? .null),
                                JSONMember("lastOutcome", feed.lastRun.map { .string($0.outcome.rawValue) } ?? .null),
                            ])
                        }
                    ).prettyText)
                return
            }
            for feed in feeds {
                let last =
                    feed.lastRun.map { "last \($0.startedAt.rfc3339) \($0.outcome.rawValue)\($0.detail.isEmpty ? "" : " (\($0.detail))")" } ?? "never run"
                print("\(feed.id)  \(feed.schedule) \(feed.timeZone)  next \(feed.nextRun?.rfc3339 ?? "never"), \(last)")
            }
        }
    }

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Run a feed now: map, check, protect, seal and send.")
        @Argument(help: "The feed's id.") var id: String
        @Option(name: .long, help: ArgumentHelp("The node's configuration file.", valueName: "file")) var config: String
        @Option(name: .long, help: ArgumentHelp("Seconds to wait for the receipt.", valueName: "seconds")) var wait: Int = 60
        @Flag(name: .long, help: "Print one JSON document.") var json = false

        func run() async throws {
            let node = try NodeOptions.node(config)
            guard let feed = node.configuration.feeds.first(where: { $0.id == id }) else {
                let known = node.configuration.feeds.map(\.id).joined(separator: ", ")
                throw Outcome.unusable("there is no feed \"\(id)\"; \(known.isEmpty ? "the configuration has none" : "there are \(known)")")
            }
            try await node.open()
            let run: FeedRun
            var state = ""
            do {
                run = try await node.feeds.runNow(feed)
                if run.outcome == .sent { state = try await node.deliverNow(exchangeID: run.exchangeID, withinSeconds: wait).state.rawValue }
                try await node.close()
            } catch {
                try? await node.close()
                throw Outcome.unusable("\(error)")
            }
            if json {
                print(
                    JSONValue.object([
                        JSONMember("feed", .string(id)), JSONMember("outcome", .string(run.outcome.rawValue)), JSONMember("exchange", .string(run.exchangeID)),
                        JSONMember("state", .string(state)), JSONMember("detail", .string(run.detail)),
                    ]).compactText)
            } else {
                print(
                    "feed \(id): \(run.outcome.rawValue)\(run.exchangeID.isEmpty ? "" : ", exchange \(run.exchangeID)\(state.isEmpty ? "" : " \(state)")")\(run.detail.isEmpty ? "" : ": \(run.detail)")"
                )
            }
            guard run.outcome == .unchanged || run.outcome == .awaitingApproval || state == ExchangeState.receipted.rawValue else { throw Outcome.refused() }
        }
    }
}
