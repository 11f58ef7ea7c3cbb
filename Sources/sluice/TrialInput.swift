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
        var time = SystemClock().now()
        if let date {
            guard CalendarDate(date) != nil, let noon = Instant(rfc3339: "\(date)T12:00:00Z") else {
                throw Outcome.unusable("--date is a day such as 2026-03-31, and not \(date)")
            }
            time = noon
        }
        return try Trial.Question(of: agreement, receiver: receiver, purpose: purpose, time: time, channel: channel)
    }

    /// The steps of the way out on a file, under some agreements. What is wrong with the data are findings.
    /// - Throws: `Outcome`, unusable, where the file cannot be read.
    func trial(
        _ file: String, _ question: Trial.Question, under agreements: [Agreement], others: [StandingAgreement] = [], structures: StructureSet,
        findings: any FindingSink, with means: Trial.Means = .ofCommand
    ) throws -> Trial {
        let source = try Inputs.repeatable(file, format: from, mapping: mapping)
        let context = ReadContext(structures: structures, flow: question.flow, limits: means.limits.read, findings: findings)
        do {
            return try Trial(
                .file(path: source.path), makeReader: source.makeReader, context: context, question, under: agreements, others: others, with: means)
        } catch let refusal as Refusal { throw refusal.outcome(of: file) }
    }

    /// The same of data that have to be right.
    /// - Throws: `Outcome`: refused where they are not.
    func trialOfRight(
        _ file: String, _ question: Trial.Question, under agreements: [Agreement], others: [StandingAgreement] = [], structures: StructureSet,
        severities: FindingSeverities = FindingSeverities(), with means: Trial.Means = .ofCommand
    ) throws -> Trial {
        let findings = FindingTally(samplesPerCodeMax: 1)
        let trial = try trial(
            file, question, under: agreements, others: others, structures: structures, findings: severities.applied(to: findings), with: means)
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

extension Trial.Question {
    /// What is asked of an agreement today, with what is not said taken from it: its giver, first receiver, dataflow, first purpose and first transport.
    init(
        of agreement: Agreement, receiver: String? = nil, purpose: String? = nil, time: Instant = SystemClock().now(), channel: String? = nil
    ) throws {
        guard let giver = ParticipantID(agreement.giver) else { throw Outcome.unusable("\(agreement.name) names no giver") }
        let named = receiver ?? (agreement.receivers == [Agreement.all] ? nil : agreement.receivers.first)
        guard let named, let receiver = ParticipantID(named) else { throw Outcome.unusable("name the receiver with --receiver, such as AM.ARMSTAT") }
        let usual = agreement.purposes == [Agreement.all] ? nil : agreement.purposes.first
        self.init(
            giver: giver, receiver: receiver, flow: agreement.dataflow, purpose: purpose ?? usual ?? "", time: time,
            channel: channel ?? agreement.channels?.sorted().first)
    }
}

extension Trial.Means {
    /// What a command has that runs without a node.
    static var ofCommand: Trial.Means {
        var means = Trial.Means(protections: BuiltinPlugins.protections, hashing: NodeHashing(), temporaryDirectory: Inputs.temporaryDirectory)
        means.differencing = BuiltinPlugins.differencing
        return means
    }
}

extension Refusal {
    /// How a command ends that it stops: input that cannot be read is unusable, everything else is an answer.
    func outcome(of file: String) -> Outcome { code.hasPrefix("read.") ? .unusable("\(file): \(self)") : .refused("REFUSED \(self)") }
}

extension Examined {
    /// How many records were made into how many cells; nil where the input is a table.
    var tabulationCounts: (records: Int64, cells: Int64)? {
        guard let data = tabulationData.map(JSONValue.object), let cells = data["cells"]?.integer else { return nil }
        return (data["records"]?.integer ?? 0, cells)
    }

    /// Says of records what it is that is decided about.
    var tabulationLines: [String] {
        tabulationCounts.map { ["\($0.records) records make a table of \($0.cells) cells, and that is what is decided about:"] } ?? []
    }
}
