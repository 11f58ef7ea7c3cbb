import Foundation
import SluiceKit
import Testing

@testable import FormatSDMXML

/// What sdmx1 and pysdmx make of the structure messages we write.
@Suite(.enabled(if: Corpus.isPresent && (Tools.sdmx1 != nil || Tools.pysdmx != nil)))
struct StructureOracleTests {
    /// Reads pairs of files, original and ours; prints those of which only the original could be read, then how many could.
    private static let script = """
        import sys, io, contextlib, logging
        logging.disable(logging.CRITICAL)
        tool = sys.argv[1]
        if tool == 'pysdmx':
            from pysdmx.io import read_sdmx
            def read(path): return read_sdmx(path, validate=False)
        else:
            import sdmx
            def read(path): return sdmx.read_sdmx(path)
        def failure(path):
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                try: read(path)
                except BaseException as error: return type(error).__name__ + ' ' + str(error)[:200]
        count = 0
        for line in open(sys.argv[2]):
            original, ours = line.rstrip().split(chr(9))
            if failure(original) is None:
                count += 1
                problem = failure(ours)
                if problem: print('FAILS', original, problem)
        print('READ', count)
        """

    private func check(_ python: String, _ tool: String, _ versions: Set<String>) throws -> (failures: [String], count: Int) {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sluice-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var list = ""
        for (index, entry) in StructureMessages.validEntries.enumerated() where versions.contains(entry.version) {
            guard let version = SDMXMLVersion(rawValue: entry.version) else { continue }
            let set = try StructureMessages.read(try Corpus.bytes("sdmx/" + entry.path))
            let file = folder.appendingPathComponent("\(index).xml")
            try Data(try StructureMessages.write(set, version)).write(to: file)
            list += "\(Corpus.root ?? "")/sdmx/\(entry.path)\t\(file.path)\n"
        }
        let listFile = folder.appendingPathComponent("list.tsv")
        try Data(list.utf8).write(to: listFile)
        let result = try Tools.run(python, ["-c", Self.script, tool, listFile.path])
        let lines = result.output.split(separator: "\n").map(String.init)
        let count = lines.last { $0.hasPrefix("READ ") }.flatMap { Int($0.dropFirst(5)) } ?? 0
        return (lines.filter { $0.hasPrefix("FAILS") }, count)
    }

    @Test(.enabled(if: Tools.pysdmx != nil))
    func pysdmxReadsOursWhereItReadsTheOriginal() throws {
        let result = try check(try #require(Tools.pysdmx), "pysdmx", ["2.1", "3.0", "3.1"])
        #expect(result.failures == [])
        #expect(result.count > 150)
    }

    /// sdmx1 does not know 3.1.
    @Test(.enabled(if: Tools.sdmx1 != nil))
    func sdmx1ReadsOursWhereItReadsTheOriginal() throws {
        let result = try check(try #require(Tools.sdmx1), "sdmx1", ["2.1", "3.0"])
        #expect(result.failures == [])
        #expect(result.count > 120)
    }
}
