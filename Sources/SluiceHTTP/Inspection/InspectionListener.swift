/// How health, metrics, the published ledger and the console are served: plain HTTP, to be read by whoever reaches it; acts ask for a passphrase each.
///
/// That is why it is bound to the machine itself unless configured otherwise. Whoever binds it elsewhere puts a proxy before it
/// that asks who is there, or a network that answers the same.
package struct InspectionListener: Sendable {
    package var host: String
    /// 0 lets the system choose.
    package var port: Int
    /// Further names under which people and monitoring call this listener, without the port (`sluice.example.org`).
    /// A request for any other name is refused while the listener is bound to the machine itself:
    /// else a page on the internet could point a name of its own at 127.0.0.1 and read the console through the operator's browser.
    package var hostNames: [String] = []
    /// Most connections at a time; further ones wait in the system's queue.
    package var connectionsMax = 64
    /// Longest request head in bytes.
    package var headerBytesMax = 16 << 10
    /// Longest silence on a connection.
    package var idleSecondsMax = 30
    /// Exchanges on one page of the console.
    package var exchangesPerPage = 50
    /// Most ledger entries shown for one exchange.
    package var ledgerEntriesShownMax = 500

    package init(host: String = "127.0.0.1", port: Int = 8080) {
        self.host = host
        self.port = port
    }

    static let loopbackNames: Set<String> = ["localhost", "127.0.0.1", "[::1]", "::1"]
    /// Whether people may act here: passphrases go over this plain connection only where it does not leave the machine (a proxy before it has TLS).
    var takesActs: Bool { isLoopback }
    private var isLoopback: Bool { Self.loopbackNames.contains(host) || host.hasPrefix("127.") }

    /// Whether a request for this `Host` (RFC 9110, section 7.2; with or without a port) is for us.
    func serves(hostField: String?) -> Bool {
        guard isLoopback || !hostNames.isEmpty else { return true }
        guard let hostField else { return false }
        let name = Self.nameWithoutPort(hostField).lowercased()
        return Self.loopbackNames.contains(name) || name == host.lowercased() || hostNames.contains { $0.lowercased() == name }
    }

    private static func nameWithoutPort(_ field: String) -> String {
        guard let colon = field.lastIndex(of: ":") else { return field }
        let port = field[field.index(after: colon)...]
        // In `[::1]` the last colon belongs to the address.
        return port.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? String(field[..<colon]) : field
    }
}
