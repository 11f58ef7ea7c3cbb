import Foundation
import SluiceKit
import SluiceKitTesting
import Testing

@testable import SluiceCore

/// The schema for editors, the description of the terms that it is made of, and the reader.
@Suite struct AgreementSchemaTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test func theCommittedSchemaIsCurrent() throws {
        let path = Self.root.appendingPathComponent("Config/agreement.schema.json")
        let current = AgreementSchema.json.prettyText + "\n"
        if ProcessInfo.processInfo.environment["RECORD"] != nil { try current.write(to: path, atomically: true, encoding: .utf8) }
        #expect(try String(contentsOf: path, encoding: .utf8) == current, "write it anew: RECORD=1, or sluice agreement schema > Config/agreement.schema.json")
    }

    // MARK: Texts made of the description

    /// A value of the shape, as JSON, which YAML holds.
    private static func example(_ shape: TermShape) -> JSONValue {
        switch shape {
        case .text(let pattern):
            let samples = ["x", "1.0", "AM.X", "AM.MOI:DF_X(1.0)", "2026-01-01", "2026-01-01T00:00:00Z", "P1Y", "https", "A"]
            let fitting = samples.first { sample in pattern.map { sample.range(of: $0, options: .regularExpression) != nil } ?? true }
            return .string(fitting ?? "x")
        case .integer(let range): return .integer(Int64(range.lowerBound))
        case .boolean: return .bool(true)
        case .choice(let words): return .string(words[0])
        case .list(let item), .oneOrMore(let item): return .array([example(item)])
        case .mapping(let terms): return .object(terms.filter(\.isRequired).map { JSONMember($0.key, example($0.shape)) })
        case .named(let value): return .object([JSONMember("X", example(value))])
        case .either(let shapes): return example(shapes[0])
        }
    }

    /// Every term with the way to it; `*` is a name that the agreement chooses, `-` an entry of a list.
    private static func paths(_ terms: [AgreementTerm], _ way: [String] = []) -> [(way: [String], term: AgreementTerm)] {
        terms.flatMap { term in [(way + [term.key], term)] + below(term.shape, way + [term.key]).map { ($0.way, $0.term) } }
    }

    private static func below(_ shape: TermShape, _ way: [String]) -> [(way: [String], term: AgreementTerm)] {
        switch shape {
        case .mapping(let terms): paths(terms, way)
        case .named(let value): below(value, way + ["*"])
        case .either(let shapes): shapes.flatMap { below($0, way) }
        case .list(let item): below(item, way + ["-"])
        case .oneOrMore(let item): below(item, way)
        case .text, .integer, .boolean, .choice: []
        }
    }

    /// The sample as JSON with every number and word a string, as the reader sees it.
    private static func sample() throws -> JSONValue { try AgreementDocument(yaml: PermitsSample.yaml, file: "").json }

    /// Puts a value at the end of the way, with what the description demands around it.
    private static func put(_ value: JSONValue, _ way: ArraySlice<String>, into old: JSONValue?, _ terms: [AgreementTerm]) -> JSONValue {
        guard let step = way.first else { return value }
        if step == "-" { return .array([put(value, way.dropFirst(), into: nil, terms)]) }
        if step == "*" {
            let name = old?.members?.first?.name ?? "X"
            var members = old?.members ?? []
            members.removeAll { $0.name == name }
            return .object(members + [JSONMember(name, put(value, way.dropFirst(), into: nil, terms))])
        }
        var members = old?.members ?? terms.filter(\.isRequired).map { JSONMember($0.key, example($0.shape)) }
        let before = members.first { $0.name == step }?.value
        members.removeAll { $0.name == step }
        let inner = terms.first { $0.key == step }.map { Self.terms(of: $0.shape) } ?? []
        return .object(members + [JSONMember(step, put(value, way.dropFirst(), into: before, inner))])
    }

    private static func terms(of shape: TermShape) -> [AgreementTerm] {
        switch shape {
        case .mapping(let terms): terms
        case .named(let value): terms(of: value)
        case .list(let item), .oneOrMore(let item): terms(of: item)
        case .either(let shapes): shapes.map(terms).first { !$0.isEmpty } ?? []
        case .text, .integer, .boolean, .choice: []
        }
    }

    private static func with(_ value: JSONValue, at way: [String]) throws -> JSONValue { put(value, way[...], into: try sample(), AgreementTerms.all) }

    private static func error(_ document: JSONValue) -> AgreementError? {
        do throws(AgreementError) {
            _ = try AgreementReader.read(document.prettyText)
            return nil
        } catch { return error }
    }

    /// A term that is described and not read would be taken and do nothing: an empty list, which no term may be, has to be refused at each.
    @Test func everyDescribedTermIsRead() throws {
        let all = Self.paths(AgreementTerms.all)
        #expect(all.count > 50, "\(all.count)")
        for (way, term) in all {
            let found = Self.error(try Self.with(.array([]), at: way))
            let isNamed = found.map { $0.detail.contains(term.key) || $0.detail.contains("receiver or receivers") } ?? false
            #expect(isNamed, "\(way.joined(separator: ".")): \(found?.description ?? "was read")")
        }
    }

    /// A key that nobody described is refused wherever a mapping of terms stands.
    @Test func noMappingTakesAnUnknownTerm() throws {
        for (way, term) in Self.paths(AgreementTerms.all) where !Self.terms(of: term.shape).isEmpty {
            let inner = Self.paths(Self.terms(of: term.shape)).map(\.way).first { $0.count == 1 } ?? []
            let place = Self.below(term.shape, way).first { $0.way.last == inner.last }?.way.dropLast() ?? way[...]
            let found = Self.error(try Self.with(.string("x"), at: Array(place) + ["zzzzzzzz"]))
            #expect(found?.code == .keyUnknown, "\(place.joined(separator: ".")): \(found?.description ?? "was read")")
        }
    }

    /// The commented example has every term of the first two levels, at least in a comment; what lies deeper it shows where the term is used.
    @Test func theExampleNamesEveryTerm() throws {
        let example = try String(contentsOf: Self.root.appendingPathComponent("Config/agreements/am-moi-armstat-permits.yaml"), encoding: .utf8)
        for (way, term) in Self.paths(AgreementTerms.all) where way.count <= 2 {
            let isNamed = example.contains("\(term.key):") || example.contains("#   \(term.key) ")
            #expect(isNamed, "\(way.joined(separator: ".")) does not stand in the example")
        }
    }

    // MARK: Against a validator of others

    /// The shipped agreements are valid; what the reader refuses for its shape the schema refuses; what the reader takes the schema takes.
    @Test(.enabled(if: PythonOracle.isThere)) func aValidatorOfOthersSaysTheSame() throws {
        var documents: [[String: Any]] = []
        func add(_ document: JSONValue, _ name: String, isGood: Bool) { documents.append(["name": name, "text": document.prettyText, "good": isGood]) }
        add(try Self.sample(), "sample", isGood: true)
        for (way, term) in Self.paths(AgreementTerms.all) {
            add(try Self.with(.array([]), at: way), "\(way.joined(separator: ".")): []", isGood: false)
            if case .integer(let range) = term.shape {
                add(try Self.with(.string("\(range.lowerBound - 1)"), at: way), "\(way.joined(separator: ".")): too small", isGood: false)
            }
            let good = try Self.with(Self.example(term.shape), at: way)
            if Self.error(good) == nil { add(good, "\(way.joined(separator: ".")): an example", isGood: true) }
        }
        for term in AgreementTerms.all where term.isRequired {
            let less = JSONValue.object((try Self.sample().members ?? []).filter { $0.name != term.key })
            add(less, "without \(term.key)", isGood: false)
        }
        add(try Self.with(.string("x"), at: ["protect", "minimunCell"]), "a typing error", isGood: false)
        add(try Self.with(.string("forbid"), at: ["effect"]), "a forbid with a grant", isGood: false)
        add(try Self.with(.string("all"), at: ["receiver"]), "a permit for all", isGood: false)
        add(try AgreementDocument(yaml: ScopeTermsTests.forbid, file: "").json, "a forbid", isGood: true)
        let goodCount = documents.count { $0["good"] as? Bool == true }
        #expect(goodCount > 20, "\(goodCount)")
        var files: [String: Data] = ["documents.json": try JSONSerialization.data(withJSONObject: documents)]
        files["schema.json"] = Data(AgreementSchema.json.prettyText.utf8)
        for (number, file) in AgreementReaderTests.samples.enumerated() { files["\(number)-\(file.lastPathComponent)"] = try Data(contentsOf: file) }
        let output = try PythonOracle.run(
            #"""
            import glob, json, re, yaml
            from jsonschema import Draft202012Validator

            class Core(yaml.SafeLoader):
                """YAML 1.2, core schema, as editors read it: no dates, and no words for true and false but these two."""
            Core.yaml_implicit_resolvers = {}
            Core.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), list("tf"))
            Core.add_implicit_resolver("tag:yaml.org,2002:int", re.compile("^[-+]?[0-9]+$"), list("-+0123456789"))
            Core.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"^[-+]?[0-9]+\.[0-9]+$"), list("-+0123456789"))

            schema = json.load(open("schema.json"))
            Draft202012Validator.check_schema(schema)
            validator = Draft202012Validator(schema)

            def typed(value):
                """What a text would be if it stood in YAML without quotes."""
                if isinstance(value, dict): return {key: typed(inner) for key, inner in value.items()}
                if isinstance(value, list): return [typed(inner) for inner in value]
                if isinstance(value, str): return yaml.load(value, Core) if re.match(r"^(true|false|-?[0-9]+)$", value) else value
                return value

            for document in json.load(open("documents.json")):
                errors = list(validator.iter_errors(typed(json.loads(document["text"]))))
                if bool(errors) == document["good"]:
                    print("DIFFERS", document["name"], errors[0].message if errors else "valid")
            count = 0
            for path in sorted(glob.glob("*.yaml")):
                count += 1
                for error in validator.iter_errors(yaml.load(open(path), Core)):
                    print("DIFFERS", path, list(error.path), error.message[:200])
            print("agreements", count)
            """#, files: files)
        #expect(!output.contains("DIFFERS"), "\(output)")
        #expect(output.contains("agreements \(AgreementReaderTests.samples.count)"))
    }

    @Test(.enabled(if: PythonOracle.isThere)) func theCanonicalFormIsThatOfOthers() throws {
        var files: [String: Data] = [:]
        let odd = PermitsSample.yaml.replacingOccurrences(
            of: "title: Residence permits", with: "title: \"Line\\nbreak \\t \\\\ \\\" \\u20ac \\U0001F600 \\x7f \\x01\"")
        let shipped = try AgreementReaderTests.samples.map { try String(contentsOf: $0, encoding: .utf8) }
        for (number, yaml) in ([PermitsSample.yaml, odd, ScopeTermsTests.forbid] + shipped).enumerated() {
            files["\(number).json"] = Data(try AgreementReader.read(yaml).canonicalBytes)
        }
        let output = try PythonOracle.run(
            """
            import glob, json, rfc8785
            for path in glob.glob("*.json"):
                data = open(path, "rb").read()
                assert rfc8785.dumps(json.loads(data)) == data, path
                print("same")
            """, files: files)
        #expect(output.split(separator: "\n").count == files.count)
    }
}
