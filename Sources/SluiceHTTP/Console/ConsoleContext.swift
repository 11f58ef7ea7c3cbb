internal import Hummingbird
internal import NIOCore

/// A request at the inspection listener, with where it came from.
struct ConsoleContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The peer's address; empty where there is none, as in tests without sockets.
    let peerAddress: String

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        peerAddress = source.channel.remoteAddress?.ipAddress ?? ""
    }
}
