package import SluiceKit

/// The way out as far as protection, without any effect: what would become of a file if it were sent. The steps are the corridor's own.
package struct Trial {
    /// What is asked.
    package struct Question: Sendable {
        package var direction = Agreement.Direction.send
        package var giver: ParticipantID
        package var receiver: ParticipantID
        package var flow: ArtefactReference
        package var purpose: String
        package var time: Instant
        /// The transport; nil where nobody knows.
        package var channel: String?

        package init(giver: ParticipantID, receiver: ParticipantID, flow: ArtefactReference, purpose: String, time: Instant, channel: String? = nil) {
            self.giver = giver
            self.receiver = receiver
            self.flow = flow
            self.purpose = purpose
            self.time = time
            self.channel = channel
        }
    }

    /// What of the node takes part.
    package struct Means: Sendable {
        package var protections: [any Protection]
        package var context: ProtectionContext
        package var hashing: any Hashing
        /// Holds releases against one another, where an agreement wants it.
        package var differencing: (any DifferencingAudit)?
        package var limits = CorridorLimits()
        package var temporaryDirectory: String

        package init(protections: [any Protection], context: ProtectionContext = ProtectionContext(), hashing: any Hashing, temporaryDirectory: String) {
            self.protections = protections
            self.context = context
            self.hashing = hashing
            self.temporaryDirectory = temporaryDirectory
        }

        /// All that a node lends a trip but its register: to hold releases against it is for `Compare`.
        package init(_ tools: CorridorTools) {
            self.init(
                protections: tools.protections, context: ProtectionContext(codes: tools.protectionCodes, resources: tools.protectionResources),
                hashing: tools.hashing, temporaryDirectory: tools.spoolDirectory)
            limits = tools.limits
        }
    }

    /// One dataset on its way.
    package struct Dataset {
        package var obligations: Obligations
        /// As it was read, or made of records.
        package var input: Table
        /// At the agreed depth, before any cell is withheld.
        package var coarsened: Table
        package var released: Table
        /// What was done, as counts; nil where the dataset passes as it is.
        package var report: JSONValue?
        /// The same in a data steward's words.
        package var words: [String]
    }

    package let question: Question
    /// What was read: the input itself, also where a table is made of it.
    package let examined: Examined
    private let standing: StandingAgreements
    private let silent: ReadContext
    private let means: Means

    /// Reads and checks the input, and tabulates it where it holds records. What is wrong with the data are findings of the context.
    /// - Throws: `Refusal` where the input cannot be read; `OwnTrouble`.
    package init(
        _ content: Content, makeReader: @escaping ReaderMaker, context: ReadContext, _ question: Question, under standing: StandingAgreements,
        with means: Means
    ) throws {
        self.question = question
        self.standing = standing
        self.means = means
        var silent = context
        silent.findings = FindingTally(samplesPerCodeMax: 0)
        self.silent = silent
        examined = try Self.examine(content, makeReader: makeReader, context: context, question, under: standing, with: means)
    }

    /// Another input, examined for the same question.
    /// - Throws: `Refusal` where it cannot be read; `OwnTrouble`.
    package func examine(_ content: Content, makeReader: @escaping ReaderMaker, context: ReadContext) throws -> Examined {
        try Self.examine(content, makeReader: makeReader, context: context, question, under: standing, with: means)
    }

    private static func examine(
        _ content: Content, makeReader: @escaping ReaderMaker, context: ReadContext, _ question: Question, under standing: StandingAgreements, with means: Means
    ) throws -> Examined {
        try Examine(
            content, makeReader: makeReader, context: context,
            for: Examine.Purpose(
                giver: question.giver, receiver: question.receiver, flow: question.flow, purpose: question.purpose, time: question.time,
                agreements: standing.active, records: standing.records, codes: means.context.codes, channel: question.channel), limits: means.limits,
            temporaryDirectory: means.temporaryDirectory
        ).run()
    }

    /// What the agreements say of it.
    /// - Throws: `Refusal` where no table can be made of the records.
    package func ruling() throws -> Ruling {
        Ruling(
            direction: question.direction, giver: question.giver, receiver: question.receiver, flow: question.flow, purpose: question.purpose,
            at: question.time, channel: question.channel, survey: try examined.subject(), under: standing, hashing: means.hashing)
    }

    /// What was looked at for each dataset, term by term, and the outcome.
    /// - Throws: `Refusal` where no table can be made of the records.
    package func trace() throws -> [String] {
        try examined.subject().summaries.flatMap { summary in
            Explanation.trace(
                AgreementRequest(
                    direction: question.direction, giver: question.giver.rawValue, receiver: question.receiver.rawValue, dataflow: question.flow,
                    purpose: question.purpose, today: CalendarDate(utc: question.time), channel: question.channel, summary: summary),
                under: standing)
        }
    }

    /// Brings every dataset to what would leave, and holds it against earlier releases where the agreements want that, by the rule of `Compare`.
    /// - Parameter earlier: what the receiver is said to hold, the oldest first; the datasets of this message are added one by one.
    /// - Throws: `Refusal` where the agreements refuse, or the data cannot be made safe.
    package func release(after earlier: [ReleasedFigures] = [], _ visit: (Dataset) throws -> Void) throws {
        let obligations = try ruling().obligationsOrRefusal()
        var context = means.context
        context.receiver = question.receiver.rawValue
        var held = earlier
        var ordinal = 0
        try examined.eachTable(limits: means.limits, silently: silent) { table in
            defer { ordinal += 1 }
            context.agreements = obligations[ordinal].agreements
            var dataset = Dataset(obligations: obligations[ordinal], input: table, coarsened: table, released: table, report: nil, words: [])
            if let protect = try Protect(obligations[ordinal], among: means.protections, in: context) {
                let released = try protect.release(of: table)
                dataset.coarsened = released.original
                dataset.released = released.table
                dataset.report = released.report
                dataset.words = released.words
            }
            if let figures = try hold(dataset, against: held) { held.append(figures) }
            try visit(dataset)
        }
    }

    /// - Returns: what later datasets are held against; nil where nothing asks for it.
    private func hold(_ dataset: Dataset, against held: [ReleasedFigures]) throws -> ReleasedFigures? {
        guard dataset.obligations.protection?.differencing != nil, let gate = means.differencing else { return nil }
        try Compare.refuseRecords(dataset.obligations)
        let figures = try figures(dataset.released, original: dataset.coarsened, dataset.obligations, named: "this message", at: question.time)
        guard figures.cellCount > 0 else { return nil }
        _ = try Compare.audit(figures, against: Compare.related(held, to: figures), by: gate)
        return figures
    }

    /// A table as the register of releases would keep it.
    /// - Parameters:
    ///   - original: the table before cells were withheld; nil for a file of which only what it shows is known.
    ///   - name: by which a refusal names it.
    package func figures(
        _ table: Table, original: Table?, _ obligations: Obligations, named name: String, at time: Instant
    ) throws -> ReleasedFigures {
        try Compare.figures(
            table, original: original, obligations, exchangeID: name, at: time,
            population: obligations.protection?.differencing?.population ?? Compare.population(of: question.flow), flow: question.flow,
            receiver: question.receiver)
    }
}
