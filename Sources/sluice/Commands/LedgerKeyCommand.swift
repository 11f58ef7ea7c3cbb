internal import ArgumentParser
internal import SluiceKit
internal import SluiceLedger
internal import SluiceNode

/// `sluice ledger key`: a key for a node that has none yet, or whose ledger begins anew.
struct LedgerKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Make a key that checkpoints are signed or cosigned with, and print what others need to check it.",
        discussion:
            "sluice init makes both for a new node. A node from before needs one for cosigning (keys.witnessKey). A ledger that has ended begins anew with another key of another name (keys.ledgerKey, ledger.origin) in a new data folder. A file that is there is never overwritten."
    )

    enum Use: String, ExpressibleByArgument, CaseIterable {
        case log, witness
    }

    @Argument(help: ArgumentHelp("Where the key goes, mode 0600.", valueName: "file")) var file: String
    @Option(name: .long, help: ArgumentHelp("log: signs this node's checkpoints. witness: cosigns those of partners.", valueName: "use")) var `for`: Use
    @Option(name: .long, help: ArgumentHelp("The key's name, such as sluice.AM.MOI/witness; of a log it is the origin.", valueName: "name")) var name: String

    func run() async throws {
        guard !Folders.exists(file) else { throw Outcome.unusable("\(file) is there already; keys are not overwritten") }
        let (secret, verifier): (String, String)
        do throws(LedgerError) {
            switch self.for {
            case .log:
                let key = try LedgerKey(generatingFor: name)
                (secret, verifier) = (try key.text(), key.verifier.text)
            case .witness:
                let key = try WitnessKey(generatingFor: name)
                (secret, verifier) = (try key.text(), key.verifier.text)
            }
        } catch {
            throw Outcome.unusable("\(error)")
        }
        do { try Folders.write(Array((secret + "\n").utf8), to: file) } catch { throw Outcome.unusable("\(error)") }
        print(verifier)
    }
}
