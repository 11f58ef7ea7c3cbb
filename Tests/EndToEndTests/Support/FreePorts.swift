import Foundation
import Synchronization
import Testing

/// Ports for nodes that start later.
///
/// Not those that the system would choose: among them are the near ends of the connections that tests make, and a port found free is free for the next
/// asker too until it is bound. These lie below, and each is given once.
enum FreePorts {
    private static let range = 10_000..<32_000
    /// Other runs of the tests on this machine begin elsewhere.
    private static let next = Mutex(range.lowerBound + Int(getpid()) * 331 % range.count)

    static func find(_ count: Int) throws -> [Int] {
        try next.withLock { next in
            var found: [Int] = []
            for _ in range where found.count < count {
                if isFree(next) { found.append(next) }
                next = next + 1 == range.upperBound ? range.lowerBound : next + 1
            }
            try #require(found.count == count, "no free port")
            return found
        }
    }

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        address.sin_port = in_port_t(port).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 }
        }
    }
}
