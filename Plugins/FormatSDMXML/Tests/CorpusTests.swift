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
        if let expected = Corpus.Entry.count(entry.sdmx1, "obs") {
            #expect(read.observationCount == expected)
        } else {
            #expect(read.rows.count == Corpus.Entry.count(entry.pysdmx, "rows"))
        }
    }

    /// A row's line is where its start tag begins, however many lines the tag, the text or a comment before it takes.
    @Test(arguments: Corpus.dataEntries)
    func linesAreThoseOfTheObservations(_ entry: Corpus.Entry) throws {
        let bytes = try Corpus.bytes("sdmx/" + entry.path)
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
        for dataset in try dump(bytes, try synthesise(bytes)).datasets {
            for line in dataset.lines {
                let text = try #require(line > 0 && line <= lines.count ? lines[Int(line) - 1] : nil)
                #expect(text.contains("Obs") || text.contains("Series"), "line \(line): \(text.prefix(200))")
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
