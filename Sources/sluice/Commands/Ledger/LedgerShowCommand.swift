internal import ArgumentParser
internal import SluiceCore
internal import SluiceKit
internal import SluiceLedger
internal import SluiceNode

struct LedgerShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one entry of a ledger: in words, as JSON, its place, its hash, and whether it is published.")

    @OptionGroup var source: LedgerSourceOptions
    @Argument(help: ArgumentHelp("The entry's place in the ledger, from 0, or its id.", valueName: "index|id")) var entry: String

    func run() async throws {
        try await source.use { view in
            let found = try await find(view)
            let isPublished = UInt64(found.index) < (try view.publishedSize())
            if source.json {
                print(EntryReport.json(found.index, found.entry, isPublished: isPublished).prettyText)
            } else {
                print(EntryReport.lines(found.index, found.entry, isPublished: isPublished).joined(separator: "\n"))
            }
        }
    }

    private func find(_ view: LedgerView) async throws -> (index: Int64, entry: [UInt8]) {
        if let index = Int64(entry), index >= 0 {
            guard let bytes = try await view.entry(index) else { throw Outcome.unusable("the ledger has no entry \(index)") }
            return (index, bytes)
        }
        guard let time = UUIDv7(entry)?.milliseconds else {
            throw Outcome.unusable("\"\(entry)\" is neither the place of an entry nor the id of one (a UUID of version 7)")
        }
        // An entry's id is made at its time, to the millisecond.
        let at = Instant(milliseconds: Int64(time))
        var found: (index: Int64, entry: [UInt8])?
        let wanted = entry.lowercased()
        _ = try await view.forEach(LedgerQuery(since: at, until: at.advanced(byMilliseconds: 1)), .from(0), limit: .max) { index, bytes in
            if EntryFacts(bytes)?.id == wanted { found = (index, bytes) }
        }
        if let found { return found }
        var isExchange = false
        _ = try await view.forEach(LedgerQuery(subjects: [entry]), .from(0), limit: 1) { _, _ in isExchange = true }
        throw Outcome.unusable(
            isExchange
                ? "\(entry) is an exchange; see its entries with sluice ledger search --exchange \(entry)" : "the ledger has no entry with the id \(entry)")
    }
}
