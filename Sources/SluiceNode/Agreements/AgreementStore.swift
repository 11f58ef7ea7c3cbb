package import SluiceCore
internal import SluiceCrypto
package import SluiceKit

/// What people have said of agreements, on disk beside the directory:
///
///     directory/agreements/AM-PERMITS/000001.json        statement 1, canonical JSON
///     directory/agreements/AM-PERMITS/000001.p7s         this node's CAdES signature over it, for `openssl cms -verify`
///     directory/agreements/AM-PERMITS/<digest>.yaml      the text of a version, under the SHA-256 of its canonical form
///     directory/agreements/AM-PERMITS/<digest>.asice     a package by which it was activated, under its own SHA-256
///
/// A statement counts only with this node's signature and in an unbroken chain that has every statement which the ledger has noted. Of an agreement whose record
/// is broken no version lets anything travel; where it cannot be told what its versions say, nothing travels at all.
package struct AgreementStore: Sendable {
    package let folder: String
    private let own: ParticipantID
    private let verifier: any EvidenceVerifier
    private let hashing = NodeHashing()
    /// What the ledger knows; copies of this store share it.
    package let noted = NotedStatements()
    /// Most agreements of which there are statements.
    static let agreementsMax = 10_000

    /// - Parameter verifier: judges this node's own signatures, at the time of each statement.
    package init(folder: String, own: ParticipantID, verifier: any EvidenceVerifier) {
        self.folder = folder
        self.own = own
        self.verifier = verifier
    }

    /// A statement with what it changed.
    package struct Entry: Sendable {
        package var statement: AgreementStatement
        package var digest: SHA256Digest
        package var changes: [AgreementRecord.Change]
    }

    /// Of the folder and of the ledger.
    package var ids: [String] { Set(Folders.names(in: folder).filter { !$0.hasPrefix(".") } + noted.ids).sorted() }

    package func record(_ id: String) throws(DirectoryError) -> AgreementRecord { try history(id).record }

    /// What was said of an agreement, in order, with what each changed.
    package func history(_ id: String) throws(DirectoryError) -> (record: AgreementRecord, entries: [Entry]) {
        var record = AgreementRecord(id)
        var entries: [Entry] = []
        for (statement, digest) in try chain(id).read(noted: noted[id].statements) {
            entries.append(Entry(statement: statement, digest: digest, changes: try record.take(statement, digest: digest)))
        }
        return (record, entries)
    }

    // MARK: Changing

    /// Brings a signed package into force, as one of two people.
    /// - Parameter package: whose seals have been verified, and which is this agreement signed by all it takes.
    package func activate(
        _ signed: SignedAgreement, package bytes: [UInt8], by person: String, at time: Instant, signer: any EvidenceSigner, reason: String
    ) throws(DirectoryError) -> Entry {
        try signed.requireSigned(for: own)
        let (agreement, digest) = (signed.agreement, hashing.sha256(bytes))
        return try changing(agreement.id, at: time, signer: signer) { record in
            AgreementStatement(
                agreement: agreement.id, version: agreement.version, number: record.count + 1, previous: record.last, act: .activate, document: signed.digest,
                package: digest, signers: signed.signers, supersedes: agreement.supersedes, person: person, time: time, reason: reason)
        } before: { () throws(DirectoryError) in
            try DirectoryFiles.run { () throws(CryptoError) in
                try BoundedFile.replace("\(folder)/\(agreement.id)/\(signed.digest.hex).yaml", with: signed.text, mode: 0o600)
                try BoundedFile.replace("\(folder)/\(agreement.id)/\(digest.hex).asice", with: bytes, mode: 0o600)
            }
        }
    }

    /// - Parameter document: of the version's canonical form.
    package func act(
        _ act: AgreementStatement.Act, on id: String, version: String, document: SHA256Digest, by person: String, at time: Instant,
        signer: any EvidenceSigner, reason: String
    ) throws(DirectoryError) -> Entry {
        guard act != .activate else { throw DirectoryError(.stateWrong, "a version is activated by its signed package") }
        return try changing(id, at: time, signer: signer) { record in
            AgreementStatement(
                agreement: id, version: version, number: record.count + 1, previous: record.last, act: act, document: document, person: person, time: time,
                reason: reason)
        } before: { () throws(DirectoryError) in
        }
    }

    private func changing(
        _ id: String, at time: Instant, signer: any EvidenceSigner, _ make: (AgreementRecord) -> AgreementStatement, before: () throws(DirectoryError) -> Void
    ) throws(DirectoryError) -> Entry {
        guard !id.hasPrefix("."), !id.contains("/") else {
            throw DirectoryError(.stateWrong, "an agreement whose id begins with a dot cannot be kept: \"\(id.prefix(80))\"")
        }
        return try DirectoryFiles.locked(folder) { () throws(DirectoryError) in
            var record = try self.record(id)
            guard record.count > 0 || ids.count < Self.agreementsMax else {
                throw DirectoryError(.stateWrong, "statements about \(Self.agreementsMax) agreements are kept here, and there may be no more")
            }
            let statement = make(record)
            let added = try chain(id).add(
                statement, signer: signer, take: { digest throws(DirectoryError) in try record.take(statement, digest: digest) }, before: before)
            return Entry(statement: statement, digest: added.digest, changes: added.change)
        }
    }

    // MARK: How they stand

    /// The agreements of this node as they stand: those of the files, and those that were activated here.
    /// - Parameters:
    ///   - files: what the configuration names.
    ///   - isSignedOnly: a file alone has nothing in force.
    /// - Returns: also what stands against parts of it, and whether it cannot be told what all of them say.
    package func standing(files: [Agreement], isSignedOnly: Bool) -> (all: [StandingAgreement], problems: [DirectoryError], isInDoubt: Bool) {
        var all: [StandingAgreement] = []
        var problems: [DirectoryError] = []
        var isInDoubt = false
        var told: Set<String> = []
        for id in ids {
            let found: [StandingAgreement]
            do throws(DirectoryError) { found = try standing(of: id, files: files, isSignedOnly: isSignedOnly) } catch {
                problems.append(error)
                // Nobody can say what was said of it.
                let remains = remains(of: id, files: files)
                found = remains.agreements.map { StandingAgreement($0, .suspended, reason: "what was said of it cannot be believed; see the node's log") }
                if let missing = remains.missing {
                    problems.append(missing)
                    isInDoubt = true
                }
            }
            told.formUnion(found.map(\.agreement.name))
            all += found
        }
        for file in files where !told.contains(file.name) { all.append(StandingAgreement(file, isSignedOnly ? .draft : .active)) }
        return (all.sorted { $0.agreement.name < $1.agreement.name }, problems, isInDoubt)
    }

    private func standing(of id: String, files: [Agreement], isSignedOnly: Bool) throws(DirectoryError) -> [StandingAgreement] {
        let record = try record(id)
        var all: [StandingAgreement] = []
        for (version, found) in record.versions.sorted(by: { $0.key < $1.key }) {
            let file = files.first { $0.id == id && $0.version == version }
            if let standing = try standing(id, version, found, file: file, isSignedOnly: isSignedOnly) { all.append(standing) }
        }
        // A version that is kept as a plain file, of which nobody has said anything, ends when a signed one supersedes it.
        for file in files where file.id == id && record.versions[file.version] == nil {
            guard let newer = record.successor(of: file.version) else { continue }
            all.append(StandingAgreement(file, .ended, reason: "superseded by \(newer)"))
        }
        return all
    }

    private func standing(
        _ id: String, _ version: String, _ found: AgreementRecord.Version, file: Agreement?, isSignedOnly: Bool
    ) throws(DirectoryError) -> StandingAgreement? {
        let isSigned = found.package != nil
        // A file beside a package says nothing more; without one it is all there is.
        guard let agreement = isSigned ? try text(id, version, found.document) : file ?? (try? text(id, version, found.document)) else { return nil }
        var state = found.state
        if !isSigned, state == .draft, !isSignedOnly, file != nil { state = .active }
        if !isSigned, state == .active, isSignedOnly { state = .draft }
        let narrowed = isSigned && agreement.isPermit && agreement.giver == own.rawValue ? agreement.narrowed(toReceivers: found.signers) : agreement
        return StandingAgreement(narrowed, state, reason: found.reason, signers: found.signers)
    }

    private func text(_ id: String, _ version: String, _ digest: SHA256Digest) throws(DirectoryError) -> Agreement {
        let path = "\(folder)/\(id)/\(digest.hex).yaml"
        let agreement: Agreement
        do { agreement = try Agreements.load(path) } catch { throw DirectoryError(.documentInvalid, "\(error)") }
        guard agreement.id == id, agreement.version == version, hashing.sha256(agreement.canonicalBytes) == digest else {
            throw DirectoryError(.documentDiffers, "\(path) is not the text that was activated under its name; restore it from the backup")
        }
        return agreement
    }

    /// What can be found of an agreement whose record is broken: of all its versions, whatever was said of them, for one that forbids or is stopped holds back what
    /// others would let through.
    /// - Returns: also what is missing, where there was more.
    private func remains(of id: String, files: [Agreement]) -> (agreements: [Agreement], missing: DirectoryError?) {
        var texts: [String: Agreement] = [:]
        for file in files where file.id == id { texts[hashing.sha256(file.canonicalBytes).hex] = file }
        for name in Folders.names(in: "\(folder)/\(id)") where name.hasSuffix(".yaml") {
            guard let agreement = try? Agreements.load("\(folder)/\(id)/\(name)"), agreement.id == id else { continue }
            let digest = hashing.sha256(agreement.canonicalBytes).hex
            if name == digest + ".yaml" { texts[digest] = agreement }
        }
        let (statements, count) = chain(id).readable()
        let noted = noted[id]
        let numbers = Set(statements.map(\.number)).union(noted.statements.keys)
        let wanted = noted.texts.union(statements.compactMap { $0.package == nil ? nil : $0.document.hex })
        var missing: String?
        if let number = (1...max(1, count, numbers.max() ?? 0)).first(where: { !numbers.contains($0) }) {
            missing = "statement \(number), of which the ledger knows nothing either"
        } else if let digest = wanted.sorted().first(where: { texts[$0] == nil }) {
            missing = "the text \(digest).yaml"
        }
        return (
            texts.sorted { $0.key < $1.key }.map(\.value),
            missing.map {
                DirectoryError(
                    .recordBroken,
                    "what \(id) says cannot be told, so nothing travels until its folder is restored from its backup: \(folder)/\(id) lacks \($0)")
            }
        )
    }

    private func chain(_ id: String) -> SignedChain<AgreementStatement> {
        SignedChain(folder: "\(folder)/\(id)", subject: id, own: own, verifier: verifier)
    }
}

extension AgreementStore.Entry {
    /// What the ledger holds: digests and states, an entry for each version whose state was told. The person stands in the signed statement.
    package func ledgerData(_ change: AgreementRecord.Change) -> [JSONMember] {
        var members = [
            JSONMember("agreement", .string(statement.agreement)), JSONMember("version", .string(change.version)),
            JSONMember("agreementSHA256", .string(change.document.hex)), JSONMember("act", .string(statement.act.rawValue)),
            JSONMember("stateBefore", .string(change.before?.rawValue ?? "")), JSONMember("state", .string(change.after.rawValue)),
            JSONMember("statement", .string(digest.hex)), JSONMember("number", .integer(Int64(statement.number))),
        ]
        if let package = statement.package {
            members.append(JSONMember("packageSHA256", .string(package.hex)))
            members.append(JSONMember("signers", .array(statement.signers.map { .string($0) })))
            if let supersedes = statement.supersedes { members.append(JSONMember("supersedes", .string(supersedes))) }
        }
        return members
    }
}
