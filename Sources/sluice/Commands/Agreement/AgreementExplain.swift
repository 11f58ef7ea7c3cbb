internal import ArgumentParser
internal import SluiceCore
internal import SluiceKit
internal import SluiceNode

extension AgreementCommand {
    struct Explain: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what an agreement allows, and, for a file, why it would be permitted or refused today.",
            discussion:
                "Without FILE: every term in words. With FILE: each term, what it demands, what was found, and the decision. Exit code 1 when the decision is to refuse."
        )

        @Argument(help: ArgumentHelp("The agreement.", valueName: "agreement.yaml")) var agreement: String
        @Argument(help: ArgumentHelp("Data file to decide about.", valueName: "file")) var file: String?
        @Option(name: .long, help: ArgumentHelp("Structure message or folder, needed with FILE.", valueName: "structure.xml")) var structure: [String] = []
        @Option(name: .long, help: ArgumentHelp("Format of the file.", valueName: "format")) var from: String?
        @Option(name: .long, help: ArgumentHelp("Mapping of a plain CSV.", valueName: "mapping.yaml")) var mapping: String?
        @Option(name: .long, help: ArgumentHelp("Receiver to ask for; the agreement's first when left out.", valueName: "id")) var receiver: String?
        @Option(name: .long, help: ArgumentHelp("Purpose to ask for; the agreement's first when left out.", valueName: "purpose")) var purpose: String?
        @Flag(name: .long, help: "Ask as the receiver who takes in, not as the giver who sends.") var accept = false
        @Flag(name: .long, help: "Print one JSON document.") var json = false

        func run() async throws {
            let agreement = try Agreements.open(self.agreement)
            guard let file else {
                print(lines: Explanation.plan(agreement), permit: nil)
                return
            }
            guard !structure.isEmpty else { throw Outcome.unusable("name the structure message with --structure, so that the file can be read") }
            let findings = FindingTally()
            let context = ReadContext(structures: try Inputs.structures(structure), flow: agreement.dataflow, findings: findings)
            let source = try Inputs.repeatable(file, format: from, mapping: mapping)
            do {
                let question = try AgreementQuestion(self.agreement, receiver: receiver, purpose: purpose)
                let examined = try question.examine(source, context)
                var lines: [String] = []
                if let data = examined.tabulationData.map(JSONValue.object), let cells = data["cells"]?.integer {
                    lines.append("\(data["records"]?.integer ?? 0) records make a table of \(cells) cells, and that is what is decided about:")
                }
                var isPermit = true
                for summary in try examined.subject().summaries {
                    let request = AgreementRequest(
                        direction: accept ? .accept : .send, giver: agreement.giver, receiver: question.purpose.receiver.rawValue,
                        dataflow: agreement.dataflow, purpose: question.purpose.purpose, today: .today, channel: question.purpose.channel, summary: summary)
                    lines += Explanation.trace(request, under: [agreement])
                    isPermit = isPermit && Decide.run(request, under: [agreement]).isPermit
                }
                if findings.hasErrors {
                    lines.append("Before that, sluice check finds \(findings.errorCount) errors in the file: it would be refused for them.")
                }
                print(lines: lines, permit: isPermit && !findings.hasErrors)
                if !isPermit || findings.hasErrors { throw Outcome.refused() }
            } catch let refusal as Refusal {
                throw refusal.code.hasPrefix("read.") ? Outcome.unusable("\(file): \(refusal)") : Outcome.refused("REFUSED \(refusal)")
            }
        }

        private func print(lines: [String], permit: Bool?) {
            if json {
                let members = [JSONMember("agreement", .string(agreement)), JSONMember("lines", .array(lines.map { .string($0) }))]
                Swift.print(JSONValue.object(members + (permit.map { [JSONMember("permit", .bool($0))] } ?? [])).prettyText)
            } else {
                for line in lines { Swift.print(line) }
            }
        }
    }
}
