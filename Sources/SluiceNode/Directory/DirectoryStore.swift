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
/// A statement counts only with this node's signature and in an unbroken chain that has every statement which the ledger has noted. A participant whose record is broken is not trusted; the others are.
package struct DirectoryStore: Sendable {
    package let folder: String
    private let own: ParticipantID
    private let verifier: any EvidenceVerifier
    private let rule: ApprovalRule
    private let reading = NodeCertificates()
    private let hashing = NodeHashing()
    /// What the ledger knows; copies of this store share it.
    package let noted = NotedStatements()

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

    package var ids: [ParticipantID] { Folders.names(in: folder + "/records").compactMap { ParticipantID($0) } }

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
        return try changing(participant.id, at: time, signer: signer) { record in
            record.next(.propose, document: digest, person: person, time: time, reason: reason)
        } before: { () throws(DirectoryError) in
            let text = Array(participant.yaml(reading).utf8)
            try DirectoryFiles.run { () throws(CryptoError) in
                try BoundedFile.replace(Self.path(folder, participant.id, "\(digest.hex).yaml"), with: text, mode: 0o600)
            }
        } after: { () throws(DirectoryError) in
            let text = "# Brought as \(digest.hex). What is in force is told by: sluice participant show \(participant.id)\n" + participant.yaml(reading)
            try DirectoryFiles.run { () throws(CryptoError) in
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
        return try changing(id, at: time, signer: signer) { record in
            let default_ = act == .approve ? record.pending?.document : record.inForce ?? record.pending?.document
            return record.next(act, document: document ?? default_ ?? SHA256.hash([]), person: person, time: time, reason: reason)
        }
    }

    private func changing(
        _ id: ParticipantID, at time: Instant, signer: any EvidenceSigner, _ make: (ParticipantRecord) -> DirectoryStatement,
        before: () throws(DirectoryError) -> Void = {}, after: () throws(DirectoryError) -> Void = {}
    ) throws(DirectoryError) -> DirectoryChange {
        try DirectoryFiles.locked(folder) { () throws(DirectoryError) in
            try DirectoryFiles.makeFolder(folder + "/records")
            var record = try self.record(id)
            let stateBefore = record.count == 0 ? nil : record.state
            let statement = make(record)
            let added = try chain(id).add(
                statement, signer: signer, take: { digest throws(DirectoryError) in try record.take(statement, digest: digest) }, before: before)
            try after()
            return DirectoryChange(statement: statement, statementSHA256: added.digest, stateBefore: stateBefore, record: record)
        }
    }

    // MARK: Reading

    /// The statements about a participant, each with its signature checked.
    package func statements(_ id: ParticipantID) throws(DirectoryError) -> [(statement: DirectoryStatement, digest: SHA256Digest)] {
        try chain(id).read(noted: noted["\(id)"].statements)
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
        let bytes = try DirectoryFiles.run { () throws(CryptoError) in try BoundedFile.load(path) }
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
        let bytes = try DirectoryFiles.run { () throws(CryptoError) in try BoundedFile.load(path, secret: true) }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw DirectoryError(.documentInvalid, "\(path) is not UTF-8") }
        do throws(YAMLProblem) { return try People(yaml: text, file: path) } catch { throw DirectoryError(.documentInvalid, "\(error)") }
    }

    package func store(_ people: People) throws(DirectoryError) {
        try DirectoryFiles.makeFolder(folder)
        try DirectoryFiles.run { () throws(CryptoError) in try BoundedFile.replace(folder + "/people.yaml", with: Array(people.yaml.utf8), mode: 0o600) }
    }

    // MARK: Files

    private static func path(_ folder: String, _ id: ParticipantID, _ name: String) -> String { "\(folder)/records/\(id)/\(name)" }

    private static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    private func chain(_ id: ParticipantID) -> SignedChain<DirectoryStatement> {
        SignedChain(folder: "\(folder)/records/\(id)", subject: "\(id)", own: own, verifier: verifier)
    }
}
