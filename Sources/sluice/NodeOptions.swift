internal import FormatCSV
internal import Logging
internal import ProtectSuppression
internal import SealASiC
internal import SealJWS
internal import SluiceCore
internal import SluiceCrypto
internal import SluiceHTTP
internal import SluiceKit
internal import SluiceNode
internal import SluiceYAML
internal import StoreSQLite
internal import TransportFolder
internal import TransportHTTP

/// From a configuration file to a node with this build's plugins.
enum NodeOptions {
    /// Reads the configuration and checks everything it names; a problem is an outcome with exit code 2.
    static func load(_ file: String) throws -> NodeConfiguration {
        do {
            let configuration = try NodeConfiguration(file: file)
            try Node.check(configuration, plugins: plugins)
            return configuration
        } catch let problem as YAMLProblem {
            throw Outcome.unusable("\(problem)")
        } catch let error as NodeError {
            throw Outcome.unusable("\(file): \(error)")
        }
    }

    static func node(_ file: String, passphrase: Passphrase? = nil, quietly: Bool = false) throws -> Node {
        let configuration = try load(file)
        do { return try Node(configuration, plugins: plugins, passphrase: passphrase, log: log(configuration.participant, quietly: quietly)) } catch {
            throw Outcome.unusable("\(file): \(error)")
        }
    }

    /// Opens a node for one piece of work and closes it; what the node itself cannot do is an outcome with exit code 2.
    static func using<Result>(_ file: String, _ body: (Node) async throws -> Result) async throws -> Result {
        let node = try node(file)
        do {
            let result = try await body(node)
            try await node.close()
            return result
        } catch {
            try? await node.close()
            throw error as? Outcome ?? Outcome.unusable("\(error)")
        }
    }

    /// Opens a node for reading alone: nothing is published on closing, which would read the whole ledger first.
    static func reading<Result>(_ file: String, _ body: (Node) async throws -> Result) async throws -> Result {
        let node = try node(file)
        do {
            let result = try await body(node)
            try await node.close(publishing: false)
            return result
        } catch {
            try? await node.close(publishing: false)
            throw error as? Outcome ?? Outcome.unusable("\(error)")
        }
    }

    static func log(_ participant: ParticipantID, quietly: Bool) -> Logger {
        var logger = Logger(label: "sluice.\(participant)") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = quietly ? .error : .notice
        return logger
    }

    private static var seals: [any Seal] { [ASiCSeal(), JWSSeal()] }

    static var plugins: NodePlugins {
        var plugins = NodePlugins(
            dataFormats: BuiltinPlugins.dataFormats, structureFormats: BuiltinPlugins.structureFormats, protections: BuiltinPlugins.protections,
            seals: seals,
            openStore: { path in try SQLiteStorePlugin.open(path: path) },
            makeTransport: { configuration, identity, participantOfCertificate, hop in
                var transport = HTTPTransportConfiguration(
                    certificateChainPEM: identity.chainPEM, privateKeyDER: identity.keyDER, authoritiesPath: configuration.keys.authority,
                    participantOfCertificate: participantOfCertificate)
                transport.silenceSecondsMax = configuration.delivery.timeoutSeconds
                transport.hop = hop
                return try HTTPTransport(transport)
            },
            makeCarriedTransport: { configuration in
                let endings = Dictionary(uniqueKeysWithValues: seals.map { ($0.mediaType, $0.fileExtension) })
                var transport = FolderTransportConfiguration(extensionByMediaType: endings)
                transport.quietMilliseconds = configuration.delivery.folder.quietMilliseconds
                return FolderTransport(transport)
            },
            mapping: { path in try Mappings.reader(path) },
            fetch: { request in
                try await WebFetcher.fetch(
                    request.url, body: request.body, contentType: request.contentType, bytesMax: request.bytesMax, secondsMax: request.secondsMax)
            })
        plugins.ask = { request in
            try await WebFetcher.ask(
                request.url, body: request.body, contentType: request.contentType, bytesMax: request.bytesMax, secondsMax: request.secondsMax)
        }
        plugins.differencing = BuiltinPlugins.differencing
        return plugins
    }
}

/// Mapping files as ways of reading the CSV they describe.
enum Mappings {
    static func load(_ path: String) throws -> CSVMapping {
        let bytes = try FileByteSource.contents(of: path, bytesMax: YAMLLimits.bytesMax)
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Outcome.unusable("\(path) is not UTF-8") }
        return try CSVMapping(yaml: text, file: path)
    }

    static func reader(_ path: String) throws -> (makeReader: ReaderMaker, description: String) {
        let mapping = try load(path)
        let digest = NodeHashing().sha256(try FileByteSource.contents(of: path, bytesMax: YAMLLimits.bytesMax)).hex
        return ({ (source, context) throws(ReadError) in try CSVPlugin.reader(of: source, mapping: mapping, in: context) }, "csv with mapping \(digest)")
    }
}
