internal import ArgumentParser
internal import SluiceCore
internal import SluiceCrypto
internal import SluiceKit
internal import SluiceNode

struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "The node's own keys and certificates: one for sealing, one for TLS.",
        discussion: "Renewing takes four steps: request, (your authority issues), import, and when your partners have approved your new document: rotate.",
        subcommands: [List.self, Check.self, Request.self, Import.self, Rotate.self, Encrypt.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List keys and certificates; exit code 1 when one has expired or soon will.")
        @OptionGroup var options: TrustOptions
        @Option(name: .long, help: ArgumentHelp("Days before the end at which to warn.", valueName: "days")) var warnDays: Int64 = 30

        func run() throws {
            let now = SystemClock().now()
            let items = try options.keys().inventory()
            if options.json {
                print(
                    JSONValue.array(
                        items.map { item in
                            .object(
                                [
                                    JSONMember("use", .string(item.use.rawValue)), JSONMember("position", .string(item.position.rawValue)),
                                    JSONMember("key", .string(item.keyForm.rawValue)), JSONMember("certificate", .string(item.certificatePath)),
                                    JSONMember("problem", item.problem.map { .string($0) } ?? .null),
                                ] + (item.certificate?.members(at: now) ?? []))
                        }
                    ).prettyText)
            } else {
                for item in items {
                    print("\(item.use.rawValue), \(item.position.rawValue): key \(item.keyForm.rawValue)\(item.problem.map { "; \($0)" } ?? "")")
                    guard let certificate = item.certificate else { continue }
                    print("  \(certificate.subject)\n  SHA-256 \(certificate.sha256.hex)")
                    print("  \(certificate.notBefore.rfc3339) to \(certificate.notAfter.rfc3339), \(certificate.daysLeft(at: now)) days left")
                }
            }
            let isAlarming = items.contains { item in
                guard item.position != .previous else { return false }
                return item.problem != nil || item.certificate.map { $0.daysLeft(at: now) < warnDays } ?? (item.position == .current)
            }
            if isAlarming { throw Outcome.refused() }
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Open the keys and check everything about them: pairs, uses, names, validity, overlap; exit code 1 on findings.")
        @OptionGroup var options: TrustOptions

        func run() throws {
            let (warnings, problems) = try options.keys().check(at: SystemClock().now())
            if options.json {
                print(
                    JSONValue.object([
                        JSONMember("problems", .array(problems.map { .string($0) })), JSONMember("warnings", .array(warnings.map(\.json))),
                    ]).prettyText)
            } else {
                for problem in problems { print("problem: \(problem)") }
                for warning in warnings { print("\(warning.severity.rawValue): \(warning)") }
                if problems.isEmpty, warnings.isEmpty { print("The keys and certificates of this node are in order.") }
            }
            if !problems.isEmpty || warnings.contains(where: { $0.severity != .note }) { throw Outcome.refused() }
        }
    }

    struct Request: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make the next key and a certificate request for your authority.",
            discussion: "The key is written beside the one in use, encrypted when a key passphrase is given. A second request keeps the next key.")
        @OptionGroup var options: TrustOptions
        @Option(name: .customLong("for"), help: "sealing or tls.") var use: CertificateUse
        @Option(name: .long, help: ArgumentHelp("Organisation identifier, such as NTRAM-0000000.", valueName: "id")) var organisationIdentifier: String = ""
        @Option(
            name: .long, help: ArgumentHelp("A host name or address that partners reach this node by (TLS); may be given more than once.", valueName: "host"))
        var host: [String] = []
        @Option(name: .long, help: ArgumentHelp("A key in a token, pkcs11:…, instead of a new file (sealing).", valueName: "uri")) var tokenKey: String?

        func run() throws {
            let organisation = try options.configuration().organisation
            let keys = try options.keys()
            let request = try TrustOptions.run {
                try keys.request(use, organisation: organisation, organisationIdentifier: organisationIdentifier, hosts: host, tokenKey: tokenKey)
            }
            if options.json {
                print(JSONValue.object([JSONMember("use", .string(use.rawValue)), JSONMember("request", .string(request.path))]).compactText)
            } else {
                print(
                    "The request is in \(request.path).\nSend it to your authority; when the certificate comes:\n  sluice keys import CERTIFICATE --for \(use.rawValue) --config \(options.config)"
                )
            }
        }
    }

    struct Import: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take an issued certificate, after checking that it is ours and for this use; it is not used before \"rotate\".")
        @Argument(help: ArgumentHelp("PEM: our certificate first, then those between it and the authority.", valueName: "file")) var certificate: String
        @OptionGroup var options: TrustOptions
        @Option(name: .customLong("for"), help: "sealing or tls.") var use: CertificateUse

        func run() throws {
            let now = SystemClock().now()
            let keys = try options.keys()
            let authorities = try options.authorities()
            let facts = try TrustOptions.run { try keys.importCertificate(use, from: certificate, authorities: authorities, at: now) }
            if options.json {
                print(JSONValue.object([JSONMember("use", .string(use.rawValue))] + facts.members(at: now)).compactText)
            } else {
                print(
                    "The next \(use.rawValue) certificate is \(facts.serial), valid to \(facts.notAfter.rfc3339).\nLet your partners know it (sluice participant export --own), and when they have approved:\n  sluice keys rotate --for \(use.rawValue) --config \(options.config)"
                )
            }
        }
    }

    struct Rotate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take the next key and certificate into use; the present ones are kept as the previous pair.",
            discussion: "A running node uses a new TLS certificate within seconds, and a new sealing certificate after its next start.")
        @OptionGroup var options: TrustOptions
        @Option(name: .customLong("for"), help: "sealing or tls.") var use: CertificateUse

        func run() throws {
            let now = SystemClock().now()
            let keys = try options.keys()
            let facts = try TrustOptions.run { try keys.rotate(use, at: now) }
            if options.json {
                print(JSONValue.object([JSONMember("use", .string(use.rawValue))] + facts.members(at: now)).compactText)
            } else {
                print("\(use.rawValue) now uses the certificate \(facts.serial), valid to \(facts.notAfter.rfc3339).")
            }
        }
    }

    struct Encrypt: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Encrypt the node's key files with a passphrase, or change it (--key-passphrase-file is the present one).")
        @OptionGroup var options: TrustOptions
        @Option(name: .long, help: ArgumentHelp("File (mode 0600) with the new passphrase.", valueName: "file")) var newPassphraseFile: String

        func run() throws {
            let passphrase = try TrustOptions.passphrase(.file(newPassphraseFile))
            let current = try options.keyPassphrase()
            let keys = try options.keys()
            var paths: [String] = []
            for item in keys.inventory() where item.keyForm == .plain || item.keyForm == .encrypted {
                let path = keys.key(item.use, item.position)
                try TrustOptions.run { try KeyFile.encrypt(path, current: item.keyForm == .encrypted ? current : nil, with: passphrase) }
                paths.append(path)
            }
            guard !paths.isEmpty else { throw Outcome.unusable("there is no key file here that could be encrypted") }
            if options.json {
                print(JSONValue.object([JSONMember("encrypted", .array(paths.map { .string($0) }))]).compactText)
            } else {
                for path in paths { print("encrypted \(path)") }
            }
        }
    }
}
