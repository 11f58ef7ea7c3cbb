package import SluiceKit

/// What is to travel, to whom and why.
package struct OutboundShipment: Sendable {
    package var exchangeID: String
    package var receiver: ParticipantID
    package var flow: ArtefactReference
    package var purpose: String
    /// The input: bytes, or a regular file that nobody changes during the trip.
    package var input: Content
    /// Key of the input's digest in the ledger, for the giver alone.
    package var inputKey: [UInt8]
    /// How the input is read: a format's reader, or a mapping's.
    package var makeReader: ReaderMaker
    /// What the ledger calls the input: a format id, or a mapping with its digest.
    package var inputDescription: String
    package var outputFormat: any DataFormat
    package var seal: any Seal
    /// SHA-256 of the receipt package last accepted for this flow and receiver.
    package var previousReceipt: String
    /// Who asks for it to be sent.
    package var requester = ReleaseRequester.unnamed
    /// False where this node has never received anything: then nothing is computed for the question whether the input was.
    package var mayHaveBeenReceived = true

    package init(
        exchangeID: String, receiver: ParticipantID, flow: ArtefactReference, purpose: String, input: Content, inputKey: [UInt8],
        makeReader: @escaping ReaderMaker,
        inputDescription: String, outputFormat: any DataFormat, seal: any Seal, previousReceipt: String
    ) {
        self.exchangeID = exchangeID
        self.receiver = receiver
        self.flow = flow
        self.purpose = purpose
        self.input = input
        self.inputKey = inputKey
        self.makeReader = makeReader
        self.inputDescription = inputDescription
        self.outputFormat = outputFormat
        self.seal = seal
        self.previousReceipt = previousReceipt
    }
}

/// What came of a trip: its record, its events in order, and the package when it was sealed.
package struct OutboundTrip: Sendable {
    package var record: ExchangeRecord
    package var events: [LedgerEvent] = []
    package var findings: [Finding] = []
    /// The sealed package; nil when the trip ended in a refusal.
    package var package: Content?
    /// Who is to be told of the release, by the agreements; empty where it ended in a refusal.
    package var notify: [String] = []
    /// SHA-256 of the released payload.
    package var payloadDigest = ""
    /// What the register of releases is to keep of it.
    package var releases: [Compare.Release] = []
    /// What waits for approval, unsealed, and its payload; nil where nothing has to wait, or the trip ended in a refusal.
    package var waiting: (draft: ReleaseDraft, payload: Content)?

    package init(record: ExchangeRecord) { self.record = record }
}

/// The way out: **read** → **check** → **tabulate** → **decide** → **protect** → **write** → **seal**. Recording and delivery are the node's.
///
/// The input is read twice: once to check it and to see which codes it holds, once to carry it over. Records are read once: a table is made of them, and
/// only that goes on. Nothing has an effect before the
/// node commits the trip's events with the package, so a crash at any point leaves only files in the spool folder.
package struct OutboundCorridor: Sendable {
    package let tools: CorridorTools

    package init(_ tools: CorridorTools) { self.tools = tools }

    /// Runs the trip to its end; a refusal is an outcome, not an error.
    /// - Throws: `OwnTrouble` (a full disk, no certificate to seal with): nothing is recorded, and the same shipment can be run again.
    package func run(_ shipment: OutboundShipment) throws -> OutboundTrip {
        var record = ExchangeRecord(
            id: shipment.exchangeID, direction: .outgoing, sender: tools.participant.rawValue, receiver: shipment.receiver.rawValue,
            dataflow: shipment.flow.description,
            state: .queued, createdAt: tools.clock.now())
        record.purpose = shipment.purpose
        var trip = OutboundTrip(record: record)
        do {
            try travel(shipment, &trip)
        } catch let refusal as Refusal {
            refuse(&trip, shipment.flow, refusal)
        }
        return trip
    }

    /// A trip that came to its end and cannot be recorded as it is: nothing of it leaves, and that is recorded in its place.
    package func refused(_ trip: OutboundTrip, flow: ArtefactReference, as refusal: Refusal) -> OutboundTrip {
        var trip = trip
        trip.events.removeAll { [.packageSealed, .exchangeAwaitsApproval, .exchangeQueued].contains($0.kind) }
        trip.record.seal = ""
        trip.record.packageDigest = ""
        trip.record.manifestDigest = ""
        trip.record.bytes = 0
        refuse(&trip, flow, refusal)
        return trip
    }

    private func travel(_ shipment: OutboundShipment, _ trip: inout OutboundTrip) throws {
        func note(_ kind: LedgerEvent.Kind, _ data: [JSONMember]) { trip.events.append(LedgerEvent(kind, exchange: shipment.exchangeID, data)) }
        let tally = FindingTally(samplesPerCodeMax: tools.limits.findingsPerCodeMax)
        defer { trip.findings = tally.samples }
        let standing = tools.book.now

        // Read, check and tabulate.
        let findings = tools.severities.applied(to: tally)
        var examine = Examine(
            shipment.input, makeReader: shipment.makeReader, context: tools.readContext(flow: shipment.flow, findings: findings),
            for: Examine.Purpose(
                giver: tools.participant, receiver: shipment.receiver, flow: shipment.flow, purpose: shipment.purpose, time: tools.clock.now(),
                agreements: standing.active, records: standing.records, codes: tools.protectionCodes, channel: tools.channel(shipment.receiver)),
            limits: tools.limits, temporaryDirectory: tools.spoolDirectory, standard: standard(of: shipment.input),
            expectedSenders: [tools.participant.rawValue, tools.participant.headerID])
        let arrived = shipment.mayHaveBeenReceived ? tools.received : nil
        if arrived != nil { examine.contentKey = tools.contentKey }
        let examined = try examine.run()
        let survey = examined.survey
        let inputDigest = try tools.hashing.sha256(shipment.input)
        trip.record.observations = survey.observations
        note(
            .datasetRead,
            [
                LedgerData.text("input", shipment.inputDescription),
                LedgerData.text("inputKeyedSHA256", tools.hashing.code(inputDigest.bytes, key: shipment.inputKey).hex),
                LedgerData.text("dataStructure", survey.schema.structure.reference.urn), LedgerData.count("observations", survey.observations),
                LedgerData.count("datasets", survey.datasets),
            ])
        note(
            .datasetChecked,
            LedgerData.outcome(tally.hasErrors ? "refused" : "passed", code: tally.hasErrors ? "check.findings" : "") + [
                LedgerData.counts("findings", tally.countByCode)
            ])
        guard !tally.hasErrors else { throw Refusal("check.findings", "\(tally.errorCount) errors were found in the data; mend them and send again") }
        if let data = examined.tabulationData { note(.datasetTabulated, data) }
        let subject = try examined.subject()

        // Decide.
        let ruling = Ruling(
            direction: .send, giver: tools.participant, receiver: shipment.receiver, flow: shipment.flow, purpose: shipment.purpose, at: tools.clock.now(),
            channel: tools.channel(shipment.receiver), survey: subject, under: standing, hashing: tools.hashing)
        trip.record.agreement = ruling.agreementName
        let received = try terms(of: inputDigest, survey, among: arrived)
        note(.agreementDecided, ruling.ledgerData(flow: shipment.flow, counterpart: shipment.receiver) + receivedData(received))
        let obligations = try ruling.obligationsOrRefusal()
        let onward = try passedOn(ruling, received, shipment)
        trip.record.retainUntil = ruling.retainUntil(from: trip.record.createdAt, onward)
        trip.notify = Set(obligations.flatMap(\.handling.notify)).sorted()
        let waits = try approvalIsObliged(by: obligations, shipment)

        // Protect and write.
        let payloadName = "data." + shipment.outputFormat.fileExtension
        let payloadPath = "\(tools.spoolDirectory)/\(shipment.exchangeID).\(payloadName)"
        defer { if trip.waiting == nil { removeFile(payloadPath) } }
        let released = try release(examined, obligations, shipment, under: standing, spillingTo: payloadPath, &trip)
        let payload = released.payload

        // Seal, or wait for a second person: until then there is nothing under this node's seal.
        var draft = ReleaseDraft(
            document: ExchangeDocument(
                exchangeID: shipment.exchangeID, sender: tools.participant, receiver: shipment.receiver, dataflow: shipment.flow,
                dataStructure: subject.schema.structure.reference, agreementID: ruling.agreementID, agreementVersion: ruling.agreementVersion,
                agreementDigest: ruling.agreementDigest, purpose: shipment.purpose, decisionRules: ruling.rules,
                protections: released.reports.map(Protect.publicReport),
                payloadName: payloadName, payloadFormat: shipment.outputFormat.id, observations: trip.record.observations, sealedAt: "",
                previousReceipt: shipment.previousReceipt),
            payloadDigest: trip.payloadDigest, mediaType: shipment.outputFormat.mediaType, seal: shipment.seal.identifier,
            sentBy: shipment.requester.person)
        draft.document.obligations = onward
        guard !waits else {
            trip.record.state = .awaitingApproval
            trip.waiting = (draft, payload)
            return note(.exchangeAwaitsApproval, draft.waitingData(code: personCode(draft.sentBy, key: shipment.inputKey)))
        }
        let (sealed, event) = try seal(draft, payload: payload, with: shipment.seal)
        trip.package = sealed.content
        trip.record.packageDigest = try tools.hashing.sha256(sealed.content).hex
        trip.record.seal = shipment.seal.identifier
        trip.record.manifestDigest = sealed.manifestSHA256.hex
        trip.record.bytes = Int(sealed.bytes)
        trip.events.append(event)
        note(
            .exchangeQueued,
            [LedgerData.text("receiver", shipment.receiver.rawValue), LedgerData.text("dataflow", shipment.flow.urn), LedgerData.text("outcome", "queued")])
    }

    /// Protects what is obliged, writes it in the receiver's format, and lets the gate attack what was written.
    private func release(
        _ examined: Examined, _ obligations: [Obligations], _ shipment: OutboundShipment, under standing: StandingAgreements,
        spillingTo payloadPath: String, _ trip: inout OutboundTrip
    ) throws -> (payload: Content, reports: [JSONValue]) {
        func note(_ kind: LedgerEvent.Kind, _ data: [JSONMember]) { trip.events.append(LedgerEvent(kind, exchange: shipment.exchangeID, data)) }
        let header = messageHeader(shipment)
        var write = try Write(shipment.outputFormat, header: header, inMemoryUpTo: tools.limits.contentInMemoryMax, spillingTo: payloadPath)
        let payload: Content
        var reports: [JSONValue] = []
        let silent = tools.readContext(flow: shipment.flow, findings: FindingTally(samplesPerCodeMax: 0))
        let protections = try obligations.map { try Protect($0, among: tools.protections, in: tools.protectionContext($0, receiver: shipment.receiver)) }
        let comparisons = try obligations.map {
            try Compare($0, exchangeID: shipment.exchangeID, receiver: shipment.receiver, flow: shipment.flow, under: standing, tools: tools)
        }
        var compared: [JSONValue] = []
        if examined.isRecords || protections.contains(where: { $0 != nil }) || comparisons.contains(where: { $0 != nil }) {
            var ordinal = 0
            var originals: [Table] = []
            try examined.eachTable(limits: tools.limits, silently: silent) { table in
                defer { ordinal += 1 }
                var table = table
                if let protect = protections[ordinal] {
                    let released = try protect.release(of: table)
                    reports.append(released.report)
                    table = released.table
                    originals.append(released.original)
                } else {
                    originals.append(table)
                }
                try write.begin(relabelled(table.description, shipment))
                try write.write(table.batch)
            }
            payload = try write.finish()
            compared = try gate(payload, shipment, protections, originals, comparisons, &trip)
        } else {
            try examined.again(silent).eachDataset(atMost: tools.limits.datasetsMax) { description, _ in
                try write.begin(relabelled(description, shipment))
                return Read.Visitor(batch: { try write.write($0) })
            }
            payload = try write.finish()
        }
        trip.record.observations = write.observations
        if !reports.isEmpty {
            let differencing = compared.isEmpty ? [] : [JSONMember("differencing", .array(compared))]
            note(.datasetProtected, [JSONMember("protections", .array(reports))] + differencing + [LedgerData.text("outcome", "released")])
        }
        trip.payloadDigest = try tools.hashing.sha256(payload).hex
        note(
            .datasetWritten,
            [
                LedgerData.text("format", shipment.outputFormat.id), LedgerData.text("payloadSHA256", trip.payloadDigest),
                LedgerData.count("observations", write.observations),
            ])
        return (payload, reports)
    }

    /// The standard of the input, as far as its beginning tells; plain CSV with a mapping is of none.
    private func standard(of input: Content) -> SDMXStandard {
        guard let head = try? input.source().readHead(), let format = tools.formats.first(where: { $0.recognises(head) }) else { return .unknown }
        return SDMXStandard(formatID: format.id)
    }

    /// Reads the written payload back and lets every protection attack it, then holds it against earlier releases: the gate runs on the bytes to be released.
    /// - Returns: what was looked at across releases, for the ledger.
    private func gate(
        _ payload: Content, _ shipment: OutboundShipment, _ protections: [Protect?], _ originals: [Table], _ comparisons: [Compare?],
        _ trip: inout OutboundTrip
    ) throws -> [JSONValue] {
        var compared: [JSONValue] = []
        let format = shipment.outputFormat
        let context = tools.readContext(flow: shipment.flow, findings: FindingTally(samplesPerCodeMax: 0))
        let read = Read(payload, makeReader: { (source, context) throws(ReadError) in try format.reader(of: source, in: context) }, context: context)
        var ordinal = 0
        _ = try read.eachTable(atMost: tools.limits.datasetsMax, rowsMax: tools.limits.protectRowsMax) { table in
            defer { ordinal += 1 }
            guard ordinal < originals.count else { throw Refusal("protect.auditNotClean", "the written message has more datasets than were released") }
            try protections[ordinal]?.gate(table, against: originals[ordinal])
            guard let comparison = comparisons[ordinal] else { return }
            let outcome = try comparison.run(table, original: originals[ordinal], together: trip.releases)
            trip.releases += outcome.releases
            if let report = outcome.report { compared.append(Compare.ledgerData(report)) }
        }
        guard ordinal == originals.count else { throw Refusal("protect.auditNotClean", "the written message has fewer datasets than were released") }
        return compared
    }

    private func refuse(_ trip: inout OutboundTrip, _ flow: ArtefactReference, _ refusal: Refusal) {
        if let path = trip.package?.path { removeFile(path) }
        trip.package = nil
        trip.waiting = nil
        trip.notify = []
        trip.releases = []
        trip.record.state = .refusedHere
        trip.record.reasonCode = refusal.code
        trip.record.reason = refusal.boundedDetail
        trip.events.append(
            LedgerEvent(
                .exchangeRefused, exchange: trip.record.id,
                LedgerData.outcome("refused", code: refusal.code) + [
                    LedgerData.text("by", tools.participant.rawValue), LedgerData.text("receiver", trip.record.receiver),
                    LedgerData.text("dataflow", flow.urn),
                ]))
    }

    private func messageHeader(_ shipment: OutboundShipment) -> MessageHeader {
        MessageHeader(
            id: "X-\(shipment.exchangeID)", prepared: tools.clock.now().rfc3339, senders: [.init(tools.participant.headerID)],
            receivers: [.init(shipment.receiver.headerID)])
    }

    /// The message travels under the flow of the agreement, whatever the input called itself.
    private func relabelled(_ description: DatasetDescription, _ shipment: OutboundShipment) -> DatasetDescription {
        var description = description
        description.structureID = ""
        description.reference = description.schema.structure.reference
        if description.action == .information { description.action = .replace }
        return description
    }
}
