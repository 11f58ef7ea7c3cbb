#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// How many connections the listeners may hold, so that a file can always be opened besides.
///
/// A process without a free descriptor can write nothing down; and where it cannot open `/proc/self/task`, libdispatch, on which tasks run, ends it.
package struct DescriptorBudget: Hashable, Sendable {
    /// Most descriptors of this process.
    package let limit: Int
    /// Taken before the first connection.
    package let taken: Int

    package init(limit: Int, taken: Int) {
        self.limit = limit
        self.taken = taken
    }

    /// Kept for files, the store, and deliveries of our own: a quarter, and never fewer than these.
    static let reservedMin = 24
    /// Fewest connections of a listener: with less nobody could ask how the node is while a partner delivers.
    static let connectionsMin = 2

    /// Raises the limit of this process as far as it may without asking anybody, and counts what is taken.
    package static func raised() -> DescriptorBudget {
        #if canImport(Darwin)
            let resource = RLIMIT_NOFILE
        #else
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #endif
        var limits = rlimit()
        guard getrlimit(resource, &limits) == 0 else { return DescriptorBudget(limit: 1_024, taken: 0) }
        if limits.rlim_cur < limits.rlim_max {
            var raised = limits
            raised.rlim_cur = limits.rlim_max
            if setrlimit(resource, &raised) == 0 { limits = raised }
        }
        let limit = Int(min(limits.rlim_cur, 1 << 20))
        return DescriptorBudget(limit: limit, taken: (0..<limit).prefix(4_096).count { fcntl(Int32($0), F_GETFD) >= 0 })
    }

    /// What each listener may hold of what it would like to; the exchange endpoint has three quarters of what is there.
    package func connections(exchange: Int, inspection: Int) -> (exchange: Int, inspection: Int) {
        let free = limit - taken - max(Self.reservedMin, limit / 4)
        let forInspection = min(inspection, max(Self.connectionsMin, free / 4))
        return (min(exchange, max(Self.connectionsMin, free - forInspection)), forInspection)
    }
}
