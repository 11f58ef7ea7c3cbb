package import SluiceCore
package import SluiceKit

/// Certificates and revocation as Prometheus samples: what an alarm is set on. Digests are shortened to 16 digits, enough to tell them apart.
package struct TrustMetrics: Sendable {
    package var own: ParticipantID
    package var ownItems: [OwnKeys.Item]
    package var directory: ParticipantDirectory
    package var warnings: [CertificateWarning]
    package var listFreshness: [(issuer: String, secondsLeft: Int64)]

    /// - Parameter warnings: those of the participants and our own.
    package init(
        own: ParticipantID, ownItems: [OwnKeys.Item], directory: ParticipantDirectory, warnings: [CertificateWarning],
        listFreshness: [(issuer: String, secondsLeft: Int64)]
    ) {
        self.own = own
        self.ownItems = ownItems
        self.directory = directory
        self.warnings = warnings
        self.listFreshness = listFreshness
    }

    package func lines(at time: Instant) -> [String] {
        var lines = ["# HELP sluice_certificate_seconds_left Seconds until a certificate ends.", "# TYPE sluice_certificate_seconds_left gauge"]
        for item in ownItems where item.position != .previous {
            if let certificate = item.certificate { lines.append(line(own, item.use, certificate, time)) }
        }
        for entry in directory.entries.values.filter(\.isTrusted).sorted(by: { $0.record.participant.rawValue < $1.record.participant.rawValue }) {
            for use in CertificateUse.allCases {
                for certificate in entry.participant?.certificates(for: use) ?? [] { lines.append(line(entry.record.participant, use, certificate, time)) }
            }
        }
        lines += ["# HELP sluice_certificate_warnings Warnings about certificates, by severity.", "# TYPE sluice_certificate_warnings gauge"]
        for severity in [CertificateWarning.Severity.critical, .warning, .note] {
            lines.append("sluice_certificate_warnings{severity=\"\(severity.rawValue)\"} \(warnings.count { $0.severity == severity })")
        }
        lines += ["# HELP sluice_participants Participants of the directory, by state.", "# TYPE sluice_participants gauge"]
        for state in [ParticipantRecord.State.proposed, .approved, .suspended, .withdrawn] {
            lines.append("sluice_participants{state=\"\(state.rawValue)\"} \(directory.entries.values.count { $0.record.state == state })")
        }
        guard !listFreshness.isEmpty else { return lines }
        lines += ["# HELP sluice_revocation_list_seconds_left Seconds until a revocation list runs out.", "# TYPE sluice_revocation_list_seconds_left gauge"]
        for (issuer, secondsLeft) in listFreshness {
            // A JSON string escapes what a label has to escape.
            lines.append("sluice_revocation_list_seconds_left{issuer=\(JSONValue.string(issuer).compactText)} \(secondsLeft)")
        }
        return lines
    }

    private func line(_ owner: ParticipantID, _ use: CertificateUse, _ certificate: CertificateFacts, _ time: Instant) -> String {
        "sluice_certificate_seconds_left{participant=\"\(owner)\",use=\"\(use.rawValue)\",sha256=\"\(certificate.sha256.hex.prefix(16))\"} \(certificate.notAfter.seconds - time.seconds)"
    }
}
