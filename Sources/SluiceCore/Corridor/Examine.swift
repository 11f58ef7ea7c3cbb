package import SluiceKit

/// The steps before the decision, as the corridor and the commands take them alike: **read** → **check** → **tabulate**, the last where the input holds records.
///
/// One pass over the input. A table is read with the structure of its dataflow, records with their own.
package struct Examine {
    /// For whom and under what an input is examined.
    package struct Purpose {
        package var giver: ParticipantID
        package var receiver: ParticipantID
        package var flow: ArtefactReference
        package var purpose: String
        package var time: Instant
        package var agreements: [Agreement]
        /// What is known of records; nil where these agreements are all there are.
        package var records: RecordStructures?
        /// Of the node's protection key, for cell keys.
        package var codes: (any KeyedCodes)?
        /// The transport it would travel by; nil where nobody knows.
        package var channel: String?

        package init(
            giver: ParticipantID, receiver: ParticipantID, flow: ArtefactReference, purpose: String, time: Instant, agreements: [Agreement],
            records: RecordStructures? = nil, codes: (any KeyedCodes)? = nil, channel: String? = nil
        ) {
            self.channel = channel
            self.giver = giver
            self.receiver = receiver
            self.flow = flow
            self.purpose = purpose
            self.time = time
            self.agreements = agreements
            self.records = records
            self.codes = codes
        }
    }

    package let content: Content
    package let makeReader: ReaderMaker
    /// With the flow that the data are to be read as.
    package let context: ReadContext
    package let purpose: Purpose
    package var limits: CorridorLimits
    package var temporaryDirectory: String
    package var standard: SDMXStandard
    /// Ids that the message's header may name as sender; empty where nobody knows.
    package var expectedSenders: [String]
    /// For a code of the input's content; nil where nobody will ask for it.
    package var contentKey: [UInt8]?

    package init(
        _ content: Content, makeReader: @escaping ReaderMaker, context: ReadContext, for purpose: Purpose, limits: CorridorLimits, temporaryDirectory: String,
        standard: SDMXStandard = .unknown, expectedSenders: [String] = []
    ) {
        self.content = content
        self.makeReader = makeReader
        self.context = context
        self.purpose = purpose
        self.limits = limits
        self.temporaryDirectory = temporaryDirectory
        self.standard = standard
        self.expectedSenders = expectedSenders
    }

    /// - Throws: `Refusal` where the input cannot be read; what is wrong with its content is among the findings of the context, or in the result.
    package func run() throws -> Examined {
        let known = purpose.records ?? RecordStructures(purpose.agreements)
        guard let structure = recordStructure(known) else {
            let read = Read(content, makeReader: makeReader, context: context)
            return Examined(survey: try survey(read, nil), read: read, outcome: .table)
        }
        var records = context
        records.flow = nil
        records.readsRecords = true
        let read = Read(content, makeReader: makeReader, context: records)
        let pass = TabulationPass(self, structure, known)
        let survey = try survey(read, { pass.take($0, $1) })
        return Examined(survey: survey, read: read, outcome: pass.outcome(survey))
    }

    private func survey(_ read: Read, _ records: ((DatasetDescription, Batch) -> Void)?) throws -> Survey {
        try Survey.run(
            read, findings: context.findings, limits: limits, temporaryDirectory: temporaryDirectory, standard: standard, expectedSenders: expectedSenders,
            contentKey: contentKey, records: records)
    }

    /// The structure of the records that the input says it holds; nil where it is a table, or where the dataflow is one of records.
    private func recordStructure(_ known: RecordStructures) -> DataStructure? {
        guard known.isAny(among: context.structures) else { return nil }
        var own = context
        own.flow = nil
        own.findings = FindingTally(samplesPerCodeMax: 0)
        guard let source = try? content.source(), let reader = try? makeReader(source, own), let description = try? reader.nextDataset() else { return nil }
        let structure = description.schema.structure
        let ofFlow = context.structures.dataStructure(ofFlow: purpose.flow)?.reference
        return known.contains(structure) && structure.reference != ofFlow ? structure : nil
    }
}

/// What was found out about an input, and the table where one was made of it.
package struct Examined {
    /// Of what was read.
    package let survey: Survey
    private let read: Read
    private let outcome: Outcome

    enum Outcome {
        case table
        case tabulated(Table, TabulationReport, Survey)
        /// No agreement is in scope: the decision is asked about nothing, and refuses.
        case unagreed(Survey)
        case refused(Refusal)
    }

    init(survey: Survey, read: Read, outcome: Outcome) {
        self.survey = survey
        self.read = read
        self.outcome = outcome
    }

    /// Counts of the tabulation as its ledger entry has them; nil where there was none.
    package var tabulationData: [JSONMember]? {
        switch outcome {
        case .table, .unagreed: nil
        case .tabulated(_, let report, let subject):
            LedgerData.outcome("tabulated") + [
                LedgerData.text("dataStructure", subject.schema.structure.reference.urn), LedgerData.count("records", report.records),
                LedgerData.count("cells", report.cells), LedgerData.count("cellsMostDetailed", report.cellsMostDetailed),
            ]
        case .refused(let refusal): LedgerData.outcome("refused", code: refusal.code)
        }
    }

    /// Whether the input holds records, so that what may leave is a table made of them.
    package var isRecords: Bool { if case .table = outcome { false } else { true } }

    /// What the agreements are asked about: the input, or the table made of it.
    /// - Throws: `Refusal` where no table can be made of the records.
    package func subject() throws -> Survey {
        switch outcome {
        case .table: survey
        case .tabulated(_, _, let subject), .unagreed(let subject): subject
        case .refused(let refusal): throw refusal
        }
    }

    /// The table made of the records; nil where the input is a table itself.
    package var tabulated: Table? { if case .tabulated(let table, _, _) = outcome { table } else { nil } }

    /// Hands out the tables that the agreements decided about, whole; a table that is not made of records is read again.
    package func eachTable(limits: CorridorLimits, silently context: ReadContext, _ visit: (Table) throws -> Void) throws {
        if let tabulated { return try visit(tabulated) }
        // A second look at records as if they were a table would be a mistake of ours.
        guard !isRecords else { throw Refusal("agreement.records", "record-level data is not agreed") }
        _ = try again(context).eachTable(atMost: limits.datasetsMax, rowsMax: limits.protectRowsMax, visit)
    }

    /// The input once more, for a second pass whose findings nobody needs.
    package func again(_ context: ReadContext) -> Read { Read(read.content, makeReader: read.makeReader, context: context) }
}

/// Tabulates while the records are read and checked: one pass, whatever goes wrong is said after the check.
private final class TabulationPass {
    private let examine: Examine
    private let structure: DataStructure
    private var cells: DatasetSchema?
    private var agreed: AgreedTabulation?
    private var tabulate: Tabulate?
    private var refusal: Refusal?

    init(_ examine: Examine, _ structure: DataStructure, _ known: RecordStructures) {
        self.examine = examine
        self.structure = structure
        let flow = examine.purpose.flow
        guard let ofFlow = examine.context.structures.dataStructure(ofFlow: flow) else {
            refusal = Refusal("tabulate.unbound", "the data structure of \(flow) is not at hand, so nothing can be tabulated into it; load it")
            return
        }
        let cells = DatasetSchema(ofFlow, in: examine.context.structures, flow: flow)
        self.cells = cells
        do {
            agreed = try AgreedTabulation.find(structure, examine.request(cells), under: examine.purpose.agreements, records: known)
        } catch let refused as Refusal {
            refusal = refused
        } catch { refusal = Refusal("tabulate.unbound", "\(error)") }
    }

    func take(_ description: DatasetDescription, _ batch: Batch) {
        guard refusal == nil, let agreed, let cells else { return }
        do throws(TabulationError) {
            let step: Tabulate
            if let tabulate {
                step = tabulate
            } else {
                step = try Tabulate(
                    agreed.tabulation, records: description.schema, cells: cells, depth: agreed.depth, protection: agreed.protection,
                    codes: examine.purpose.codes, limits: examine.limits.tabulation)
            }
            tabulate = step
            try step.add(batch, action: description.action)
        } catch { refuse(error) }
    }

    private func refuse(_ error: TabulationError) { refusal = Refusal("tabulate.\(error.code.rawValue)", error.detail) }

    func outcome(_ survey: Survey) -> Examined.Outcome {
        if let refusal { return .refused(refusal) }
        guard let cells else { return .refused(Refusal("tabulate.unbound", "there is nothing to tabulate into")) }
        var subject = survey
        subject.schema = cells
        subject.datasets = 1
        subject.observations = 0
        subject.summaries = [DatasetSummary(cells)]
        guard agreed != nil else { return .unagreed(subject) }
        do {
            guard let tabulate else { throw TabulationError(.valueMissing, "the input holds no record") }
            let (table, report) = try tabulate.finish()
            self.tabulate = nil
            try check(table)
            subject.observations = table.batch.rowCount
            subject.summaries[0].add(table.batch)
            return .tabulated(table, report, subject)
        } catch let error as TabulationError {
            return .refused(Refusal("tabulate.\(error.code.rawValue)", error.detail))
        } catch { return .refused(Refusal("tabulate.tableInvalid", "\(error)")) }
    }

    /// The table is held against its structure as a table from outside is.
    private func check(_ table: Table) throws {
        let tally = FindingTally(samplesPerCodeMax: 1)
        let check = Check(
            schema: table.description.schema, action: table.description.action, findings: tally, temporaryDirectory: examine.temporaryDirectory)
        try check.check(table.batch, dataset: 1)
        try check.finish()
        guard tally.hasErrors else { return }
        let first = tally.samples.first { $0.severity == .error }
        throw TabulationError(
            .tableInvalid,
            "the table made of the records does not fit \(table.description.schema.structure.reference): \(first?.component ?? "its key") (\(first.map { "\($0.code.rawValue), " } ?? "")\(tally.errorCount) findings); mend the agreement's `records` term"
        )
    }
}

extension Examine {
    fileprivate func request(_ cells: DatasetSchema) -> AgreementRequest {
        AgreementRequest(
            direction: .send, giver: purpose.giver.rawValue, receiver: purpose.receiver.rawValue, dataflow: purpose.flow, purpose: purpose.purpose,
            today: CalendarDate(utc: purpose.time), channel: purpose.channel, summary: DatasetSummary(cells))
    }
}
