package import SluiceKit

/// A package that has been opened and whose seal, sender and addressee are what they have to be.
package struct VerifiedPackage: Sendable {
    package var document: ExchangeDocument
    package var opened: OpenedPackage
    package var payload: CoveredFile
    /// Where the payload was extracted to.
    package var packageDigest: String
    /// The seal it came under; its receipt goes back under the same.
    package var seal: any Seal
    /// When the sender says it sealed the package.
    package var sealedAt: Instant
    package var packageBytes: Int
    /// The transport that it came by; nil where nobody knows.
    package var channel: String?
}

/// What the way in decided about a verified package.
package struct InboundTrip: Sendable {
    package var record: ExchangeRecord
    package var receipt: ReceiptDocument
    package var events: [LedgerEvent] = []
    package var findings: [Finding] = []
    /// What binds the data from here on, and the code by which they are known again; nil where they are not taken.
    package var terms: ReceivedTerms?
    package var contentCode = ""
    package var isAccepted: Bool { receipt.outcome == .accepted }
}

/// The way in: **open** → **verify**, and after the node has recorded that: **read** → **check** → **decide**. Storing, publishing and
/// the receipt are committed by the node in one transaction.
package struct InboundCorridor: Sendable {
    package let tools: CorridorTools

    package init(_ tools: CorridorTools) { self.tools = tools }

    /// Opens a package strictly and verifies who sealed it for whom.
    /// - Parameters:
    ///   - packageDigest: SHA-256 of the whole package.
    ///   - directory: takes the covered files when they do not fit into memory; the caller removes it.
    /// - Throws: `Refusal` with the seal's own code (`seal.digestMismatch`) or `verify.…`; `OwnTrouble`.
    package func verify(
        _ package: Content, sealedWith seal: any Seal, packageDigest: String, exchangeID: String, from peer: Peer, extractingInto directory: String
    ) throws
        -> VerifiedPackage
    {
        let opened = try Unpack(tools).open(package, sealedWith: seal, at: tools.clock.now(), spillingInto: directory)
        let document: ExchangeDocument
        do {
            document = try ExchangeDocument(json: JSONValue(parsing: opened.exchange))
        } catch {
            throw Refusal("verify.document", "\(error)")
        }
        guard document.exchangeID == exchangeID else {
            throw Refusal("verify.exchange", "the package is exchange \(document.exchangeID), but was handed in as \(exchangeID)")
        }
        guard let sealedAt = Instant(rfc3339: document.sealedAt) else {
            throw Refusal("verify.document", "\"\(document.sealedAt)\" is no time; sealedAt is written 2026-03-01T09:00:00Z")
        }
        guard opened.signer.participant == document.sender else {
            throw Refusal("verify.signer", "the package names \(document.sender) as sender, but \(opened.signer.participant) sealed it")
        }
        guard peer.participant == document.sender else {
            throw Refusal("verify.peer", "the package is from \(document.sender), but \(peer.participant) handed it in")
        }
        guard document.receiver == tools.participant else {
            throw Refusal("verify.receiver", "the package is addressed to \(document.receiver), and this node is \(tools.participant)")
        }
        guard let payload = opened.files.first(where: { $0.name == document.payloadName }) else {
            throw Refusal("verify.payload", "the package does not hold its payload \"\(document.payloadName)\"")
        }
        let bytes = try package.byteCount()
        return VerifiedPackage(
            document: document, opened: opened, payload: payload, packageDigest: packageDigest, seal: seal, sealedAt: sealedAt, packageBytes: bytes,
            channel: peer.channel)
    }

    /// The events that say a package was verified; the node commits them before it reads the payload.
    package func verifiedEvents(_ package: VerifiedPackage, from peer: Peer) -> [LedgerEvent] {
        [
            LedgerEvent(
                .packageReceived, exchange: package.document.exchangeID,
                [
                    LedgerData.text("sender", peer.participant.rawValue), LedgerData.text("peerCertificateSHA256", peer.certificateDigest),
                    LedgerData.text("packageSHA256", package.packageDigest), LedgerData.count("bytes", package.packageBytes),
                ]),
            LedgerEvent(
                .packageVerified, exchange: package.document.exchangeID,
                [
                    LedgerData.text("seal", package.seal.identifier), LedgerData.text("manifestSHA256", package.opened.manifestSHA256.hex),
                    LedgerData.text("certificateSHA256", package.opened.signer.certificateSHA256.hex),
                    LedgerData.text("payloadSHA256", package.payload.sha256.hex),
                    LedgerData.text("dataflow", package.document.dataflow.urn), LedgerData.text("outcome", "verified"),
                ]),
        ]
    }

    /// Reads, checks and decides; the outcome is a receipt, accepted or refused.
    /// - Throws: `OwnTrouble`; the exchange stays received.
    package func judge(_ package: VerifiedPackage, receivedAt: Instant) throws -> InboundTrip {
        let document = package.document
        var record = ExchangeRecord(
            id: document.exchangeID, direction: .incoming, sender: document.sender.rawValue, receiver: document.receiver.rawValue,
            dataflow: document.dataflow.description, state: .received, createdAt: receivedAt)
        record.purpose = document.purpose
        record.agreement = "\(document.agreementID) \(document.agreementVersion)"
        record.manifestDigest = package.opened.manifestSHA256.hex
        record.bytes = package.packageBytes
        record.observations = document.observations
        let receipt = ReceiptDocument(
            exchangeID: document.exchangeID, issuer: tools.participant, recipient: document.sender, manifestDigest: package.opened.manifestSHA256.hex,
            packageDigest: package.packageDigest, outcome: .accepted, answeredAt: "")
        var trip = InboundTrip(record: record, receipt: receipt)
        do {
            try weigh(package, &trip)
            trip.record.state = .accepted
        } catch let refusal as Refusal {
            trip.record.state = .refused
            trip.record.reasonCode = refusal.code
            trip.record.reason = refusal.boundedDetail
            trip.receipt.outcome = .refused
            trip.receipt.reasonCode = refusal.code
            trip.receipt.reason = refusal.boundedDetail
        }
        trip.record.updatedAt = tools.clock.now()
        trip.receipt.answeredAt = trip.record.updatedAt.rfc3339
        trip.receipt.observations = trip.record.observations
        return trip
    }

    private func weigh(_ package: VerifiedPackage, _ trip: inout InboundTrip) throws {
        let document = package.document
        let tally = FindingTally(samplesPerCodeMax: tools.limits.findingsPerCodeMax)
        defer {
            trip.findings = tally.samples
            trip.receipt.findingCount = tally.count
        }
        guard let format = tools.format(document.payloadFormat) else {
            throw Refusal(
                "read.unsupported", "this node does not read \"\(document.payloadFormat)\"; it reads \(tools.formats.map(\.id).joined(separator: ", "))")
        }
        let findings = tools.severities.applied(to: tally)
        let context = tools.readContext(flow: document.dataflow, findings: findings)
        func read(_ context: ReadContext) -> Read {
            Read(package.payload.content, makeReader: { (source, context) throws(ReadError) in try format.reader(of: source, in: context) }, context: context)
        }
        let survey = try Survey.run(
            read(context), findings: findings, limits: tools.limits, temporaryDirectory: tools.spoolDirectory, standard: SDMXStandard(formatID: format.id),
            expectedSenders: [document.sender.rawValue, document.sender.headerID], contentKey: tools.contentKey)
        trip.record.observations = survey.observations
        trip.events.append(
            LedgerEvent(
                .datasetRead, exchange: document.exchangeID,
                [
                    LedgerData.text("format", format.id), LedgerData.text("payloadSHA256", package.payload.sha256.hex),
                    LedgerData.text("dataStructure", survey.schema.structure.reference.urn), LedgerData.count("observations", survey.observations),
                ]))
        trip.events.append(
            LedgerEvent(
                .datasetChecked, exchange: document.exchangeID,
                LedgerData.outcome(tally.hasErrors ? "refused" : "passed", code: tally.hasErrors ? "check.findings" : "") + [
                    LedgerData.counts("findings", tally.countByCode)
                ]))
        guard !tally.hasErrors else {
            throw Refusal("check.findings", "\(tally.errorCount) errors were found in the data; the receipt lists the first of each kind")
        }
        let ruling = Ruling(
            direction: .accept, giver: document.sender, receiver: tools.participant, flow: document.dataflow, purpose: document.purpose, at: tools.clock.now(),
            channel: package.channel, survey: survey, under: tools.book.now, hashing: tools.hashing)
        trip.events.append(
            LedgerEvent(
                .agreementDecided, exchange: document.exchangeID,
                ruling.ledgerData(flow: document.dataflow, counterpart: document.sender)
                    + [LedgerData.text("sendersAgreementSHA256", document.agreementDigest)]))
        // What is wrong with the data was found in the first pass.
        let silent = tools.readContext(flow: document.dataflow, findings: FindingTally(samplesPerCodeMax: 0))
        try lookAtRows(read(silent), try ruling.obligationsOrRefusal())
        let terms = ReceivedTerms(document, sealed: document.obligations, own: ruling.sealedObligations(), receivedAt: trip.record.createdAt)
        trip.record.retainUntil = terms.keepUntil
        trip.terms = terms
        trip.contentCode = tools.contentKey.flatMap { survey.content?.code(tools.hashing, key: $0) } ?? ""
    }

    /// Combinations of codes show row by row only: where an agreement forbids some, the payload is read again for them.
    private func lookAtRows(_ read: Read, _ obligations: [Obligations]) throws {
        guard obligations.contains(where: { !$0.cube.forbidden.isEmpty }) else { return }
        try read.eachDataset(atMost: tools.limits.datasetsMax) { description, ordinal in
            let gate = CombinationGate(description.schema, obligations[ordinal - 1].cube.forbidden)
            return Read.Visitor(batch: { batch in
                guard let key = gate.firstForbidden(in: batch) else { return }
                throw Refusal(
                    "agreement.\(Decision.ReasonCode.combinationForbidden.rawValue)", "\(key) has codes that the agreement does not let travel together")
            })
        }
    }
}
