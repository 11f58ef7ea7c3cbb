internal import SluiceCore
internal import SluiceCrypto
internal import SluiceKit
internal import SluiceLedger
internal import SluiceNode
internal import SluiceZip

/// Checks a folder of evidence, offline and without the node that made it; names each thing that is wrong.
///
/// Believed unseen are the ledger's key and the authority alone. `evidence.json` only says what belongs together, and what it says has to be borne out.
struct EvidenceVerification {
    struct Problem {
        var file: String
        var detail: String
    }

    /// Problems listed; further ones are counted.
    static let problemsMax = 200

    private(set) var problems: [Problem] = []
    private(set) var problemCount = 0
    /// What an auditor should know, and what proves nothing wrong.
    private(set) var notes: [String] = []
    private(set) var checkpoint: Checkpoint?
    private(set) var manifest: EvidenceManifest?
    private(set) var entriesProven = 0
    private(set) var packagesVerified = 0
    private(set) var receiptsVerified = 0

    var isWhole: Bool { problemCount == 0 }

    private let folder: String
    private let key: VerifierKey
    private let trust: TrustStore
    private let scratch: String
    private let hashing = NodeHashing()
    /// Regular files that are as `SHA256SUMS` says: only these are looked into.
    private var files: Set<String> = []
    /// Files of which it was said already that they are not as they were.
    private var lost: Set<String> = []
    private var entries: [UInt64: (bytes: [UInt8], read: LedgerEntry)] = [:]

    /// - Parameters:
    ///   - authority: PEM file; nil for the one in the folder, which vouches for itself.
    ///   - scratch: a folder for packages that are opened; the caller removes it.
    /// - Throws: where the authority cannot be used. Everything wrong with the evidence is a problem instead.
    static func verify(_ folder: String, key: VerifierKey, authority: String?, scratch: String) throws -> EvidenceVerification {
        let trust: TrustStore
        let own = "\(folder)/\(EvidenceLayout.authority)"
        // Nothing but a regular file of the folder is opened: reading a pipe would wait for ever.
        guard authority != nil || (try? RegularFile(own, followsLinks: false)) != nil else {
            throw Outcome.unusable("\(own) is no regular file; name the authority with --authority")
        }
        do { trust = try TrustStore(authorityPaths: [authority ?? own]) } catch {
            throw Outcome.unusable("\(error)\(authority == nil ? "; name the authority with --authority" : "")")
        }
        var verification = EvidenceVerification(folder: folder, key: key, trust: trust, scratch: scratch)
        if authority == nil {
            verification.notes.append("the seals were held against the authority in the folder itself; give yours with --authority to know who sealed")
        }
        verification.checkFiles()
        verification.checkHead()
        verification.checkManifest()
        return verification
    }

    private init(folder: String, key: VerifierKey, trust: TrustStore, scratch: String) {
        self.folder = folder
        self.key = key
        self.trust = trust
        self.scratch = scratch
    }

    private mutating func wrong(_ file: String, _ detail: String) {
        problemCount += 1
        if problems.count < Self.problemsMax { problems.append(Problem(file: EntryName.printable(file), detail: detail)) }
    }

    /// Whether a file is as it was; says so, once, where it is not.
    private mutating func isThere(_ name: String) -> Bool {
        if files.contains(name) { return true }
        if lost.insert(name).inserted { wrong(name, "is not in the folder, or is not the file that SHA256SUMS names") }
        return false
    }

    /// The bytes of a small file that is as it was; nil where it is not, which is said.
    private mutating func read(_ name: String, bytesMax: Int = EvidenceLayout.smallFileBytesMax) -> [UInt8]? {
        guard isThere(name) else { return nil }
        do { return try FileByteSource.contents(of: "\(folder)/\(name)", bytesMax: bytesMax) } catch {
            wrong(name, error.detail)
            return nil
        }
    }

    // MARK: Files

    private mutating func checkFiles() {
        do {
            let list = try RegularFile("\(folder)/\(EvidenceLayout.sums)", followsLinks: false)
            let sums = try SumFile.parse(try FileByteSource.contents(of: list.path, bytesMax: EvidenceLayout.smallFileBytesMax))
            let found = try SumFile.files(in: folder)
            for name in found.other { wrong(name, "is a link or another thing that is no regular file") }
            let regular = Set(found.regular)
            for name in found.regular where name != EvidenceLayout.sums && sums[name] == nil && !isOfArchive(name) {
                wrong(name, "is not named in SHA256SUMS: it was added")
            }
            for (name, digest) in sums.sorted(by: { $0.key < $1.key }) {
                guard regular.contains(name) else {
                    lost.insert(name)
                    wrong(name, "is missing")
                    continue
                }
                do {
                    let actual = try hashing.sha256(fileAt: "\(folder)/\(name)")
                    guard actual != digest else {
                        files.insert(name)
                        continue
                    }
                    wrong(name, "was changed: its SHA-256 is \(actual.hex)")
                } catch { wrong(name, "\(error)") }
                lost.insert(name)
            }
        } catch let error as ReadError { wrong(EvidenceLayout.sums, error.detail) } catch { wrong(EvidenceLayout.sums, "\(error)") }
    }

    /// What `unzip` leaves of the archive that the folder came in.
    private func isOfArchive(_ name: String) -> Bool {
        name == "mimetype" && (try? FileByteSource.contents(of: "\(folder)/\(name)", bytesMax: 256)) == Array(EvidenceArchive.mediaType.utf8)
    }

    private mutating func checkHead() {
        if let bytes = read(EvidenceLayout.checkpoint, bytesMax: SignedNote.bytesMax) {
            do { checkpoint = try Checkpoint(verifying: SignedNote(parsing: bytes), key: key) } catch { wrong(EvidenceLayout.checkpoint, "\(error)") }
        }
        if let bytes = read(EvidenceLayout.key, bytesMax: 4_096), String(decoding: bytes, as: UTF8.self).trimmingASCIIWhitespace != key.text {
            wrong(EvidenceLayout.key, "is another key than the one given")
        }
    }

    // MARK: What belongs together

    private mutating func checkManifest() {
        guard let bytes = read(EvidenceLayout.manifest) else { return }
        let manifest: EvidenceManifest
        do { manifest = try EvidenceManifest(parsing: bytes) } catch { return wrong(EvidenceLayout.manifest, "\(error)") }
        self.manifest = manifest
        for index in manifest.entries { checkEntry(index) }
        var named: Set<String> = [
            EvidenceLayout.manifest, EvidenceLayout.checkpoint, EvidenceLayout.key, EvidenceLayout.readme, EvidenceLayout.page, EvidenceLayout.authority,
            EvidenceLayout.sealing,
        ]
        for index in manifest.entries { named.formUnion([EvidenceLayout.entry(index), EvidenceLayout.proof(index)]) }
        for exchange in manifest.exchanges {
            checkExchange(exchange)
            named.formUnion([exchange.package, exchange.receipt, exchange.approval])
            if exchange.approval.hasSuffix(".json") { named.insert(exchange.approval.dropLast(5) + ".p7s") }
        }
        for agreement in manifest.agreements {
            checkAgreement(agreement)
            named.insert(agreement.file)
        }
        for statements in manifest.statements { checkStatements(statements) }
        checkDecisions(manifest)
        let folders = manifest.statements.map { $0.folder + "/" }
        for name in files.sorted() where !named.contains(name) && !folders.contains(where: { !$0.isEmpty && name.hasPrefix($0) }) {
            wrong(name, "belongs to nothing that evidence.json names")
        }
        checkWords(manifest)
    }

    private mutating func checkEntry(_ index: UInt64) {
        guard let entry = read(EvidenceLayout.entry(index), bytesMax: LedgerEntry.bytesMax),
            let bytes = read(EvidenceLayout.proof(index), bytesMax: InclusionProof.bytesMax)
        else { return }
        do {
            let proof = try InclusionProof(parsing: bytes)
            let head = try proof.verify(entry: entry, key: key).head
            guard proof.index == index else { return wrong(EvidenceLayout.proof(index), "is the proof of entry \(proof.index)") }
            if let checkpoint, head != checkpoint.head { wrong(EvidenceLayout.proof(index), "is under another checkpoint than the one in the folder") }
            entries[index] = (entry, try LedgerEntry(parsing: entry))
            entriesProven += 1
        } catch { wrong(EvidenceLayout.proof(index), "\(error)") }
    }

    private mutating func subjectsAgree(_ indexes: [UInt64], _ subject: String) {
        for index in indexes {
            if let entry = entries[index], entry.read.subject != subject {
                wrong(EvidenceLayout.entry(index), "is about \(EntryName.printable(entry.read.subject)), not about \(EntryName.printable(subject))")
            }
        }
    }

    /// The values that the exchange's entries give to a member, by the kinds of entry that have it.
    private func told(_ exchange: EvidenceManifest.Exchange, _ member: String, by kinds: LedgerEvent.Kind...) -> (values: Set<String>, at: Instant?) {
        var values: Set<String> = []
        var at: Instant?
        for index in exchange.entries {
            guard let read = entries[index]?.read, read.subject == exchange.id, kinds.contains(where: { $0.rawValue == read.type }),
                let value = read.data.first(where: { $0.name == member })?.value.text, !value.isEmpty
            else { continue }
            values.insert(value)
            at = at ?? Instant(rfc3339: read.time)
        }
        return (values, at)
    }

    private mutating func checkExchange(_ exchange: EvidenceManifest.Exchange) {
        subjectsAgree(exchange.entries, exchange.id)
        if exchange.entries.isEmpty { wrong(EvidenceLayout.manifest, "names no entry of exchange \(EntryName.printable(exchange.id))") }
        let erased = told(exchange, "outcome", by: .exchangeErased).at != nil
        if exchange.isErased != erased {
            wrong(
                EvidenceLayout.manifest,
                exchange.isErased
                    ? "says that exchange \(EntryName.printable(exchange.id)) is erased, and no entry says so"
                    : "does not say that exchange \(EntryName.printable(exchange.id)) is erased, as an entry does")
        }
        let manifests = told(exchange, "manifestSHA256", by: .packageSealed, .packageVerified)
        let package = check(
            exchange.package, of: exchange, manifests: manifests, wholes: told(exchange, "packageSHA256", by: .packageReceived, .exchangeErased))
        if package != nil { packagesVerified += 1 }
        if exchange.package.isEmpty, exchange.absence.isEmpty {
            wrong(EvidenceLayout.manifest, "names no package of exchange \(EntryName.printable(exchange.id)), and does not say why")
        }
        let receipts = told(exchange, "receiptManifestSHA256", by: .receiptVerified, .receiptIssued)
        if exchange.receipt.isEmpty, exchange.absence.isEmpty, !receipts.values.isEmpty {
            wrong(EvidenceLayout.manifest, "names no receipt of exchange \(EntryName.printable(exchange.id)), though an entry tells of one")
        }
        if let receipt = check(exchange.receipt, of: exchange, manifests: receipts, wholes: told(exchange, "receiptSHA256", by: .exchangeErased)) {
            receiptsVerified += 1
            let answers = (try? JSONValue(parsing: receipt.exchange))?["answers"]?["manifestSHA256"]?.text ?? ""
            if let package, answers != package.manifestSHA256.hex { wrong(exchange.receipt, "answers another package than \(exchange.package)") }
        }
        if !exchange.approval.isEmpty { checkSigned(exchange.approval, known: told(exchange, "statement", by: .exchangeApproved, .exchangeRefused)) }
    }

    /// Opens a package or receipt: sealed by one of the authority's, about this exchange, and the one that an entry knows.
    private mutating func check(
        _ file: String, of exchange: EvidenceManifest.Exchange, manifests: (values: Set<String>, at: Instant?), wholes: (values: Set<String>, at: Instant?)
    ) -> OpenedPackage? {
        guard !file.isEmpty else { return nil }
        guard isThere(file) else { return nil }
        let before = problemCount
        do {
            let path = "\(folder)/\(file)"
            let seal = try PackageCommand.seal(of: path)
            let target = "\(scratch)/open"
            defer { Folders.removeTree(target) }
            // The time when the ledger took note of it: a certificate may have ended since.
            let opened = try seal.open(
                path, trust: trust, at: manifests.at ?? SystemClock().now(), limits: PackageLimits(), extractingInto: target)
            if !manifests.values.contains(opened.manifestSHA256.hex) { wrong(file, "is not the one that the ledger knows: no entry has its manifest's digest") }
            if !wholes.values.isEmpty, !wholes.values.contains(try hashing.sha256(fileAt: path).hex) {
                wrong(file, "has not the digest that an entry has of the whole file")
            }
            if (try? JSONValue(parsing: opened.exchange))?["exchange"]?.text != exchange.id { wrong(file, "is about another exchange") }
            return problemCount == before ? opened : nil
        } catch {
            wrong(file, "\(error)")
            return nil
        }
    }

    /// A statement beside its signature.
    private mutating func checkSigned(_ file: String, known: (values: Set<String>, at: Instant?)) {
        let signatureFile = String(file.dropLast(file.hasSuffix(".json") ? 5 : 0)) + ".p7s"
        guard let bytes = read(file, bytesMax: 4 << 20), let signature = read(signatureFile, bytesMax: 1 << 20) else { return }
        if !known.values.contains(hashing.sha256(bytes).hex) { wrong(file, "is not known to the ledger: no entry has its digest") }
        do throws(PackageError) { _ = try trust.verifyDetachedCAdES(signature: signature, over: bytes, at: known.at ?? SystemClock().now()) } catch {
            wrong(signatureFile, "\(error)")
        }
    }

    // MARK: Agreements

    private mutating func checkAgreement(_ agreement: EvidenceManifest.Agreement) {
        guard !agreement.file.isEmpty else {
            notes.append("the text of agreement \(EntryName.printable(agreement.name)) is not in the folder")
            return
        }
        guard read(agreement.file, bytesMax: Agreements.fileBytesMax) != nil else { return }
        do {
            let found = try Agreements.load("\(folder)/\(agreement.file)")
            if found.name != agreement.name { wrong(agreement.file, "is \(found.name), not \(EntryName.printable(agreement.name))") }
            if hashing.sha256(found.canonicalBytes).hex != agreement.sha256 { wrong(agreement.file, "has another content than evidence.json says") }
        } catch { wrong(agreement.file, "\(error)") }
    }

    /// Every decision rests on agreements of the folder, by the digest that its entry has.
    private mutating func checkDecisions(_ manifest: EvidenceManifest) {
        for (index, entry) in entries.sorted(by: { $0.key < $1.key }) where entry.read.type == LedgerEvent.Kind.agreementDecided.rawValue {
            let data = JSONValue.object(entry.read.data)
            guard let digest = data["agreementSHA256"]?.text, !digest.isEmpty else { continue }
            let names = (data["agreement"]?.text ?? "").split(separator: " + ").map(String.init)
            let texts = names.map { name in manifest.agreements.filter { $0.name == name } }
            guard names.count > 1 else {
                if !(texts.first ?? []).contains(where: { $0.sha256 == digest }) {
                    wrong(EvidenceLayout.entry(index), "rests on an agreement (SHA-256 \(digest)) that evidence.json does not name")
                }
                continue
            }
            let canonical = texts.map { $0.first { files.contains($0.file) }.flatMap { try? Agreements.load("\(folder)/\($0.file)").canonicalBytes } }
            guard !canonical.contains(where: { $0 == nil }) else { continue }
            if hashing.sha256(canonical.flatMap { $0 ?? [] }).hex != digest {
                wrong(EvidenceLayout.entry(index), "rests on other texts of \(names.joined(separator: " and ")) than those in the folder")
            }
        }
    }

    private mutating func checkStatements(_ statements: EvidenceManifest.Statements) {
        subjectsAgree(statements.entries, statements.agreement)
        guard statements.folder.hasPrefix("statements/"), !statements.folder.dropFirst("statements/".count).contains("/") else {
            return wrong(EvidenceLayout.manifest, "keeps statements in \(EntryName.printable(statements.folder)), which is not below statements/")
        }
        var known: [String: Instant] = [:]
        for index in statements.entries {
            guard let read = entries[index]?.read, read.type == LedgerEvent.Kind.agreementChanged.rawValue,
                let digest = read.data.first(where: { $0.name == "statement" })?.value.text
            else { continue }
            known[digest] = Instant(rfc3339: read.time)
        }
        var found: Set<String> = []
        for name in files.sorted() where name.hasPrefix(statements.folder + "/") && name.hasSuffix(".json") {
            guard let bytes = read(name, bytesMax: 4 << 20) else { continue }
            let digest = hashing.sha256(bytes).hex
            found.insert(digest)
            checkSigned(name, known: (known[digest] == nil ? [] : [digest], known[digest]))
        }
        for digest in known.keys.sorted() where !found.contains(digest) {
            wrong(statements.folder, "lacks the statement with the SHA-256 \(digest), which the ledger has noted")
        }
    }

    // MARK: Words

    /// What people read first has to say what the rest says. It is written again, so it takes the version that wrote it.
    private mutating func checkWords(_ manifest: EvidenceManifest) {
        guard manifest.software == "sluice/\(sluiceVersion)" else {
            notes.append(
                "index.html and README.txt were written by \(EntryName.printable(manifest.software)) and not held against the rest; this is \(sluiceVersion)")
            return
        }
        // Without its entries the page cannot be written again.
        if entries.count == manifest.entries.count, let page = read(EvidenceLayout.page), let checkpoint,
            page != Array(EvidencePage.text(manifest, checkpoint: checkpoint, entries: entries.mapValues(\.bytes)).utf8)
        {
            wrong(EvidenceLayout.page, "does not say what entries and evidence.json say: do not read it")
        }
        if let readme = read(EvidenceLayout.readme), readme != Array(EvidenceReadme.text(manifest).utf8) {
            wrong(EvidenceLayout.readme, "is not the text that belongs to this evidence: do not run its commands")
        }
    }
}
