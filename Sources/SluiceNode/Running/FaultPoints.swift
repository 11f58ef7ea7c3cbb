#if canImport(Glibc)
    internal import Glibc
#endif

/// Named points at which a drill can kill the process: `SLUICE_FAULT=queued sluice serve …` ends it there as `kill -9` would.
///
/// Used by the crash tests and by operators who want to see a recovery before they need one (Docs/Operations.md).
package struct FaultPoints: Sendable {
    /// Every point, in the order a trip meets them.
    package static let names = [
        "sealed", "queued", "ruling", "ruled", "delivered", "settled", "arriving", "received", "verified", "judged", "stored", "answered",
    ]

    private let armed: String?

    package init(armed: String? = getenv("SLUICE_FAULT").map { String(cString: $0) }) { self.armed = armed }

    package func reached(_ name: String) {
        if let armed, armed == name { kill(getpid(), SIGKILL) }
    }
}
