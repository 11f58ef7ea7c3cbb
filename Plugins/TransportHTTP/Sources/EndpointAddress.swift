internal import Foundation
internal import SluiceKit

/// An endpoint's URL, taken apart and checked: `https://host[:port]`, nothing more.
struct EndpointAddress: Hashable {
    /// As partners are named in messages: the participant and where it listens.
    let name: String
    let host: String
    let port: Int
    /// As in the `Host` field.
    let authority: String
    private var origin: String { "https://\(authority)" }

    init(_ endpoint: Endpoint) throws(TransportError) {
        guard let parts = URLComponents(string: endpoint.url), parts.scheme?.lowercased() == "https", let host = parts.host, !host.isEmpty,
            parts.user == nil, parts.password == nil, parts.query == nil, parts.fragment == nil, parts.path.isEmpty || parts.path == "/",
            (1...65_535).contains(parts.port ?? 443)
        else {
            throw TransportError(
                .rejected, detail: "the endpoint of \(endpoint.participant) is “\(endpoint.url)”; it has to be https://host:port without a path, user or query")
        }
        // The scheme's own port goes without saying.
        authority = host + (parts.port.flatMap { $0 == 443 ? nil : ":\($0)" } ?? "")
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        port = parts.port ?? 443
        name = "\(endpoint.participant) at \(host):\(port)"
    }

    /// Where the partner says who it is.
    var greetingURL: String { origin + "/exchange/v1" }

    func url(path: String) -> String { origin + path }

    /// What stands behind the host and port of a URL of this endpoint.
    func path(of url: String) -> String { String(url.dropFirst(origin.count)) }

    func packageURL(exchangeID: String) throws(TransportError) -> String {
        guard UUIDv7(exchangeID) != nil else {
            throw TransportError(.rejected, detail: "“\(exchangeID)” is no exchange id: a UUID of version 7 in lower-case hexadecimal")
        }
        return "\(origin)/exchange/v1/packages/\(exchangeID)"
    }
}
