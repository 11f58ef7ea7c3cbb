internal import ArgumentParser
internal import SealASiC
internal import SealJWS
internal import SluiceCore
internal import SluiceCrypto
internal import SluiceKit
internal import SluiceNode

struct PackageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "package", abstract: "Sealed packages and receipts.", subcommands: [Verify.self, Open.self, CounterSign.self])

    struct Options: ParsableArguments {
        @Argument(help: ArgumentHelp("The package.", valueName: "file.asice")) var file: String
        @Option(name: .long, help: ArgumentHelp("PEM file of the trusted authorities.", valueName: "ca.pem")) var ca: String
        @Option(name: .long, help: ArgumentHelp("PEM file of the authorities above time stamps, for a package that has one.", valueName: "tsa-ca.pem"))
        var timeAuthority: String?
        @Option(
            name: .long,
            help: ArgumentHelp("Time at which the certificates must have been valid, RFC 3339 (2026-11-22T09:00:00Z); now when left out.", valueName: "time"))
        var at: String?
        @Option(
            name: .long,
            help: ArgumentHelp(
                "PEM file of revocation lists; may be given more than once. With any, it must be known of each certificate that it was not revoked.",
                valueName: "list.pem"))
        var revocationList: [String] = []
        @Flag(name: .long, help: "Print one JSON document.") var json = false

        func validate() throws {
            if let at, Instant(rfc3339: at) == nil { throw ValidationError("--at takes a time such as 2026-11-22T09:00:00Z, not \"\(at)\".") }
        }

        /// Opens the package strictly; a refusal is exit code 1, a file or authority that cannot be read is exit code 2.
        func open(into directory: String) throws -> OpenedPackage {
            let trust: TrustStore
            do {
                trust = try TrustStore(
                    authorityPaths: [ca], revocationListPaths: revocationList, timeStamps: try timeAuthority.map { try TrustStore(authorityPaths: [$0]) })
            } catch { throw Outcome.unusable("\(error)") }
            let seal = try PackageCommand.seal(of: file)
            do {
                return try seal.open(
                    file, trust: trust, at: at.flatMap { Instant(rfc3339: $0) } ?? SystemClock().now(), limits: PackageLimits(), extractingInto: directory)
            } catch {
                if json {
                    print(
                        JSONValue.object([
                            JSONMember("valid", .bool(false)), JSONMember("code", .string(error.code.rawValue)), JSONMember("detail", .string(error.detail)),
                        ]).compactText)
                }
                throw Outcome.refused("REFUSED \(file): \(error)")
            }
        }

        func tell(_ package: OpenedPackage) {
            if json {
                let files = package.files.map { file in
                    JSONValue.object([
                        JSONMember("name", .string(file.name)), JSONMember("bytes", .integer(file.bytes)), JSONMember("sha256", .string(file.sha256.hex)),
                    ])
                }
                print(
                    JSONValue.object([
                        JSONMember("valid", .bool(true)), JSONMember("manifestSHA256", .string(package.manifestSHA256.hex)),
                        JSONMember("signer", .string(package.signer.participant.rawValue)),
                        JSONMember("subject", .string(package.signer.subject)), JSONMember("issuer", .string(package.signer.issuer)),
                        JSONMember("certificateSHA256", .string(package.signer.certificateSHA256.hex)),
                        JSONMember("signedAt", .string(package.signer.claimedSigningTime.rfc3339)),
                        JSONMember("provenAt", package.signer.provenAt.map { .string($0.rfc3339) } ?? .null),
                        JSONMember("counterSigners", .array(package.counterSigners.map { .string($0.participant.rawValue) })),
                        JSONMember("files", .array(files)),
                        JSONMember("exchange", (try? JSONValue(parsing: package.exchange)) ?? .null),
                    ]).prettyText)
                return
            }
            print("\(file) is whole and sealed by \(package.signer.participant.rawValue) (\(package.signer.subject)),")
            print(
                "at \(package.signer.claimedSigningTime.rfc3339) by its own clock; certificate \(package.signer.certificateSHA256.hex), issued by \(package.signer.issuer)."
            )
            if let proven = package.signer.provenAt { print("Its seal was there at \(proven.rfc3339), as a time-stamping authority proves.") }
            for signer in package.counterSigners { print("Counter-signed by \(signer.participant.rawValue) (\(signer.subject)).") }
            for file in package.files { print("  \(file.sha256.hex)  \(file.bytes) bytes  \(file.name)") }
        }
    }

    /// The first entry of a package is its media type, stored as it is.
    static func seal(of file: String) throws -> any Seal {
        let head: [UInt8]
        do { head = try FileByteSource(path: file).readHead(bytesMax: 256) } catch { throw Outcome.unusable("\(error.detail)") }
        let text = String(decoding: head, as: UTF8.self)
        let seals: [any Seal] = [ASiCSeal(), JWSSeal()]
        return seals.first { text.contains($0.mediaType) } ?? seals[0]
    }

    struct CounterSign: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "countersign", abstract: "Add this node's signature to a package: over its files and over the signatures it has.",
            discussion: "The package is verified first, by the authorities of the node; nobody should sign what does not hold.")
        @Argument(help: ArgumentHelp("The package.", valueName: "file.asice")) var file: String
        @Argument(help: ArgumentHelp("Where the counter-signed package goes.", valueName: "out.asice")) var out: String
        @OptionGroup var node: NodeArguments

        func run() async throws {
            guard !Folders.exists(out) else { throw Outcome.unusable("\(out) is there already; choose a new file") }
            let seal = try PackageCommand.seal(of: file)
            let sealed = try await node.use { node in
                let (tools, file, out) = (node.tools, file, out)
                return try await Worker.run {
                    let now = tools.clock.now()
                    do {
                        return try seal.counterSign(
                            .file(path: file), trust: tools.trust, at: now, limits: tools.limits.package, with: tools.packageSigner(at: now),
                            into: .file(path: out))
                    } catch let error as PackageError where !error.code.isOwnTrouble {
                        throw Outcome.refused("REFUSED \(file): \(error)")
                    }
                }
            }
            let report = JSONValue.object([JSONMember("package", .string(out)), JSONMember("manifestSHA256", .string(sealed.manifestSHA256.hex))])
            print(node.json ? report.compactText : "\(out) carries this node's signature beside the others; its files are as they were.")
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Verify a package: container, manifest, digests, signature, certificate chain.")
        @OptionGroup var options: Options

        func run() async throws {
            let folder = "\(Inputs.temporaryDirectory)/sluice-\(Identifiers.exchangeID(at: SystemClock().now()))"
            defer { Folders.removeTree(folder) }
            try Folders.make(folder)
            options.tell(try options.open(into: folder))
        }
    }

    struct Open: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Verify a package and take out what its signature covers.")
        @OptionGroup var options: Options
        @Option(name: .long, help: ArgumentHelp("Folder for the files; made when it is not there.", valueName: "dir")) var into: String

        func run() async throws {
            guard Folders.names(in: into).isEmpty else { throw Outcome.unusable("\(into) is not empty; choose a new folder") }
            do { try Folders.make(into) } catch { throw Outcome.unusable("\(error)") }
            options.tell(try options.open(into: into))
        }
    }
}
