internal import ArgumentParser
internal import SluiceCore
internal import SluiceKit
internal import SluiceNode

/// The file that commands of agreements try something on, and how it is read.
struct TrialInput: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("Structure message or folder; may be given more than once.", valueName: "structure.xml"))
    var structure: [String] = []
    @Option(name: .long, help: ArgumentHelp("Format of the file.", valueName: "format")) var from: String?
    @Option(name: .long, help: ArgumentHelp("Mapping of a plain CSV.", valueName: "mapping.yaml")) var mapping: String?
    @Option(name: .long, help: ArgumentHelp("Receiver to ask for; the agreement's first when left out.", valueName: "id")) var receiver: String?
    @Option(name: .long, help: ArgumentHelp("Purpose to ask for; the agreement's first when left out.", valueName: "purpose")) var purpose: String?
    @Option(name: .long, help: ArgumentHelp("Day to ask for, such as 2026-03-31; today when left out.", valueName: "day")) var date: String?
    @Option(name: .long, help: ArgumentHelp("Transport to ask for, such as https or folder; the agreement's first when left out.", valueName: "transport"))
    var channel: String?

    /// What is asked of an agreement, with what is not said taken from it.
    func question(_ agreement: Agreement) throws -> Trial.Question {
        guard let giver = ParticipantID(agreement.giver) else { throw Outcome.unusable("\(agreement.name) names no giver") }
        let named = receiver ?? (agreement.receivers == [Agreement.all] ? nil : agreement.receivers.first)
        guard let named, let receiver = ParticipantID(named) else { throw Outcome.unusable("name the receiver with --receiver, such as AM.ARMSTAT") }
        var time = SystemClock().now()
        if let date {
            guard CalendarDate(date) != nil, let noon = Instant(rfc3339: "\(date)T12:00:00Z") else {
                throw Outcome.unusable("--date is a day such as 2026-03-31, and not \(date)")
            }
            time = noon
        }
        let usual = agreement.purposes == [Agreement.all] ? nil : agreement.purposes.first
        return Trial.Question(
            giver: giver, receiver: receiver, flow: agreement.dataflow, purpose: purpose ?? usual ?? "", time: time,
            channel: channel ?? agreement.channels?.sorted().first)
    }

    /// The steps of the way out on a file, under some agreements.
    /// - Throws: `Outcome`: unusable where the file cannot be read, refused where its data are not right.
    func trial(
        _ file: String, _ question: Trial.Question, under agreements: [Agreement], others: [StandingAgreement] = [], structures: StructureSet,
        severities: FindingSeverities = FindingSeverities(), with means: Trial.Means = .ofCommand
    ) throws -> Trial {
        let findings = FindingTally(samplesPerCodeMax: 1)
        let source = try Inputs.repeatable(file, format: from, mapping: mapping)
        let context = ReadContext(structures: structures, flow: question.flow, limits: means.limits.read, findings: severities.applied(to: findings))
        let trial: Trial
        do {
            trial = try Trial(
                .file(path: source.path), makeReader: source.makeReader, context: context, question, under: agreements, others: others, with: means)
        } catch let refusal as Refusal { throw Outcome.unusable("\(file): \(refusal)") }
        guard !findings.hasErrors else {
            throw Outcome.refused("sluice check finds \(findings.errorCount) errors in \(file): it would be refused for them before any agreement is asked")
        }
        return trial
    }

    func structures() throws -> StructureSet {
        guard !structure.isEmpty else { throw Outcome.unusable("name the structure message with --structure, so that the file can be read") }
        return try Inputs.structures(structure)
    }
}
