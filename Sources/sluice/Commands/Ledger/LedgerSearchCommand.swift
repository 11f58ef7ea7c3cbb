internal import ArgumentParser
internal import SluiceCore
internal import SluiceKit
internal import SluiceLedger
internal import SluiceNode

struct LedgerSearchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search", abstract: "Find entries of a ledger by time, type, participant, dataflow, agreement, purpose, outcome, reason or exchange.",
        discussion:
            "The newest first; --oldest-first turns that round. A page ends with the option that gives the next. Of a node the search goes by an index that is made while it serves; of a published folder every entry is read. What is found is read from the ledger itself; `sluice ledger prove` proves it."
    )

    @OptionGroup var source: LedgerSourceOptions
    @OptionGroup var facets: FacetOptions
    @Option(name: .long, help: ArgumentHelp("How many at most.", valueName: "count")) var limit: Int = 50
    @Option(name: .long, help: ArgumentHelp("Only entries before this place.", valueName: "index")) var before: Int64?
    @Option(name: .long, help: ArgumentHelp("With --oldest-first: only entries from this place on.", valueName: "index")) var from: Int64?
    @Flag(name: .long, help: "The oldest first.") var oldestFirst = false
    @Flag(name: .long, help: "Make a node's search index again from its entries first.") var rebuild = false

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit is 1 or more.") }
        guard before ?? 0 >= 0, from ?? 0 >= 0 else { throw ValidationError("Places in a ledger are 0 or more.") }
        guard oldestFirst ? before == nil : from == nil else { throw ValidationError("--before pages from the newest; --from goes with --oldest-first.") }
        guard !rebuild || source.config != nil else { throw ValidationError("--rebuild goes with --config: a published folder has no index.") }
    }

    func run() async throws {
        let query = try facets.query()
        try await source.use { view in
            if case .node(let node) = view { try await Self.index(node, again: rebuild) }
            var found: [(index: Int64, entry: [UInt8])] = []
            let next = try await view.forEach(query, oldestFirst ? .from(from ?? 0) : .before(before), limit: limit) { found.append(($0, $1)) }
            source.json ? tellJSON(found, next) : tell(found, next)
        }
    }

    /// Indexes what a node that serves would have indexed by now.
    static func index(_ node: Node, again: Bool) async throws {
        let indexer = LedgerIndexer(store: node.store)
        if again { try await indexer.forget() }
        var stretches = 0
        while try await indexer.indexNext() > 0 {
            stretches += 1
            if Terminal.errorIsTerminal { Terminal.write("\r\u{1B}[Kindexing: \(stretches * LedgerStretch.entryCount) entries", to: 2) }
        }
        if stretches > 0, Terminal.errorIsTerminal { Terminal.write("\r\u{1B}[K", to: 2) }
    }

    private func tell(_ found: [(index: Int64, entry: [UInt8])], _ next: LedgerView.Place?) {
        for found in found { print(EntryReport.line(found.index, found.entry)) }
        switch next {
        case .from(let index): Terminal.note("more with --oldest-first --from \(index)")
        case .before(let index): if let index { Terminal.note("more with --before \(index)") }
        case nil: if found.isEmpty { Terminal.note("nothing found") }
        }
    }

    private func tellJSON(_ found: [(index: Int64, entry: [UInt8])], _ next: LedgerView.Place?) {
        let entries = found.map { found in
            JSONValue.object([JSONMember("index", .integer(found.index)), JSONMember("entry", (try? JSONValue(parsing: found.entry)) ?? .null)])
        }
        var members = [JSONMember("entries", .array(entries))]
        switch next {
        case .from(let index): members.append(JSONMember("nextFrom", .integer(index)))
        case .before(let index): if let index { members.append(JSONMember("nextBefore", .integer(index))) }
        case nil: break
        }
        print(JSONValue.object(members).prettyText)
    }
}
