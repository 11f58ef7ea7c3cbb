package import SluiceKit

/// Who is believed to be whom, at one moment of the directory. A value: changes make a new one.
package struct ParticipantDirectory: Sendable {
    package struct Entry: Hashable, Sendable {
        package var record: ParticipantRecord
        /// The document in force.
        package var participant: Participant?
        /// The document that waits for approval.
        package var pending: Participant?

        package init(record: ParticipantRecord, participant: Participant?, pending: Participant?) {
            self.record = record
            self.participant = participant
            self.pending = pending
        }

        package var isTrusted: Bool { record.state == .approved && participant != nil }
    }

    package let entries: [ParticipantID: Entry]
    private let tlsPins: [SHA256Digest: ParticipantID]

    package init(_ entries: [Entry]) {
        self.entries = Dictionary(entries.map { ($0.record.participant, $0) }, uniquingKeysWith: { first, _ in first })
        var pins: [SHA256Digest: ParticipantID] = [:]
        for entry in entries where entry.isTrusted {
            for certificate in entry.participant?.certificates(for: .tls) ?? [] { pins[certificate.sha256] = entry.record.participant }
        }
        tlsPins = pins
    }

    package subscript(id: ParticipantID) -> Entry? { entries[id] }

    /// Why a certificate is not believed.
    package enum Doubt: String, Hashable, Sendable {
        case participantUnknown, notApproved, suspended, withdrawn, certificateUnknown, wrongUse, notYetValid, expired
    }

    package enum Ruling: Hashable, Sendable {
        case trusted
        case refused(Doubt, String)
    }

    /// Whether this certificate is the participant's for this use at this time. Revocation is asked separately.
    package func ruling(
        on certificate: CertificateFacts, of id: ParticipantID, for use: CertificateUse, at time: Instant, through intermediates: [[UInt8]] = [],
        _ reading: any CertificateReading
    ) -> Ruling {
        guard let entry = entries[id] else { return .refused(.participantUnknown, "\(id) is not in the directory of this node") }
        switch entry.record.state {
        case .approved: break
        case .proposed: return .refused(.notApproved, "\(id) is proposed and not approved yet")
        case .suspended:
            return .refused(.suspended, "\(id) is suspended: \(entry.record.lastReason.isEmpty ? "ask its steward here" : entry.record.lastReason)")
        case .withdrawn: return .refused(.withdrawn, "\(id) was withdrawn")
        }
        guard let participant = entry.participant, let trust = participant.trust(for: use) else {
            return .refused(.certificateUnknown, "\(id) has no \(use.rawValue) certificate in the directory")
        }
        if let problem = ParticipantReader.problem(with: certificate, for: use, of: id, subject: participant.subject) {
            return .refused(certificate.participant == id ? .wrongUse : .certificateUnknown, problem)
        }
        guard certificate.notBefore.seconds <= time.seconds else {
            return .refused(.notYetValid, "the certificate \(certificate.serial) of \(id) is not valid before \(certificate.notBefore.rfc3339)")
        }
        guard time.seconds <= certificate.notAfter.seconds else {
            return .refused(.expired, "the certificate \(certificate.serial) of \(id) expired at \(certificate.notAfter.rfc3339)")
        }
        switch trust {
        case .pinned(let certificates):
            guard certificates.contains(where: { $0.sha256 == certificate.sha256 }) else {
                return .refused(
                    .certificateUnknown,
                    "the certificate \(certificate.serial) is not one of those that the directory holds of \(id); import its new document and have it approved")
            }
        case .authority(let authority):
            guard reading.isIssued(certificate, through: intermediates, by: authority, for: use, at: time) else {
                return .refused(.certificateUnknown, "the certificate \(certificate.serial) was not issued by the authority that the directory holds of \(id)")
            }
        }
        return .trusted
    }

    /// Whose TLS certificate this is; nil for everybody who is not to be spoken with. It may be asked at each handshake.
    package func participant(ofTLS certificate: CertificateFacts, at time: Instant, through intermediates: [[UInt8]] = [], _ reading: any CertificateReading)
        -> ParticipantID?
    {
        guard let id = tlsPins[certificate.sha256] ?? certificate.participant else { return nil }
        return ruling(on: certificate, of: id, for: .tls, at: time, through: intermediates, reading) == .trusted ? id : nil
    }

    /// The certificates that are believed for a use at a time; during a rotation two.
    package func certificates(of id: ParticipantID, for use: CertificateUse, at time: Instant) -> [CertificateFacts] {
        guard let entry = entries[id], entry.isTrusted else { return [] }
        return (entry.participant?.certificates(for: use) ?? []).filter { $0.isValid(at: time) }
    }

    /// Everything that must be told of the participants' certificates, worst first.
    package func warnings(at time: Instant) -> [CertificateWarning] {
        var warnings: [CertificateWarning] = []
        for entry in entries.values where entry.isTrusted || entry.record.state == .suspended {
            for use in CertificateUse.allCases {
                guard let participant = entry.participant, case .pinned(let certificates) = participant.trust(for: use) else { continue }
                warnings += CertificateWarning.all(of: certificates, owner: participant.id, use: use, at: time)
            }
        }
        return warnings.sorted()
    }
}
