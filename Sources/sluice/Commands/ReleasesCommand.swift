internal import ArgumentParser
internal import SluiceCore
internal import SluiceKit
internal import SluiceNode

extension ExchangeCommand {
    struct Releases: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List what was released, to whom: what a new release is held against.",
            discussion:
                "The oldest first. With --receiver also what is public, which everybody holds. The figures themselves are kept encrypted and are not shown.")
        @OptionGroup var node: NodeArguments
        @Option(name: .long, help: ArgumentHelp("Only releases of this population.", valueName: "name")) var population: String?
        @Option(name: .long, help: ArgumentHelp("Only what this participant holds.", valueName: "participant")) var receiver: String?
        @Option(name: .long, help: ArgumentHelp("How many at most.", valueName: "count")) var limit: Int = 1_000

        func run() async throws {
            let filter = ReleaseFilter(population: population, receiver: receiver, limit: max(1, limit))
            let releases = try await node.use { node in try await node.store.read { try $0.releases(filter) } }
            if node.json {
                print(JSONValue.array(releases.map(Self.json)).prettyText)
            } else {
                for release in releases { print(Self.line(release)) }
            }
        }

        private static func line(_ release: ReleaseRecord) -> String {
            let who = release.receiver + (release.isPublic ? " (public)" : "")
            return
                "\(release.exchangeID)  \(release.releasedAt.rfc3339)  \(who)  \(release.population)  \(release.dataflow)  \(release.periods.count) periods, \(release.cells) cells, \(release.withheld) withheld"
        }

        private static func json(_ release: ReleaseRecord) -> JSONValue {
            .object([
                JSONMember("exchange", .string(release.exchangeID)), JSONMember("dataset", .integer(Int64(release.dataset))),
                JSONMember("releasedAt", .string(release.releasedAt.rfc3339)), JSONMember("receiver", .string(release.receiver)),
                JSONMember("isPublic", .bool(release.isPublic)), JSONMember("population", .string(release.population)),
                JSONMember("dataflow", .string(release.dataflow)), JSONMember("periods", .integer(Int64(release.periods.count))),
                JSONMember("cells", .integer(Int64(release.cells))), JSONMember("withheld", .integer(Int64(release.withheld))),
            ])
        }
    }
}
