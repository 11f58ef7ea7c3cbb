package import SluiceKit

/// An organisation as the directory describes it: whom to believe, where to reach it, and what it likes. One document, approved as a whole.
package struct Participant: Hashable, Sendable {
    package enum Transport: String, Hashable, Sendable, CaseIterable {
        case https, folder
    }

    /// Which certificates are believed to be the participant's.
    package enum Trust: Hashable, Sendable {
        /// Exactly these, told by their SHA-256; several while one follows another.
        case pinned([CertificateFacts])
        /// Any that this authority issued to the participant's subject.
        case authority(CertificateFacts)
    }

    package struct Limits: Hashable, Sendable {
        /// Largest package taken from the participant; nil: the node's own limit.
        package var packageBytesMax: Int?
        package var exchangesPerMinuteMax: Int?
        package init(packageBytesMax: Int? = nil, exchangesPerMinuteMax: Int? = nil) {
            self.packageBytesMax = packageBytesMax
            self.exchangesPerMinuteMax = exchangesPerMinuteMax
        }
    }

    package var id: ParticipantID
    package var name: String
    /// The subject that each of its certificates has, in the form of RFC 2253; nil: only the common name is compared.
    package var subject: String?
    package var transport: Transport
    /// `https://host:port`; nil for a participant that only sends to us, and for one whose packages are carried: where this node lays them is its own matter.
    /// Documents of before may name a folder's path.
    package var endpoint: String?
    /// In order of preference.
    package var formats: [String]
    package var seals: [String]
    package var limits: Limits
    package var sealing: Trust
    package var tls: Trust?
    /// Whom to call; for people only.
    package var contact: String?
    /// The verifier key of its ledger, which its partners witness; nil where it has none witnessed.
    package var ledgerKey: String?

    package init(
        id: ParticipantID, name: String, subject: String? = nil, transport: Transport = .https, endpoint: String? = nil, formats: [String], seals: [String],
        limits: Limits = Limits(), sealing: Trust, tls: Trust?, contact: String? = nil, ledgerKey: String? = nil
    ) {
        self.id = id
        self.name = name
        self.subject = subject
        self.transport = transport
        self.endpoint = endpoint
        self.formats = formats
        self.seals = seals
        self.limits = limits
        self.sealing = sealing
        self.tls = tls
        self.contact = contact
        self.ledgerKey = ledgerKey
    }

    /// The endpoint with its scheme; a folder's has one spelling.
    /// - Parameter carried: the folder of this node below which each participant whose packages are carried has its own.
    package func endpointURL(carried: String) -> String? {
        guard transport == .folder else { return endpoint }
        guard let endpoint else { return "folder:\(carried)/\(id)" }
        return "folder:/" + endpoint.split(separator: "/").joined(separator: "/")
    }

    package func trust(for use: CertificateUse) -> Trust? { use == .sealing ? sealing : tls }

    /// The pinned certificates of a use, first to expire first.
    package func certificates(for use: CertificateUse) -> [CertificateFacts] {
        guard case .pinned(let certificates) = trust(for: use) else { return [] }
        return certificates.sorted { ($0.notAfter, $0.sha256) < ($1.notAfter, $1.sha256) }
    }

    package var authorities: [CertificateFacts] {
        [sealing, tls].compactMap { trust in if case .authority(let authority) = trust { authority } else { nil } }
    }
}

/// The limits of the directory.
package enum DirectoryLimits {
    package static let participantsMax = 10_000
    /// Certificates of one use in one document: the old, the new, and room for a mishap.
    package static let certificatesMax = 8
    package static let preferencesMax = 16
    package static let textBytesMax = 256
    package static let approvalsMax = 16
    /// Statements about one participant in all its time.
    package static let statementsMax = 10_000
    package static let documentBytesMax = 256 << 10
    package static let peopleMax = 1_000
}
