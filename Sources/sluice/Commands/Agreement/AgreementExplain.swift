internal import ArgumentParser
internal import SluiceCore
internal import SluiceKit
internal import SluiceNode

extension AgreementCommand {
    struct Explain: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what an agreement allows, and, for a file, why it would be permitted or refused.",
            discussion:
                "Without FILE: every term in words. With FILE: each term, what it demands, what was found, and the decision. Exit code 1 when the decision is to refuse."
        )

        @OptionGroup var agreement: AgreementArgument
        @Argument(help: ArgumentHelp("Data file to decide about.", valueName: "file")) var file: String?
        @OptionGroup var input: TrialInput
        @Flag(name: .long, help: "Ask as the receiver who takes in, not as the giver who sends.") var accept = false
        @Flag(name: .long, help: "Print one JSON document.") var json = false

        func run() async throws {
            let agreement = try self.agreement.open()
            guard let file else {
                print(lines: Explanation.plan(agreement), permit: nil)
                return
            }
            var question = try input.question(agreement)
            if accept { question.direction = .accept }
            let findings = FindingTally()
            let trial = try input.trial(file, question, under: [agreement], structures: try input.structures(), findings: findings)
            do {
                var lines = trial.examined.tabulationLines + (try trial.trace())
                if findings.hasErrors {
                    lines.append("Before that, sluice check finds \(findings.errorCount) errors in the file: it would be refused for them.")
                }
                let isPermit = try trial.ruling().isPermit && !findings.hasErrors
                print(lines: lines, permit: isPermit)
                if !isPermit { throw Outcome.refused() }
            } catch let refusal as Refusal { throw refusal.outcome(of: file) }
        }

        private func print(lines: [String], permit: Bool?) {
            if json {
                let members = [JSONMember("agreement", .string(agreement.path)), JSONMember("lines", .array(lines.map { .string($0) }))]
                Swift.print(JSONValue.object(members + (permit.map { [JSONMember("permit", .bool($0))] } ?? [])).prettyText)
            } else {
                for line in lines { Swift.print(line) }
            }
        }
    }
}
