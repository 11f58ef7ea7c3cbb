package import SluiceKit

/// Checks the datasets of one message: each against its structure, and all of them together.
///
/// For every dataset ask for its check with `check(for:)`, give that every batch and finish it; at the end of the message call `finish`.
/// Not shared between tasks.
package final class MessageCheck {
    private let findings: any FindingSink
    private let standard: SDMXStandard
    private let limits: CheckLimits
    private let temporaryDirectory: String
    private let expectedSenders: [String]
    private var checks: [(schema: DatasetSchema, action: DatasetAction, check: Check)] = []
    private var keys: [(structure: ArtefactReference, duplicates: DuplicateCheck)] = []
    /// Of records; there is one structure of them in a message.
    private var records: RecordKeyCheck?
    private var actions: Set<DatasetAction> = []
    private(set) package var datasets = 0
    /// Per structure: whether observations were given, so that a deletion of everything behind them is seen.
    private var given: Set<ArtefactReference> = []

    /// - Parameters:
    ///   - standard: of the message's format.
    ///   - expectedSenders: ids of whoever gives the message; its header has to name one of them. Empty where nobody knows.
    package init(
        findings: any FindingSink, standard: SDMXStandard = .unknown, expectedSenders: [String] = [], limits: CheckLimits = CheckLimits(),
        temporaryDirectory: String
    ) {
        self.findings = findings
        self.standard = standard
        self.expectedSenders = expectedSenders
        self.limits = limits
        self.temporaryDirectory = temporaryDirectory
    }

    /// The check of the message's next dataset.
    package func check(for description: DatasetDescription) -> Check {
        datasets += 1
        actions.insert(description.action)
        if let known = checks.first(where: { $0.schema === description.schema && $0.action == description.action }) {
            return known.check
        }
        let structure = description.schema.structure.reference
        if description.schema.isOfRecords {
            let records = records ?? RecordKeyCheck(description.schema, limits: limits, directory: temporaryDirectory)
            self.records = records
            return Check(
                schema: description.schema, action: description.action, standard: standard, findings: findings, limits: limits,
                temporaryDirectory: temporaryDirectory, sharing: nil, records: records)
        }
        let duplicates =
            keys.first { $0.structure == structure }?.duplicates
            ?? DuplicateCheck(schema: description.schema, standard: standard, limits: limits, directory: temporaryDirectory)
        if !keys.contains(where: { $0.structure == structure }) { keys.append((structure, duplicates)) }
        let check = Check(
            schema: description.schema, action: description.action, standard: standard, findings: findings, limits: limits,
            temporaryDirectory: temporaryDirectory, sharing: duplicates)
        if checks.count >= max(1, limits.checksPerMessageMax) { checks.removeFirst() }
        checks.append((description.schema, description.action, check))
        return check
    }

    /// Ends a dataset; its check has been given every batch.
    package func finish(_ check: Check) throws(CheckError) {
        let structure = check.schema.structure.reference
        if check.action == .delete, check.wholeDeletions > 0, given.contains(structure) {
            findings.add(
                Finding(
                    .actionConflict, severity: .warning, at: Position(dataset: check.dataset),
                    message: "The dataset deletes everything, and with it what the message gave before.", advice: "Put the deletion before the data."))
        }
        if check.action != .delete, check.rowsBefore > 0 { given.insert(structure) }
        try check.finish()
    }

    /// Ends the message: reports keys that were given more than once, and what its parts say against each other.
    /// - Parameter header: of the message; nil where it was not read.
    package func finish(header: MessageHeader?) throws(CheckError) {
        for (_, duplicates) in keys { try duplicates.finish { duplicates.report($0, into: self.findings) } }
        try records?.finish(into: findings)
        records = nil
        if actions.contains(.information), actions.count > 1 {
            let others = actions.subtracting([.information]).map(\.rawValue).sorted().joined(separator: ", ")
            findings.add(
                Finding(
                    .actionMixed, severity: standard == .v3 ? .note : .warning,
                    message: "The message has a dataset for information beside others that change data (\(others)).",
                    advice: "Give every dataset the action that is meant: for information nothing is changed in SDMX 2.1, and data are merged in SDMX 3.1.",
                    observations: 0))
        }
        if let header { judge(header) }
        keys = []
        checks = []
        actions = []
        given = []
        datasets = 0
    }

    /// The sender that the header names against whoever gives the message.
    private func judge(_ header: MessageHeader) {
        guard !expectedSenders.isEmpty, !header.senders.isEmpty, !header.senders.contains(where: { expectedSenders.contains($0.id) }) else { return }
        findings.add(
            Finding(
                .headerSender, severity: .warning, component: "Sender", offendingText: header.senders.map(\.id).joined(separator: ", "),
                message:
                    "The header names \(header.senders.map { quoted($0.id) }.joined(separator: ", ")) as sender, and the message is given by \(expectedSenders[0]).",
                advice: "See whose data they are; the header's sender is the giver's id.", observations: 0))
    }
}
