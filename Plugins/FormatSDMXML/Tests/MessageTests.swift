import SluiceKit
import Testing

@testable import FormatSDMXML

/// What a message says besides its values: format, header, actions, dates, provider, outline.
@Suite
struct MessageTests {
    // MARK: Formats

    /// A format given by name reads its own messages, and names the right format for others.
    @Test func formatsRefuseMessagesOfOthersByName() throws {
        let context = ReadContext(structures: Sample.structures, findings: FindingTally())
        for (wrong, bytes, right) in [
            (SDMXMLDataFormat.structureSpecific3_0, Sample.everything, "sdmx-ml-2.1"), (.structureSpecific3_1, Sample.message3(""), "sdmx-ml-3.0"),
            (.structureSpecific, Sample.message3("", version: "3_1"), "sdmx-ml-3.1"), (.generic, Sample.everything, "sdmx-ml-2.1"),
            (.structureSpecific, try convert(Sample.everything, Sample.structures, to: .genericTimeSeries), "sdmx-ml-2.1-generic-timeseries"),
            (.compact2_0, Sample.message2_0("GenericData", OlderDataTests.generic()), "sdmx-ml-2.0-generic"),
        ] {
            let error = #expect(throws: ReadError.self) {
                let reader = try wrong.reader(of: MemoryByteSource(bytes), in: context)
                _ = try reader.nextDataset()
            }
            #expect(error?.code == .unsupported)
            #expect(error?.detail.hasSuffix("read it as \(right)") == true, "\(error?.detail ?? "")")
            #expect(throws: ReadError.self) { try wrong.outline(of: MemoryByteSource(bytes), limits: ReadLimits(), findings: FindingTally()) }
        }
    }

    /// Found by the fuzzer: the beginning of a message in a SOAP envelope may end before the message begins.
    @Test func aCutEnvelopeIsRecognisedForWhatItIs() {
        let envelope = Array(#"<?xml version="1.0"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body> <Get><a"#.utf8)
        for end in 0...envelope.count {
            let kind = MessageKind.sniff(Array(envelope[..<end]))
            #expect(kind == nil || kind?.version == nil)
            for format in SDMXMLDataFormat.all { #expect(!format.recognises(Array(envelope[..<end]))) }
        }
    }

    @Test func eachWrittenMessageIsRecognisedByItsOwnFormatOnly() throws {
        for format in SDMXMLDataFormat.written {
            let written = try convert(Sample.everything, Sample.structures, to: format)
            #expect(SDMXMLDataFormat.all.filter { $0.recognises(Array(written.prefix(4_096))) }.map(\.id) == [format.id])
            #expect(try dump(written, Sample.structures).rows == (try dump(Sample.everything, Sample.structures).rows))
        }
    }

    @Test func timeSeriesMessagesHoldNothingElse() throws {
        var crossed = Sample.structure
        crossed.dimensions.removeAll { $0.kind == .time }
        var set = StructureSet()
        set.add(crossed)
        let bytes = Sample.message("<Series FREQ=\"A\"><Obs AREA=\"AL\"/></Series>", dimension: "AREA")
        for format in [SDMXMLDataFormat.timeSeries, .genericTimeSeries] {
            let error = #expect(throws: WriteError.self) { try convert(bytes, set, to: format) }
            #expect(error?.detail.contains("TIME_PERIOD") == true)
        }
    }

    // MARK: Header

    @Test(arguments: SDMXMLDataFormat.written.map(\.id))
    func headersComeBackWhole(_ id: String) throws {
        let format = try #require(SDMXMLDataFormat.all.first { $0.id == id })
        var contact = Contact(names: LocalisedText("Ann"), departments: LocalisedText("Stats"), roles: LocalisedText("Head", language: "fr"))
        contact.telephones = ["1", "2"]
        contact.faxes = ["3"]
        contact.x400s = ["4"]
        contact.uris = ["http://a/"]
        contact.emails = ["a@b", "c@d"]
        var header = MessageHeader(
            id: "H", isTest: true, prepared: "2026-01-02T03:04:05Z", senders: [MessageHeader.Party("S", names: LocalisedText("Sender"), contacts: [contact])],
            receivers: [MessageHeader.Party("R", contacts: [contact, contact]), "T"])
        header.names.set("Name & <b>", language: "en")
        header.names.set("Nom", language: "fr")
        header.sources.set("Source", language: "en")
        header.dataSetID = "D"
        header.extracted = "2026-01-01T00:00:00"
        header.reportingBegin = "2025-Q1"
        header.reportingEnd = "2025"
        header.embargoDate = "2026-02-01T09:00:00"
        #expect(try dump(try convert(Sample.everything, Sample.structures, to: format, header: header), Sample.structures).header == header)
    }

    @Test(arguments: SDMXMLDataFormat.written.map(\.id))
    func datasetsKeepDatesAndProvider(_ id: String) throws {
        let format = try #require(SDMXMLDataFormat.all.first { $0.id == id })
        let schema = DatasetSchema(Sample.structure, in: Sample.structures)
        var description = DatasetDescription(schema: schema, reference: Sample.structure.reference, action: .replace, setID: "SET")
        description.dates.reportingBegin = "2025-01"
        description.dates.reportingEnd = "2025-12"
        description.dates.validFrom = "2026-01-01T00:00:00"
        description.dates.validTo = "2027-01-01T00:00:00"
        description.dates.publicationYear = "2026"
        description.dates.publicationPeriod = "2026-Q1"
        description.provider = ArtefactReference(ArtefactClass(rawValue: "DataProviderScheme") ?? .agencyScheme, agency: "TEST", id: "P1", version: "1.0")
        let sink = MemoryByteSink()
        let writer = try format.writer(to: sink, options: WriteOptions(header: MessageHeader(id: "W")))
        try writer.beginDataset(description)
        try writer.finish()
        let read = try #require(try reader(sink.bytes, Sample.structures, findings: FindingTally()).nextDataset())
        #expect(read.dates == description.dates)
        #expect(read.provider == description.provider)
        #expect(read.setID == "SET")
        #expect(read.action == .replace)
        #expect(read.reference == description.reference)
    }

    // MARK: Actions

    @Test func actionsKeepTheirMeaning() throws {
        func read(_ name: String, _ version: String) throws -> DatasetAction? {
            try dump(Sample.message3("", version: version, dataset: " ss:action=\"\(name)\""), Sample.structures).datasets.first?.action
        }
        #expect(try read("Append", "3_0") == .append)
        // 3.1 deprecates Append: it is to be taken as Merge.
        #expect(try read("Append", "3_1") == .merge)
        #expect(try read("Merge", "3_1") == .merge)
        for name in ["Replace", "Delete", "Information"] {
            #expect(try read(name, "3_0") == DatasetAction(rawValue: name))
            #expect(try read(name, "3_1") == DatasetAction(rawValue: name))
        }
        for action in DatasetAction.allCases {
            let isAdding = action == .append || action == .merge
            for version in [SDMXMLVersion.v2_1, .v3_0] {
                #expect(ActionMeaning.name(action, in: version) == (isAdding ? "Append" : action.rawValue))
            }
            #expect(ActionMeaning.name(action, in: .v3_1) == (isAdding ? "Merge" : action.rawValue))
        }
        #expect(ActionMeaning.action("Update", in: .v2_0) == .append)
        #expect(ActionMeaning.action("Update", in: .v2_1) == nil)
    }

    // MARK: Outline

    @Test func outlinesNeedNoStructure() throws {
        let formats = SDMXMLDataFormat.written
        for format in formats {
            let bytes = try convert(Sample.everything, Sample.structures, to: format)
            let outline = try format.outline(of: MemoryByteSource(bytes), limits: ReadLimits(), findings: FindingTally())
            #expect(outline.kind.hasPrefix("SDMX-ML \(format.version.rawValue) "))
            #expect(outline.header.id == "M1")
            let dataset = try #require(outline.datasets.first)
            #expect(outline.datasetCount == 1)
            #expect(dataset.reference == Sample.structure.reference)
            #expect(dataset.dimensionAtObservation == "TIME_PERIOD")
            #expect(dataset.action == (format.version == .v3_1 ? .merge : .append))
            #expect([dataset.seriesCount, dataset.groupCount, dataset.observationCount] == [3, 0, 3])
            #expect(Set(dataset.components).isSubset(of: Sample.structure.dimensions.map(\.id) + Sample.structure.attributes.map(\.id) + ["OBS_VALUE"]))
            #expect(dataset.components.contains("COMMENT") && dataset.components.contains("SOURCE"))
        }
        let groups = try SDMXMLDataFormat.structureSpecific.outline(of: MemoryByteSource(Sample.everything), limits: ReadLimits(), findings: FindingTally())
        #expect(groups.datasets.map(\.groupCount) == [2])
    }

    @Test func outlinesOfOlderMessages() throws {
        let bytes = Sample.message2_0("MessageGroup", OlderDataTests.generic() + OlderDataTests.generic())
        let outline = try SDMXMLDataFormat.generic2_0.outline(of: MemoryByteSource(bytes), limits: ReadLimits(), findings: FindingTally())
        #expect(outline.datasetCount == 2)
        #expect(outline.datasets.map(\.seriesCount) == [2, 2])
        #expect(outline.datasets.map(\.observationCount) == [2, 2])
        #expect(outline.datasets.map(\.groupCount) == [1, 1])
        #expect(outline.datasets[0].components == ["SOURCE", "AREA", "TITLE", "FREQ", "UNIT", "STATUS"])
    }
}
