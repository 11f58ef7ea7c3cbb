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
                "Under all agreements of a node (--config) or under those given. Nothing is sent, sealed or recorded. With --out the very file is written that would leave. Exit code 1 when it would be refused."
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
            let (all, structures, means) = try load()
            let question = try ask(all)
            let trial = try input.trial(file, question, under: all, structures: structures, with: means)
            var report = Report(question: question, trial: trial, agreements: all)
            do {
                if let out { try write(trial, to: out, &report) } else { try trial.release { report.add($0) } }
            } catch let refusal as Refusal { report.refusal = refusal }
            json ? print(report.json.prettyText) : report.lines.forEach { print($0) }
            if report.refusal != nil { throw Outcome.refused() }
        }

        private func load() throws -> ([Agreement], StructureSet, Trial.Means) {
            guard let config else {
                guard !agreements.isEmpty else { throw Outcome.unusable("name the agreements, or a node with --config") }
                return (try Agreements.paths(agreements).map(Agreements.open), try input.structures(), .ofCommand)
            }
            guard agreements.isEmpty else { throw Outcome.unusable("--config brings the node's agreements; leave the others out") }
            let configuration = try NodeOptions.load(config)
            var means = Trial.Means.ofCommand
            do { means.context.codes = try configuration.keys.protectionKey.map(ProtectionKey.init(path:)) } catch { throw Outcome.unusable("\(error)") }
            let structures = try Inputs.structures(input.structure.isEmpty ? configuration.structures : input.structure)
            return (try configuration.agreements.map(Agreements.open), structures, means)
        }

        /// The question with what is left out taken from the agreements, where they leave no doubt.
        private func ask(_ all: [Agreement]) throws -> Trial.Question {
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
            return question
        }

        private func write(_ trial: Trial, to path: String, _ report: inout Report) throws {
            let target = try Inputs.outputFormat(named: to, path: path)
            let header = MessageHeader(id: "WHATIF", prepared: SystemClock().now().rfc3339, senders: ["SLUICE"])
            var told = report
            try Output.writing(to: path) { sink in
                var writer: (any DatasetWriter)?
                try trial.release { dataset in
                    told.add(dataset)
                    do throws(WriteError) {
                        if writer == nil { writer = try target.writer(to: sink, options: WriteOptions(header: header)) }
                        try writer?.beginDataset(dataset.released.description)
                        try writer?.write(dataset.released.batch)
                    } catch {
                        throw Outcome.unusable("cannot write: \(error)")
                    }
                }
                do throws(WriteError) { try writer?.finish() } catch { throw Outcome.unusable("cannot write: \(error)") }
            }
            report = told
        }
    }
}

extension AgreementCommand.WhatIf {
    /// What came of it, for people and for programs.
    struct Report {
        let question: Trial.Question
        let agreements: [Agreement]
        let trial: Trial
        private var reports: [JSONValue] = []
        private var words: [String] = []
        private var released = 0
        var refusal: Refusal?

        init(question: Trial.Question, trial: Trial, agreements: [Agreement]) {
            self.question = question
            self.trial = trial
            self.agreements = agreements
        }

        mutating func add(_ dataset: Trial.Dataset) {
            released += dataset.released.batch.rowCount
            if let report = dataset.report { reports.append(report) }
            words += dataset.words
        }

        private var trace: [String] {
            ((try? trial.examined.subject())?.summaries ?? []).flatMap { summary in
                Explanation.trace(
                    AgreementRequest(
                        direction: question.direction, giver: question.giver.rawValue, receiver: question.receiver.rawValue, dataflow: question.flow,
                        purpose: question.purpose, today: CalendarDate(utc: question.time), channel: question.channel, summary: summary), under: agreements)
            }
        }

        var lines: [String] {
            var lines: [String] = []
            if let data = trial.examined.tabulationData.map(JSONValue.object), let cells = data["cells"]?.integer {
                lines.append("\(data["records"]?.integer ?? 0) records make a table of \(cells) cells, and that is what is decided about:")
            }
            lines += trace
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
