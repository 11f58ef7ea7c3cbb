internal import ArgumentParser
internal import SluiceCore
internal import SluiceKit
internal import SluiceLedger
internal import SluiceNode

/// `sluice ledger check`: how the self check of a node's ledger stands, or a whole round of it now.
struct LedgerCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Tell how the self check of the node's ledger stands, or look the whole ledger through now.",
        discussion:
            "While a node serves it looks its store and its published ledger through, round after round (ledger.selfCheckSeconds). With --now this command does it, beside a node that serves or without one; nothing is written. Exit code 1 where something is damaged, or where the last round is older than twice its time."
    )
    @OptionGroup var node: NodeArguments
    @Flag(name: .long, help: "Look the whole ledger through: the store's entries, the published files, and the signed checkpoint over both.") var now = false

    func run() async throws {
        let now = self.now
        let (status, found) = try await NodeOptions.reading(node.config) { node in (node.selfCheck.noted, now ? try await Self.look(node) : nil) }
        if node.json { print(Self.json(status, found).prettyText) } else { Self.tell(status, found) }
        switch found {
        case .failure: throw Outcome.refused()
        case .success: return
        case nil: if !status.isWell { throw Outcome.refused() }
        }
    }

    /// What is damaged is a finding; that something could not be read is none.
    private static func look(_ node: Node) async throws -> Result<Int64, LedgerError> {
        do { return .success(try await node.checkLedger()) } catch let error as LedgerError where error.code != .storage {
            return .failure(error)
        } catch let error as StoreError where error.code == .damaged {
            return .failure(LedgerError(.damaged, "the node's store is damaged: \(error.detail)"))
        }
    }

    private static func tell(_ status: SelfCheckStatus, _ found: Result<Int64, LedgerError>?) {
        print("self check: \(status.sentence)")
        switch found {
        case .success(let entries): print("The ledger is whole: \(entries) entries of the store and of the published files lead to the signed root.")
        case .failure(let damage):
            print("DAMAGED \(damage)")
            print("The ledger is NOT whole.")
        case nil: break
        }
    }

    private static func json(_ status: SelfCheckStatus, _ found: Result<Int64, LedgerError>?) -> JSONValue {
        var members = [
            JSONMember("well", .bool(status.isWell)), JSONMember("paceSeconds", .integer(status.paceSeconds)),
            JSONMember("ageSeconds", status.ageSeconds.map(JSONValue.integer) ?? .null), JSONMember("late", .bool(status.isLate)),
            JSONMember("damage", status.damage.isEmpty ? .null : .string(status.damage)),
            JSONMember(
                "lastRound",
                status.lastRound.map { round in
                    .object([
                        JSONMember("startedAt", .string(round.startedAt.rfc3339)), JSONMember("endedAt", .string(round.endedAt.rfc3339)),
                        JSONMember("entries", .integer(round.entries)),
                    ])
                } ?? .null),
        ]
        switch found {
        case .success(let entries): members += [JSONMember("whole", .bool(true)), JSONMember("entries", .integer(entries))]
        case .failure(let damage): members += [JSONMember("whole", .bool(false)), JSONMember("found", .string("\(damage)"))]
        case nil: break
        }
        return .object(members)
    }
}
