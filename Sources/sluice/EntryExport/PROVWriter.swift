internal import SluiceCore
internal import SluiceKit
internal import SluiceLedger
internal import SluiceNode

/// W3C PROV as PROV-JSON: each entry an activity, the participants agents, and what has a digest (payloads, packages, receipts, agreements) entities.
///
/// PROV-JSON groups records by kind, so each kind is written to a file of its own and all are put together at the end. Kept in memory are the digests seen, 32 bytes
/// each, because an entity is told once.
struct PROVWriter: EntryWriter {
    /// Most different digests in one document.
    static let entitiesMax = 2_000_000

    let out: ByteWriter
    private let scratch: String
    private var parts: [String: ByteWriter] = [:]
    private var isBegun: Set<String> = []
    private var entities: Set<SHA256Digest> = []
    private var agents: Set<String> = []
    private var relations = 0

    private static let kinds = ["entity", "activity", "agent", "wasGeneratedBy", "used", "wasAssociatedWith", "wasAttributedTo"]
    /// The namespace of what has no name elsewhere.
    private static let namespace = "urn:sluice:"

    /// - Parameter scratch: an empty folder; the caller removes it.
    init(_ out: ByteWriter, scratch: String) throws {
        self.out = out
        self.scratch = scratch
        for kind in Self.kinds { parts[kind] = ByteWriter(try FileByteSink(path: "\(scratch)/\(kind)")) }
    }

    mutating func begin() throws {}

    /// Which digests of an entry were used, and which came into being by what it tells.
    private static let used: [(member: String, what: String, kinds: Set<LedgerEvent.Kind>)] = [
        ("agreementSHA256", "agreement", [.agreementDecided, .agreementChanged]),
        ("payloadSHA256", "payload", [.datasetRead, .packageVerified, .datasetStored]), ("manifestSHA256", "package", [.packageVerified]),
        ("packageSHA256", "package", [.packageReceived]), ("receiptManifestSHA256", "receipt", [.receiptVerified, .receiptConflicting]),
        ("answers", "package", [.receiptVerified, .receiptIssued]),
    ]
    private static let generated: [(member: String, what: String, kinds: Set<LedgerEvent.Kind>)] = [
        ("payloadSHA256", "payload", [.datasetWritten]), ("manifestSHA256", "package", [.packageSealed]),
        ("receiptManifestSHA256", "receipt", [.receiptIssued]), ("statement", "statement", [.agreementChanged, .participantChanged]),
    ]

    mutating func write(_ index: Int64, _ bytes: [UInt8], _ entry: LedgerEntry) throws {
        let view = EntryView(entry)
        let activity = "sluice:entry:\(entry.id)"
        var members = [
            JSONMember("prov:startTime", .string(entry.time)), JSONMember("prov:endTime", .string(entry.time)),
            JSONMember("prov:type", Self.name("sluice:\(entry.type)")), JSONMember("sluice:index", .integer(index)),
            JSONMember("sluice:subject", .string(entry.subject)),
        ]
        for name in ["outcome", "reasonCode", "dataflow", "agreement", "purpose"] where !view.text(name).isEmpty {
            members.append(JSONMember("sluice:\(name)", .string(view.text(name))))
        }
        try add("activity", activity, .object(members))
        let actor = try agent(view.text("actor"))
        if let actor { try relate("wasAssociatedWith", ["prov:activity": .string(activity), "prov:agent": .string(actor)]) }
        if !view.counterpart.isEmpty { _ = try agent(view.counterpart) }
        guard let kind = LedgerEvent.Kind(rawValue: entry.type) else { return }
        for rule in Self.used where rule.kinds.contains(kind) {
            guard let entity = try entity(view.text(rule.member), rule.what) else { continue }
            try relate("used", ["prov:activity": .string(activity), "prov:entity": .string(entity.name)])
        }
        for rule in Self.generated where rule.kinds.contains(kind) {
            guard let entity = try entity(view.text(rule.member), rule.what) else { continue }
            try relate("wasGeneratedBy", ["prov:entity": .string(entity.name), "prov:activity": .string(activity), "prov:time": .string(entry.time)])
            if let actor, entity.isNew { try relate("wasAttributedTo", ["prov:entity": .string(entity.name), "prov:agent": .string(actor)]) }
        }
    }

    mutating func end() throws {
        try out.write(text: "{\"prefix\":" + JSONValue.object([JSONMember("sluice", .string(Self.namespace))]).compactText)
        for kind in Self.kinds where isBegun.contains(kind) {
            try parts[kind]?.write("}")
            try parts[kind]?.flush()
            try out.write(text: ",\"\(kind)\":")
            let source = try FileByteSource(path: "\(scratch)/\(kind)")
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
            defer { buffer.deallocate() }
            while true {
                let count = try source.read(into: buffer)
                if count == 0 { break }
                try out.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
        }
        try out.write("}\n")
        try out.flush()
    }

    // MARK: Records

    private static func name(_ text: String) -> JSONValue { ["$": .string(text), "type": "prov:QUALIFIED_NAME"] }

    private mutating func add(_ kind: String, _ id: String, _ value: JSONValue) throws {
        let start = isBegun.insert(kind).inserted ? "{" : ","
        try parts[kind]?.write(text: start + JSONValue.string(id).compactText + ":" + value.compactText)
    }

    private mutating func relate(_ kind: String, _ value: JSONValue) throws {
        relations += 1
        try add(kind, "_:r\(relations)", value)
    }

    private mutating func agent(_ participant: String) throws -> String? {
        guard !participant.isEmpty else { return nil }
        let id = "sluice:participant:\(participant)"
        guard agents.insert(participant).inserted else { return id }
        try add("agent", id, ["prov:type": Self.name("prov:Organization"), "prov:label": .string(participant)])
        return id
    }

    private mutating func entity(_ hex: String, _ kind: String) throws -> (name: String, isNew: Bool)? {
        guard let digest = SHA256Digest(hex: hex) else { return nil }
        let id = "sluice:sha256:\(hex)"
        guard entities.insert(digest).inserted else { return (id, false) }
        guard entities.count <= Self.entitiesMax else {
            throw Outcome.unusable("the entries tell of more than \(Self.entitiesMax) packages and payloads; export fewer with --since and --until")
        }
        try add("entity", id, ["prov:type": Self.name("sluice:\(kind)"), "sluice:sha256": .string(hex)])
        return (id, true)
    }
}
