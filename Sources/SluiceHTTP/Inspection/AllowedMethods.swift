internal import HTTPTypes
internal import Hummingbird

/// Which methods each address takes, from the routes as they were registered.
struct AllowedMethods: Sendable {
    private let routes: [(path: RouterPath, method: HTTPRequest.Method)]

    init(_ routes: [(path: RouterPath, method: HTTPRequest.Method)]) { self.routes = routes }

    /// As a field `Allow` says it (RFC 9110, 10.2.1); none where there is nothing.
    func at(_ path: String) -> [HTTPRequest.Method] {
        let parts = path.split(separator: "/")
        var found: [HTTPRequest.Method] = []
        for route in routes where Self.leads(route.path, to: parts) && !found.contains(route.method) { found.append(route.method) }
        // `HEAD` is answered wherever `GET` is.
        if found.contains(.get) { found.append(.head) }
        return [.get, .head, .post].filter(found.contains)
    }

    private static func leads(_ route: RouterPath, to parts: [Substring]) -> Bool {
        for (place, element) in route.enumerated() {
            if element == .recursiveWildcard { return place < parts.count }
            guard place < parts.count, element ~= parts[place] else { return false }
        }
        return route.count == parts.count
    }
}
