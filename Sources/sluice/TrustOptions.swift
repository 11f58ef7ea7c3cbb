internal import ArgumentParser
internal import SluiceCore
internal import SluiceCrypto
internal import SluiceKit
internal import SluiceNode
internal import SluiceYAML

/// What the commands about keys and participants have in common: a node's configuration, its own keys and its directory.
struct TrustOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The node's configuration file.", valueName: "file")) var config: String
    @Option(name: .long, help: ArgumentHelp("File (mode 0600) with the passphrase of the node's encrypted keys.", valueName: "file"))
    var keyPassphraseFile: String?
    @Option(name: .long, help: ArgumentHelp("Name of the environment variable that holds it instead.", valueName: "name")) var keyPassphraseEnv: String?
    @Flag(name: .long, help: "Print one JSON document.") var json = false

    func configuration() throws -> NodeConfiguration {
        do { return try NodeConfiguration(file: config) } catch { throw Outcome.unusable("\(error)") }
    }

    /// The one given on the command line; the configuration's otherwise.
    func keyPassphrase() throws -> Passphrase? {
        switch (keyPassphraseFile, keyPassphraseEnv) {
        case (nil, nil):
            let configuration = try configuration()
            return try Self.run { try Node.passphrase(of: configuration) }
        case (let file?, nil): return try Self.passphrase(.file(file))
        case (nil, let name?): return try Self.passphrase(.environment(name))
        default: throw Outcome.unusable("give --key-passphrase-file or --key-passphrase-env, not both")
        }
    }

    static func passphrase(_ source: Passphrase.Source) throws -> Passphrase {
        do { return try Passphrase(source) } catch { throw Outcome.unusable(error.detail) }
    }

    func keys() throws -> OwnKeys {
        Node.keys(of: try configuration(), passphrase: try keyPassphrase())
    }

    func authorities() throws -> [Certificate] {
        do { return try Certificate.all(path: configuration().keys.authority) } catch let error as CryptoError { throw Outcome.unusable(error.detail) }
    }

    /// The directory that the node goes by.
    func store() throws -> DirectoryStore {
        let configuration = try configuration()
        guard let folder = configuration.directory else {
            throw Outcome.unusable(
                "\(config) lists its partners itself and has no directory, so nothing decided here would have an effect; write \"directory: directory\" in the place of \"partners\""
            )
        }
        do { return DirectoryStore(folder: folder, own: configuration.participant, verifier: try TrustStore(authorities: authorities())) } catch let error
            as CryptoError
        { throw Outcome.unusable(error.detail) }
    }

    /// Changes the directory and enters what changed into the ledger. The node is opened first: what would keep the entry out must show before anything is signed.
    /// - Parameter change: is given the node's own store, which knows by the ledger what there has to be.
    func changing<Result>(_ change: (DirectoryStore) throws -> Result) async throws -> Result {
        let node = try NodeOptions.node(config, passphrase: try keyPassphrase())
        do {
            try await node.open()
            guard let directory = node.directory else { throw Outcome.unusable("\(config) has no directory") }
            let result = try change(directory.store)
            do { try await node.noteDirectory() } catch {
                throw Outcome.unusable("the change is made, and could not be noted in the ledger yet; the node does so when it starts: \(error)")
            }
            try await node.close()
            return result
        } catch {
            try? await node.close()
            throw error as? Outcome ?? Outcome.unusable("\(error)")
        }
    }

    /// Errors of keys and of the directory as outcomes: what a person did not mean to do is a refusal, what cannot be read is unusable.
    static func run<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let error as DirectoryError {
            switch error.code {
            case .selfApproval, .approvedTwice, .personUnknown, .passphraseWrong, .roleMissing, .stateWrong, .documentDiffers, .signatureMissing:
                throw Outcome.refused("\(error)")
            default: throw Outcome.unusable("\(error)")
            }
        } catch let error as CryptoError { throw Outcome.unusable(error.detail) }
    }
}

/// Who acts, and how they prove it.
struct ActingPerson: ParsableArguments {
    @Option(name: [.customLong("as"), .customLong("person")], help: ArgumentHelp("Your name, as sluice people knows it.", valueName: "name")) var name: String
    @Option(name: .long, help: ArgumentHelp("File (mode 0600) with your passphrase.", valueName: "file")) var passphraseFile: String

    /// The person, when the passphrase is theirs and a role of theirs may do it.
    func prove(_ act: DirectoryStatement.Act, in store: DirectoryStore) throws -> Person {
        let passphrase = try TrustOptions.passphrase(.file(passphraseFile))
        return try TrustOptions.run { try store.person(name, passphrase: passphrase, toDo: act) }
    }
}

extension ActingPerson {
    /// The person, when the passphrase is theirs; for nodes that have a directory.
    func prove(at node: Node) throws -> Person {
        guard let store = node.directory?.store else {
            throw Outcome.unusable(
                "\(node.configuration.file) has no directory, so it knows no people; write \"directory: directory\" in the place of \"partners\"")
        }
        let passphrase = try TrustOptions.passphrase(.file(passphraseFile))
        return try TrustOptions.run { try store.person(name, passphrase: passphrase) }
    }
}

/// Who sends, where that matters.
struct SendingPerson: ParsableArguments {
    @Option(
        name: [.customLong("person"), .customLong("as")],
        help: ArgumentHelp("Who sends it, as sluice people knows you; an agreement that obliges approval by a second person asks for it.", valueName: "name"))
    var name: String?
    @Option(name: .long, help: ArgumentHelp("File (mode 0600) with that person's passphrase.", valueName: "file")) var passphraseFile: String?

    func requester(at node: Node) throws -> ReleaseRequester {
        switch (name, passphraseFile) {
        case (nil, nil): return .unnamed
        case (let name?, let file?):
            var acting = ActingPerson()
            acting.name = name
            acting.passphraseFile = file
            let person = try acting.prove(at: node)
            guard person.mayOperate else {
                throw Outcome.refused("\(person.name) is \(person.roles.map(\.rawValue).joined(separator: ", ")), who may not send")
            }
            return .person(person.name)
        default: throw Outcome.unusable("give --person and --passphrase-file together")
        }
    }
}

extension CertificateUse: ExpressibleByArgument {}
extension Participant.Transport: ExpressibleByArgument {}

extension CertificateWarning {
    var json: JSONValue {
        .object([
            JSONMember("participant", .string(owner.rawValue)), JSONMember("use", .string(use.rawValue)), JSONMember("kind", .string(kind.rawValue)),
            JSONMember("severity", .string(severity.rawValue)), JSONMember("sha256", sha256.map { .string($0.hex) } ?? .null),
            JSONMember("secondsLeft", .integer(secondsLeft)), JSONMember("detail", .string(detail)),
        ])
    }
}

extension CertificateFacts {
    func daysLeft(at time: Instant) -> Int64 { (notAfter.seconds - time.seconds) / 86_400 - (notAfter.seconds < time.seconds ? 1 : 0) }

    func members(at time: Instant) -> [JSONMember] {
        [
            JSONMember("subject", .string(subject)), JSONMember("issuer", .string(issuer)), JSONMember("serial", .string(serial)),
            JSONMember("sha256", .string(sha256.hex)), JSONMember("notBefore", .string(notBefore.rfc3339)), JSONMember("notAfter", .string(notAfter.rfc3339)),
            JSONMember("daysLeft", .integer(daysLeft(at: time))),
        ]
    }
}
