internal import ArgumentParser
internal import SluiceCore
internal import SluiceKit
internal import SluiceLedger
internal import SluiceNode

struct LedgerExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write entries of a ledger for another system: CloudEvents, OCSF, W3C PROV or CSV.",
        discussion:
            "cloudevents: the entries as they are stored, one a line. ocsf: class API Activity (6003) of OCSF \(OCSFWriter.version), one event a line. prov: one PROV-JSON document. csv: RFC 4180. The oldest first, all that the options ask for."
    )

    enum Format: String, CaseIterable, ExpressibleByArgument { case cloudevents, ocsf, prov, csv }

    @OptionGroup var source: LedgerSourceOptions
    @OptionGroup var facets: FacetOptions
    @Option(name: .long, help: "cloudevents, ocsf, prov or csv.") var format: Format
    @Option(name: .long, help: ArgumentHelp("File to write; standard output when left out.", valueName: "file")) var out: String = "-"

    func run() async throws {
        let query = try facets.query()
        let scratch = "\(Inputs.temporaryDirectory)/sluice-\(Identifiers.exchangeID(at: SystemClock().now()))"
        defer { Folders.removeTree(scratch) }
        try Folders.make(scratch)
        let count = try await source.use { view in
            let writer: ByteWriter
            do throws(WriteError) { writer = ByteWriter(try FileByteSink(path: out)) } catch { throw Outcome.unusable(error.detail) }
            var entries: any EntryWriter =
                switch format {
                case .cloudevents: CloudEventsWriter(out: writer)
                case .ocsf: OCSFWriter(out: writer, logName: try view.origin())
                case .prov: try PROVWriter(writer, scratch: scratch)
                case .csv: CSVEntryWriter(out: writer)
                }
            var count = 0
            try entries.begin()
            _ = try await view.forEach(query, .from(0), limit: .max) { index, bytes in
                let entry: LedgerEntry
                do { entry = try LedgerEntry(parsing: bytes) } catch { throw Outcome.refused("entry \(index): \(error); run sluice ledger verify") }
                try entries.write(index, bytes, entry)
                count += 1
            }
            try entries.end()
            return count
        }
        guard out != "-" else { return }
        if source.json {
            print(JSONValue.object([JSONMember("out", .string(out)), JSONMember("entries", .integer(Int64(count)))]).compactText)
        } else {
            print("\(out): \(count) entries")
        }
    }
}

extension LedgerView {
    /// The log's name.
    func origin() throws -> String {
        switch self {
        case .node(let node): node.ledger.verifier.name
        case .folder(let entries, _, _): entries.checkpoint.origin
        }
    }
}
