internal import Logging
internal import SluiceFiles
internal import SluiceKit
internal import SluiceNode

#if canImport(Glibc)
    internal import Glibc
#endif

/// Sets up the demonstration's three nodes in a folder: keys and certificates of a trial authority, structures, mappings, agreements.
struct DemoNodes {
    static let ministry = "AM.MOI"
    static let office = "AM.ARMSTAT"
    static let union = "UN.UNSD"
    static let all = [ministry, office, union]
    static let organisations = [
        ministry: "Ministry of Interior (demonstration)", office: "Statistical Committee (demonstration)", union: "UN Statistics Division (demonstration)",
    ]

    let directory: String
    /// Exchange and console port of each node.
    let ports: [String: (exchange: Int, console: Int)]

    func folder(_ id: String) -> String { "\(directory)/nodes/\(id)" }
    func configuration(_ id: String) -> String { folder(id) + "/node.yaml" }

    static func prepare(in directory: String) throws -> DemoNodes {
        var ports: [String: (exchange: Int, console: Int)] = [:]
        let free = try freePorts(all.count * 2)
        for (index, id) in all.enumerated() { ports[id] = (free[index * 2], free[index * 2 + 1]) }
        let nodes = DemoNodes(directory: directory, ports: ports)
        let now = SystemClock().now()
        try Provisioning.authority(in: directory, now: now)
        for id in all {
            let provisioning = Provisioning(directory: nodes.folder(id), participant: ParticipantID(id)!, organisation: organisations[id]!)
            try provisioning.create(authorityDirectory: directory, configuration: nodes.yaml(id), now: now)
            for (path, bytes) in SluiceFiles.files(of: id) {
                let place = nodes.folder(id) + "/" + path
                if let slash = place.lastIndex(of: "/") { try Folders.make(String(place[..<slash])) }
                try Folders.write(bytes, to: place, mode: 0o644)
            }
        }
        try Folders.make(directory + "/evidence")
        return nodes
    }

    /// The node's configuration: a common head, and what each one has of partners, feeds and routes.
    private func yaml(_ id: String) -> String {
        let port = ports[id]!
        var text = """
            # \(Self.organisations[id]!). Config/node.yaml of the distribution explains every key.
            node:
              id: \(id)
              organisation: \(Self.organisations[id]!)
              data: .
              exchange: {host: 127.0.0.1, port: \(port.exchange)}
              console: {host: 127.0.0.1, port: \(port.console)}
            keys:
              sealingKey: keys/sealing.key.pem
              sealingCertificate: keys/sealing.cert.pem
              tlsKey: keys/tls.key.pem
              tlsCertificate: keys/tls.cert.pem
              authority: keys/ca.pem
              ledgerKey: keys/ledger.key
              storageKey: keys/storage.key
              protectionKey: keys/protection.key
            structures: [structures]
            delivery: {attemptsMax: 6, firstRetryMilliseconds: 100, pollMilliseconds: 50}
            partners:

            """
        for other in Self.all where other != id {
            let format = other == Self.office ? "sdmx-csv-2.0" : "sdmx-ml-2.1"
            text += "  - {id: \(other), endpoint: \"https://localhost:\(ports[other]!.exchange)\", format: \(format)}\n"
        }
        return text + String(decoding: SluiceFiles.configuration(of: id), as: UTF8.self)
    }

    /// Ports that are free now.
    private static func freePorts(_ count: Int) throws -> [Int] {
        var sockets: [Int32] = []
        defer { for socket in sockets { close(socket) } }
        return try (0..<count).map { _ in
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            guard descriptor >= 0 else { throw Outcome.unusable("no socket can be had: \(String(cString: strerror(errno)))") }
            sockets.append(descriptor)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let bound = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0 }
            }
            guard bound else { throw Outcome.unusable("no free port on loopback: \(String(cString: strerror(errno)))") }
            return Int(UInt16(bigEndian: address.sin_port))
        }
    }
}
