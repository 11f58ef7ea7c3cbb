import SluiceKit
import Testing

@testable import FormatSDMXML

/// Gives bytes that are made up as they are asked for, so that a message may be far larger than memory.
private final class MadeUpSource: ByteSource {
    private let head: [UInt8]
    /// The filler repeated to fill any buffer at once.
    private let filler: [UInt8]
    private let fillerCount: Int
    private let byteCount: Int
    private(set) var byteCountRead = 0
    var canRewind: Bool { false }
    var byteCountTotal: Int? { nil }

    init(head: String, filler: String, byteCount: Int) {
        self.head = Array(head.utf8)
        fillerCount = filler.utf8.count
        self.filler = Array(Array(repeating: Array(filler.utf8), count: (XMLEvents.chunkBytesDefault / fillerCount) + 2).joined())
        self.byteCount = byteCount
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ReadError) -> Int {
        let count = min(buffer.count, byteCount - byteCountRead)
        if byteCountRead < head.count {
            let start = min(count, head.count - byteCountRead)
            for offset in 0..<start { buffer[offset] = head[byteCountRead + offset] }
            byteCountRead += start
            return start
        }
        let phase = (byteCountRead - head.count) % fillerCount
        let taken = min(count, filler.count - phase)
        filler.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[phase..<(phase + taken)])) }
        byteCountRead += taken
        return taken
    }

    func rewind() throws(ReadError) { throw ReadError(.inputOutput, detail: "cannot be read twice") }
}

/// Whatever comes in, the answer is an error with a place, and memory stays bounded.
@Suite
struct HostileInputTests {
    static let root =
        #"<mes:StructureSpecificData xmlns:mes="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message" xmlns:ss="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/data/structurespecific">"#
    static let header = #"<mes:Header><mes:ID>A</mes:ID><mes:Structure structureID="S1" dimensionAtObservation="TIME_PERIOD"/></mes:Header>"#
    static let dataset = #"<mes:DataSet ss:structureRef="S1">"#

    /// The error that reading ends in; nil when it ends well.
    private func failure(_ bytes: [UInt8], chunkBytes: Int = XMLEvents.chunkBytesDefault) throws -> ReadError? {
        do {
            _ = try dump(bytes, Sample.structures, chunkBytes: chunkBytes)
            return nil
        } catch let error as ReadError {
            return error
        }
    }

    private func failure(_ text: String) throws -> ReadError? { try failure(Array(text.utf8)) }

    /// Reads events to the end of a source that is larger than memory, and tells how far it got.
    private func failure(_ source: MadeUpSource) -> ReadError? {
        do throws(ReadError) {
            let xml = try XMLEvents(source, limits: ReadLimits(), bytesMax: .max)
            while try xml.next() {}
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        "<!DOCTYPE a><a/>", "<!DOCTYPE a SYSTEM \"file:///etc/hostname\"><a/>",
        "<!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;\">]><l>&c;</l>",
        "<?xml version=\"1.0\"?>\n<!DOCTYPE a [ ]>\n<a/>",
    ])
    func refusesEveryDoctype(_ text: String) throws {
        #expect(try failure(text)?.code == .forbidden)
        #expect(try failure(Array(text.utf8), chunkBytes: 4)?.code == .forbidden)
    }

    @Test func refusesEntitiesThatAreNotPredefined() throws {
        #expect(try failure(Self.root + "&boom;")?.code == .forbidden)
        #expect(try failure(Self.root + "<a b=\"&boom;\"/>")?.code == .forbidden)
    }

    @Test func refusesNUL() throws {
        let error = try #require(try failure(Array((Self.root + "\n<a>").utf8) + [0] + Array("</a>".utf8)))
        #expect(error.code == .malformed)
        #expect(error.line == 2)
        #expect(try failure([0, 0, 0, 0, 0])?.code == .malformed)
        #expect(try failure([0])?.code == .malformed)
    }

    @Test func refusesDeepNesting() throws {
        #expect(try failure(Self.root + String(repeating: "<a>", count: 10_000))?.code == .limitExceeded)
    }

    @Test func refusesTruncation() throws {
        let whole = Self.root + Self.header + Self.dataset + "<Series FREQ=\"A\"><Obs TIME_PERIOD=\"2001\"/></Series></mes:DataSet></mes:StructureSpecificData>"
        #expect(try failure(whole) == nil)
        for count in stride(from: Self.root.utf8.count, to: whole.utf8.count, by: 7) {
            let error = try #require(try failure(Array(whole.utf8.prefix(count))))
            #expect(error.code == .truncated, "cut after \(count) bytes: \(error)")
        }
    }

    @Test func refusesEmptyAndForeignInput() throws {
        for text in ["", "a", "hello", "   ", "{\"a\":1}", "DATAFLOW,FREQ\n1,2\n"] { #expect(try failure(text)?.code == .malformed, "\(text)") }
    }

    @Test func saysWhereBytesAreNotInTheEncoding() throws {
        let prefix = Self.root + Self.header + Self.dataset + "\n<Series FREQ=\""
        let error = try #require(try failure(Array(prefix.utf8) + [0xE9] + Array("\"/>".utf8)))
        #expect(error.code == .encoding)
        #expect(error.line == 2)
        #expect(error.column != nil)
    }

    @Test func refusesPrefixesWithoutNamespace() throws { #expect(try failure(Self.root + "<x:a/>")?.code == .malformed) }

    @Test func refusesDoubledAttributes() throws { #expect(try failure(Self.root + "<a b=\"1\" b=\"2\"/>")?.code == .malformed) }

    @Test func refusesMoreAttributesThanTheLimit() throws {
        let few = (0..<5_000).map { " a\($0)=\"\"" }.joined()
        #expect(try failure(Self.root + "<Series" + few + "/>")?.code == .limitExceeded)
        // Enough that comparing each with every other would take hours.
        let source = MadeUpSource(head: Self.root + "<Series", filler: " a=\"\" b='' c=\"\"", byteCount: 64 << 20)
        #expect(failure(source)?.code == .limitExceeded)
    }

    @Test func refusesMoreNamesThanTheLimit() throws {
        let names = (0...XMLEvents.namesMax).map { "<n\($0)/>" }.joined()
        #expect(try failure(Self.root + names)?.code == .limitExceeded)
    }

    @Test(arguments: [
        ("<Series FREQ=\"", "A"), ("<Series FREQ=\"", "é"), ("", "x"), ("<a>", "lorem ipsum "), ("<!-- ", "x"), ("<?pi ", "x"), ("<", "a"),
        ("<a><![CDATA[", "x"), ("<a ", " "),
    ])
    func refusesEndlessMarkupInLittleMemory(_ head: String, _ filler: String) throws {
        let source = MadeUpSource(head: Self.root + head, filler: filler, byteCount: 1 << 30)
        let error = try #require(failure(source))
        #expect(error.code == .limitExceeded)
        // What was read is more than what was ever held.
        #expect(source.byteCountRead < 32 << 20)
    }

    @Test func refusesGarbageWithoutMarkupAtOnce() throws {
        let source = MadeUpSource(head: "", filler: "garbage", byteCount: 1 << 30)
        #expect(failure(source)?.code == .malformed)
        #expect(source.byteCountRead < 1 << 20)
    }

    @Test func boundsWhatGroupsTake() throws {
        var limits = ReadLimits()
        limits.groupBytesMax = 10_000
        let groups = (0..<1_000).map { "<Group FREQ=\"A\($0)\" TITLE=\"title\"/>" }.joined()
        let text = Self.root + Self.header + Self.dataset + groups + "</mes:DataSet></mes:StructureSpecificData>"
        #expect(throws: ReadError.self) { try dump(Array(text.utf8), Sample.structures, limits: limits) }
        #expect(try failure(text) == nil)
    }
}
