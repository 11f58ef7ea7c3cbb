public import SluiceKit
import Synchronization

/// A store that fails one of its writes, to show what callers make of it.
///
/// Both ways a commit can fail are there: nothing was kept, or everything was and only the answer got lost.
public final class FaultyStore: Store {
    public enum Fault: Hashable, Sendable, CaseIterable {
        /// The body runs, nothing is kept, the write fails.
        case beforeCommit
        /// Everything is kept, and still the write fails.
        case afterCommit
    }

    private let base: any Store
    private let fault: Fault
    private let failingWrite: Int
    private let writes = Mutex(0)

    /// - Parameter failingWrite: which write fails, the first being 0; those before and after it go through.
    public init(_ base: any Store, failing fault: Fault, atWrite failingWrite: Int) {
        self.base = base
        self.fault = fault
        self.failingWrite = failingWrite
    }

    /// Writes so far, the failed one too.
    public var writeCount: Int { writes.withLock { $0 } }
    /// Whether the fault has happened.
    public var hasFailed: Bool { writeCount > failingWrite }

    public func read<Result: Sendable>(_ body: @escaping @Sendable (any StoreReading) throws -> Result) async throws -> Result {
        try await base.read(body)
    }

    public func write<Result: Sendable>(_ body: @escaping @Sendable (any StoreWriting) throws -> Result) async throws -> Result {
        let number = writes.withLock { count in
            defer { count += 1 }
            return count
        }
        guard number == failingWrite else { return try await base.write(body) }
        switch fault {
        case .beforeCommit:
            // Thrown from inside, so that the store itself rolls back what the body did.
            return try await base.write { writing in
                _ = try body(writing)
                throw StoreError(.failed, detail: "injected: write \(number) was not kept")
            }
        case .afterCommit:
            _ = try await base.write(body)
            throw StoreError(.failed, detail: "injected: write \(number) was kept, its answer lost")
        }
    }

    public func forget() async throws { try await base.forget() }
    public func close() async throws { try await base.close() }

    /// Runs a scenario once for every write it makes and every way that write can fail, each time on a store of its own.
    ///
    /// The scenario meets the error as its caller would; `check` then says, on the store beneath, whether what must hold holds.
    /// - Parameters:
    ///   - writesMax: stops a scenario that never ends.
    ///   - makeStore: gives an empty store each time.
    ///   - scenario: what is tried; may throw, as the node's own code would.
    ///   - check: throws when the store is not as it must be; `didThrow` says whether the scenario did.
    public static func tryEveryFault(
        writesMax: Int = 1_000, makeStore: () async throws -> any Store, scenario: (any Store) async throws -> Void,
        check: (_ store: any Store, _ fault: Fault, _ write: Int, _ didThrow: Bool) async throws -> Void
    ) async throws {
        for fault in Fault.allCases {
            for write in 0..<writesMax {
                let base = try await makeStore()
                let faulty = FaultyStore(base, failing: fault, atWrite: write)
                var didThrow = false
                do { try await scenario(faulty) } catch { didThrow = true }
                try await check(base, fault, write, didThrow)
                try await base.close()
                // The scenario ended before the fault: every one of its writes has had its turn.
                if !faulty.hasFailed { break }
            }
        }
    }
}
