internal import ArgumentParser
internal import SluiceCore
internal import SluiceKit
internal import SluiceLedger
internal import SluiceNode

/// Which ledger is looked at: that of a node, in its store, or a published folder.
struct LedgerSourceOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The node's configuration file.", valueName: "file")) var config: String?
    @Option(name: .long, help: ArgumentHelp("Instead of a node: a folder with a published ledger (checkpoint and tiles).", valueName: "dir"))
    var ledger: String?
    @Option(name: .long, help: ArgumentHelp("Verifier key of that ledger, or a file that holds it.", valueName: "vkey")) var key: String?
    @Flag(name: .long, help: "Print JSON.") var json = false

    func validate() throws {
        guard (config == nil) != (ledger == nil) else { throw ValidationError("Name either a node with --config, or a published ledger with --ledger.") }
        guard config == nil || key == nil else { throw ValidationError("--key goes with --ledger; a node knows the key of its ledger.") }
    }

    /// Opens the ledger for one piece of work. Nothing is added to it, and nothing published.
    func use<Result>(_ body: (LedgerView) async throws -> Result) async throws -> Result {
        if let config { return try await NodeOptions.reading(config) { try await body(.node($0)) } }
        let folder = ledger ?? ""
        guard Folders.exists(folder) else { throw Outcome.unusable("there is no folder \(folder)") }
        let key = try key.map(VerifierKeys.load)
        do { return try await body(.folder(try PublishedEntries(files: LedgerDirectory(path: folder), key: key), path: folder, key: key)) } catch let error
            as LedgerError
        { throw Outcome.unusable("\(folder): \(error)") }
    }
}

/// A ledger that is open for reading.
enum LedgerView {
    case node(Node)
    case folder(PublishedEntries, path: String, key: VerifierKey?)

    /// Where a page begins, and the direction.
    typealias Place = LedgerSearch.Place

    /// Entries read of a store at a time.
    static let pageEntriesMax = 500

    /// Calls `visit` with the entries that are looked for, at most `limit` of them; returns where the next would be.
    func forEach(_ query: LedgerQuery, _ place: Place, limit: Int, _ visit: (Int64, [UInt8]) throws -> Void) async throws -> Place? {
        switch self {
        case .node(let node):
            let search = LedgerSearch(store: node.store)
            var left = limit
            var next: Place? = place
            while let here = next, left > 0 {
                let page = try await search.page(query, here, limit: min(left, Self.pageEntriesMax))
                for found in page.entries { try visit(found.index, found.entry) }
                left -= page.entries.count
                next = page.next
            }
            return next
        case .folder(let entries, _, _):
            var (count, next) = (0, Place?.none)
            let range: Range<UInt64>
            let newestFirst: Bool
            switch place {
            case .from(let index): (range, newestFirst) = (min(UInt64(max(0, index)), entries.size)..<entries.size, false)
            case .before(let index): (range, newestFirst) = (0..<min(index.map { UInt64(max(0, $0)) } ?? entries.size, entries.size), true)
            }
            let withheld = try PublishedSearch(entries).forEach(query, in: range, newestFirst: newestFirst) { index, entry in
                guard count < limit else {
                    next = newestFirst ? .before(Int64(index) + 1) : .from(Int64(index))
                    return false
                }
                count += 1
                try visit(Int64(index), entry)
                return true
            }
            if withheld > 0 { Terminal.note("\(withheld) entries are withheld: their bytes are not in the folder and were not looked at") }
            return next
        }
    }

    func entry(_ index: Int64) async throws -> [UInt8]? {
        switch self {
        case .node(let node): return try await node.store.read { try $0.ledgerEntries(from: index, limit: 1) }.first
        case .folder(let entries, _, _):
            do { return try entries.entry(UInt64(index)) } catch  where error.code == .missing { return nil }
        }
    }

    /// The log's folder and key; throws where the folder was given without one.
    func published() throws -> (files: LedgerDirectory, key: VerifierKey) {
        switch self {
        case .node(let node): return (LedgerDirectory(path: node.ledgerDirectory), node.ledger.verifier)
        case .folder(_, let path, let key):
            guard let key else { throw Outcome.unusable("give the ledger's verifier key with --key: a proof is worth what its checkpoint is") }
            return (LedgerDirectory(path: path), key)
        }
    }

    /// How many entries the published checkpoint covers; 0 where there is none.
    func publishedSize() throws -> UInt64 {
        switch self {
        case .node(let node): return (try? PublishedEntries(files: LedgerDirectory(path: node.ledgerDirectory), key: nil).size) ?? 0
        case .folder(let entries, _, _): return entries.size
        }
    }
}
