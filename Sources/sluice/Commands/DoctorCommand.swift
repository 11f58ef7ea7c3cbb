internal import ArgumentParser
internal import SluiceKit
internal import SluiceNode

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Tell what stops an exchange with a participant: name, port, TLS, certificates, clock, agreements, structures.",
        discussion: "Sends nothing but a question who is there. Exit code 1 when something has to be mended.")
    @Argument(help: ArgumentHelp("The participant.", valueName: "participant")) var id: String
    @OptionGroup var node: NodeArguments

    func run() async throws {
        let participant = try ParticipantCommand.id(id)
        let diagnosis = try await node.use { try await $0.diagnose(participant) }
        if node.json {
            print(diagnosis.json.prettyText)
        } else {
            for finding in diagnosis.findings { print("\(Self.mark(finding.verdict)) \(finding.step): \(finding.words)") }
        }
        guard diagnosis.isPassed else { throw Outcome.refused() }
    }

    private static func mark(_ verdict: Diagnosis.Verdict) -> String {
        switch verdict {
        case .passed: "ok     "
        case .warning: "warning"
        case .failed: "FAILED "
        }
    }
}
