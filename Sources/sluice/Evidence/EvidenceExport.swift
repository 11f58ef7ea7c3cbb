internal import SluiceCore
internal import SluiceKit
internal import SluiceLedger
internal import SluiceNode

/// Writes a folder of evidence about exchanges of a node: what an auditor checks elsewhere, without this node and without a network.
struct EvidenceExport {
    /// Most exchanges in one folder.
    static let exchangesMax = 2_000

    private let node: Node
    private let folder: String
    private let madeAt: Instant
    private let prover: LedgerProver
    private let key: VerifierKey
    private var entries: [UInt64: [UInt8]] = [:]

    /// - Parameter folder: is there, and empty.
    static func write(_ records: [ExchangeRecord], of node: Node, into folder: String, at time: Instant) async throws -> EvidenceManifest {
        let key = node.ledger.verifier
        // What was committed a moment ago may not be published yet.
        let last = try await node.store.read { store in try records.flatMap { try store.ledgerEntries(subject: $0.id, limit: LedgerSearch.subjectEntriesMax) } }
            .map(\.index).max()
        var prover = try? LedgerProver(files: LedgerDirectory(path: node.ledgerDirectory), key: key)
        if let last, UInt64(last) >= prover?.checkpoint.head.size ?? 0 {
            try await node.ledger.publish()
            prover = try LedgerProver(files: LedgerDirectory(path: node.ledgerDirectory), key: key)
        }
        guard let prover else { throw Outcome.unusable("nothing is published of the ledger of \(node.participant)") }
        var export = EvidenceExport(node: node, folder: folder, madeAt: time, prover: prover, key: key)
        return try await export.write(records)
    }

    private init(node: Node, folder: String, madeAt: Instant, prover: LedgerProver, key: VerifierKey) {
        self.node = node
        self.folder = folder
        self.madeAt = madeAt
        self.prover = prover
        self.key = key
    }

    private mutating func write(_ records: [ExchangeRecord]) async throws -> EvidenceManifest {
        for name in ["entries", "certificates"] { try Folders.make("\(folder)/\(name)") }
        var manifest = EvidenceManifest(
            participant: node.participant.rawValue, software: "sluice/\(sluiceVersion)", madeAt: madeAt.rfc3339, exchanges: [], agreements: [], statements: [])
        for record in records.sorted(by: { ($0.id, $0.sender) < ($1.id, $1.sender) }) { manifest.exchanges.append(try await exchange(record)) }
        try await addAgreements(to: &manifest)
        for (index, entry) in entries.sorted(by: { $0.key < $1.key }) {
            // The store's bytes have to be the ones that were published.
            _ = try ProofFiles.write(entry, try prover.proof(of: index, entry: entry), into: folder + "/entries")
        }
        try write(Array(prover.note.text.utf8), EvidenceLayout.checkpoint)
        try write(Array((key.text + "\n").utf8), EvidenceLayout.key)
        try Folders.copy(node.configuration.keys.authority, to: "\(folder)/\(EvidenceLayout.authority)")
        try Folders.copy(node.configuration.keys.sealingCertificate, to: "\(folder)/\(EvidenceLayout.sealing)")
        try write(manifest.bytes, EvidenceLayout.manifest)
        try write(Array(EvidenceReadme.text(manifest).utf8), EvidenceLayout.readme)
        try write(Array(EvidencePage.text(manifest, checkpoint: prover.checkpoint, entries: entries).utf8), EvidenceLayout.page)
        let files = try SumFile.files(in: folder)
        try write(Array(try SumFile.text(of: files.regular, in: folder).utf8), EvidenceLayout.sums)
        return manifest
    }

    private func write(_ bytes: [UInt8], _ name: String) throws { try Folders.write(bytes, to: "\(folder)/\(name)", mode: 0o644) }

    private mutating func take(subject: String) async throws -> [UInt64] {
        let found = try await node.store.read { try $0.ledgerEntries(subject: subject, limit: LedgerSearch.subjectEntriesMax) }
        // What came after the checkpoint is not proven by it.
        let proven = found.filter { UInt64($0.index) < prover.checkpoint.head.size }
        for row in proven { entries[UInt64(row.index)] = row.entry }
        return proven.map { UInt64($0.index) }
    }

    private mutating func exchange(_ record: ExchangeRecord) async throws -> EvidenceManifest.Exchange {
        let place = "exchanges/\(EvidenceLayout.part(record.sender))_\(EvidenceLayout.part(record.id))"
        let taken = try await node.archive.evidence(of: record, into: place, below: folder)
        return EvidenceManifest.Exchange(
            id: record.id, sender: record.sender, package: taken.package, receipt: taken.receipt, approval: taken.approval, absence: taken.absence,
            entries: try await take(subject: record.id))
    }

    // MARK: Agreements

    /// The versions that decisions rested on, and what people said of those agreements.
    private mutating func addAgreements(to manifest: inout EvidenceManifest) async throws {
        var digests: [String: Set<String>] = [:]
        for entry in entries.values {
            guard let read = try? LedgerEntry(parsing: entry), read.type == LedgerEvent.Kind.agreementDecided.rawValue else { continue }
            let data = JSONValue.object(read.data)
            let names = (data["agreement"]?.text ?? "").split(separator: " + ").map(String.init)
            for name in names { digests[name, default: []].formUnion(names.count == 1 ? [data["agreementSHA256"]?.text ?? ""] : []) }
        }
        let ids = Set(digests.keys.map { String($0.prefix { $0 != " " }) }).sorted()
        let texts = texts(ids)
        for (name, digests) in digests.sorted(by: { $0.key < $1.key }) {
            // Of a version that decided together with others, no digest of its own is in the ledger.
            for digest in digests.isEmpty ? [""] : digests.sorted() { manifest.agreements.append(try agreement(name, digest, among: texts)) }
        }
        for id in ids {
            let found = try await take(subject: id)
            guard !found.isEmpty, let kept = node.agreements?.folder else { continue }
            let place = "statements/\(EvidenceLayout.part(id))"
            try Folders.make("\(folder)/\(place)")
            for name in Folders.names(in: "\(kept)/\(id)") where [".json", ".p7s", ".asice"].contains(where: name.hasSuffix) {
                try Folders.copy("\(kept)/\(id)/\(name)", to: "\(folder)/\(place)/\(name)")
            }
            manifest.statements.append(.init(agreement: id, folder: place, entries: found))
        }
    }

    private func agreement(_ name: String, _ digest: String, among texts: [Text]) throws -> EvidenceManifest.Agreement {
        guard let text = texts.first(where: { $0.name == name && (digest.isEmpty || $0.sha256 == digest) }) else {
            return .init(name: name, sha256: digest, file: "")
        }
        try Folders.make("\(folder)/agreements")
        let file = "agreements/\(EvidenceLayout.part(name))-\(text.sha256.prefix(16)).yaml"
        try Folders.copy(text.path, to: "\(folder)/\(file)")
        return .init(name: name, sha256: text.sha256, file: file)
    }

    /// The text of a version of an agreement.
    private struct Text {
        var name: String
        var sha256: String
        var path: String
    }

    /// Those that the configuration names, and those that were activated under one of the ids. One that cannot be read is none: the manifest then says that it is not here.
    private func texts(_ ids: [String]) -> [Text] {
        var paths = node.configuration.agreements
        if let kept = node.agreements?.folder {
            for id in ids { paths += Folders.names(in: "\(kept)/\(id)").filter { $0.hasSuffix(".yaml") }.map { "\(kept)/\(id)/\($0)" } }
        }
        let hashing = NodeHashing()
        return paths.compactMap { path in
            (try? Agreements.load(path)).map { Text(name: $0.name, sha256: hashing.sha256($0.canonicalBytes).hex, path: path) }
        }
    }
}
