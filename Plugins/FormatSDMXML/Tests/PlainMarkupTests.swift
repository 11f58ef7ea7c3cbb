import CLibxml2
import SluiceKit
import SluiceKitTesting
import Testing

@testable import FormatSDMXML

/// Simple tags are taken without libxml2 (Docs/Decisions/0013): what comes out has to be what libxml2 alone says, error and place included.
@Suite
struct PlainMarkupTests {
    /// What the parser says of a document: its events one by one, and the error it ends in.
    private struct Transcript: Equatable {
        var events: [String] = []
        var error = ""
        var column: Int?
    }

    private func transcript(_ bytes: [UInt8], takesPlainMarkup: Bool, chunkBytes: Int, limits: ReadLimits = ReadLimits()) -> Transcript {
        var result = Transcript()
        do throws(ReadError) {
            let xml = try XMLEvents(MemoryByteSource(bytes), limits: limits, bytesMax: .max, chunkBytes: chunkBytes, takesPlainMarkup: takesPlainMarkup)
            while try xml.next() {
                let event = xml.event
                if xml.isStart {
                    let attributes = (Int(event.first)..<Int(event.first) + Int(event.count)).map { index in
                        let attribute = xml.attributes[index]
                        return " \(xml.names[Int(attribute.name)])=\(xml.string(attribute.first, attribute.count).debugDescription)"
                    }
                    result.events.append("\(event.line) <\(xml.namespaceURI) \(xml.name)\(attributes.joined())>")
                } else if xml.isEnd {
                    result.events.append("</\(xml.name)>")
                } else {
                    result.events.append("\(event.line) \(xml.eventText.debugDescription)")
                }
            }
        } catch {
            result.error = "\(error.code) \(error.line ?? 0) \(error.detail)"
            result.column = error.column
        }
        return result
    }

    /// Nil where both lanes say the same. A column may be missing, but not wrong.
    private func difference(_ bytes: [UInt8], chunkBytes: Int, limits: ReadLimits = ReadLimits()) -> String? {
        let both = transcript(bytes, takesPlainMarkup: true, chunkBytes: chunkBytes, limits: limits)
        var alone = Transcript()
        // Where libxml2 finds an error in a section without an end depends on how the document is cut: one of its answers will do.
        for chunkBytes in [64, 3, 65_536, chunkBytes] {
            alone = transcript(bytes, takesPlainMarkup: false, chunkBytes: chunkBytes, limits: limits)
            if alone.events == both.events, alone.error == both.error, both.column == nil || alone.column == both.column { return nil }
        }
        let index = zip(alone.events, both.events).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(alone.events.count, both.events.count)
        return """
            event \(index): \(alone.events.dropFirst(index).first ?? "none"), and with plain markup \(both.events.dropFirst(index).first ?? "none")
            error: \(alone.error) \(alone.column ?? 0), and with plain markup \(both.error) \(both.column ?? 0)
            document, in pieces of \(chunkBytes): \(String(decoding: bytes.suffix(4000), as: UTF8.self))
            """
    }

    private static let sets = """
        <Series FREQ="A" AREA="AM">
        <Obs TIME_PERIOD="2001" OBS_VALUE="2.680"/>
        <Obs TIME_PERIOD="2002" OBS_VALUE="1" NOTE="Ա &amp; Բ &lt;&quot;&apos;&gt;"/><Obs OBS_VALUE="NaN" TIME_PERIOD="2003"></Obs>
          <Obs TIME_PERIOD='2004' OBS_VALUE = "3"
            NOTE="a>b"/>
        </Series>
        <Series AREA="AL" FREQ="M"></Series><Series FREQ="M" AREA="_T"> </Series>
        <Series FREQ="A" AREA="AM"><!-- a > b --><Obs TIME_PERIOD="2001" OBS_VALUE="&#49;"/><Obs xmlns="urn:x" TIME_PERIOD="1"><Obs/></Obs>
        <Obs TIME_PERIOD="2001" xml:lang="en" t:type="a"/><Obs t:type="b" TIME_PERIOD="2002"/>text<Comp id="N"><Value>one</Value><Value><![CDATA[<Obs/>]]></Value></Comp>
        <?pi <Obs/> ?><Obs TIME_PERIOD="2005"/>
        </Series>
        <a:Series xmlns:a="urn:a" FREQ="A"><a:Obs a:V="1" V="2"/><a:Obs a:V="1" V="2"/></a:Series><a:Series FREQ="A"><a:Obs V="3"/><a:Obs V="3"/></a:Series>
        """
    private static let sample = """
        <?xml version="1.0" encoding="UTF-8"?>
        <m:Data xmlns:m="urn:m" xmlns:a="urn:other" xmlns:t="http://www.w3.org/2001/XMLSchema-instance">
        <m:Header><m:ID>A</m:ID></m:Header>
        <m:DataSet m:structureRef="S">
        \(sets)
        \(sets)
        </m:DataSet>
        </m:Data>
        """

    @Test func saysWhatLibxml2Says() {
        for chunkBytes in [1, 2, 3, 5, 7, 16, 61, 256, 1024, 65_536] { #expect(difference(Array(Self.sample.utf8), chunkBytes: chunkBytes) == nil) }
    }

    /// Otherwise the suite would compare libxml2 with itself.
    @Test func takesPlainMarkup() throws {
        // libxml2 compares each attribute with every other one; the error of a name that it never met is its own.
        let rows = (0..<1000).map { "<Obs TIME_PERIOD=\"\($0)\" OBS_VALUE=\"1\"/>\n" }.joined()
        let bytes = Array("<m><Obs TIME_PERIOD=\"0\" OBS_VALUE=\"2\"/>\n\(rows)</m>".utf8)
        let xml = try XMLEvents(MemoryByteSource(bytes), limits: ReadLimits(), bytesMax: .max)
        while try xml.next() {}
        #expect(xml.plainElementCount == 1000)
    }

    @Test func cutAnywhereItSaysWhatLibxml2Says() {
        let bytes = Array(Self.sample.utf8)
        for end in stride(from: 0, to: bytes.count, by: 3) { #expect(difference(Array(bytes[..<end]), chunkBytes: 512) == nil) }
    }

    /// Seeded, so that a failure comes again.
    @Test(arguments: 0..<8) func changedAnywhereItSaysWhatLibxml2Says(_ seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed + 1))
        let sample = Array(Self.sample.utf8)
        let scraps = [
            "<", ">", "/>", "</Series>", "\"", "'", "=", "&", "&amp;", "&#1;", "\u{1}", "é", " ", "\n", "\t", "<Obs/>", "</Obs>", "<!--", "-->", "FREQ=\"A\"",
            "a:", ":", "xmlns=\"\"", "\0",
        ]
        let badBytes: [[UInt8]] = [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xEF, 0xBF, 0xBE], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82]]
        for _ in 0..<1_500 {
            var bytes = sample
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let at = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<6, using: &generator) {
                case 0: bytes.remove(at: at)
                case 1: bytes.insert(contentsOf: Array(scraps.randomElement(using: &generator)!.utf8), at: at)
                case 2: bytes.insert(contentsOf: badBytes.randomElement(using: &generator)!, at: at)
                case 3: bytes[at] = UInt8.random(in: 0...255, using: &generator)
                case 4: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...60, using: &generator)))
                default:
                    let from = Int.random(in: 0..<bytes.count, using: &generator)
                    bytes.insert(contentsOf: Array(bytes[from..<min(bytes.count, from + 40)]), at: at)
                }
            }
            let found = difference(bytes, chunkBytes: [3, 64, 700, 65_536].randomElement(using: &generator)!)
            #expect(found == nil)
            if found != nil { return }
        }
    }

    @Test func keepsTheLimits() {
        var limits = ReadLimits()
        limits.depthMax = 4
        limits.columnsMax = 3
        limits.valueBytesMax = 20
        for document in [
            "<m><s><o a=\"1\"/><o a=\"1\"/><o><o><o/></o></o></s></m>",
            "<m><o a=\"1\" b=\"1\" c=\"1\"/><o d=\"1\" e=\"1\"/><o a=\"1\" b=\"1\" c=\"1\" d=\"1\"/></m>",
            "<m><o a=\"1\"/><o a=\"12345678901234567890\"/><o a=\"123456789012345678901\"/></m>", "<m><o a=\"1\" b=\"2\"/><o a=\"1\" b=\"2\" a=\"3\"/></m>",
        ] {
            for chunkBytes in [1, 7, 4096] { #expect(difference(Array(document.utf8), chunkBytes: chunkBytes, limits: limits) == nil) }
        }
    }

    @Test func waitsForALongTagAndGivesItToLibxml2() {
        let long = String(repeating: "x", count: 40_000)
        let document = "<m><o a=\"1\"/><o a=\"\(long)\"/>\n<o a=\"2\"/>\n\(String(repeating: " ", count: 40_000))<o a=\"3\"/><p/></m>"
        for chunkBytes in [1000, 16_384, 65_536] { #expect(difference(Array(document.utf8), chunkBytes: chunkBytes) == nil) }
    }

    @Test(arguments: ["UTF-16LE", "UTF-16BE"]) func wideEncodingsAreLeftToLibxml2(_ name: String) {
        let units = Self.sample.replacing("UTF-8", with: "UTF-16").utf16.flatMap { unit in
            name == "UTF-16LE" ? [UInt8(truncatingIfNeeded: unit), UInt8(unit >> 8)] : [UInt8(unit >> 8), UInt8(truncatingIfNeeded: unit)]
        }
        #expect(difference((name == "UTF-16LE" ? [0xFF, 0xFE] : [0xFE, 0xFF]) + units, chunkBytes: 1000) == nil)
    }

    @Test func narrowEncodingsAreLeftToLibxml2() {
        let document = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><m><o a=\"1\"/><o a=\"2\"/><o a=\""
        for encoding in ["ISO-8859-1", "windows-1252", "US-ASCII"] {
            let bytes = Array(document.replacing("ISO-8859-1", with: encoding).utf8) + [0xE9] + Array("\"/></m>".utf8)
            #expect(difference(bytes, chunkBytes: 4096) == nil)
        }
    }

    @Test(.enabled(if: Corpus.isPresent), arguments: Corpus.dataEntries + Corpus.invalidDataEntries)
    func saysOfRealMessagesWhatLibxml2Says(_ entry: Corpus.Entry) throws {
        let bytes = try Corpus.bytes("sdmx/" + entry.path)
        for chunkBytes in [777, XMLEvents.chunkBytesDefault] { #expect(difference(bytes, chunkBytes: chunkBytes) == nil) }
    }
}
