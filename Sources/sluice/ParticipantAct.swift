internal import ArgumentParser
internal import SluiceCore
internal import SluiceKit
internal import SluiceNode

/// What one person does about one participant: whom it concerns, who acts, and why.
struct ParticipantAct: ParsableArguments {
    @Argument(help: ArgumentHelp("The participant.", valueName: "id")) var id: String
    @OptionGroup var options: TrustOptions
    @OptionGroup var person: ActingPerson
    @Option(name: .long, help: ArgumentHelp("Why, for the record.", valueName: "text")) var reason: String = ""

    /// Signs the statement, notes it in the ledger and says what became of the participant.
    func carryOut(_ act: DirectoryStatement.Act, document: String? = nil) async throws {
        let participant = try ParticipantCommand.id(id)
        let digest = try document.map { text in
            guard let digest = SHA256Digest(hex: text) else { throw Outcome.unusable("a document is named by the 64 digits of its SHA-256") }
            return digest
        }
        let person = try person.prove(act, in: options.store())
        let signer = try options.signer()
        let change = try await options.changing { store in
            try TrustOptions.run {
                try store.act(act, on: participant, document: digest, by: person.name, at: SystemClock().now(), signer: signer, reason: reason)
            }
        }
        try ParticipantCommand.report([change], [], json: options.json)
    }
}
