package import SluiceKit

/// What the steps of the corridor work with. Values and plugins; no socket, no SQL.
package struct CorridorTools: Sendable {
    package var participant: ParticipantID
    package let structures: StructureSet
    private let schemas = SchemaShelf()
    /// The agreements as they stand; people change that while the node runs.
    package let book: AgreementBook
    /// Those in force.
    package var agreements: [Agreement] { book.active }
    package var formats: [any DataFormat]
    package var protections: [any Protection]
    /// Codes that protections draw from the node's protection key; nil where it has none.
    package var protectionCodes: (any KeyedCodes)?
    /// Tables that protections need, by the names of the configuration.
    package var protectionResources: [String: Content] = [:]
    /// Holds releases against one another; nil where this build has no such plugin.
    package var differencing: (any DifferencingAudit)?
    /// What was released before; nil where the host keeps no register.
    package var register: (any ReleaseRegister)?
    /// The seals this node makes and opens.
    package var seals: [any Seal]
    package var sealingKeys: any SealingKeys
    package var trust: any EvidenceVerifier
    package var hashing: any Hashing
    /// By which transport a participant is reached, as endpoints name it (`https`); nil where nobody knows.
    package var channel: @Sendable (ParticipantID) -> String? = { _ in nil }
    package var clock: any WallClock
    package var limits: CorridorLimits
    /// What the configuration says of the severity of findings.
    package var severities = FindingSeverities()
    /// Whether there are people who could approve a release.
    package var knowsPeople = false
    /// What this node has received before; nil where nothing is looked up.
    package var received: (any ReceivedData)?
    /// Key of the codes by which received data are known again; nil where none are made.
    package var contentKey: [UInt8]?
    /// Where a trip keeps its files until they are recorded.
    package var spoolDirectory: String

    package init(
        participant: ParticipantID, structures: StructureSet, agreements: [Agreement], formats: [any DataFormat], protections: [any Protection],
        seals: [any Seal],
        sealingKeys: any SealingKeys, trust: any EvidenceVerifier, hashing: any Hashing, clock: any WallClock, limits: CorridorLimits, spoolDirectory: String
    ) {
        self.participant = participant
        self.structures = structures
        book = AgreementBook(agreements.map { StandingAgreement($0, .active) }, structures: structures)
        self.formats = formats
        self.protections = protections
        self.seals = seals
        self.sealingKeys = sealingKeys
        self.trust = trust
        self.hashing = hashing
        self.clock = clock
        self.limits = limits
        self.spoolDirectory = spoolDirectory
    }

    /// What a reader is given that reads with the node's structures.
    package func readContext(flow: ArtefactReference?, findings: any FindingSink) -> ReadContext {
        ReadContext(structures: structures, flow: flow, limits: limits.read, findings: findings, schemas: schemas)
    }

    /// What a protection is lent for a release.
    package func protectionContext(_ obligations: Obligations, receiver: ParticipantID) -> ProtectionContext {
        ProtectionContext(receiver: receiver.rawValue, agreements: obligations.agreements, codes: protectionCodes, resources: protectionResources)
    }

    /// Who seals at a time. Whatever is wrong with our own certificate, the data are not at fault.
    package func signer(at time: Instant) throws(OwnTrouble) -> any EvidenceSigner { try own(time, sealingKeys.signer) }

    /// Who seals a package at a time.
    package func packageSigner(at time: Instant) throws(OwnTrouble) -> any EvidenceSigner { try own(time, sealingKeys.packageSigner) }

    private func own(_ time: Instant, _ signer: (Instant) throws(PackageError) -> any EvidenceSigner) throws(OwnTrouble) -> any EvidenceSigner {
        do throws(PackageError) { return try signer(time) } catch { throw OwnTrouble("seal.\(error.code.rawValue)", error.detail) }
    }

    package func seal(_ identifier: String) -> (any Seal)? { seals.first { $0.identifier == identifier } }
    /// The first seal of the list that this node has.
    package func seal(firstOf identifiers: [String]) -> (any Seal)? { identifiers.lazy.compactMap { seal($0) }.first }
    package func seal(mediaType: String) -> (any Seal)? { seals.first { $0.mediaType == mediaType } }

    package func format(_ id: String) -> (any DataFormat)? { formats.first { $0.id == id } }
}

/// The limits of a trip, beside those of reading.
package struct CorridorLimits: Hashable, Sendable {
    package var read = ReadLimits()
    package var package = PackageLimits()
    /// Most observations of a dataset that must be seen whole to be protected.
    package var protectRowsMax = 5_000_000
    package var tabulation = TabulationLimits()
    /// Findings of one code that a record or a receipt lists; all are counted.
    package var findingsPerCodeMax = 20
    /// Most bytes of an input, a payload or a package that stay in memory; larger ones are files in the spool folder.
    package var contentInMemoryMax = 256 << 10
    /// Datasets in one message.
    package var datasetsMax = 1_000

    package init() {}
}

/// The node's sealing keys, given by the host. Asked once for each package, so that its chain and its signature are of one key.
package protocol SealingKeys: Sendable {
    /// - Throws: when no key may sign at that time.
    func signer(at time: Instant) throws(PackageError) -> any EvidenceSigner
    /// For a package, which may be judged years from now by people who know nothing of us: with what authorities say of the signer, where the host has it.
    func packageSigner(at time: Instant) throws(PackageError) -> any EvidenceSigner
}

extension SealingKeys {
    package func packageSigner(at time: Instant) throws(PackageError) -> any EvidenceSigner { try signer(at: time) }
}

/// SHA-256, given by the host: the Core has no cryptography of its own.
package protocol Hashing: Sendable {
    func sha256(_ bytes: [UInt8]) -> SHA256Digest
    /// Streams the file.
    func sha256(fileAt path: String) throws -> SHA256Digest
    /// HMAC-SHA-256 of bytes.
    func code(_ bytes: [UInt8], key: [UInt8]) -> SHA256Digest
}

extension Hashing {
    /// SHA-256 of bytes wherever they are.
    package func sha256(_ content: Content) throws -> SHA256Digest {
        switch content {
        case .bytes(let bytes): sha256(bytes)
        case .file(let path): try sha256(fileAt: path)
        }
    }
}

/// The trip ends here with a refusal; nothing leaves, nothing is stored. What happened so far is in the trip's events.
package struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// `<step>.<reason>`, stable.
    package var code: String
    package var detail: String

    package init(_ code: String, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    package var description: String { "\(detail) [\(code)]" }

    /// The detail as records and receipts keep it: receivers refuse longer texts.
    package var boundedDetail: String {
        guard detail.utf8.count > Self.detailBytesMax else { return detail }
        var kept = ""
        for character in detail {
            guard kept.utf8.count + character.utf8.count <= Self.detailBytesMax - "…".utf8.count else { break }
            kept.append(character)
        }
        return kept + "…"
    }

    static let detailBytesMax = 2_000
}

/// What keeps the node from doing its work, and says nothing about the data: its disk, its keys, its knowledge of revocations.
/// Nothing is answered and nothing recorded; the exchange is as it was, and another try may succeed.
package struct OwnTrouble: Error, Hashable, Sendable, CustomStringConvertible {
    /// `<step>.<reason>`, as of a refusal.
    package var code: String
    package var detail: String

    package init(_ code: String, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    package var description: String { "\(detail) [\(code)]" }
}

extension ReadError {
    /// As the corridor throws it: the input is at fault, unless its bytes could not be read.
    var inCorridor: any Error {
        code == .inputOutput ? OwnTrouble("read.\(code.rawValue)", description) : Refusal("read.\(code.rawValue)", description)
    }
}

extension WriteError {
    var inCorridor: any Error { code == .inputOutput ? OwnTrouble("write.\(code.rawValue)", detail) : Refusal("write.\(code.rawValue)", detail) }
}

extension PackageError {
    var inCorridor: any Error { code.isOwnTrouble ? OwnTrouble("seal.\(code.rawValue)", detail) : Refusal("seal.\(code.rawValue)", detail) }
}
