internal import ArgumentParser
internal import SluiceCore
internal import SluiceKit
internal import SluiceNode

extension AgreementCommand {
    struct WhatIf: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "whatif",
            abstract: "Say what a receiver would get of a file today: the decision with its trace, and what is summed, left out and withheld.",
            discussion:
                "Under all agreements of a node as they stand there, held against what it has released (--config), or under those given. Nothing is sent, sealed or recorded. With --out the very file is written that would leave. Exit code 1 when it would be refused."
        )

        @Argument(help: ArgumentHelp("Data file.", valueName: "file")) var file: String
        @Argument(help: ArgumentHelp("Agreements, or folders of them; none with --config.", valueName: "agreement.yaml")) var agreements: [String] = []
        @Option(name: .long, help: ArgumentHelp("The node whose agreements and structures are asked.", valueName: "node.yaml")) var config: String?
        @Option(name: .long, help: ArgumentHelp("Dataflow, where the agreements are about several.", valueName: "flow")) var flow: String?
        @OptionGroup var input: TrialInput
        @Option(name: .long, help: ArgumentHelp("File to write what would leave to; - is standard output.", valueName: "file")) var out: String?
        @Option(name: .long, help: ArgumentHelp("Format to write; told from the file's ending when left out.", valueName: "format")) var to: String?
        @Flag(name: .long, help: "Print one JSON document.") var json = false

        func run() async throws {
            guard let config else {
                guard !agreements.isEmpty else { throw Outcome.unusable("name the agreements, or a node with --config") }
                let asked = try Agreements.paths(agreements).map(Agreements.open)
                return try answer(under: StandingAgreements(inForce: asked), structures: try input.structures(), at: nil)
            }
            guard agreements.isEmpty else { throw Outcome.unusable("--config brings the node's agreements; leave the others out") }
            try await NodeOptions.using(config) { node in
                let tools = node.tools
                try await node.readAgreements()
                // The register of releases is looked into from a thread that may block.
                try await Worker.run {
                    try answer(
                        under: tools.book.now, structures: input.structure.isEmpty ? tools.structures : try Inputs.structures(input.structure), at: tools)
                }
            }
        }

        /// - Parameter tools: of the node that is asked; nil where agreements are asked by themselves.
        private func answer(under standing: StandingAgreements, structures: StructureSet, at tools: CorridorTools?) throws {
            let question = try ask(standing, at: tools)
            let trial = try input.trialOfRight(
                file, question, under: standing, structures: structures, severities: tools?.severities ?? FindingSeverities(),
                with: tools.map(Trial.Means.init) ?? .ofCommand)
            var report = Report(question: question, trial: trial)
            do {
                if let out {
                    try write(trial, to: out, under: standing, holding: tools, &report)
                } else {
                    try release(trial, under: standing, holding: tools) { report.add($0) }
                }
            } catch let refusal as Refusal { report.refusal = refusal }
            json ? print(report.json.prettyText) : report.lines.forEach { print($0) }
            if report.refusal != nil { throw Outcome.refused() }
        }

        /// The question with what is left out taken from the agreements, where they leave no doubt.
        private func ask(_ standing: StandingAgreements, at tools: CorridorTools?) throws -> Trial.Question {
            // A node sends what it gives; about what it takes in its partner is asked.
            let own = standing.all.filter { one in tools.map { one.agreement.giver == $0.participant.rawValue } ?? true }
            // Drafts and what has ended leave no doubt where something is in force; a suspended one was.
            let inForce = own.filter { $0.state == .active || $0.state == .suspended }.map(\.agreement)
            let others = own.filter { $0.state == .draft || $0.state == .ended }.map(\.agreement)
            let all = flow == nil && !inForce.isEmpty ? inForce : inForce + others
            if let tools, all.isEmpty { throw Outcome.unusable("no agreement of this node is about data that \(tools.participant) gives") }
            let flows = Set(all.map(\.dataflow))
            let wanted = try flow.map { text in
                guard let reference = ArtefactReference(.dataflow, short: text) else {
                    throw Outcome.unusable("a dataflow is written AGENCY:ID(VERSION) or ID, not \"\(text)\"")
                }
                return reference
            }
            let about = all.filter { agreement in wanted.map { $0.accepts(agreement.dataflow) || agreement.dataflow.accepts($0) } ?? true }
            guard wanted != nil || flows.count <= 1 else {
                throw Outcome.unusable("the agreements are about \(flows.map(\.description).sorted().joined(separator: ", ")); name one with --flow")
            }
            let isForReceiver = { (agreement: Agreement) in self.input.receiver.map { agreement.receivers.contains($0) } ?? true }
            guard let first = about.first(where: { $0.isPermit && isForReceiver($0) }) ?? about.first else {
                throw Outcome.unusable("none of the \(all.count) agreements is about \(flow ?? "anything")")
            }
            var question = try input.question(first)
            if let wanted { question.flow = wanted.version == nil && first.dataflow.version != nil ? first.dataflow : wanted }
            guard let tools else { return question }
            question.giver = tools.participant
            if input.channel == nil { question.channel = tools.channel(question.receiver) }
            return question
        }

        /// Brings every dataset to what would leave, and holds it against what the node has released before.
        private func release(_ trial: Trial, under standing: StandingAgreements, holding tools: CorridorTools?, _ visit: (Trial.Dataset) throws -> Void) throws
        {
            var releases: [Compare.Release] = []
            try trial.release { dataset in
                if let tools,
                    let compare = try Compare(
                        dataset.obligations, exchangeID: "WHATIF", receiver: trial.question.receiver, flow: trial.question.flow, under: standing,
                        tools: tools)
                {
                    releases += try compare.run(dataset.released, original: dataset.coarsened, together: releases).releases
                }
                try visit(dataset)
            }
        }

        private func write(_ trial: Trial, to path: String, under standing: StandingAgreements, holding tools: CorridorTools?, _ report: inout Report) throws {
            let target = try Inputs.outputFormat(named: to, path: path)
            var told = report
            try Output.writingTables(to: path, as: target, message: "WHATIF") { put in
                try release(trial, under: standing, holding: tools) { dataset in
                    told.add(dataset)
                    try put(dataset.released)
                }
            }
            report = told
        }
    }
}

extension AgreementCommand.WhatIf {
    /// What came of it, for people and for programs.
    struct Report {
        let question: Trial.Question
        let trial: Trial
        private var reports: [JSONValue] = []
        private var words: [String] = []
        private var released = 0
        var refusal: Refusal?

        init(question: Trial.Question, trial: Trial) {
            self.question = question
            self.trial = trial
        }

        mutating func add(_ dataset: Trial.Dataset) {
            released += dataset.released.batch.rowCount
            if let report = dataset.report { reports.append(report) }
            words += dataset.words
        }

        private var trace: [String] { (try? trial.trace()) ?? [] }

        var lines: [String] {
            var lines = trial.examined.tabulationLines + trace
            guard refusal == nil else {
                if let refusal { lines.append("\(question.receiver) would get nothing: \(refusal)") }
                return lines
            }
            lines.append("\(question.receiver) would get \(released) of \((try? trial.examined.subject())?.observations ?? 0) observations")
            for report in reports {
                func count(_ name: String) -> Int64 { report[name]?.integer ?? 0 }
                lines.append(
                    "  \(count("summed")) summed into broader codes, \(count("superseded")) already contained in broader ones, \(count("leftOut")) left out as not granted"
                )
                guard report["primary"] != nil else { continue }
                lines.append(
                    "  \(count("primary")) withheld as unsafe, \(count("secondary")) more so that nobody can recompute those; \(count("audited")) attacked over \(count("equations")) sums"
                )
                if let width = report["narrowestWidth"]?.text { lines.append("  the narrowest interval an attacker can find is \(width) wide") }
            }
            return lines + words.map { "  \($0)" }
        }

        var json: JSONValue {
            var members = [
                JSONMember("receiver", .string(question.receiver.rawValue)), JSONMember("purpose", .string(question.purpose)),
                JSONMember("date", .string(CalendarDate(utc: question.time).description)), JSONMember("dataflow", .string(question.flow.description)),
                JSONMember("permit", .bool(refusal == nil)), JSONMember("agreements", .string((try? trial.ruling())?.agreementName ?? "")),
                JSONMember("observations", .integer(Int64(trial.examined.survey.observations))),
                JSONMember("released", .integer(Int64(refusal == nil ? released : 0))),
                JSONMember("protections", .array(refusal == nil ? reports : [])), JSONMember("trace", .array(trace.map { .string($0) })),
            ]
            if let refusal { members += [JSONMember("reasonCode", .string(refusal.code)), JSONMember("reason", .string(refusal.detail))] }
            return .object(members)
        }
    }
}
