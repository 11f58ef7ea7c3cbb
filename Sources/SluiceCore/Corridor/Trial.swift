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
        package var limits = CorridorLimits()
        package var temporaryDirectory: String

        package init(protections: [any Protection], context: ProtectionContext = ProtectionContext(), hashing: any Hashing, temporaryDirectory: String) {
            self.protections = protections
            self.context = context
            self.hashing = hashing
            self.temporaryDirectory = temporaryDirectory
        }
    }

    /// One dataset on its way.
    package struct Dataset {
        /// As it was read.
        package var input: Table
        /// At the agreed depth, before any cell is withheld.
        package var coarsened: Table
        package var released: Table
        /// What was done, as counts; nil where the dataset passes as it is.
        package var report: JSONValue?
        /// The same in a data steward's words.
        package var words: [String]
    }

    /// Of what the agreements were asked about: the input, or the table made of its records.
    package let survey: Survey
    package let ruling: Ruling
    package let question: Question
    private let examined: Examined
    private let context: ReadContext
    private let means: Means

    /// Reads and checks the input, tabulates records, and asks the agreements. What is wrong with the data are findings of the context.
    /// - Throws: `Refusal` where the input cannot be read, or no table can be made of its records; `OwnTrouble`.
    package init(_ read: Read, _ question: Question, under agreements: [Agreement], with means: Means) throws {
        examined = try Examine(
            read.content, makeReader: read.makeReader, context: read.context,
            for: Examine.Purpose(
                giver: question.giver, receiver: question.receiver, flow: question.flow, purpose: question.purpose, time: question.time,
                channel: question.channel, agreements: agreements, codes: means.context.codes), limits: means.limits,
            temporaryDirectory: means.temporaryDirectory
        ).run()
        survey = try examined.subject()
        context = read.context
        ruling = Ruling(
            direction: question.direction, giver: question.giver, receiver: question.receiver, flow: question.flow, purpose: question.purpose,
            at: question.time,
            channel: question.channel, survey: survey, agreements: agreements, hashing: means.hashing)
        self.question = question
        self.means = means
    }

    /// Brings every dataset to what would leave.
    /// - Throws: `Refusal` where the agreements refuse, or the data cannot be made safe.
    package func release(_ visit: (Dataset) throws -> Void) throws {
        let obligations = try ruling.obligationsOrRefusal()
        var context = means.context
        context.receiver = question.receiver.rawValue
        var ordinal = 0
        let silent = self.context
        try examined.eachTable(limits: means.limits, silently: silent) { table in
            defer { ordinal += 1 }
            context.agreements = obligations[ordinal].agreements
            guard let protect = try Protect(obligations[ordinal], among: means.protections, in: context) else {
                return try visit(Dataset(input: table, coarsened: table, released: table, report: nil, words: []))
            }
            let released = try protect.release(of: table)
            try visit(
                Dataset(input: table, coarsened: released.original, released: released.table, report: released.report, words: released.words))
        }
    }
}
