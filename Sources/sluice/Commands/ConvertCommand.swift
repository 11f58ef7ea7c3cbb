internal import ArgumentParser
internal import SluiceCore
internal import SluiceKit
internal import SluiceNode

#if canImport(Glibc)
    internal import Glibc
#endif

struct ConvertCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Convert a dataset or a structure message from one SDMX format to another, keeping the text of every value.",
        discussion:
            "Data need --structure, structure messages do not. sluice plugins describe lists the formats. Nothing is checked against code lists; use sluice check."
    )

    @Argument(help: ArgumentHelp("Data file; - is standard input.", valueName: "in")) var input: String
    @Argument(help: ArgumentHelp("File to write; - is standard output.", valueName: "out")) var output: String
    @OptionGroup var structures: StructureOptions
    @Option(name: .long, help: ArgumentHelp("Format of the input; told from its beginning when left out.", valueName: "format")) var from: String?
    @Option(name: .long, help: ArgumentHelp("Format to write; told from the file's ending when left out.", valueName: "format")) var to: String?
    @OptionGroup(title: "SDMX-CSV") var csv: CSVSpelling
    @Flag(name: .long, help: "Print a JSON report on standard error.") var json = false

    func run() async throws {
        let writer = ByteWriter(FileByteSink(descriptor: 2, closing: false), bufferBytes: 8 << 10)
        let report = FindingReport(to: writer, json: false, showsAll: false)
        let findings: FindingTally = json ? FindingTally() : FindingTally(samplesPerCodeMax: 1, passingTo: report)
        if let formats = try structureFormats() {
            try convertStructures(formats.from, formats.to, findings)
            try writer.flush()
            return
        }
        let context = try structures.context(findings: findings)
        let target = try Inputs.outputFormat(named: to, path: output)
        let (source, format) = try Inputs.open(input, format: from)
        let progress = Progress(over: source)
        let rows = try Output.writing(to: output) { sink in
            let reader = try format.reader(of: source, in: context)
            return try Pump.copy(from: reader, inputName: input, to: target, sink: sink, csv: csv.options, progress: progress)
        }
        progress.finish()
        try writer.flush()
        if json {
            let report = JSONValue.object([
                JSONMember("observations", .integer(Int64(rows))), JSONMember("from", .string(format.id)), JSONMember("to", .string(target.id)),
                JSONMember("findings", .array(findings.samples.map(\.json))), JSONMember("errors", .integer(Int64(findings.errorCount))),
            ])
            Terminal.note(report.compactText)
        } else if findings.count > 0 {
            Terminal.note("\(rows) observations converted with \(findings.count) findings")
        }
        if findings.hasErrors { throw Outcome.refused() }
    }

    // MARK: Structure messages

    /// The formats to read and write when the input is a structure message; nil when it is none.
    private func structureFormats() throws -> (from: any StructureFormat, to: any StructureFormat)? {
        let formats = BuiltinPlugins.structureFormats
        var source = formats.first { $0.id == from }
        if from == nil, input != "-" {
            do throws(ReadError) {
                let head = try FileByteSource(path: input).readHead()
                source = formats.first { $0.recognises(head) }
            } catch { throw Outcome.unusable(error.detail) }
        }
        guard let source else { return nil }
        let id = to ?? (output.hasSuffix(".json") ? "sdmx-json-2.0-structure" : "sdmx-ml-2.1-structure")
        guard let target = formats.first(where: { $0.id == id }) else {
            throw Outcome.unusable("a structure message is written as \(formats.map(\.id).joined(separator: ", ")), not as \"\(id)\"")
        }
        return (source, target)
    }

    private func convertStructures(_ source: any StructureFormat, _ target: any StructureFormat, _ findings: FindingTally) throws {
        let set: StructureSet
        do throws(ReadError) { set = try source.readStructures(FileByteSource(path: input), limits: ReadLimits(), findings: findings) } catch {
            throw Outcome.unusable("\(input): \(error)")
        }
        let header = MessageHeader(id: "CONVERTED", prepared: SystemClock().now().rfc3339, senders: ["SLUICE"])
        do {
            try Output.writing(to: output) { sink in try target.writeStructures(set, header: header, to: sink, findings: findings) }
        } catch let error as WriteError {
            throw Outcome.unusable("cannot write: \(error)")
        }
        if json {
            let report = JSONValue.object([
                JSONMember("from", .string(source.id)), JSONMember("to", .string(target.id)),
                JSONMember("artefacts", .integer(Int64(StructureRow.rows(of: set).count))),
                JSONMember("findings", .array(findings.samples.map(\.json))), JSONMember("errors", .integer(Int64(findings.errorCount))),
            ])
            Terminal.note(report.compactText)
        }
        if findings.hasErrors { throw Outcome.refused() }
    }
}

/// Carries datasets from a reader to a writer, batch by batch.
enum Pump {
    static func copy(
        from reader: any DatasetReader, inputName: String, to format: any DataFormat, sink: any ByteSink, csv: CSVOptions = CSVOptions(),
        progress: Progress? = nil
    ) throws -> Int {
        var rows = 0
        do {
            var writer: (any DatasetWriter)?
            while let description = try reader.nextDataset() {
                var options = WriteOptions(header: reader.header)
                options.csv = csv
                let target = try writer ?? format.writer(to: sink, options: options)
                writer = target
                try target.beginDataset(description)
                let batch = Batch(schema: description.schema)
                while try reader.read(into: batch) > 0 {
                    try target.write(batch)
                    rows += batch.rowCount
                    progress?.advance(rows: batch.rowCount)
                    batch.removeAllRows()
                }
            }
            guard let writer else { throw Outcome.unusable("\(inputName) holds no dataset") }
            try writer.finish()
        } catch let error as ReadError {
            throw Outcome.unusable("\(inputName): \(error)")
        } catch let error as WriteError {
            throw Outcome.unusable("cannot write: \(error)")
        }
        return rows
    }
}

/// Writing a file so that it is there whole or not at all.
enum Output {
    static func writing<Result>(to path: String, _ body: (any ByteSink) throws -> Result) throws -> Result {
        if path == "-" { return try body(FileByteSink(path: path)) }
        // /dev/null and pipes are written in place; a file appears under its name only when it is complete.
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG { return try body(opened(path)) }
        let partial = path + ".partial"
        do {
            let result = try body(opened(partial))
            guard rename(partial, path) == 0 else { throw Outcome.unusable("cannot write \(path): \(String(cString: strerror(errno)))") }
            return result
        } catch {
            unlink(partial)
            throw error
        }
    }

    /// Writes tables as one message, as they are handed to `put`; what stops `body` leaves no file.
    static func writingTables(
        to path: String, as format: any DataFormat, message id: String, _ body: (_ put: (Table) throws -> Void) throws -> Void
    ) throws {
        try writing(to: path) { sink in
            let header = MessageHeader(id: id, prepared: SystemClock().now().rfc3339, senders: ["SLUICE"])
            var writer: (any DatasetWriter)?
            func written(_ write: () throws(WriteError) -> Void) throws {
                do throws(WriteError) { try write() } catch { throw Outcome.unusable("cannot write: \(error)") }
            }
            try body { table in
                try written { () throws(WriteError) in
                    if writer == nil { writer = try format.writer(to: sink, options: WriteOptions(header: header)) }
                    try writer?.beginDataset(table.description)
                    try writer?.write(table.batch)
                }
            }
            try written { () throws(WriteError) in try writer?.finish() }
        }
    }

    private static func opened(_ path: String) throws -> FileByteSink {
        do { return try FileByteSink(path: path) } catch { throw Outcome.unusable("\(error)") }
    }
}
