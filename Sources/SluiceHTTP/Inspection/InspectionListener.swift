internal import HTTPTypes
internal import Hummingbird

/// How health, metrics, the published ledger and the console are served: plain HTTP. Health, metrics and ledger are read by whoever reaches it.
///
/// That is why it is bound to the machine itself unless configured otherwise. Whoever binds it elsewhere puts a proxy with TLS before it, and says so.
package struct InspectionListener: Sendable {
    /// Whether the console shows its pages to nobody but people who have signed in.
    package enum SignIn: Sendable {
        /// As soon as the node knows people.
        case whenKnown
        case required, off
    }
    package var host: String
    /// 0 lets the system choose.
    package var port: Int
    /// Further names under which people and monitoring call this listener, without the port (`sluice.example.org`).
    /// A request for any other name is refused while the listener is bound to the machine itself:
    /// else a page on the internet could point a name of its own at 127.0.0.1 and read the console through the operator's browser.
    package var hostNames: [String] = []
    package var signIn = SignIn.whenKnown
    /// A proxy with TLS stands before the listener: cookies are for TLS alone, and the last entry of `X-Forwarded-For` is its own.
    package var isBehindTLS = false
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
    /// Whether people may act and sign in here: passphrases go over this plain connection only where it does not leave the machine, or behind TLS.
    var takesPassphrases: Bool { isLoopback || isBehindTLS }
    private var isLoopback: Bool { Self.loopbackNames.contains(host) || host.hasPrefix("127.") }

    /// Whether a request for this `Host` (RFC 9110, section 7.2; with or without a port) is for us.
    func serves(hostField: String?) -> Bool {
        guard isLoopback || !hostNames.isEmpty else { return true }
        guard let hostField else { return false }
        let name = Self.nameWithoutPort(hostField).lowercased()
        return Self.loopbackNames.contains(name) || name == host.lowercased() || hostNames.contains { $0.lowercased() == name }
    }

    /// Where a request came from: the peer, or whom the proxy before us says it is of. Who reaches the listener itself can say what it likes there, and gains
    /// guesses at a name from many addresses, which that name's own limit counts.
    func client(of request: Request, _ context: ConsoleContext) -> String {
        guard isBehindTLS, let field = request.headers[values: HTTPField.Name(known: "x-forwarded-for")].last else { return context.peerAddress }
        return field.split(separator: ",").last.map { String($0.filter { !$0.isWhitespace }.prefix(64)) } ?? context.peerAddress
    }

    private static func nameWithoutPort(_ field: String) -> String {
        guard let colon = field.lastIndex(of: ":") else { return field }
        let port = field[field.index(after: colon)...]
        // In `[::1]` the last colon belongs to the address.
        return port.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? String(field[..<colon]) : field
    }
}
