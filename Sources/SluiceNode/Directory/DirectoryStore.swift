package import SluiceCore
internal import SluiceCrypto
package import SluiceKit
internal import SluiceYAML

#if canImport(Glibc)
    internal import Glibc
#endif

/// The directory on disk:
///
///     directory/people.yaml                      who may act
///     directory/AM.MOI.yaml                      the document brought last, for people to read
///     directory/records/AM.MOI/<digest>.yaml     every document that was ever proposed
///     directory/records/AM.MOI/000001.json       statement 1, canonical JSON
///     directory/records/AM.MOI/000001.p7s        this node's CAdES signature over it, for `openssl cms -verify`
///
/// A statement counts only with this node's signature and in an unbroken chain. A participant whose record is broken is not trusted; the others are.
package struct DirectoryStore: Sendable {
    package let folder: String
    private let own: ParticipantID
    private let verifier: any EvidenceVerifier
    private let rule: ApprovalRule
    private let reading = NodeCertificates()
    private let hashing = NodeHashing()

    /// - Parameter verifier: judges this node's own signatures, at the time of each statement.
    package init(folder: String, own: ParticipantID, verifier: any EvidenceVerifier, rule: ApprovalRule = .standard) {
        self.folder = folder
        self.own = own
        self.verifier = verifier
        self.rule = rule
    }

    /// The directory and what stands against parts of it.
    package struct Loaded: Sendable {
        package var directory: ParticipantDirectory
        package var problems: [DirectoryError]
        /// Participants whose readable document is not the one in force or waiting: somebody changed it by hand.
        package var changedByHand: [ParticipantID]
    }

    package func load() throws(DirectoryError) -> Loaded {
        var entries: [ParticipantDirectory.Entry] = []
        var problems: [DirectoryError] = []
        var changed: [ParticipantID] = []
        let names = Folders.names(in: folder + "/records").filter { !$0.hasPrefix(".") }
        guard names.count <= DirectoryLimits.participantsMax else {
            throw DirectoryError(.limitExceeded, "\(folder)/records holds more than \(DirectoryLimits.participantsMax) participants")
        }
        for name in names {
            do throws(DirectoryError) {
                guard let id = ParticipantID(name) else { throw DirectoryError(.recordBroken, "\(folder)/records/\(name) is no participant's id") }
                let entry = try entry(id)
                entries.append(entry)
                if try isChangedByHand(entry) { changed.append(id) }
            } catch { problems.append(error) }
        }
        return Loaded(directory: ParticipantDirectory(entries), problems: problems, changedByHand: changed)
    }

    // MARK: Changing

    /// Brings a document: it waits for two approvals, and the one in force stays so until then.
    package func propose(
        _ participant: Participant, by person: String, at time: Instant, signer: any EvidenceSigner, reason: String = ""
    ) throws(DirectoryError) -> DirectoryChange {
        guard participant.id != own else { throw DirectoryError(.stateWrong, "\(own) is this node itself; it is not a participant of its own directory") }
        for use in CertificateUse.allCases {
            let certificates = participant.certificates(for: use)
            guard certificates.isEmpty || certificates.contains(where: { time.seconds <= $0.notAfter.seconds }) else {
                throw DirectoryError(.certificateInvalid, "every \(use.rawValue) certificate of \(participant.id) has expired; ask it for a new document")
            }
        }
        // Else a partner's document would say where on this machine files are written, and two partners of one document could not both be right.
        guard participant.transport != .folder || participant.endpoint == nil else {
            throw DirectoryError(
                .documentInvalid,
                "the document of \(participant.id) names a folder, \(participant.endpoint ?? ""); take the key \"endpoint\" out: where its folders are here, delivery.folder.path in node.yaml says"
            )
        }
        let digest = participant.digest(hashing)
        return try changing(participant.id, at: time, signer: signer, createsRecord: true) { record in
            record.next(.propose, document: digest, person: person, time: time, reason: reason)
        } before: { () throws(DirectoryError) in
            let text = Array(participant.yaml(reading).utf8)
            try Self.crypto { () throws(CryptoError) in
                try BoundedFile.replace(Self.path(folder, participant.id, "\(digest.hex).yaml"), with: text, mode: 0o600)
            }
        } after: { () throws(DirectoryError) in
            let text = "# Brought as \(digest.hex). What is in force is told by: sluice participant show \(participant.id)\n" + participant.yaml(reading)
            try Self.crypto { () throws(CryptoError) in
                try BoundedFile.replace("\(folder)/\(participant.id).yaml", with: Array(text.utf8), mode: 0o600)
            }
        }
    }

    /// - Parameter document: what the person looked at and means; nil only where the act has no choice of document.
    package func act(
        _ act: DirectoryStatement.Act, on id: ParticipantID, document: SHA256Digest?, by person: String, at time: Instant, signer: any EvidenceSigner,
        reason: String = ""
    ) throws(DirectoryError) -> DirectoryChange {
        guard act != .propose else { throw DirectoryError(.stateWrong, "a document is brought by an import") }
        guard Self.exists(Self.path(folder, id, "000001.json")) else { throw DirectoryError(.participantUnknown, "\(id) is not in the directory") }
        return try changing(id, at: time, signer: signer, createsRecord: false) { record in
            let default_ = act == .approve ? record.pending?.document : record.inForce ?? record.pending?.document
            return record.next(act, document: document ?? default_ ?? SHA256.hash([]), person: person, time: time, reason: reason)
        }
    }

    private func changing(
        _ id: ParticipantID, at time: Instant, signer: any EvidenceSigner, createsRecord: Bool, _ make: (ParticipantRecord) -> DirectoryStatement,
        before: () throws(DirectoryError) -> Void = {}, after: () throws(DirectoryError) -> Void = {}
    ) throws(DirectoryError) -> DirectoryChange {
        try Self.makeFolder(folder)
        try Self.makeFolder(folder + "/records")
        let lock: FileLock
        do { lock = try FileLock(folder + "/.lock") } catch { throw DirectoryError(.fileUnusable, "\(error)") }
        defer { lock.release() }
        var record = try self.record(id)
        let isNew = record.count == 0
        let stateBefore = isNew ? nil : record.state
        let statement = make(record)
        guard statement.reason.utf8.count <= 1024, Person.isName(statement.person) else {
            throw DirectoryError(.personUnknown, "a reason has at most 1024 bytes, and \"\(statement.person.prefix(80))\" must be a person's name")
        }
        let bytes = statement.canonicalBytes
        // What could not be read back would break the record for good.
        _ = try DirectoryStatement(bytes, named: "the statement")
        let digest = hashing.sha256(bytes)
        try record.take(statement, digest: digest)
        let signature: [UInt8]
        do throws(PackageError) { signature = try signer.detachedCAdES(over: bytes, signingTime: time) } catch {
            throw DirectoryError(.recordBroken, "the statement could not be signed by this node: \(error.detail)")
        }
        if createsRecord { try Self.makeFolder("\(folder)/records/\(id)") }
        try before()
        // The signature first: a statement without one is a broken record, a signature without a statement is nothing.
        try Self.crypto { () throws(CryptoError) in
            try BoundedFile.replace(Self.path(folder, id, Self.name(statement.number) + ".p7s"), with: signature, mode: 0o600)
            try BoundedFile.replace(Self.path(folder, id, Self.name(statement.number) + ".json"), with: bytes, mode: 0o600)
        }
        try after()
        return DirectoryChange(statement: statement, statementSHA256: digest, stateBefore: stateBefore, record: record)
    }

    // MARK: Reading

    /// The statements about a participant, each with its signature checked.
    package func statements(_ id: ParticipantID) throws(DirectoryError) -> [(statement: DirectoryStatement, digest: SHA256Digest)] {
        var found: [(statement: DirectoryStatement, digest: SHA256Digest)] = []
        let names = Folders.names(in: "\(folder)/records/\(id)").filter { $0.hasSuffix(".json") }
        guard names.count <= DirectoryLimits.statementsMax else {
            throw DirectoryError(.limitExceeded, "\(id) has more than \(DirectoryLimits.statementsMax) statements")
        }
        for (index, name) in names.enumerated() {
            let path = Self.path(folder, id, name)
            guard name == Self.name(index + 1) + ".json" else {
                throw DirectoryError(.recordBroken, "\(path): statement \(index + 1) about \(id) is missing; restore the folder from its backup")
            }
            let bytes = try Self.crypto { () throws(CryptoError) in try BoundedFile.load(path) }
            let statement = try DirectoryStatement(bytes, named: path)
            let signature = try Self.crypto { () throws(CryptoError) in try BoundedFile.load(String(path.dropLast(5)) + ".p7s") }
            do throws(PackageError) {
                let signer = try verifier.verifyDetachedCAdES(signature: signature, over: bytes, at: statement.time)
                guard signer.participant == own else { throw PackageError(.signerUntrusted, "it is signed by \(signer.participant), not by this node") }
            } catch {
                throw DirectoryError(.recordBroken, "\(path) is not signed by this node, or was changed: \(error.detail)")
            }
            found.append((statement, hashing.sha256(bytes)))
        }
        return found
    }

    /// What each statement about a participant changed, in order.
    package func changes(_ id: ParticipantID) throws(DirectoryError) -> [DirectoryChange] {
        var record = ParticipantRecord(id, rule: rule)
        var changes: [DirectoryChange] = []
        for (statement, digest) in try statements(id) {
            let stateBefore = record.count == 0 ? nil : record.state
            try record.take(statement, digest: digest)
            changes.append(DirectoryChange(statement: statement, statementSHA256: digest, stateBefore: stateBefore, record: record))
        }
        return changes
    }

    private func record(_ id: ParticipantID) throws(DirectoryError) -> ParticipantRecord {
        var record = ParticipantRecord(id, rule: rule)
        for (statement, digest) in try statements(id) { try record.take(statement, digest: digest) }
        return record
    }

    package func entry(_ id: ParticipantID) throws(DirectoryError) -> ParticipantDirectory.Entry {
        let record = try record(id)
        guard record.count > 0 else { throw DirectoryError(.participantUnknown, "\(id) is not in the directory") }
        return ParticipantDirectory.Entry(
            record: record, participant: try record.inForce.map { digest throws(DirectoryError) in try document(id, digest) },
            pending: try record.pending.map { pending throws(DirectoryError) in try document(id, pending.document) })
    }

    private func document(_ id: ParticipantID, _ digest: SHA256Digest) throws(DirectoryError) -> Participant {
        let path = Self.path(folder, id, "\(digest.hex).yaml")
        let participants = try read(path)
        guard participants.count == 1, let participant = participants.first, participant.id == id, participant.digest(hashing) == digest else {
            throw DirectoryError(.documentDiffers, "\(path) is not the document that was approved under its name; restore it from the backup")
        }
        return participant
    }

    /// Reads a document or a bundle from a file; nothing is changed.
    package func read(_ path: String) throws(DirectoryError) -> [Participant] {
        let bytes = try Self.crypto { () throws(CryptoError) in try BoundedFile.load(path) }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw DirectoryError(.documentInvalid, "\(path) is not UTF-8; save it as UTF-8") }
        return try ParticipantReader(reading).read(text, file: path)
    }

    private func isChangedByHand(_ entry: ParticipantDirectory.Entry) throws(DirectoryError) -> Bool {
        let path = "\(folder)/\(entry.record.participant).yaml"
        guard Self.exists(path) else { return false }
        guard let digest = try? read(path).first?.digest(hashing) else { return true }
        return digest != entry.record.inForce && digest != entry.record.pending?.document
    }

    // MARK: People

    package func people() throws(DirectoryError) -> People {
        let path = folder + "/people.yaml"
        guard Self.exists(path) else { return People() }
        let bytes = try Self.crypto { () throws(CryptoError) in try BoundedFile.load(path, secret: true) }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw DirectoryError(.documentInvalid, "\(path) is not UTF-8") }
        do throws(YAMLProblem) { return try People(yaml: text, file: path) } catch { throw DirectoryError(.documentInvalid, "\(error)") }
    }

    package func store(_ people: People) throws(DirectoryError) {
        try Self.makeFolder(folder)
        try Self.crypto { () throws(CryptoError) in try BoundedFile.replace(folder + "/people.yaml", with: Array(people.yaml.utf8), mode: 0o600) }
    }

    // MARK: Files

    private static func path(_ folder: String, _ id: ParticipantID, _ name: String) -> String { "\(folder)/records/\(id)/\(name)" }

    private static func name(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }

    private static func crypto<Result>(_ body: () throws(CryptoError) -> Result) throws(DirectoryError) -> Result {
        do { return try body() } catch { throw DirectoryError(.fileUnusable, error.detail) }
    }

    private static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    private static func makeFolder(_ path: String) throws(DirectoryError) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw DirectoryError(.fileUnusable, "cannot make the folder \(path): \(String(cString: strerror(errno)))")
        }
    }
}
