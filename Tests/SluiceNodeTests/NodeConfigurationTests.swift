import SluiceCore
import SluiceKit
import SluiceNode
import SluiceYAML
import Testing

@Suite struct NodeConfigurationTests {
    static let minimal = """
        node: {id: AM.ARMSTAT}
        keys:
          sealingKey: keys/sealing.key.pem
          sealingCertificate: keys/sealing.cert.pem
          tlsKey: keys/tls.key.pem
          tlsCertificate: keys/tls.cert.pem
          authority: keys/ca.pem
          ledgerKey: keys/ledger.key
          storageKey: keys/storage.key
        """

    static func problem(_ yaml: String) -> YAMLProblem? {
        do {
            _ = try NodeConfiguration(yaml: yaml, file: "dir/node.yaml")
            return nil
        } catch {
            return error
        }
    }

    @Test func theCommentedExampleNamesOnlyKnownKeys() throws {
        let path = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let configuration = try NodeConfiguration(file: "/" + path + "/Config/node.yaml")
        #expect(configuration.participant.rawValue == "AM.ARMSTAT")
        #expect(configuration.feeds.map(\.id) == ["sdg-10-7-4"])
        #expect(configuration.routes.count == 2)
        // The example shows the defaults: written out they must be the defaults.
        let bare = try NodeConfiguration(yaml: Self.minimal, file: "node.yaml")
        #expect(configuration.limits == bare.limits)
        #expect(configuration.delivery == bare.delivery)
    }

    @Test func witnessesAreNamedWithTheirPlaceAndKey() throws {
        let partners = "\npartners: [{id: A, endpoint: \"https://a:1\", ledgerKey: a.vkey}]"
        func witnesses(_ text: String) -> String { Self.minimal + partners + "\nledger: {witnesses: \(text)}" }
        let good = try NodeConfiguration(
            yaml: witnesses("[{participant: A, key: a/w.vkey}, {url: \"https://w.example.org/x/\", key: name+id+key}], quorum: 2"), file: "dir/node.yaml")
        #expect(good.witnesses.map(\.place) == [.participant(ParticipantID("A")!), .url("https://w.example.org/x")])
        #expect(good.witnesses.map(\.key.path) == ["dir/a/w.vkey", "dir/name+id+key"] && good.witnessQuorum == 2)
        #expect(good.partners[0].ledgerKey == .init(text: "a.vkey", path: "dir/a.vkey"))
        for (yaml, words) in [
            (witnesses("[{key: k}]"), "exactly one of"), (witnesses("[{participant: A, url: \"https://x\", key: k}]"), "exactly one of"),
            (witnesses("[{participant: A}]"), "key"), (witnesses("[{participant: AM.ARMSTAT, key: k}]"), "this node itself"),
            (witnesses("[{url: \"ftp://x\", key: k}]"), "submission prefix"),
            (witnesses("[{participant: A, key: k}, {participant: A, key: l}]"), "stands twice"),
            (witnesses("[{participant: A, key: k}], quorum: 2"), "1"), (witnesses("[{participant: A, key: k}], quorum: 0"), "1"),
            (witnesses("[], quorum: 1"), "none is named"),
            (witnesses("[\((0..<17).map { "{url: \"https://w\($0)\", key: k}" }.joined(separator: ", "))]"), "more than 16"),
        ] {
            let problem = Self.problem(yaml)
            #expect(problem?.detail.contains(words) == true, "\(yaml.suffix(120)): \(problem.map { "\($0)" } ?? "taken")")
        }
    }

    @Test func pathsAreRelativeToTheFile() throws {
        let configuration = try NodeConfiguration(yaml: Self.minimal, file: "dir/node.yaml")
        #expect(configuration.keys.authority == "dir/keys/ca.pem")
        #expect(configuration.dataDirectory == "dir/data")
        let carried = try NodeConfiguration(
            yaml: Self.minimal + "\npartners: [{id: A, endpoint: \"folder:x/\"}, {id: B, endpoint: \"folder:/srv/b\"}]", file: "dir/node.yaml")
        #expect(carried.partners.map(\.endpoint) == ["folder:dir/x", "folder:/srv/b"])
        #expect(carried.carriedDirectory == "dir/carried")
        for (path, expected) in [("usb", "dir/usb"), ("/mnt/sftp", "/mnt/sftp")] {
            let named = try NodeConfiguration(yaml: Self.minimal + "\ndelivery: {folder: {path: \(path)}}", file: "dir/node.yaml")
            #expect(named.carriedDirectory == expected)
        }
    }

    @Test func saysWhoHasToSignInAtTheConsole() throws {
        func console(_ text: String, directory: Bool = true) throws(YAMLProblem) -> NodeConfiguration.Console {
            let yaml = Self.minimal.replacing("node: {id: AM.ARMSTAT}", with: "node: {id: AM.ARMSTAT, console: {\(text)}}")
            return try NodeConfiguration(yaml: yaml + (directory ? "\ndirectory: directory" : ""), file: "dir/node.yaml").console
        }
        let bare = try console("port: 9000")
        #expect(bare.host == "127.0.0.1" && bare.port == 9_000 && bare.signIn == nil && bare.address == nil)
        #expect(try console("signIn: required").signIn == .required)
        #expect(try console("signIn: off", directory: false).signIn == .off)
        #expect(try console("address: \"https://sluice.example.org:8443\"").address == "https://sluice.example.org:8443")
        #expect(throws: YAMLProblem.self) { try console("signIn: required", directory: false) }
        for wrong in [
            "signIn: maybe", "signIn: on", "address: \"http://sluice.example.org\"", "address: \"https://\"", "address: \"https://a/b\"",
            "address: \"https://a@b\"",
        ] {
            #expect(throws: YAMLProblem.self, "\(wrong)") { try console(wrong) }
        }
        let days = try NodeConfiguration(yaml: Self.minimal + "\nretention: {lookDays: 30}", file: "dir/node.yaml").retention
        #expect(days.lookDays == 30 && days.pollSeconds == 600)
        #expect(throws: YAMLProblem.self) { try NodeConfiguration(yaml: Self.minimal + "\nretention: {lookDays: 0}", file: "dir/node.yaml") }
    }

    @Test func withoutTLSKeysNothingGoesOverHTTPS() throws {
        let bare = Self.minimal.replacing("  tlsKey: keys/tls.key.pem\n  tlsCertificate: keys/tls.cert.pem\n", with: "")
        func configuration(_ yaml: String) throws(YAMLProblem) -> NodeConfiguration { try NodeConfiguration(yaml: yaml, file: "dir/node.yaml") }
        let carried = try configuration(bare + "\npartners: [{id: A, endpoint: \"folder:x\"}]")
        #expect(carried.exchange == nil && carried.keys.tlsKey == nil && carried.keys.tlsCertificate == nil)
        #expect(try configuration(Self.minimal).exchange?.port == 8443)
        let silent = Self.minimal.replacing("id: AM.ARMSTAT", with: "id: AM.ARMSTAT, exchange: none")
        #expect(try configuration(silent + "\npartners: [{id: A, endpoint: \"https://x\"}]").exchange == nil)
        for (yaml, words) in [
            (bare.replacing("id: AM.ARMSTAT", with: "id: AM.ARMSTAT, exchange: {port: 1}"), "the exchange endpoint needs tlsKey"),
            (bare + "\npartners: [{id: A, endpoint: \"https://x\"}]", "which needs tlsKey and tlsCertificate"),
            (bare + "\npartners: [{id: A}]", "give it a folder: endpoint"), (silent + "\npartners: [{id: A}]", "give it a folder: endpoint"),
            (Self.minimal.replacing("  tlsKey: keys/tls.key.pem\n", with: ""), "belong together"),
        ] {
            #expect(Self.problem(yaml)?.detail.contains(words) == true, "\(words): \(Self.problem(yaml)?.detail ?? "accepted")")
        }
    }

    @Test(arguments: [("off", NodeConfiguration.HopSigning.off), ("sent", .sent), ("required", .required)])
    func hopSignaturesAreOneOfThreeWords(_ word: String, _ mode: NodeConfiguration.HopSigning) throws {
        let yaml = { (word: String) in Self.minimal.replacing("{id: AM.ARMSTAT}", with: "{id: AM.ARMSTAT, hopSignatures: \(word)}") }
        #expect(try NodeConfiguration(yaml: yaml(word), file: "node.yaml").hopSignatures == mode)
        #expect(try NodeConfiguration(yaml: Self.minimal, file: "node.yaml").hopSignatures == .off)
        for wrong in [word.uppercased(), "true", "[\(word)]", "''"] {
            #expect(Self.problem(yaml(wrong)) != nil, "\(wrong) was taken")
        }
        #expect(Self.problem(yaml("require"))?.detail.contains("off, sent or required") == true)
    }

    @Test func anUnknownKeyNamesItsLineAndTheNearestKnownOne() throws {
        let problem = try #require(Self.problem(Self.minimal + "\npartnres: []\n"))
        #expect(problem.line == 10)
        #expect(problem.detail.contains("\"partnres\"") && problem.detail.contains("\"partners\""))
    }

    @Test(arguments: [
        ("feeds: 3", "list"), ("partners: [{id: \"a b\"}]", "participant id"), ("partners: [{id: A, endpoint: \"http://x\"}]", "https://"),
        ("partners: [{id: A, endpoint: \"folder:\"}]", "folder: and a path"), ("delivery: {folder: {pollSeconds: 1}}", "unknown key"),
        ("partners: [{id: A, endpoint: \"folder:x\"}, {id: B, endpoint: \"folder:x/\"}]", "A has the same folders"),
        ("checks: {code.unknwon: off}", "did you mean \"code.unknown\"?"), ("checks: {row.too-many-cells: off}", "protects"), ("constraints: 1", "list"),
        ("routes: [{id: r, on: x}]", "exactly one"), ("limits: {depthMax: 1}", "whole number"),
        ("limits: {columnsMax: 1}", "16"), ("node: {id: X}", "twice"),
        ("feeds: [{id: f, schedule: '* * * * *', source: {file: a}, to: B, flow: 'A:F(1.0)', purpose: p}]", "not among the partners"),
    ])
    func refusesWhatCannotBeMeant(_ line: String, _ words: String) throws {
        let problem = try #require(Self.problem(Self.minimal + "\n" + line + "\n"), "\(line) was taken")
        #expect(problem.detail.contains(words), "\(problem)")
    }

    /// Messages of readers say "raise columnsMax": it has to be a key.
    @Test func takesEveryLimitOfReading() throws {
        let names = [
            "valueBytesMax", "rowBytesMax", "depthMax", "columnsMax", "dictionaryEntriesMax", "dictionaryBytesMax", "groupBytesMax", "messageBytesMax",
            "structureBytesMax",
        ]
        #expect(Mirror(reflecting: ReadLimits()).children.compactMap(\.label).sorted() == names.sorted(), "a limit without a key, or a key without a limit")
        for name in names {
            let yaml = Self.minimal + "\nlimits: {\(name): \(name.contains("Bytes") ? 16_777_216 : 1024)}\n"
            let given = try NodeConfiguration(yaml: yaml, file: "node.yaml")
            #expect(given.limits.read != ReadLimits(), "\(name) changes nothing")
        }
    }

    @Test func refusesAnAliasBomb() throws {
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 { bomb += "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ") + "]\n" }
        let problem = try #require(Self.problem(bomb))
        #expect(!problem.detail.isEmpty)
    }

    @Test func refusesAMissingKeyByName() throws {
        let problem = try #require(Self.problem("node: {id: X}\nkeys: {sealingKey: a}\n"))
        #expect(problem.detail.contains("sealingCertificate"))
    }
}
