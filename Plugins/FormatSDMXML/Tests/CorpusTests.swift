import SluiceKit
import Testing

@testable import FormatSDMXML

/// Real messages of many makers.
@Suite(.enabled(if: Corpus.isPresent))
struct CorpusTests {
    @Test(arguments: Corpus.dataEntries)
    func readsAsManyObservationsAsTheOtherTools(_ entry: Corpus.Entry) throws {
        let bytes = try Corpus.bytes("sdmx/" + entry.path)
        let read: Dump
        do {
            read = try dump(bytes, Corpus.structures)
        } catch let error as ReadError where error.code == .structureUnknown {
            read = try dump(bytes, try synthesise(bytes))
        }
        #expect(read.datasets.allSatisfy { $0.components.count > 1 })
        if let expected = Corpus.Entry.count(entry.sdmx1, "obs") {
            #expect(read.observationCount == expected)
        } else if let expected = Corpus.Entry.count(entry.pysdmx, "rows"), entry.version == "2.1" {
            // What pysdmx makes of groups and partial keys of 3.x is not what it makes of observations.
            #expect(read.rows.count == expected)
        }
    }

    /// The same, without a data structure.
    @Test(arguments: Corpus.dataEntries)
    func outlinesCountWhatTheReaderReads(_ entry: Corpus.Entry) throws {
        let bytes = try Corpus.bytes("sdmx/" + entry.path)
        let kind = try #require(MessageKind.sniff(bytes))
        let format = try #require(SDMXMLDataFormat.all.first { $0.reads(kind) })
        let outline = try format.outline(of: MemoryByteSource(bytes), limits: ReadLimits(), findings: FindingTally())
        let read = try dump(bytes, try synthesise(bytes))
        #expect(outline.datasetCount == read.datasets.count)
        #expect(outline.header == read.header)
        #expect(outline.datasets.map(\.observationCount).reduce(0, +) == startTags("Obs", in: bytes))
    }

    /// How many start tags have this local name, found without a parser.
    private func startTags(_ local: String, in bytes: [UInt8]) -> Int {
        var count = 0
        var comment = 0
        for piece in bytes.split(separator: UInt8(ascii: "<")) {
            if piece.starts(with: "!--".utf8) { comment = 1 }
            if comment == 0,
                piece.prefix(40).prefix(while: { !" \t\r\n/>".utf8.contains($0) }).split(separator: UInt8(ascii: ":")).last.map({ $0.elementsEqual(local.utf8) }
                ) == true
            {
                count += piece.first == UInt8(ascii: "/") ? 0 : 1
            }
            if comment == 1, String(decoding: piece, as: UTF8.self).contains("-->") { comment = 0 }
        }
        return count
    }

    /// A message that the official schemas refuse is read with what can be said of it, or refused; it never ends the process.
    @Test(arguments: Corpus.invalidDataEntries)
    func invalidMessagesAreRefusedOrReported(_ entry: Corpus.Entry) throws {
        let bytes = try Corpus.bytes("sdmx/" + entry.path)
        do { _ = try dump(bytes, try synthesise(bytes)) } catch let error as ReadError { #expect(!error.detail.isEmpty) }
    }

    /// A row's line is where its start tag begins, however many lines the tag, the text or a comment before it takes.
    @Test(arguments: Corpus.dataEntries)
    func linesAreThoseOfTheObservations(_ entry: Corpus.Entry) throws {
        let bytes = try Corpus.bytes("sdmx/" + entry.path)
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
        for dataset in try dump(bytes, try synthesise(bytes)).datasets {
            for line in dataset.lines {
                let text = try #require(line > 0 && line <= lines.count ? lines[Int(line) - 1] : nil)
                #expect(
                    text.contains("Obs") || text.contains("Series") || text.contains("Group") || text.contains("Atts") || text.contains("DataSet"),
                    "line \(line): \(text.prefix(200))")
            }
        }
    }

    @Test(arguments: Corpus.structureEntries)
    func writtenStructuresReadBackEqual(_ entry: Corpus.Entry) throws {
        let first = try readStructures(try Corpus.bytes("sdmx/" + entry.path))
        let sink = MemoryByteSink()
        try SDMXMLStructureFormat(version: .v2_1).writeStructures(first, header: MessageHeader(id: "RT", senders: ["TEST"]), to: sink)
        let second = try readStructures(sink.bytes)
        #expect(first == second)
    }
}
