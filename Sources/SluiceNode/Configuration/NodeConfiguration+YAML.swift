internal import SluiceCore
internal import SluiceKit
package import SluiceYAML

#if canImport(Glibc)
    internal import Glibc
#endif

extension NodeConfiguration {
    /// Largest configuration file, in bytes.
    package static let fileBytesMax = 1 << 20

    /// Reads and checks the file; nothing is opened or started.
    package init(file path: String) throws(YAMLProblem) {
        let bytes: [UInt8]
        do throws(ReadError) {
            bytes = try FileByteSource.contents(of: path, bytesMax: Self.fileBytesMax)
        } catch {
            throw YAMLProblem(file: path, line: 1, column: 1, detail: error.detail)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw YAMLProblem(file: path, line: 1, column: 1, detail: "the file is not UTF-8; save it as UTF-8")
        }
        try self.init(yaml: text, file: path)
    }

    package init(yaml: String, file: String) throws(YAMLProblem) {
        let folder = FolderEntries.parent(of: file)
        func resolve(_ path: String) -> String { path.hasPrefix("/") ? path : folder + "/" + path }

        let root = try YAMLValue(yaml: yaml, file: file).mapping(
            "node", "keys", "ledger", "partners", "directory", "revocation", "timeStamps", "structures", "agreements", "feeds", "routes", "limits", "delivery",
            "retention",
            "checks", "constraints", "protection")
        let node = try root.required("node").mapping("id", "organisation", "data", "exchange", "hopSignatures", "console")
        self.file = file
        participant = try Self.participant(node.required("id"))
        organisation = try node.text("organisation", default: participant.rawValue)
        dataDirectory = resolve(try node.text("data", default: "data"))
        if let value = node["hopSignatures"] {
            guard let mode = HopSigning(rawValue: try value.text()) else { throw value.problem("hopSignatures is off, sent or required") }
            hopSignatures = mode
        }
        console = try Self.console(node["console"])

        let keys = try root.required("keys").mapping(
            "sealingKey", "sealingCertificate", "tlsKey", "tlsCertificate", "authority", "ledgerKey", "witnessKey", "storageKey", "protectionKey",
            "passphraseFile", "passphraseEnvironment")
        self.keys = Keys(
            sealingKey: Self.isToken(try keys.text("sealingKey")) ? try keys.text("sealingKey") : resolve(try keys.text("sealingKey")),
            sealingCertificate: resolve(try keys.text("sealingCertificate")),
            tlsKey: try keys.optionalText("tlsKey").map(resolve),
            tlsCertificate: try keys.optionalText("tlsCertificate").map(resolve), authority: resolve(try keys.text("authority")),
            ledgerKey: resolve(try keys.text("ledgerKey")), witnessKey: try keys.optionalText("witnessKey").map(resolve),
            storageKey: resolve(try keys.text("storageKey")),
            protectionKey: try keys.optionalText("protectionKey").map(resolve),
            passphraseFile: try keys.optionalText("passphraseFile").map(resolve),
            passphraseEnvironment: try keys.optionalText("passphraseEnvironment"))
        let hasTLS = self.keys.tlsKey != nil
        guard hasTLS == (self.keys.tlsCertificate != nil), let keysValue = root["keys"] else {
            throw try root.required("keys").problem("tlsKey and tlsCertificate belong together; a node that uses no HTTPS has neither")
        }
        if let value = node["exchange"], case .text("none") = value.kind {
            exchange = nil
        } else if hasTLS {
            exchange = try Self.listener(node["exchange"], default: Listener(host: "127.0.0.1", port: 8443))
        } else {
            guard node["exchange"] == nil else {
                throw keysValue.problem(
                    "the exchange endpoint needs tlsKey and tlsCertificate; add them, or take out node.exchange: packages then go by folders alone")
            }
            exchange = nil
        }
        ledgerOrigin = "sluice.\(participant)"
        if let value = root["ledger"] {
            let ledger = try value.mapping("origin", "witnesses", "quorum", "selfCheckSeconds")
            ledgerOrigin = try ledger.text("origin", default: ledgerOrigin)
            selfCheckSeconds = try ledger.integer("selfCheckSeconds", in: 1...31_536_000, default: selfCheckSeconds)
            witnesses = try Self.witnesses(ledger.list("witnesses"), own: participant, resolve: resolve)
            if let value = ledger["quorum"] {
                guard !witnesses.isEmpty else { throw value.problem("a quorum is one of witnesses, and none is named: witnesses") }
                witnessQuorum = try value.integer(in: 1...witnesses.count)
            }
        }

        limits = Limits()
        if let value = root["limits"] {
            let limits = try value.mapping(
                "packageBytesMax", "exchangesPerMinute", "bytesPerMinute", "inboundConcurrentMax", "protectRowsMax", "findingsInReceiptMax",
                "deliveryConcurrentMax", "valueBytesMax", "rowBytesMax", "depthMax", "columnsMax", "dictionaryEntriesMax", "dictionaryBytesMax",
                "groupBytesMax", "messageBytesMax", "structureBytesMax")
            self.limits.packageBytesMax = try limits.integer("packageBytesMax", in: 1024...(1 << 40), default: self.limits.packageBytesMax)
            self.limits.rate = try Self.rate(limits, usual: self.limits.rate)
            self.limits.inboundConcurrentMax = try limits.integer("inboundConcurrentMax", in: 1...1024, default: self.limits.inboundConcurrentMax)
            self.limits.protectRowsMax = try limits.integer("protectRowsMax", in: 1...100_000_000, default: self.limits.protectRowsMax)
            self.limits.findingsInReceiptMax = try limits.integer("findingsInReceiptMax", in: 1...10_000, default: self.limits.findingsInReceiptMax)
            self.limits.deliveryConcurrentMax = try limits.integer("deliveryConcurrentMax", in: 1...256, default: self.limits.deliveryConcurrentMax)
            self.limits.read = try Self.readLimits(limits, usual: self.limits.read)
        }

        var partners: [Partner] = []
        for value in try root.list("partners") {
            let partner = try value.mapping("id", "endpoint", "format", "seals", "packageBytesMax", "exchangesPerMinute", "bytesPerMinute", "ledgerKey")
            let id = try Self.participant(partner.required("id"))
            guard !partners.contains(where: { $0.id == id }) else { throw value.problem("participant \(id) stands twice") }
            let endpoint = try Self.endpoint(partner, of: id, resolve: resolve)
            if let endpoint, endpoint.hasPrefix(Self.folderScheme), let other = partners.first(where: { $0.endpoint == endpoint }) {
                throw value.problem("\(other.id) has the same folders; the folder says who the peer is, so each partner needs its own")
            }
            if endpoint == nil, exchange == nil {
                throw value.problem(
                    "\(id) has no endpoint, so it could only send to us over HTTPS, and this node takes nothing in that way; give it a folder: endpoint")
            }
            if endpoint?.hasPrefix("https://") == true, !hasTLS {
                throw value.problem("the endpoint of \(id) is reached over HTTPS, which needs tlsKey and tlsCertificate under keys")
            }
            var one = Partner(id: id, endpoint: endpoint, format: try partner.text("format", default: Self.usualFormat), seals: try partner.texts("seals"))
            if one.seals.isEmpty { one.seals = [Self.usualSeal] }
            if partner["packageBytesMax"] != nil { one.packageBytesMax = try partner.integer("packageBytesMax", in: 1024...(1 << 40), default: 0) }
            if partner["exchangesPerMinute"] != nil || partner["bytesPerMinute"] != nil { one.rate = try Self.rate(partner, usual: limits.rate) }
            one.ledgerKey = try Self.key(partner["ledgerKey"], resolve: resolve)
            partners.append(one)
        }
        self.partners = partners
        directory = try root.optionalText("directory").map(resolve)
        if directory != nil, let value = root["partners"], !partners.isEmpty {
            throw value.problem("there is a directory, which says who the partners are; take out \"partners\" or \"directory\"")
        }
        if let value = root["revocation"] {
            guard directory != nil else { throw value.problem("revocation is judged by the directory; name its folder with \"directory\"") }
            let revocation = try value.mapping("lists", "graceSeconds", "fetch", "listAddresses")
            self.revocation = Revocation(
                lists: try revocation.texts("lists").map(resolve),
                graceSeconds: Int64(try revocation.integer("graceSeconds", in: 0...(90 * 86_400), default: 86_400)),
                isFetching: try revocation.boolean("fetch", default: false), listAddresses: try revocation.texts("listAddresses"))
        } else {
            self.revocation = nil
        }
        if let value = root["timeStamps"] {
            let timeStamps = try value.mapping("url", "authority")
            self.timeStamps = TimeStamps(url: try timeStamps.optionalText("url"), authority: resolve(try timeStamps.text("authority")))
        } else {
            self.timeStamps = nil
        }
        if console.signIn == .required, directory == nil, let value = node["console"] {
            throw value.problem("people sign in who are known, and people are known by the directory; name its folder with \"directory\"")
        }
        structures = try root.texts("structures").map(resolve)
        constraints = try root.texts("constraints").map(resolve)
        if let value = root["agreements"], case .mapping = value.kind {
            let named = try value.mapping("files", "mode")
            agreements = try named.texts("files").map(resolve)
            let mode = try named.text("mode", default: "plain")
            guard mode == "plain" || mode == "signed" else { throw value.problem("the mode of agreements is plain or signed") }
            agreementsAreSigned = mode == "signed"
            guard !agreementsAreSigned || directory != nil else {
                throw value.problem("signed agreements are activated by people, and people are known by the directory; name its folder with \"directory\"")
            }
        } else {
            agreements = try root.texts("agreements").map(resolve)
        }
        protectionTables = try Self.protectionTables(root["protection"], resolve: resolve)

        var feeds: [Feed] = []
        for value in try root.list("feeds") {
            let feed = try Self.feed(value, resolve: resolve)
            guard !feeds.contains(where: { $0.id == feed.id }) else { throw value.problem("feed \(feed.id) stands twice") }
            feeds.append(feed)
        }
        self.feeds = feeds

        var routes: [Route] = []
        for value in try root.list("routes") {
            let route = try value.mapping("id", "on", "write", "send")
            let id = try route.text("id")
            guard !routes.contains(where: { $0.id == id }) else { throw value.problem("route \(id) stands twice") }
            switch (route["write"], route["send"]) {
            case (let write?, nil):
                let write = try write.mapping("directory", "format")
                routes.append(
                    Route(
                        id: id, topic: try route.text("on"),
                        action: .write(directory: resolve(try write.text("directory")), format: try write.text("format", default: "sdmx-csv-2.0"))))
            case (nil, let send?):
                routes.append(Route(id: id, topic: try route.text("on"), action: .send(try Self.shipment(send.mapping("to", "flow", "purpose", "format")))))
            default:
                throw value.problem("route \(id) needs exactly one of \"write\" and \"send\"")
            }
        }
        self.routes = routes

        delivery = Delivery()
        carriedDirectory = resolve("carried")
        if let value = root["delivery"] {
            let delivery = try value.mapping(
                "attemptsMax", "firstRetryMilliseconds", "retryMillisecondsMax", "retryWindowMinutes", "timeoutSeconds", "pollMilliseconds", "folder")
            self.delivery.policy = try Self.policy(delivery, usual: .remote)
            if let value = delivery["folder"] {
                let (folder, path) = try Self.folder(value)
                self.delivery.folder = folder
                if let path { carriedDirectory = resolve(path) }
            }
            self.delivery.timeoutSeconds = try delivery.integer("timeoutSeconds", in: 1...3600, default: self.delivery.timeoutSeconds)
            self.delivery.pollMilliseconds = try delivery.integer("pollMilliseconds", in: 10...60_000, default: self.delivery.pollMilliseconds)
        }
        if let value = root["retention"] {
            let mapping = try value.mapping("pollSeconds", "lookDays")
            retention.pollSeconds = try mapping.integer("pollSeconds", in: 1...86_400, default: retention.pollSeconds)
            retention.lookDays = try mapping.integer("lookDays", in: 1...3_650, default: retention.lookDays)
        }
        if let checks = root["checks"] { severities = try FindingSeverities(yaml: checks) } else { severities = FindingSeverities() }
        for feed in feeds where !mayReceive(feed.shipment.receiver) {
            throw YAMLProblem(file: file, line: 1, column: 1, detail: "feed \(feed.id) sends to \(feed.shipment.receiver), who is not among the partners")
        }
    }

    private static func key(_ value: YAMLValue?, resolve: (String) -> String) throws(YAMLProblem) -> KeyReference? {
        guard let text = try value?.text() else { return nil }
        return KeyReference(text: text, path: resolve(text))
    }

    private static func witnesses(
        _ values: [YAMLValue], own: ParticipantID, resolve: (String) -> String
    ) throws(YAMLProblem) -> [Witness] {
        guard values.count <= witnessesMax else { throw values[witnessesMax].problem("there are more than \(witnessesMax) witnesses") }
        var witnesses: [Witness] = []
        for value in values {
            let mapping = try value.mapping("participant", "url", "key")
            let place: Witness.Place
            switch (mapping["participant"], mapping["url"]) {
            case (let participant?, nil):
                let id = try Self.participant(participant)
                guard id != own else { throw participant.problem("\(id) is this node itself, and nobody is his own witness") }
                place = .participant(id)
            case (nil, let url?):
                let text = try url.text()
                guard text.hasPrefix("https://") || text.hasPrefix("http://") else {
                    throw url.problem("a witness's url is its submission prefix, beginning with https:// or http://")
                }
                place = .url(text.hasSuffix("/") ? String(text.dropLast()) : text)
            default: throw value.problem("a witness has exactly one of \"participant\" and \"url\"")
            }
            guard !witnesses.contains(where: { $0.place == place }) else { throw value.problem("this witness stands twice") }
            guard let key = try key(mapping.required("key"), resolve: resolve) else { throw value.problem("the key \"key\" is missing") }
            witnesses.append(Witness(place: place, key: key))
        }
        return witnesses
    }

    /// As many cosignatures fit below a checkpoint, with room for the log's own and for old keys.
    static let witnessesMax = 16

    /// The format of partners of whom nothing else is said.
    static let usualFormat = "sdmx-ml-2.1"
    /// A key in a token is named by a URI (RFC 7512), not by a path.
    static func isToken(_ key: String) -> Bool { key.hasPrefix("pkcs11:") }
    /// The seal of partners of whom nothing else is said.
    static let usualSeal = "asic-e"

    private static func readLimits(_ limits: YAMLMapping, usual: ReadLimits) throws(YAMLProblem) -> ReadLimits {
        var read = usual
        read.valueBytesMax = try limits.integer("valueBytesMax", in: 64...(64 << 20), default: usual.valueBytesMax)
        read.rowBytesMax = try limits.integer("rowBytesMax", in: 1024...(256 << 20), default: usual.rowBytesMax)
        read.depthMax = try limits.integer("depthMax", in: 8...1024, default: usual.depthMax)
        read.columnsMax = try limits.integer("columnsMax", in: 16...65_536, default: usual.columnsMax)
        read.dictionaryEntriesMax = try limits.integer("dictionaryEntriesMax", in: 1024...(256 << 20), default: usual.dictionaryEntriesMax)
        read.dictionaryBytesMax = try limits.integer("dictionaryBytesMax", in: (1 << 20)...(16 << 30), default: usual.dictionaryBytesMax)
        read.groupBytesMax = try limits.integer("groupBytesMax", in: (1 << 20)...(16 << 30), default: usual.groupBytesMax)
        read.messageBytesMax = try limits.integer("messageBytesMax", in: 1024...(1 << 50), default: usual.messageBytesMax)
        read.structureBytesMax = try limits.integer("structureBytesMax", in: 1024...(16 << 30), default: usual.structureBytesMax)
        return read
    }

    /// What may be handed in; as usual where the mapping does not say.
    private static func rate(_ mapping: YAMLMapping, usual: RateLimit.Limits) throws(YAMLProblem) -> RateLimit.Limits {
        RateLimit.Limits(
            exchangesPerMinute: try mapping.integer("exchangesPerMinute", in: 1...10_000_000, default: usual.exchangesPerMinute),
            bytesPerMinute: try mapping.integer("bytesPerMinute", in: 1024...(1 << 40), default: usual.bytesPerMinute))
    }

    private static let folderScheme = "folder:"

    private static func endpoint(_ partner: YAMLMapping, of id: ParticipantID, resolve: (String) -> String) throws(YAMLProblem) -> String? {
        guard let value = partner["endpoint"] else { return nil }
        let text = try value.text()
        if text.hasPrefix("https://") { return text }
        guard text.hasPrefix(folderScheme), text.utf8.count > folderScheme.utf8.count else {
            throw value.problem("the endpoint of \(id) must begin with https://, or be written folder: and a path")
        }
        var path = resolve(String(text.dropFirst(folderScheme.count)))
        while path.hasSuffix("/"), path != "/" { path.removeLast() }
        return folderScheme + path
    }

    private static func policy(_ mapping: YAMLMapping, usual: DeliveryPolicy) throws(YAMLProblem) -> DeliveryPolicy {
        var policy = usual
        policy.attemptsMax = try mapping.integer("attemptsMax", in: 1...1000, default: usual.attemptsMax)
        policy.firstDelayMilliseconds = Int64(try mapping.integer("firstRetryMilliseconds", in: 10...3_600_000, default: Int(usual.firstDelayMilliseconds)))
        policy.delayMillisecondsMax = Int64(try mapping.integer("retryMillisecondsMax", in: 10...86_400_000, default: Int(usual.delayMillisecondsMax)))
        policy.retryWindowMilliseconds =
            Int64(try mapping.integer("retryWindowMinutes", in: 1...525_600, default: Int(usual.retryWindowMilliseconds / 60_000))) * 60_000
        return policy
    }

    private static func folder(_ value: YAMLValue) throws(YAMLProblem) -> (Folder, path: String?) {
        let mapping = try value.mapping(
            "attemptsMax", "firstRetryMilliseconds", "retryMillisecondsMax", "retryWindowMinutes", "replyMillisecondsMax", "pollMilliseconds",
            "quietMilliseconds", "path")
        var folder = Folder()
        folder.policy = try policy(mapping, usual: folder.policy)
        folder.policy.replyMillisecondsMax = Int64(
            try mapping.integer("replyMillisecondsMax", in: 1_000...(30 * 86_400_000), default: Int(folder.policy.replyMillisecondsMax)))
        folder.pollMilliseconds = try mapping.integer("pollMilliseconds", in: 10...3_600_000, default: folder.pollMilliseconds)
        folder.quietMilliseconds = try mapping.integer("quietMilliseconds", in: 0...3_600_000, default: folder.quietMilliseconds)
        return (folder, try mapping.optionalText("path"))
    }

    private static func feed(_ value: YAMLValue, resolve: (String) -> String) throws(YAMLProblem) -> Feed {
        let feed = try value.mapping(
            "id", "schedule", "timeZone", "catchUp", "source", "mapping", "sourceFormat", "to", "flow", "purpose", "format", "onlyWhenChanged",
            "owner")
        let owner = try feed.optionalText("owner")
        if let owner, !Person.isName(owner) { throw value.problem("owner is a person's name, as sluice people knows it; \"\(owner.prefix(80))\" is none") }
        let source = try feed.required("source").mapping("file")
        let catchUp = try feed.text("catchUp", default: "latest")
        guard catchUp == "latest" || catchUp == "all" else { throw value.problem("catchUp is \"latest\" or \"all\"") }
        return Feed(
            id: try feed.text("id"), schedule: try feed.text("schedule"), timeZone: try feed.text("timeZone", default: "UTC"),
            catchUp: catchUp == "all" ? .all : .latest,
            sourceFile: resolve(try source.text("file")), mapping: try feed.optionalText("mapping").map(resolve), format: try feed.optionalText("sourceFormat"),
            shipment: try shipment(feed), onlyWhenChanged: try feed.boolean("onlyWhenChanged", default: true), owner: owner)
    }

    private static func shipment(_ mapping: YAMLMapping) throws(YAMLProblem) -> Shipment {
        let flowValue = try mapping.required("flow")
        let flowText = try flowValue.text()
        guard let flow = ArtefactReference(.dataflow, short: flowText) else {
            throw flowValue.problem("a dataflow is written AGENCY:ID(VERSION), not \"\(flowText)\"")
        }
        return Shipment(
            receiver: try participant(mapping.required("to")), flow: flow, purpose: try mapping.text("purpose"), format: try mapping.optionalText("format"))
    }

    private static func participant(_ value: YAMLValue) throws(YAMLProblem) -> ParticipantID {
        let text = try value.text()
        guard let id = ParticipantID(text) else {
            throw value.problem("\"\(text)\" is no participant id; it has letters, digits, _ and -, with dots between, such as AM.ARMSTAT")
        }
        return id
    }

    private static func listener(_ value: YAMLValue?, default fallback: Listener) throws(YAMLProblem) -> Listener {
        guard let listener = try value?.mapping("host", "port") else { return fallback }
        return Listener(host: try listener.text("host", default: fallback.host), port: try listener.integer("port", in: 0...65_535, default: fallback.port))
    }

    private static func console(_ value: YAMLValue?) throws(YAMLProblem) -> Console {
        var console = Console(host: "127.0.0.1", port: 8080)
        guard let mapping = try value?.mapping("host", "port", "signIn", "address") else { return console }
        console.host = try mapping.text("host", default: console.host)
        console.port = try mapping.integer("port", in: 0...65_535, default: console.port)
        if let value = mapping["signIn"] {
            guard let mode = Console.SignIn(rawValue: try value.text()) else {
                throw value.problem("signIn is required or off; left out, people sign in as soon as the node knows any")
            }
            console.signIn = mode
        }
        if let value = mapping["address"] {
            let text = try value.text()
            let name = text.dropFirst("https://".count)
            guard text.hasPrefix("https://"), !name.isEmpty, name.utf8.count <= 255,
                name.utf8.allSatisfy({ (0x30...0x3a).contains($0) || (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0) || $0 == 0x2d || $0 == 0x2e })
            else { throw value.problem("address is where the proxy with TLS is reached, such as https://sluice.example.org, without a path") }
            console.address = text
        }
        return console
    }

    /// `protection: {tables: {NAME: PATH}}`.
    private static func protectionTables(_ value: YAMLValue?, resolve: (String) -> String) throws(YAMLProblem) -> [String: String] {
        guard let tables = try value?.mapping("tables")["tables"] else { return [:] }
        var paths: [String: String] = [:]
        for (name, path) in try tables.entries() {
            guard ProtectionTables.isName(name) else { throw path.problem("a table's name has letters, digits, '-', '_' and '.', and is \"\(name)\"") }
            paths[name] = resolve(try path.text())
        }
        return paths
    }
}
