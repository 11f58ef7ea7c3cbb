internal import SluiceCore
internal import SluiceKit
internal import SluiceNode

#if canImport(Glibc)
    internal import Glibc
#endif

/// Opening what the command line names.
enum Inputs {
    /// Reads structure messages: files, or folders that stand for a registry. What is wrong in them is told on standard error: data would be read by it.
    static func structures(_ paths: [String]) throws -> StructureSet {
        let findings = FindingTally(samplesPerCodeMax: 3)
        defer { warn(of: findings) }
        do throws(ReadError) {
            return try StructureLibrary(formats: BuiltinPlugins.structureFormats).load(paths, findings: findings)
        } catch {
            throw Outcome.unusable("\(error)")
        }
    }

    private static func warn(of findings: FindingTally) {
        let shown = findings.samples.filter { $0.severity == .error }
        for finding in shown { Terminal.note("sluice: in the structures: \(finding.message) \(finding.advice) [\(finding.code)]") }
        if findings.errorCount > shown.count {
            Terminal.note("sluice: in the structures: \(findings.errorCount - shown.count) more errors; sluice inspect names them all")
        }
    }

    /// The format called `name`, or the one that recognises the input's first bytes.
    static func format(named name: String?, for head: [UInt8], of path: String) throws -> any DataFormat {
        let formats = BuiltinPlugins.dataFormats
        if let name {
            guard let format = formats.first(where: { $0.id == name }) else {
                throw Outcome.unusable("there is no format \"\(name)\"; there are \(formats.map(\.id).joined(separator: ", "))")
            }
            return format
        }
        guard !head.isEmpty else { throw Outcome.unusable("\(path) is empty") }
        guard let format = formats.first(where: { $0.recognises(head) }) else {
            throw Outcome.unusable(
                "the format of \(path) cannot be told from its beginning; name it (\(formats.map(\.id).joined(separator: ", "))), or use sluice map for a plain CSV"
            )
        }
        return format
    }

    /// The format to write: named, or told by the file's ending.
    static func outputFormat(named name: String?, path: String) throws -> any DataFormat {
        let formats = BuiltinPlugins.dataFormats
        if name == nil {
            let byEnding = ["xml": "sdmx-ml-2.1", "csv": "sdmx-csv-2.0", "json": "sdmx-json-2.0"]
            guard let dot = path.lastIndex(of: "."), let id = byEnding[String(path[path.index(after: dot)...]).lowercased()],
                let format = formats.first(where: { $0.id == id })
            else {
                throw Outcome.unusable("the format to write cannot be told from \"\(path)\"; name it with --to (\(formats.map(\.id).joined(separator: ", ")))")
            }
            return format
        }
        return try format(named: name, for: [], of: path)
    }

    /// Opens a data input that may be a pipe: its head is looked at and given back, and a pipe is spooled only where the format reads twice.
    static func open(_ path: String, format name: String?) throws -> (source: any ByteSource, format: any DataFormat) {
        let (head, source): ([UInt8], any ByteSource)
        do { (head, source) = try HeadedByteSource.opening(path) } catch { throw Outcome.unusable(error.detail) }
        let format = try self.format(named: name, for: head, of: path)
        return (format.readsTwice && !source.canRewind ? try spool(source) : source, format)
    }

    /// An input that can be read more than once, with its way of being read: a mapping's, a named format's, or the one that recognises it.
    static func repeatable(_ path: String, format name: String?, mapping: String?) throws -> (path: String, makeReader: ReaderMaker) {
        guard path != "-" else { throw Outcome.unusable("this command reads its input twice; give it a file, not standard input") }
        do {
            if let mapping { return (path, try Mappings.reader(mapping).makeReader) }
            let format = try self.format(named: name, for: FileByteSource(path: path).readHead(), of: path)
            return (path, { (source, context) throws(ReadError) in try format.reader(of: source, in: context) })
        } catch let error as ReadError {
            throw Outcome.unusable(error.detail)
        }
    }

    /// Copies a pipe into an unnamed temporary file, so that it can be read twice.
    static func spool(_ source: any ByteSource) throws -> FileByteSource {
        var template = Array("\(temporaryDirectory)/sluice-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw Outcome.unusable("cannot create a temporary file in \(temporaryDirectory): \(String(cString: strerror(errno)))") }
        unlink(template)
        let sink = FileByteSink(descriptor: descriptor, closing: false)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 1)
        defer { buffer.deallocate() }
        while true {
            let count = try source.read(into: buffer)
            if count == 0 { break }
            try sink.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
        lseek(descriptor, 0, SEEK_SET)
        return FileByteSource(descriptor: descriptor, closing: true)
    }

    static var temporaryDirectory: String { getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp" }
}
