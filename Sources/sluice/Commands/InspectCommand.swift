internal import ArgumentParser
internal import SluiceKit

struct InspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Say what a file is: format, version, message, header, and the datasets or structures in it.",
        discussion:
            "Needs no data structure. The whole file is read: exit code 0 only when all of it could be, 1 when something in it was not understood, 2 when it is no message that Sluice reads."
    )

    /// Datasets and structures listed for people; --json has them all.
    static let listedMax = 40

    @Argument(help: ArgumentHelp("Data or structure message; - is standard input.", valueName: "file")) var input: String
    @Option(name: .long, help: ArgumentHelp("Format of the file; told from its beginning when left out.", valueName: "format")) var format: String?
    @Flag(name: .long, help: "Print one JSON document.") var json = false

    func run() async throws {
        let writer = ByteWriter(FileByteSink(descriptor: 1, closing: false))
        let findings = FindingTally()
        let inspection: Inspection
        do throws(ReadError) { inspection = try Inspection.of(input, format: format, findings: findings) } catch {
            throw Outcome.unusable(error.detail.hasPrefix("cannot open") ? error.detail : "\(input): \(error)")
        }
        if json {
            try writer.write(text: inspection.json(of: input, findings: findings).prettyText + "\n")
        } else {
            try writer.write(text: inspection.text(of: input, listedMax: Self.listedMax))
            for finding in findings.samples { try writer.write(text: FindingText.lines(finding)) }
        }
        try writer.flush()
        if let failure = inspection.failure { throw Outcome.unusable("\(input): \(failure)") }
        if findings.hasErrors { throw Outcome.refused() }
    }
}

/// What a file turned out to be.
struct Inspection {
    enum Content {
        case data(MessageOutline)
        case structures(StructureSet)
        /// It is of this format, but could not be read to its end.
        case nothing
    }
    var formatID: String
    var byteCount: Int
    var content: Content
    /// Why it could not be read to its end.
    var failure: ReadError?

    /// - Throws: when the file cannot be opened, or is no message that a plugin recognises.
    static func of(_ path: String, format name: String?, findings: any FindingSink) throws(ReadError) -> Inspection {
        let (head, source) = try HeadedByteSource.opening(path)
        guard !head.isEmpty else { throw ReadError(.malformed, detail: "the file is empty") }

        if let structureFormat = BuiltinPlugins.structureFormats.first(where: { name == nil ? $0.recognises(head) : $0.id == name }) {
            var inspection = Inspection(formatID: structureFormat.id, byteCount: 0, content: .nothing)
            do throws(ReadError) {
                inspection.content = .structures(try structureFormat.readStructures(source, limits: ReadLimits(), findings: findings))
            } catch { inspection.failure = error }
            inspection.byteCount = source.byteCountRead
            return inspection
        }
        guard let dataFormat = BuiltinPlugins.dataFormats.first(where: { name == nil ? $0.recognises(head) : $0.id == name }) else {
            if let name {
                throw ReadError(.unsupported, detail: "there is no format \"\(name)\"; there are \(BuiltinPlugins.formatIDs.joined(separator: ", "))")
            }
            let named = BuiltinPlugins.formats.lazy.compactMap { $0.describe(head) }.first
            throw ReadError(
                .unsupported,
                detail: named.map { "this is \($0), which Sluice does not read" }
                    ?? "this is no SDMX data or structure message that Sluice knows; a plain CSV is read with a mapping (sluice map)")
        }
        var inspection = Inspection(formatID: dataFormat.id, byteCount: 0, content: .nothing)
        do throws(ReadError) { inspection.content = .data(try dataFormat.outline(of: source, limits: ReadLimits(), findings: findings)) } catch {
            inspection.failure = error
        }
        inspection.byteCount = source.byteCountRead
        return inspection
    }
}
