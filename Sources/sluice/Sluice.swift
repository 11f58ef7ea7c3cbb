internal import ArgumentParser
internal import CMalloc
internal import SluiceKit
internal import SluiceYAML

#if canImport(Glibc)
    internal import Glibc
#endif

/// The command line: one binary for the steward, the operator and the auditor.
///
/// Exit codes: 0 done, 1 findings or a refusal, 2 unusable input, arguments or configuration.
@main
struct Sluice: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sluice",
        abstract: "The gateway through which agencies exchange official statistics.",
        discussion: "Exit codes: 0 done, 1 findings or a refusal, 2 unusable input, arguments or configuration.",
        version: sluiceVersion,
        subcommands: [
            InspectCommand.self, CheckCommand.self, ConvertCommand.self, MapCommand.self, TabulateCommand.self, ProtectCommand.self, SendCommand.self,
            AgreementCommand.self,
            PackageCommand.self,
            ExchangeCommand.self, KeysCommand.self, ParticipantCommand.self, PeopleCommand.self, LedgerCommand.self, EvidenceCommand.self, FeedCommand.self,
            InitCommand.self,
            ConfigCommand.self, ServeCommand.self, PluginsCommand.self,
            DoctorCommand.self, DrillCommand.self, DemoCommand.self,
        ])

    static func main() async {
        // A reader that goes away (`sluice check … | head`) ends the writing, not the process with a signal.
        signal(SIGPIPE, SIG_IGN)
        returnLargeBuffers()
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand { try await asynchronous.run() } else { try command.run() }
        } catch let outcome as Outcome {
            if !outcome.message.isEmpty { Terminal.error(outcome.message) }
            leave(outcome.code)
        } catch let failure where exitCode(for: failure) == .validationFailure {
            Terminal.error(fullMessage(for: failure))
            leave(Outcome.unusable)
        } catch let clean where exitCode(for: clean) == .success {
            // --help and --version arrive as errors.
            print(fullMessage(for: clean))
            leave(0)
        } catch {
            Terminal.error("\(error)")
            leave(Outcome.unusable)
        }
    }
}

/// Lets buffers of 256 KiB and more go back to the system as soon as they are freed.
///
/// glibc raises that bound to the largest buffer ever freed, up to 32 MiB; from then on such buffers leave holes in the heap of each thread, and a large payload
/// costs several MiB more (Docs/Performance.md).
private func returnLargeBuffers() { sluice_malloc_return_from(256 << 10) }

/// Ends the process; inside a command `exit` names ArgumentParser's own.
private func leave(_ code: Int32) -> Never { exit(code) }

/// How a command ended when it did not simply succeed.
struct Outcome: Error {
    static let findings: Int32 = 1
    static let unusable: Int32 = 2

    var code: Int32
    var message: String

    /// Findings or a refusal: the work was done and the answer is no.
    static func refused(_ message: String = "") -> Outcome { Outcome(code: findings, message: message) }
    /// The input, an argument or the configuration cannot be used.
    static func unusable(_ message: String) -> Outcome { Outcome(code: unusable, message: message) }
}
