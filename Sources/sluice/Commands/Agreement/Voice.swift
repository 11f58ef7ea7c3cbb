internal import ArgumentParser
internal import SluiceCore
internal import SluiceCrypto
internal import SluiceKit
internal import SluiceNode

/// Who says something of an agreement, at which node.
struct Voice: ParsableArguments {
    @OptionGroup var options: TrustOptions
    @OptionGroup var person: ActingPerson

    /// Proves the person, lets them say it, notes it in the ledger and prints how the agreement stands then.
    func say(
        _ act: AgreementStatement.Act, _ statement: (Node, AgreementStore, String, any EvidenceSigner) throws -> AgreementStore.Entry
    ) async throws {
        let directory = try options.store()
        let passphrase = try TrustOptions.passphrase(.file(person.passphraseFile))
        let acting = try TrustOptions.run { try directory.person(person.name, passphrase: passphrase) }
        guard acting.mayDo(act) else {
            throw Outcome.refused(
                "\(acting.name) is \(acting.roles.map(\.rawValue).joined(separator: ", ")), who may not \(act.rawValue) agreements; ask a steward [roleMissing]"
            )
        }
        let signer = try options.signer()
        let node = try NodeOptions.node(options.config, passphrase: try options.keyPassphrase())
        do {
            try await node.open()
            guard let store = node.agreements else { throw Outcome.unusable("\(options.config) has no directory, so it knows no people") }
            let entry = try TrustOptions.run { try statement(node, store, acting.name, signer) }
            do { try await node.noteAgreements() } catch {
                throw Outcome.unusable("it is said, and could not be noted in the ledger yet; the node does so when it starts: \(error)")
            }
            let record = try TrustOptions.run { try store.record(entry.statement.agreement) }
            try await node.close()
            report(entry, record)
        } catch {
            try? await node.close()
            throw error as? Outcome ?? Outcome.unusable("\(error)")
        }
    }

    private func report(_ entry: AgreementStore.Entry, _ record: AgreementRecord) {
        if options.json {
            print(
                JSONValue.object([
                    JSONMember(
                        "changes", .array(entry.changes.map { .object(entry.ledgerData($0) + [JSONMember("person", .string(entry.statement.person))]) }))
                ]).prettyText)
            return
        }
        for change in entry.changes {
            let version = record.versions[change.version]
            let waits = version?.pending.map { "; \($0.people.count) of \(AgreementRecord.peopleRequired) have activated this package" } ?? ""
            let resumes = version.map { $0.resumers.isEmpty ? "" : "; \($0.resumers.count) of \(AgreementRecord.peopleRequired) want it back" } ?? ""
            print("\(record.agreement) \(change.version) is \(change.after.rawValue)\(waits)\(resumes)")
        }
    }
}
