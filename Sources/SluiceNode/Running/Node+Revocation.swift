internal import Logging
internal import SluiceCore
internal import SluiceCrypto
internal import SluiceKit

extension Node {
    /// Asks for what is worth knowing of revocations: lists and answers at the addresses in the certificates of this node and its participants, and at those
    /// of the configuration. Lists are kept, so that the next process starts with them.
    /// - Parameter onlyUnknown: leaves out what can be judged by what is held, however old: a start does not wait for servers that nobody needs.
    func fetchRevocations(onlyUnknown: Bool = false) async throws {
        guard let revocation = configuration.revocation, revocation.isFetching, let directory, let register = directory.revocations else { return }
        let (errands, own) = try await Worker.run { [keys, tools] in
            let now = tools.clock.now()
            let own = keys.certificates()
            var certificates = own + directory.participantCertificates
            if onlyUnknown { certificates.removeAll { !register.isUnknown($0, at: now) } }
            let errands = certificates.isEmpty ? [] : register.errands(for: certificates, listAddresses: revocation.listAddresses, at: now)
            return (errands, Set(own.map(\.sha256)))
        }
        let (fetch, folder) = (plugins.fetch, configuration.revocationDirectory)
        let problems = await register.run(errands, own: own, clock: tools.clock) { errand in
            switch errand {
            case .list(let address):
                let bytes = try await fetch(WebRequest(url: address, bytesMax: RevocationList.bytesMax, secondsMax: Self.fetchSecondsMax))
                try await Worker.run { try Self.keep(bytes, from: address, in: folder) }
                return bytes
            case .answer(let address, let request):
                return try await fetch(
                    WebRequest(
                        url: address, body: request.der, contentType: "application/ocsp-request", bytesMax: OCSPAnswer.bytesMax,
                        secondsMax: Self.fetchSecondsMax))
            }
        }
        for problem in problems { log.warning("what is revoked could not be asked", metadata: ["error": "\(problem)"]) }
    }

    static let fetchSecondsMax = 20

    /// Writes a list beside the others, whole or not at all; one that is damaged is refused when it is read.
    private static func keep(_ bytes: [UInt8], from address: String, in folder: String) throws {
        try Folders.make(folder)
        let path = "\(folder)/\(SHA256.hash(Array(address.utf8)).hex).crl"
        try Folders.write(bytes, to: path + ".partial")
        try Folders.settle(path + ".partial", at: path)
    }

    /// Takes in the lists that earlier processes fetched.
    func takeKeptLists() {
        guard configuration.revocation?.isFetching == true, let register = directory?.revocations else { return }
        let folder = configuration.revocationDirectory
        for name in Folders.names(in: folder) where name.hasSuffix(".crl") {
            do { try register.take(list: RevocationList(path: folder + "/" + name)) } catch {
                log.warning("a kept revocation list is not usable", metadata: ["file": "\(name)", "error": "\(error)"])
            }
        }
    }

    /// Who proves when this node seals, and whose proofs it believes; nil where none is configured.
    static func timeStamps(of configuration: NodeConfiguration, plugins: NodePlugins) throws -> (authority: (any TimeStampAuthority)?, trust: TrustStore)? {
        guard let settings = configuration.timeStamps else { return nil }
        let trust = try TrustStore(authorityPaths: [settings.authority])
        guard let url = settings.url else { return (nil, trust) }
        let fetch = plugins.fetch
        let client = TimeStampClient(trust: trust) { (question) throws(PackageError) in
            let request = WebRequest(
                url: url, body: question, contentType: TimeStampRequest.mediaType, bytesMax: 2 * TimeStampToken.bytesMax, secondsMax: fetchSecondsMax)
            // Seals are made on the worker's threads, which may block.
            do { return try Worker.wait { try await fetch(request) } } catch { throw PackageError(.timeStampUnavailable, "no time stamp: \(error)") }
        }
        return (client, trust)
    }
}
