internal import SluiceCore
internal import SluiceKit

/// What a folder of evidence says it holds: `evidence.json`. It is signed by nobody; what it says is believed as far as entries and packages bear it out.
struct EvidenceManifest: Equatable {
    static let version: Int64 = 1

    struct Exchange: Equatable {
        var id: String
        var sender: String
        /// Paths of its files, empty for what is not there.
        var package: String
        var receipt: String
        var approval: String
        /// Why there is no package.
        var absence: String
        var entries: [UInt64]

        var isErased: Bool { absence == "erased" }
    }

    /// A version of an agreement on which a decision rested.
    struct Agreement: Equatable {
        /// `ID VERSION`.
        var name: String
        /// SHA-256 (hex) of its canonical form.
        var sha256: String
        /// Empty where its text was not found.
        var file: String
    }

    /// What people said of an agreement.
    struct Statements: Equatable {
        var agreement: String
        var folder: String
        var entries: [UInt64]
    }

    var participant: String
    var software: String
    var madeAt: String
    var exchanges: [Exchange]
    var agreements: [Agreement]
    var statements: [Statements]

    /// Every entry, each once, in order.
    var entries: [UInt64] { Set(exchanges.flatMap(\.entries) + statements.flatMap(\.entries)).sorted() }

    var bytes: [UInt8] {
        func numbers(_ all: [UInt64]) -> JSONValue { .array(all.map { .integer(Int64($0)) }) }
        let value = JSONValue.object([
            JSONMember("evidence", .integer(Self.version)), JSONMember("participant", .string(participant)), JSONMember("software", .string(software)),
            JSONMember("madeAt", .string(madeAt)),
            JSONMember(
                "exchanges",
                .array(
                    exchanges.map { exchange in
                        .object([
                            JSONMember("exchange", .string(exchange.id)), JSONMember("sender", .string(exchange.sender)),
                            JSONMember("package", .string(exchange.package)), JSONMember("receipt", .string(exchange.receipt)),
                            JSONMember("approval", .string(exchange.approval)), JSONMember("absence", .string(exchange.absence)),
                            JSONMember("entries", numbers(exchange.entries)),
                        ])
                    })),
            JSONMember(
                "agreements",
                .array(
                    agreements.map {
                        .object([JSONMember("agreement", .string($0.name)), JSONMember("sha256", .string($0.sha256)), JSONMember("file", .string($0.file))])
                    })),
            JSONMember(
                "statements",
                .array(
                    statements.map {
                        .object([
                            JSONMember("agreement", .string($0.agreement)), JSONMember("folder", .string($0.folder)),
                            JSONMember("entries", numbers($0.entries)),
                        ])
                    })),
        ])
        return Array((value.prettyText + "\n").utf8)
    }

    struct Malformed: Error, CustomStringConvertible { let description: String }

    init(participant: String, software: String, madeAt: String, exchanges: [Exchange], agreements: [Agreement], statements: [Statements]) {
        self.participant = participant
        self.software = software
        self.madeAt = madeAt
        self.exchanges = exchanges
        self.agreements = agreements
        self.statements = statements
    }

    init(parsing bytes: [UInt8]) throws {
        let json: JSONValue
        do { json = try JSONValue(parsing: bytes) } catch { throw Malformed(description: "is no JSON: \(error.detail)") }
        guard json["evidence"]?.integer == Self.version else { throw Malformed(description: "says nothing of version \(Self.version) of this form") }
        func text(_ value: JSONValue, _ name: String) throws -> String {
            guard let text = value[name]?.text else { throw Malformed(description: "lacks the text \"\(name)\"") }
            return text
        }
        func list(_ name: String) throws -> [JSONValue] {
            guard let list = json[name]?.elements else { throw Malformed(description: "lacks the list \"\(name)\"") }
            return list
        }
        func numbers(_ value: JSONValue) throws -> [UInt64] {
            guard let list = value["entries"]?.elements else { throw Malformed(description: "lacks a list \"entries\"") }
            return try list.map { number in
                guard let number = number.integer, number >= 0 else { throw Malformed(description: "names an entry by something else than its place") }
                return UInt64(number)
            }
        }
        try self.init(
            participant: text(json, "participant"), software: text(json, "software"), madeAt: text(json, "madeAt"),
            exchanges: list("exchanges").map {
                try Exchange(
                    id: text($0, "exchange"), sender: text($0, "sender"), package: text($0, "package"), receipt: text($0, "receipt"),
                    approval: text($0, "approval"), absence: text($0, "absence"), entries: numbers($0))
            },
            agreements: list("agreements").map { try Agreement(name: text($0, "agreement"), sha256: text($0, "sha256"), file: text($0, "file")) },
            statements: list("statements").map { try Statements(agreement: text($0, "agreement"), folder: text($0, "folder"), entries: numbers($0)) })
        guard self.bytes == bytes else { throw Malformed(description: "is not written as it is when evidence is exported: it was changed by hand") }
    }
}

/// Names of the files in a folder of evidence.
enum EvidenceLayout {
    static let manifest = "evidence.json"
    static let sums = "SHA256SUMS"
    static let readme = "README.txt"
    static let page = "index.html"
    static let checkpoint = "checkpoint"
    static let key = "ledger.vkey"
    static let authority = "certificates/authority.pem"
    static let sealing = "certificates/sealing.pem"

    /// Most files in a folder: each entry has two.
    static let filesMax = 60_000
    /// Largest file that is held in memory: a manifest, a page, a list of sums.
    static let smallFileBytesMax = 64 << 20

    static func entry(_ index: UInt64) -> String { "entries/\(ProofFiles.stem(index)).json" }
    static func proof(_ index: UInt64) -> String { "entries/\(ProofFiles.stem(index)).tlog-proof" }

    /// Part of a path made of an id that others chose.
    static func part(_ text: String) -> String {
        let safe = text.utf8.prefix(100).map { byte -> UInt8 in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): byte
            case UInt8(ascii: "."): byte
            default: UInt8(ascii: "_")
            }
        }
        let name = String(decoding: safe, as: UTF8.self)
        // No name of dots alone, and none that Windows would cut.
        return name.isEmpty || name.hasPrefix(".") || name.hasSuffix(".") ? "_" + name + "_" : name
    }
}
