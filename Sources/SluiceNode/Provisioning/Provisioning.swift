internal import SluiceCrypto
package import SluiceKit
internal import SluiceLedger

/// Makes what a new node needs: keys, certificates of a trial authority, the ledger's key, folders and a first configuration.
package struct Provisioning: Sendable {
    /// Days a trial certificate is valid.
    package static let validityDays = 365

    package var directory: String
    package var participant: ParticipantID
    package var organisation: String
    package var exchangePort: Int
    package var consolePort: Int
    /// Hosts, beside localhost, that the TLS certificate names.
    package var hosts: [String]

    package init(directory: String, participant: ParticipantID, organisation: String, exchangePort: Int = 8443, consolePort: Int = 8080, hosts: [String] = []) {
        self.directory = directory
        self.participant = participant
        self.organisation = organisation
        self.exchangePort = exchangePort
        self.consolePort = consolePort
        self.hosts = hosts
    }

    /// A trial authority in `directory`: `ca.pem` and `ca.key.pem`; one that is there already is used.
    package static func authority(in directory: String, now: Instant) throws {
        if Folders.exists(directory + "/ca.pem") { return }
        try Folders.make(directory)
        let authority = try CertificateAuthority(name: "Sluice trial authority", validity: .init(now: now, days: 10 * validityDays))
        try authority.key.store(at: directory + "/ca.key.pem")
        try Folders.write(authority.certificate.pem, to: directory + "/ca.pem", mode: 0o644)
    }

    /// Keys, certificates issued by the authority in `authorityDirectory`, folders, and `configuration` as `node.yaml`.
    /// - Throws: when the folder already holds a node: keys are never overwritten.
    package func create(authorityDirectory: String, configuration: String, now: Instant) throws {
        guard !Folders.exists(directory + "/node.yaml") else {
            throw NodeError("\(directory) already holds a node; its keys are not overwritten. Choose another folder")
        }
        for folder in ["keys", "structures", "agreements", "mappings"] { try Folders.make("\(directory)/\(folder)") }
        let authority = try CertificateAuthority(certificatePath: authorityDirectory + "/ca.pem", keyPath: authorityDirectory + "/ca.key.pem")
        let validity = CertificateAuthority.Validity(now: now, days: Self.validityDays)

        let sealingKey = try PrivateKey.generate()
        try sealingKey.store(at: "\(directory)/keys/sealing.key.pem")
        let sealing = try authority.issueSealing(participant, organisation: organisation, key: sealingKey, validity: validity)
        try Folders.write(sealing.pem, to: "\(directory)/keys/sealing.cert.pem", mode: 0o644)

        let tlsKey = try PrivateKey.generate()
        try tlsKey.store(at: "\(directory)/keys/tls.key.pem")
        let tls = try authority.issueTLS(participant, organisation: organisation, hosts: hosts, key: tlsKey, validity: validity)
        try Folders.write(tls.pem, to: "\(directory)/keys/tls.cert.pem", mode: 0o644)
        try Folders.write(authority.certificate.pem, to: "\(directory)/keys/ca.pem", mode: 0o644)

        let ledgerKey = try LedgerKey(generatingFor: "sluice.\(participant)")
        try Folders.write(Array((try ledgerKey.text() + "\n").utf8), to: "\(directory)/keys/ledger.key")
        let witnessKey = try WitnessKey(generatingFor: "sluice.\(participant)/witness")
        try Folders.write(Array((try witnessKey.text() + "\n").utf8), to: "\(directory)/keys/witness.key")
        try Folders.write(Array((witnessKey.verifier.text + "\n").utf8), to: "\(directory)/witness.vkey", mode: 0o644)
        try Folders.write(Array(StorageKey.newText().utf8), to: "\(directory)/keys/storage.key")
        try Folders.write(Array(ProtectionKey.newText().utf8), to: "\(directory)/keys/protection.key")
        try Folders.write(Array((ledgerKey.verifier.text + "\n").utf8), to: "\(directory)/ledger.vkey", mode: 0o644)
        try Folders.write(Array(configuration.utf8), to: "\(directory)/node.yaml", mode: 0o644)
    }

    /// The first configuration of a node; Config/node.yaml comments every key.
    package var firstConfiguration: String {
        """
        # Configuration of \(participant). Every key is explained in Config/node.yaml of the distribution.
        node:
          id: \(participant)
          organisation: "\(organisation.filter { $0 != "\"" && $0 != "\\" })"
          data: data
          exchange: {host: 127.0.0.1, port: \(exchangePort)}
          console: {host: 127.0.0.1, port: \(consolePort)}
        keys:
          sealingKey: keys/sealing.key.pem
          sealingCertificate: keys/sealing.cert.pem
          tlsKey: keys/tls.key.pem
          tlsCertificate: keys/tls.cert.pem
          authority: keys/ca.pem
          ledgerKey: keys/ledger.key
          witnessKey: keys/witness.key
          storageKey: keys/storage.key
          protectionKey: keys/protection.key
        # Whom this node exchanges with.
        partners: []
        #  - {id: UN.UNSD, endpoint: "https://node.example.org:8443", format: sdmx-ml-2.1}
        # Structure messages and agreements: files, relative to this one.
        structures: []
        agreements: []
        feeds: []
        routes: []

        """
    }
}
