package import Logging
package import SluiceCore
package import SluiceCrypto
package import SluiceKit
internal import SluiceLedger
internal import SluiceYAML

#if canImport(Glibc)
    internal import Glibc
#endif

/// One running gateway: configuration, store, ledger, and the work that goes on by itself.
///
/// `open` readies it for commands (`sluice send`); `RunningNode` in the executable adds listeners and the background work.
package final class Node: Sendable {
    package let configuration: NodeConfiguration
    package let tools: CorridorTools
    package let plugins: NodePlugins
    /// Who may exchange with this node; nil where the configuration lists them.
    package let directory: DirectoryService?
    let doorkeeper: Doorkeeper?
    /// What people have said of agreements; nil where nobody is known.
    package let agreements: AgreementStore?
    /// Those that the configuration names.
    let agreementFiles: [Agreement]
    package let keys: OwnKeys
    let tls: TLSInUse
    let authorities: TrustStore
    let watch = FileWatch()
    let certificates = CertificateShelf()
    package let hop: HopSignatures
    package let partners: Partners
    package let store: any Store
    package let bodies: BodyVault
    package let transport: Transports
    package let ledger: LedgerService
    package let selfCheck: SelfCheck
    /// Has the ledger cosigned; nil where no witness is named.
    package let cosigning: Cosigning?
    /// Cosigns partners' ledgers; nil for a node without a key for that.
    package let witness: Witness?
    package let dispatch: Dispatch
    package let intake: Intake
    package let courier: Courier
    let collector: Collector
    package let router: Router
    package let eraser: Eraser
    let looks: LookLog
    package let feeds: Feeds
    package let counters: Counters
    package let settlements = Settlements()
    private let wakeup = Wakeup()
    package let log: Logger
    package let startedAt: Instant
    private let publishing: Publishing
    let entries: EntryMaker

    package var participant: ParticipantID { configuration.participant }

    /// Loads structures and agreements, and opens the store. Its own certificates may have ended: what there is can be read all the same.
    /// - Parameter passphrase: of the node's encrypted keys, where it is another than the configuration's.
    /// - Throws: what stops a start, in an operator's words.
    package init(
        _ configuration: NodeConfiguration, plugins: NodePlugins, passphrase: Passphrase? = nil, log: Logger, clock: any WallClock = SystemClock(),
        faults: FaultPoints = FaultPoints()
    ) throws {
        let configuration = try configuration.readingLedgerKeys()
        self.configuration = configuration
        self.plugins = plugins
        self.log = log
        startedAt = clock.now()
        for folder in [configuration.dataDirectory, configuration.spoolDirectory] {
            try Folders.make(folder)
        }
        let timeStamps = try Self.timeStamps(of: configuration, plugins: plugins)
        authorities = try TrustStore(authorityPaths: [configuration.keys.authority], timeStamps: timeStamps?.trust)
        let directory = try Self.directory(of: configuration, authorities: authorities, clock: clock)
        self.directory = directory
        doorkeeper = directory.map { Doorkeeper(store: $0.store) }
        let keys = Self.keys(of: configuration, passphrase: try passphrase ?? Self.passphrase(of: configuration))
        self.keys = keys
        let partners = Partners(
            listed: configuration.partners, directory: directory, usualRate: configuration.limits.rate, carriedDirectory: configuration.carriedDirectory)
        self.partners = partners
        let sealingKeys = NodeSealingKeys(keys, directory: directory, timeStamps: timeStamps?.authority)
        var limits = CorridorLimits()
        limits.read = configuration.limits.read
        limits.protectRowsMax = configuration.limits.protectRowsMax
        limits.findingsPerCodeMax = configuration.limits.findingsInReceiptMax
        let loaded = try Self.load(configuration, plugins: plugins)
        var tools = CorridorTools(
            participant: configuration.participant, structures: loaded.structures, agreements: loaded.agreements, formats: plugins.dataFormats,
            protections: plugins.protections, seals: plugins.seals, sealingKeys: sealingKeys, trust: NodeTrust(authorities: authorities, directory: directory),
            hashing: NodeHashing(), clock: clock, limits: limits, spoolDirectory: configuration.spoolDirectory)
        tools.severities = configuration.severities
        tools.channel = { partners.endpoint(of: $0)?.scheme }
        tools.knowsPeople = directory != nil
        agreementFiles = loaded.agreements
        let agreements = Self.agreementStore(of: configuration, authorities: authorities)
        self.agreements = agreements
        // Without the ledger for now; `open` asks that too.
        if let agreements {
            let standing = agreements.standing(files: loaded.agreements, isSignedOnly: configuration.agreementsAreSigned)
            tools.book.replace(standing.all, isInDoubt: standing.isInDoubt)
        }
        tools.protectionCodes = try configuration.keys.protectionKey.map(ProtectionKey.init(path:))
        tools.protectionResources = try ProtectionTables.load(configuration.protectionTables)
        let storageKey = try StorageKey(path: configuration.keys.storageKey)
        bodies = try BodyVault(storageKey: storageKey, directory: configuration.bodyDirectory)
        store = try plugins.openStore(configuration.storePath)
        tools.differencing = plugins.differencing
        tools.register = StoredRegister(participant: configuration.participant, store: store, storageKey: storageKey)
        tools.received = ReceivedFromStore(store: store)
        tools.contentKey = storageKey.contentKey
        self.tools = tools
        let hop = HopSignatures(
            configuration.hopSignatures, own: configuration.participant, sealingKeys: sealingKeys, authorities: authorities, directory: directory,
            partners: partners, clock: clock)
        self.hop = hop
        tls = TLSInUse(keys, at: startedAt)
        let makeTransport: @Sendable (TLSIdentity) throws -> any Transport = { [certificates] identity in
            try plugins.makeTransport(configuration, identity, { Self.participant(ofTLS: $0, directory, certificates) }, hop)
        }
        let remote: RenewableTransport =
            switch tls.identity {
            case .success(let identity): RenewableTransport(try makeTransport(identity))
            case .failure(let error): RenewableTransport(NoTransport(reason: "\(error)"))
            }
        tls.onRenewal { identity in
            let transport = try makeTransport(identity)
            Task { await remote.renew(transport) }
        }
        let transports = Transports(remote, carried: try plugins.makeCarriedTransport(configuration))
        transport = transports
        let gate = LedgerGate()
        ledger = try LedgerService(directory: configuration.ledgerDirectory, keyPath: configuration.keys.ledgerKey, store: store, gate: gate)
        selfCheck = SelfCheck(
            ledger: ledger, store: store, path: configuration.selfCheckPath, paceSeconds: configuration.selfCheckSeconds, clock: clock, log: log)
        entries = EntryMaker(participant: configuration.participant, clock: clock, gate: gate)
        cosigning = try configuration.witnessPolicy().map { [ledger, store] policy in
            Cosigning(
                policy: policy, places: configuration.witnesses.map(\.place), ledger: ledger, store: store, transports: transports, partners: partners,
                ask: plugins.ask, clock: clock, log: log)
        }
        counters = Counters()
        let publishing = Publishing(ledger: ledger, log: log)
        self.publishing = publishing
        witness = try configuration.keys.witnessKey.map { [ledger, store, entries] path in
            Witness(
                key: try LedgerKeys.own(path), ownOrigin: ledger.verifier.name, partners: partners, store: store, entries: entries, log: log,
                afterCommit: { publishing.request() })
        }
        let wakeup = self.wakeup
        dispatch = Dispatch(
            configuration: configuration, partners: partners, tools: tools, store: store, bodies: bodies, entries: entries, faults: faults,
            afterCommit: {
                wakeup.ring()
                publishing.request()
            })
        intake = Intake(
            configuration: configuration, partners: partners, tools: tools, store: store, bodies: bodies, entries: entries, faults: faults, log: log,
            afterCommit: { publishing.request() })
        courier = Courier(
            configuration: configuration, partners: partners, tools: tools, store: store, bodies: bodies, transports: transports, entries: entries,
            faults: faults,
            counters: counters, settlements: settlements, wakeup: wakeup, log: log, afterCommit: { publishing.request() })
        collector = Collector(
            partners: partners, transports: transports, intake: intake, courier: courier, faults: faults, log: log)
        feeds = try Feeds(configuration: configuration, plugins: plugins, dispatch: dispatch, store: store, entries: entries, clock: clock, log: log)
        eraser = Eraser(
            store: store, bodies: bodies, entries: entries, clock: clock, tolerance: configuration.clockTolerance,
            policy: configuration.delivery.policy, log: log,
            afterCommit: { publishing.request() })
        looks = LookLog(
            directory: configuration.lookDirectory, keyPath: configuration.keys.ledgerKey, participant: configuration.participant,
            retentionDays: configuration.retention.lookDays, clock: clock, log: log)
        router = Router(
            configuration: configuration, tools: tools, dispatch: dispatch, store: store,
            archive: Archive(tools: tools, trust: authorities, store: store, bodies: bodies), clock: clock, log: log)
    }

    /// Checks everything a configuration names without opening the store or any port.
    package static func check(_ configuration: NodeConfiguration, plugins: NodePlugins) throws {
        _ = try load(configuration, plugins: plugins)
        _ = try ProtectionTables.load(configuration.protectionTables)
        for case .some(let path) in [
            NodeConfiguration.isToken(configuration.keys.sealingKey) ? configuration.keys.sealingCertificate : configuration.keys.sealingKey,
            configuration.keys.sealingCertificate, configuration.keys.tlsKey, configuration.keys.tlsCertificate,
            configuration.keys.authority, configuration.keys.ledgerKey, configuration.keys.witnessKey, configuration.keys.storageKey,
            configuration.keys.protectionKey,
        ]
        where !Folders.exists(path) { throw NodeError("the key file \(path) is not there") }
        _ = try configuration.readingLedgerKeys()
        _ = try configuration.witnessPolicy()
        for case .participant(let id) in configuration.witnesses.map(\.place) where !configuration.mayReceive(id) {
            throw NodeError("the witness \(id) is not among the partners; add it there, with its endpoint")
        }
        for partner in configuration.partners where !plugins.dataFormats.contains(where: { $0.id == partner.format }) {
            throw NodeError(
                "partner \(partner.id): there is no format \"\(partner.format)\"; there are \(plugins.dataFormats.map(\.id).joined(separator: ", "))")
        }
        for feed in configuration.feeds {
            _ = try Feeds.calendar(of: feed)
            if let mapping = feed.mapping { _ = try plugins.mapping(mapping) }
        }
        for route in configuration.routes {
            if case .write(_, let format) = route.action, !plugins.dataFormats.contains(where: { $0.id == format }) {
                throw NodeError("route \(route.id): there is no format \"\(format)\"")
            }
            if case .send(let shipment) = route.action, !configuration.mayReceive(shipment.receiver) {
                throw NodeError("route \(route.id): \(shipment.receiver) is not among the partners")
            }
        }
    }

    private static func load(_ configuration: NodeConfiguration, plugins: NodePlugins) throws -> (structures: StructureSet, agreements: [Agreement]) {
        var structures: StructureSet
        let findings = FindingTally(samplesPerCodeMax: 1)
        do throws(ReadError) {
            structures = try StructureLibrary(formats: plugins.structureFormats, limits: configuration.limits.read)
                .load(configuration.structures, findings: findings)
            try ConstraintTable.add(configuration.constraints, to: &structures, limits: configuration.limits.read)
        } catch {
            throw NodeError("\(error)")
        }
        // An agreement would be kept by one of two structures, and nobody could say which.
        if let conflict = findings.samples.first(where: { $0.code == .artefactConflict }) {
            throw NodeError("the structures contradict each other: \(conflict.message) \(conflict.advice)")
        }
        var agreements: [Agreement] = []
        for path in configuration.agreements { agreements.append(try Agreements.load(path)) }
        return (structures, agreements)
    }

    // MARK: Life

    /// What a node needs that takes packages in; nil where nobody delivers over HTTPS.
    /// - Throws: where it has no certificate to seal receipts with, or none to serve TLS with.
    package func requireCertificates() throws -> TLSIdentity? {
        _ = try tools.signer(at: tools.clock.now())
        return configuration.exchange == nil ? nil : try tls.identity.get()
    }

    /// Calls `take` with each TLS certificate that is to be used from then on.
    package func onTLSRenewal(_ take: @escaping TLSInUse.Taker) { tls.onRenewal(take) }

    /// What does not go over HTTPS, and why, in words for whoever starts the node; empty where everything does.
    package var whatIsOff: [String] {
        var words: [String] = []
        let isTLSNamed = configuration.keys.tlsKey != nil
        if !isTLSNamed {
            words.append("node.yaml names no TLS key, so nothing is taken in or delivered over HTTPS: packages go by folders alone")
        } else {
            if configuration.exchange == nil { words.append("node.yaml says exchange: none, so nobody can deliver to this node over HTTPS") }
            if case .failure(let error) = tls.identity { words.append("nothing can be delivered over HTTPS: \(error)") }
        }
        let cutOff = words.isEmpty ? [] : partners.ids.filter { id in partners.endpoint(of: id).map { !transport.carries(to: $0) } ?? true }
        if !cutOff.isEmpty { words.append("partners whom that concerns: \(cutOff.map(\.rawValue).joined(separator: ", "))") }
        return words
    }

    /// Readies the store and the ledger: the self check, and publishing what a crash left behind.
    package func open() async throws {
        // What processes that are gone left in their spool folders; nothing in them was recorded.
        for name in Folders.names(in: configuration.spoolRoot) {
            guard let process = Int32(name), kill(process, 0) != 0, errno == ESRCH else { continue }
            Folders.removeTree(configuration.spoolRoot + "/" + name)
        }
        try await eraser.sweep()
        await eraser.emptyLog()
        takeKeptLists()
        try await fetchRevocations(onlyUnknown: true)
        try await selfCheck.requireMended()
        try await ledger.start()
        try await noteDirectory()
        try await noteAgreements()
        _ = try await standAgreements()
        try await router.subscribe()
    }

    /// Notes in the ledger that the node serves from now on; first its witnesses are asked what they have of it.
    package func noteStart() async throws {
        try await cosigning?.lookBack()
        let (entries, log) = (self.entries, configuration.ledgerOrigin)
        try await store.write {
            try entries.record([LedgerEvent(.nodeStarted, exchange: "", [LedgerData.text("outcome", "started"), LedgerData.text("ledger", log)])], in: $0)
        }
        try await ledger.publish()
    }

    /// Publishes what is committed and closes the store; work under way has ended before.
    /// - Parameter isPublishing: false where nothing was written: publishing reads the whole ledger first.
    package func close(publishing isPublishing: Bool = true) async throws {
        publishing.stop()
        await looks.close()
        if isPublishing {
            do { try await ledger.publish() } catch  where ledger.gate.whyShut != nil {
                // What was recorded before the ledger was stopped stays in the store, unsigned.
            }
        }
        await transport.close()
        try await store.close()
        Folders.removeTree(configuration.spoolDirectory)
    }

    /// Where people rule on what waits for approval.
    package var approvals: Approvals {
        Approvals(tools: tools, store: store, bodies: bodies, archive: archive, courier: courier, faults: courier.faults)
    }

    /// What is kept of past exchanges.
    package var archive: Archive { Archive(tools: tools, trust: authorities, store: store, bodies: bodies) }

    // MARK: Commands

    /// An input file with its way of being read: a mapping's, a named format's, or the one that recognises it.
    package func input(path: String, mapping: String?, format: String?) throws -> Dispatch.Input {
        try Inputs.resolve(path: path, mapping: mapping, format: format, plugins: plugins)
    }

    package func send(
        _ input: Dispatch.Input, shipment: NodeConfiguration.Shipment, by requester: ReleaseRequester = .unnamed, exchangeID: String? = nil
    ) async throws -> OutboundTrip {
        try await dispatch.send(input, shipment: shipment, by: requester, exchangeID: exchangeID)
    }

    /// Sends and waits for the end of the exchange; for a node whose background work runs.
    /// - Returns: the exchange as it is at the end of the wait, settled or not.
    package func sendAndWait(_ input: Dispatch.Input, shipment: NodeConfiguration.Shipment, atMost wait: Duration) async throws -> ExchangeRecord {
        let id = Identifiers.exchangeID(at: tools.clock.now())
        let end = settlements.listen(for: id)
        let trip = try await dispatch.send(input, shipment: shipment, exchangeID: id)
        guard trip.package != nil else { return trip.record }
        let patience = Task { [settlements] in
            try await Patience.wait(for: wait)
            settlements.giveUp(id)
        }
        defer { patience.cancel() }
        for await settled in end { return settled }
        // Another process may have settled it.
        let sender = participant.rawValue
        return try await store.read { try $0.exchange(sender: sender, id: id) } ?? trip.record
    }

    /// Tries to deliver until the exchange is settled or handed over, or the time is over; what is left stays in the outbox.
    package func deliverNow(exchangeID: String, withinSeconds seconds: Int) async throws -> ExchangeRecord {
        let deadline = ContinuousClock.now + .seconds(seconds)
        let sender = participant.rawValue
        while true {
            guard let record = try await store.read({ try $0.exchange(sender: sender, id: exchangeID) }) else {
                throw NodeError("exchange \(exchangeID) is not in the store")
            }
            // What was handed over is somebody else's to carry: its receipt may take days.
            if record.state.isSettled || record.state == .handedOver || ContinuousClock.now >= deadline {
                try await ledger.publish()
                return record
            }
            if try await courier.deliverDue() == 0 { try await Task.sleep(for: .milliseconds(configuration.delivery.pollMilliseconds)) }
        }
    }
}

/// Resolves input files for the node.
enum Inputs {
    static func resolve(path: String, mapping: String?, format: String?, plugins: NodePlugins) throws -> Dispatch.Input {
        if let mapping {
            let reader = try plugins.mapping(mapping)
            return Dispatch.Input(.file(path: path), makeReader: reader.makeReader, description: reader.description)
        }
        let head = try FileByteSource(path: path).readHead()
        let found = format.map { id in plugins.dataFormats.first { $0.id == id } } ?? plugins.dataFormats.first { $0.recognises(head) }
        guard let found else {
            throw NodeError(
                "the format of \(path) is not known; name one of \(plugins.dataFormats.map(\.id).joined(separator: ", ")), or give the mapping of a plain CSV")
        }
        return Dispatch.Input(
            .file(path: path), makeReader: { (source, context) throws(ReadError) in try found.reader(of: source, in: context) }, description: found.id)
    }
}
