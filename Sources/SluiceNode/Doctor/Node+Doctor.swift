internal import SluiceCore
internal import SluiceCrypto
package import SluiceKit

extension Node {
    /// Looks through everything that an exchange with a participant needs. Sends nothing but a question who is there.
    package func diagnose(_ id: ParticipantID) async throws -> Diagnosis {
        var diagnosis = Diagnosis(id)
        try await readDirectory()
        let partner = judgePartner(id, &diagnosis)
        judgeKeys(&diagnosis)
        try await readAgreements()
        judgeAgreements(id, &diagnosis)
        if let partner, let url = partner.endpoint {
            let examination = await transport.examine(Endpoint(participant: id, url: url))
            for step in examination.steps { diagnosis.note(step.name, step.isPassed ? .passed : .failed, step.words) }
            if let der = examination.certificateDER { judgeCertificate(der, isTaken: examination.isPassed, of: id, &diagnosis) }
            if let greeting = examination.greeting { judgeGreeting(greeting, of: partner, &diagnosis) }
        }
        try await judgeQueue(id, &diagnosis)
        try await judgeWitness(id, &diagnosis)
        return diagnosis
    }

    private func judgePartner(_ id: ParticipantID, _ diagnosis: inout Diagnosis) -> NodeConfiguration.Partner? {
        guard id != participant else {
            diagnosis.note("participant", .failed, "\(id) is this node itself; name a partner")
            return nil
        }
        guard let partner = partners.partner(id) else {
            diagnosis.note("participant", .failed, whyNoPartner(id))
            return nil
        }
        guard let url = partner.endpoint else {
            diagnosis.note("participant", .warning, "\(id) is a partner without an endpoint: it can send to this node, and nothing can be sent to it")
            return partner
        }
        diagnosis.note("participant", .passed, "\(id) is a partner, at \(url)")
        return partner
    }

    private func whyNoPartner(_ id: ParticipantID) -> String {
        guard let directory else { return "\(id) is not among the partners of \(configuration.file); add it there with its endpoint" }
        guard let record = directory.current.entries[id]?.record else {
            if let problem = directory.problems.first(where: { "\($0)".contains(id.rawValue) }) { return "the record of \(id) is broken: \(problem)" }
            return "\(id) is not in the directory; sluice participant import brings its document"
        }
        return switch record.state {
        case .proposed: "the document of \(id) waits for \(record.rule.approvalsRequired) approvals: sluice participant show \(id)"
        case .suspended:
            "\(id) is suspended\(record.lastReason.isEmpty ? "" : " (\(record.lastReason))"); two people resume it: sluice participant resume \(id)"
        case .withdrawn: "\(id) was withdrawn; a new document that two people approve brings it back"
        case .approved: "the document of \(id) cannot be read; sluice participant show \(id) says why"
        }
    }

    private func judgeKeys(_ diagnosis: inout Diagnosis) {
        let (warnings, problems) = keys.check(at: tools.clock.now())
        for problem in problems { diagnosis.note("keys", .failed, problem) }
        for warning in warnings { diagnosis.note("keys", warning.severity == .critical ? .failed : .warning, warning.detail) }
        do {
            _ = try requireCertificates()
            if problems.isEmpty, warnings.isEmpty { diagnosis.note("keys", .passed, "this node's certificates and keys are in order") }
        } catch {
            if problems.isEmpty { diagnosis.note("keys", .failed, "\(error)") }
        }
    }

    private func judgeAgreements(_ id: ParticipantID, _ diagnosis: inout Diagnosis) {
        if tools.book.now.isInDoubt {
            diagnosis.note("agreement", .failed, "what was said of an agreement cannot be told any more, so nothing travels; the log says what to restore")
        }
        for standing in tools.book.others
        where standing.state == .suspended && ([standing.agreement.giver] + standing.agreement.receivers).contains(id.rawValue) {
            diagnosis.note(
                "agreement", .failed,
                "\(standing.agreement.name) is suspended here\(standing.reason.isEmpty ? "" : ": \(standing.reason)"); two people resume it")
        }
        let agreements = tools.agreements(with: id)
        guard !agreements.isEmpty else {
            diagnosis.note("agreement", .failed, "there is no agreement with \(id); what is not agreed does not travel")
            return
        }
        let today = CalendarDate(utc: tools.clock.now())
        for agreement in agreements {
            let words = "\(agreement.name): \(agreement.giver) gives \(agreement.dataflow) for \(agreement.purposes.joined(separator: ", "))"
            if today < agreement.from {
                diagnosis.note("agreement", .warning, "\(words), from \(agreement.from) on")
            } else if agreement.until < today {
                diagnosis.note("agreement", .failed, "\(words); it ended on \(agreement.until): renew it")
            } else {
                diagnosis.note("agreement", .passed, "\(words), until \(agreement.until)")
            }
            if tools.structures.dataStructure(ofFlow: agreement.dataflow) == nil {
                diagnosis.note(
                    "structure", .failed, "the structures of this node do not define \(agreement.dataflow) with its data structure; load its structure message")
            }
        }
    }

    /// - Parameter isTaken: TLS was agreed with it; else its faults are looked for.
    private func judgeCertificate(_ der: [UInt8], isTaken: Bool, of id: ParticipantID, _ diagnosis: inout Diagnosis) {
        let certificate: Certificate
        do throws(CryptoError) { certificate = try Certificate(der: der) } catch {
            diagnosis.note("certificate", .failed, "the certificate at the endpoint cannot be read: \(error.detail)")
            return
        }
        let now = tools.clock.now()
        let words = "the endpoint shows \(certificate.subject), issued by \(certificate.issuer), valid until \(certificate.notAfter.rfc3339)"
        if certificate.participant != id {
            diagnosis.note(
                "certificate", .failed, "\(words): that is \(certificate.participant?.rawValue ?? "no participant"), not \(id); correct the endpoint")
            return
        }
        do throws(PackageError) {
            if !isTaken { try authorities.check(certificate, for: .tlsServer, at: now) }
            if !isTaken, let directory, directory.participant(ofTLS: der) != id {
                diagnosis.note(
                    "certificate", .failed,
                    "\(words): it is revoked, its revocation is not known, or the directory holds another; sluice participant show \(id)")
                return
            }
            let days = (certificate.notAfter.seconds - now.seconds) / 86_400
            diagnosis.note("certificate", days < Self.daysLeftFew ? .warning : .passed, "\(words), \(days) days left")
        } catch {
            diagnosis.note("certificate", .failed, "\(words): \(error.detail)")
        }
    }

    private static let daysLeftFew: Int64 = 30

    private func judgeGreeting(_ bytes: [UInt8], of partner: NodeConfiguration.Partner, _ diagnosis: inout Diagnosis) {
        let greeting: Greeting
        do throws(DocumentError) { greeting = try Greeting(bytes) } catch {
            diagnosis.note("answer", .failed, error.detail)
            return
        }
        let id = partner.id
        guard greeting.participant == id else {
            diagnosis.note("answer", .failed, "the node at the endpoint is \(greeting.participant), not \(id); correct the endpoint")
            return
        }
        judgeClock(greeting.time, of: id, &diagnosis)
        if greeting.formats.contains(partner.format) {
            diagnosis.note("format", .passed, "\(id) reads \(partner.format)")
        } else {
            diagnosis.note("format", .failed, "\(id) does not read \(partner.format); it reads \(greeting.formats.joined(separator: ", "))")
        }
        if !partner.seals.contains(where: greeting.seals.contains) {
            diagnosis.note(
                "format", .failed, "\(id) opens none of the seals \(partner.seals.joined(separator: ", ")); it opens \(greeting.seals.joined(separator: ", "))")
        }
        let own = tools.greeting(to: id, packageBytesMax: 0).agreements
        for mine in own { judgeAgreement(mine, greeting.agreements, of: id, &diagnosis) }
        for theirs in greeting.agreements where !own.contains(where: { $0.id == theirs.id }) {
            diagnosis.note("agreement", .warning, "\(id) has an agreement \(theirs.id) \(theirs.version) about \(theirs.dataflow) that this node has not")
        }
    }

    private func judgeClock(_ time: Instant, of id: ParticipantID, _ diagnosis: inout Diagnosis) {
        let seconds = (time.milliseconds - tools.clock.now().milliseconds) / 1_000
        let words = "the clock of \(id) is \(abs(seconds)) s \(seconds < 0 ? "behind" : "ahead of") this node's"
        let tolerated = configuration.clockTolerance.skewMilliseconds / 1_000
        if abs(seconds) > tolerated {
            diagnosis.note("clock", .failed, "\(words), and packages are refused from \(tolerated) s on; set the clocks by NTP")
        } else {
            diagnosis.note("clock", abs(seconds) > tolerated / 10 ? .warning : .passed, words)
        }
    }

    private func judgeAgreement(_ mine: Greeting.AgreementEntry, _ theirs: [Greeting.AgreementEntry], of id: ParticipantID, _ diagnosis: inout Diagnosis) {
        let named = theirs.filter { $0.id == mine.id }
        guard let other = named.first(where: { $0.version == mine.version }) ?? named.first else {
            diagnosis.note("agreement", .failed, "\(id) does not have \(mine.id) \(mine.version): what rests on it is refused there; send it the agreement")
            return
        }
        if other.isSuspended {
            diagnosis.note("agreement", .failed, "\(other.id) \(other.version) is suspended at \(id): nothing is taken under it; ask its steward there")
        } else if other.version != mine.version {
            diagnosis.note("agreement", .warning, "this node has \(mine.id) in version \(mine.version), \(id) in version \(other.version)")
        } else if other.sha256 != mine.sha256 {
            diagnosis.note("agreement", .warning, "\(mine.id) \(mine.version) says something else at \(id); compare the two texts")
        } else {
            diagnosis.note("agreement", .passed, "\(id) has the same \(mine.id) \(mine.version)")
        }
        if other.dataStructure != mine.dataStructure {
            diagnosis.note(
                "structure", other.dataStructure.isEmpty ? .failed : .warning,
                "\(mine.dataflow) has the data structure \(mine.dataStructure) here and \(other.dataStructure.isEmpty ? "none" : other.dataStructure) at \(id)")
        }
    }

    private func judgeQueue(_ id: ParticipantID, _ diagnosis: inout Diagnosis) async throws {
        var (waiting, parked, after) = (0, 0, Int64(0))
        var lastError = ""
        while true {
            let from = after
            let items = try await store.read { try $0.outboxItems(after: from, limit: Self.itemsPerLook) }
            for item in items where item.receiver == id.rawValue {
                if item.isParked { parked += 1 } else { waiting += 1 }
                if !item.lastError.isEmpty { lastError = item.lastError }
            }
            guard let last = items.last?.sequence else { break }
            after = last
        }
        let words = "\(waiting) exchanges wait, \(parked) are parked\(lastError.isEmpty ? "" : "; the last try: \(lastError)")"
        diagnosis.note("queue", parked > 0 || !lastError.isEmpty ? .warning : .passed, words)
    }

    private static let itemsPerLook = 1_000
}
