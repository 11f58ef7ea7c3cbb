internal import HTTPTypes
internal import SluiceCore
internal import SluiceKit

/// What the exchange endpoint has, and what may be asked of it. The one table of its addresses: the responder goes by it, and Docs/openapi.yaml is held to it.
enum ExchangeResource: CaseIterable {
    case greeting, package, addCheckpoint, witnessedCheckpoint

    var path: String {
        switch self {
        case .greeting: "/exchange/v1"
        case .package: ExchangeRequest.pathPrefix + "{exchange}"
        case .addCheckpoint: WitnessPaths.addCheckpoint
        case .witnessedCheckpoint: WitnessPaths.prefix + "/{origin}/checkpoint"
        }
    }

    /// As a field `Allow` says them.
    var methods: [HTTPRequest.Method] {
        switch self {
        case .greeting, .witnessedCheckpoint: [.get]
        case .package: [.put, .head, .patch]
        case .addCheckpoint: [.post]
        }
    }

    /// What lies at an address, compared as it was sent: nothing there needs percent-encoding, so nothing is decoded.
    init?(at path: String) {
        let found = Self.allCases.first { resource in
            let (pattern, parts) = (Self.parts(resource.path), Self.parts(path))
            return pattern.count == parts.count && zip(pattern, parts).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
        }
        guard let found else { return nil }
        self = found
    }

    /// What a request is about.
    /// - Throws: 404 where nothing lies, 405 where something does that is not asked so.
    init(of head: HTTPRequest) throws(Problem) {
        guard let resource = Self(at: head.path ?? "") else {
            throw Problem(
                status: 404, code: "not-found", title: "No such resource",
                detail: "There are \(Self.allCases.map(\.path).joined(separator: ", ")), without a query.")
        }
        guard resource.methods.contains(head.method) else {
            throw Problem(status: 405, code: "method-not-allowed", title: "Method not allowed", detail: "\(resource.path) takes \(resource.allow).")
        }
        self = resource
    }

    /// The field `Allow`.
    var allow: String { methods.map(\.rawValue).joined(separator: ", ") }

    private static func parts(_ path: String) -> [Substring] { path.split(separator: "/", omittingEmptySubsequences: false) }
}
