import Foundation
import SluiceKitTesting
import Testing

/// The flows of `Config/flows`: each folder is whole, and what it describes happens, between real processes. A folder that is added is tried without a line here.
@Suite struct FlowsTests {
    /// Begins whatever would name a person in the made-up records (`generate.py`). Keys and sealed bytes are looked through as well: in base64 three letters
    /// turn up by chance, and the points of this mark never do.
    static let mark = "MADE.UP."
    static let sampleBytesMax = 60_000

    @Test func thereAreThirteenFlowsAndThePageListsThem() throws {
        let page = try String(contentsOfFile: Flow.root + "/README.md", encoding: .utf8)
        #expect(Flow.all.count >= 13)
        for flow in Flow.all { #expect(page.contains("(\(flow.name)/README.md)"), "\(flow.name) is not in Config/flows/README.md") }
    }

    @Test(arguments: Flow.all) func theFolderIsWhole(_ flow: Flow) throws {
        let files = flow.files
        #expect(files.contains("README.md") && files.contains("structure.xml"))
        #expect(!flow.agreements.isEmpty)
        #expect(flow.nodes.contains { !$0.feeds.isEmpty } && flow.nodes.contains { $0.feeds.isEmpty }, "a giver's and a receiver's node")
        let samples = files.filter { $0.hasSuffix(".csv") } + (files.contains("sample") ? ["sample"] : [])
        #expect(!samples.isEmpty)
        for sample in samples where sample.hasSuffix(".csv") { #expect(flow.text(sample).utf8.count <= Self.sampleBytesMax, "\(sample)") }
        let used = Set(flow.nodes.flatMap(\.agreements))
        for agreement in flow.agreements where !used.contains(agreement.file) {
            #expect(flow.text("README.md").contains(agreement.file), "\(agreement.file) is used by no node, and the page does not say why")
        }
    }

    @Test(arguments: Flow.all) func itsAgreementsNameNothingThatCanNeverBeMet(_ flow: Flow) throws {
        for agreement in flow.agreements {
            let run = try Sluice.run(["agreement", "check", "\(flow.folder)/\(agreement.file)", "--structure", flow.folder])
            #expect(run.status == 0 && run.output.contains("nothing found"), "\(agreement.file): \(run.output)\(run.errors)")
        }
    }

    @Test(arguments: Flow.all) func eachAgreementHasCasesAndKeepsToThem(_ flow: Flow) throws {
        for agreement in flow.agreements {
            let run = try Sluice.run(["agreement", "test", "\(flow.folder)/\(agreement.file)"])
            #expect(run.status == 0 && run.output.contains("all as expected"), "\(agreement.file): \(run.output)\(run.errors)")
        }
    }

    /// In, checked, protected, sealed, delivered, receipted; and then a look at what arrived.
    @Test(arguments: Flow.all) func whatArrivesIsWhatWasAgreed(_ flow: Flow) throws {
        let trip = try FlowTrip(flow)
        #expect(!trip.exchanges.isEmpty)
        var accepted = 0
        for exchange in trip.exchanges {
            let agreement = try trip.agreement(of: exchange.feed)
            if agreement.forbids {
                #expect(exchange.status == 1 && exchange.words.contains("[agreement.forbids]"), "\(exchange.feed.id): \(exchange.words)")
            } else {
                #expect(exchange.status == 0 && exchange.words.contains("receipted"), "\(exchange.feed.id): \(exchange.words)")
                accepted += 1
            }
        }
        let received = try trip.received()
        #expect(received.count == accepted)
        var untried: [String] = []
        for dataset in received {
            #expect(!dataset.rows.isEmpty)
            let exchange = try #require(trip.exchanges.first { dataset.name.contains($0.id) }, "\(dataset.name) is of no exchange")
            #expect(exchange.feed.to == dataset.receiver)
            let agreement = try trip.agreement(of: exchange.feed)
            try look(at: dataset, under: agreement)
            if agreement.kAnonymity == nil { try compare(dataset, with: try trip.unprotected(exchange.feed, under: agreement)) }
            if agreement.minimumCell != nil, !dataset.rows.contains(where: { $0["OBS_STATUS"] == "Q" }) { untried.append(dataset.receiver) }
        }
        // Eurostat gets totals by decision and type of return alone, and the sample has none that is small.
        #expect(untried == (flow.name == "readmission" ? ["EU.ESTAT"] : []), "nothing was withheld from \(untried)")
        try nothingOfARecordLeft(trip, packages: accepted)
    }

    /// What is not withheld is what `sluice map` or `sluice tabulate` makes of the sample, figure by figure: nothing changed on the way. What they make of it is
    /// held against sqlite3 by `TabulationTests`.
    private func compare(_ dataset: FlowTrip.Received, with sample: [[String: String]]) throws {
        func key(_ row: [String: String]) -> [String] { dataset.dimensions.map { row[$0] ?? "" } }
        #expect(dataset.dimensions.contains("TIME_PERIOD"))
        let figures = Dictionary(sample.map { (key($0), $0["OBS_VALUE"] ?? "") }, uniquingKeysWith: { first, _ in first })
        #expect(figures.count == sample.count)
        var compared = 0
        for row in dataset.rows where row["OBS_STATUS"] != "Q" {
            let (published, own) = (row["OBS_VALUE"] ?? "", try #require(figures[key(row)], "\(key(row)) is not in the sample"))
            #expect(published == own || (Decimal(string: published) != nil && Decimal(string: published) == Decimal(string: own)), "\(key(row))")
            compared += 1
        }
        #expect(compared > 0, "\(dataset.receiver) got no figure")
    }

    private func look(at dataset: FlowTrip.Received, under agreement: Flow.Agreement) throws {
        for row in dataset.rows {
            for component in agreement.hidden { #expect((row[component] ?? "").isEmpty, "\(component) travelled to \(dataset.receiver)") }
            if agreement.isNumbered { #expect(Int(row[Flow.Agreement.record] ?? "") != nil, "the register's own number of a record travelled") }
            guard let least = agreement.minimumCell else { continue }
            let value = row["OBS_VALUE"] ?? ""
            if row["OBS_STATUS"] == "Q" {
                #expect(value.isEmpty, "a withheld cell has a value")
            } else if agreement.isCount {
                let count = try #require(Int(value), "not a count")
                #expect(count == 0 || count >= least, "a cell below \(least) reached \(dataset.receiver)")
            }
        }
        guard let k = agreement.kAnonymity else { return }
        let classes = Dictionary(grouping: dataset.rows) { row in agreement.quasiIdentifiers.map { row[$0] ?? "" } }
        for (_, members) in classes { #expect(members.count >= k, "\(members.count) records look alike, and \(k) have to") }
    }

    /// The mark stands in every record of the sample, in no file that left, and in nothing that the receivers keep.
    private func nothingOfARecordLeft(_ trip: FlowTrip, packages count: Int) throws {
        if trip.flow.isOfRecords {
            let sample = try Data(contentsOf: URL(fileURLWithPath: trip.flow.folder + "/sample.csv"))
            let records = sample.split(separator: UInt8(ascii: "\n")).dropFirst()
            #expect(!records.isEmpty && records.allSatisfy { $0.range(of: Data(Self.mark.utf8)) != nil }, "a record of the sample bears no mark")
        }
        let packages = try trip.packages()
        #expect(packages.count >= 2 * count, "packages and receipts of \(count) exchanges")
        for (name, bytes) in packages { #expect(bytes.range(of: Data(Self.mark.utf8)) == nil, "\(name) holds something of a record") }
        for node in trip.flow.nodes where node.feeds.isEmpty {
            let data = trip.root.file(node.id)
            for file in FileManager.default.enumerator(atPath: data)?.compactMap({ $0 as? String }) ?? []
            where !file.hasPrefix("flows/") && !FileManager.default.isFolder("\(data)/\(file)") {
                let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(data)/\(file)"))
                #expect(bytes.range(of: Data(Self.mark.utf8)) == nil, "\(node.id) keeps something of a record in \(file)")
            }
        }
    }

    @Test func anEmbargoHoldsPublishedFiguresBack() throws {
        let trip = try FlowTrip(Flow("sdg-reporting-am")) { $0.replacing(#/# embargo: .*/#, with: "embargo: 2999-06-30T08:00:00Z") }
        #expect(trip.exchanges.count == 3 && trip.exchanges.allSatisfy { $0.status == 1 && $0.words.contains("embargo") }, "\(trip.exchanges.map(\.words))")
        #expect(try trip.received().isEmpty)
    }

    /// By the definitions, on the sample itself: few contributors, one who dominates, or one whom the second can estimate.
    @Test func aSumThatOneContributorDominatesIsWithheld() throws {
        let flow = Flow("labour-market-am")
        let folder = try TemporaryFolder("sluice-labour")
        try Sluice.succeed([
            "map", flow.folder + "/sample.csv", folder.file("table.csv"), "--mapping", flow.folder + "/mapping.yaml", "--structure",
            flow.folder + "/structure.xml",
        ])
        let received = try #require(try FlowTrip(flow).received().first).rows
        func key(_ row: [String: String]) -> [String] { ["INDICATOR", "REF_AREA", "ACTIVITY", "SEX", "TIME_PERIOD"].map { row[$0] ?? "" } }
        let withheld = Set(received.filter { $0["OBS_STATUS"] == "Q" }.map(key))
        var unsafe: (few: Int, dominated: Int, estimated: Int) = (0, 0, 0)
        for row in CSVText.rows(try String(contentsOfFile: folder.file("table.csv"), encoding: .utf8)) {
            func number(_ component: String) throws -> Double { try #require(Double(row[component] ?? "")) }
            let (sum, largest, second) = try (number("OBS_VALUE"), number("LARGEST"), number("SECOND"))
            let (isFew, isDominated, isEstimated) = (try number("CONTRIBUTORS") < 3, largest > 0.75 * sum, sum - largest - second < 0.15 * largest)
            guard isFew || isDominated || isEstimated else { continue }
            #expect(withheld.contains(key(row)), "\(key(row)) is unsafe and travelled")
            if isFew { unsafe.few += 1 } else if isDominated { unsafe.dominated += 1 } else { unsafe.estimated += 1 }
        }
        #expect(unsafe.few > 0 && unsafe.dominated > 0 && unsafe.estimated > 0, "the sample tries each rule by itself")
    }

    /// One node can take part in every flow: no two structure messages say different things of one artefact.
    @Test func theirStructuresGoTogether() throws {
        let flow = try #require(Flow.all.first { !$0.isOfRecords })
        let node = try #require(flow.nodes.first { !$0.feeds.isEmpty })
        let folder = try TemporaryFolder("sluice-flows")
        try Sluice.succeed(["init", folder.file("node"), "--id", node.id, "--authority", folder.file("authority")])
        try FileManager.default.copyItem(atPath: Flow.root, toPath: folder.file("node/flows"))
        let yaml = node.text.replacing(#/structures:(\n  - .*)+/#, with: "structures: [flows]")
        #expect(yaml.contains("structures: [flows]"))
        try Data(yaml.utf8).write(to: URL(fileURLWithPath: folder.file("node/node.yaml")))
        try Sluice.succeed(["config", "check", folder.file("node/node.yaml")])
    }

    @Test(.enabled(if: Tools.python != nil, "python3 is absent")) func theGeneratorWritesTheSameBytesAgain() throws {
        let (python, program) = (try #require(Tools.python), Flow.root + "/generate.py")
        /// The bytes of a sample by file, which is one file or a folder of them.
        func bytes(_ path: String) throws -> [String: Data] {
            guard FileManager.default.isFolder(path) else { return ["": try Data(contentsOf: URL(fileURLWithPath: path))] }
            let names = try FileManager.default.contentsOfDirectory(atPath: path)
            return Dictionary(uniqueKeysWithValues: try names.map { ($0, try Data(contentsOf: URL(fileURLWithPath: "\(path)/\($0)"))) })
        }
        var untold: [String] = []
        for flow in Flow.all {
            guard let name = ["sample.csv", "sample"].first(where: flow.files.contains) else {
                untold.append(flow.name)
                continue
            }
            let folder = try TemporaryFolder("sluice-generated")
            for (file, more) in [("same", []), ("other", ["--seed", "2"]), ("large", ["--size", "3000"])] {
                let run = try Run.run(python, [program, flow.name, "--out", folder.file(file)] + more)
                #expect(run.status == 0, "\(flow.name): \(run.errors)")
            }
            let sample = try bytes("\(flow.folder)/\(name)")
            #expect(try bytes(folder.file("same")) == sample, "\(flow.name): the sample is not what the generator writes")
            func size(_ files: [String: Data]) -> Int { files.values.reduce(0) { $0 + $1.count } }
            #expect(try bytes(folder.file("other")) != sample && size(bytes(folder.file("large"))) > size(sample), "\(flow.name)")
        }
        // Its figures are published ones.
        #expect(untold == ["sdg-reporting-am"])
    }
}

/// The structure messages of the flows, by tools of others.
@Suite struct FlowStructuresTests {
    @Test(.enabled(if: Corpus.isPresent && Tools.xmllint != nil, "the corpus (SLUICE_CORPUS) or xmllint is absent"), arguments: Flow.all)
    func theyAreValidByTheOfficialSchemas(_ flow: Flow) throws {
        let (suite, xmllint) = (StructureSchemasTests(), try #require(Tools.xmllint))
        let schemas = try suite.schemas()
        let run = try Run.run(xmllint, ["--noout", "--nonet", "--huge", "--schema", schemas.file("SDMXMessage.xsd")] + flow.structureMessages)
        #expect(run.status == 0, "\(run.errors.prefix(1_000))")
    }

    @Test(.enabled(if: Tools.sdmx1 && Tools.pysdmx, "sdmx1 or pysdmx is absent")) func twoLibrariesReadThem() throws {
        let paths = Flow.all.flatMap(\.structureMessages)
        let counted = try Tools.python(
            """
            import sys, sdmx
            from pysdmx.io import read_sdmx
            for path in sys.argv[1:]:
                one, other = sdmx.read_sdmx(path), read_sdmx(path, validate=True)
                assert len(one.structure) == 1 and one.codelist, path
                assert len(other.structures) >= 1 + len(one.codelist), path
                print(path)
            """, paths)
        #expect(counted.split(separator: "\n").count == paths.count)
    }

    /// A dimension adds up by the parents of its code list and one code at the top, or it is one that nobody sums.
    @Test(.enabled(if: Tools.python != nil, "python3 is absent")) func everyDimensionThatIsSummedHasATotal() throws {
        let unsummed = "FREQ DIRECTION MOVEMENT INDICATOR REPORTING REPORTING_TYPE SERIES"
        let paths = Flow.all.filter { $0.name != "sdg-reporting-am" }.map { $0.folder + "/structure.xml" }
        try Tools.python(
            """
            import sys, xml.etree.ElementTree as ET
            S = "{http://www.sdmx.org/resources/sdmxml/schemas/v2_1/structure}"
            for path in sys.argv[2:]:
                root = ET.parse(path).getroot()
                tops = {l.get("id"): [c.get("id") for c in l.findall(S + "Code") if c.find(S + "Parent") is None] for l in root.iter(S + "Codelist")}
                for dimension in root.iter(S + "Dimension"):
                    enumeration = dimension.find(S + "LocalRepresentation/" + S + "Enumeration/Ref")
                    if dimension.get("id") in sys.argv[1].split() or enumeration is None:
                        continue
                    assert len(tops[enumeration.get("id")]) == 1, (path, dimension.get("id"), tops[enumeration.get("id")])
            """, [unsummed] + paths)
    }
}
