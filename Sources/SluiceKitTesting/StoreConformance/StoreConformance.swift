public import SluiceKit

/// What every store promises, as checks that any test framework can run.
///
/// ```swift
/// @Test(arguments: StoreConformance.claims) func keeps(_ claim: StoreConformance.Check) async throws {
///     try await claim.run { name in try MyStore(path: folder.file(name)) }
/// }
/// ```
public enum StoreConformance {
    /// Opens the store of that name, empty at first; the same name again is the same store, as after a restart.
    public typealias MakeStore = (_ name: String) async throws -> any Store

    /// One promise with its check; throws `ConformanceFailure` when it is broken.
    public struct Check: Sendable, CustomStringConvertible {
        public let name: String
        let body: @Sendable (Claim, MakeStore) async throws -> Void

        init(_ name: String, _ body: @escaping @Sendable (Claim, MakeStore) async throws -> Void) {
            self.name = name
            self.body = body
        }

        /// - Parameter makeStore: stores of this check only; it uses the name "store".
        public func run(_ makeStore: MakeStore) async throws { try await body(Claim(name: name), makeStore) }

        public var description: String { name }
    }

    /// Every promise.
    public static let claims: [Check] = transactions + exchanges + bodies + releases + provenances + outbox + ledger + witness + bus + feeds + faults

    /// Runs them all and throws the first that is broken.
    /// - Parameter makeStore: is given names that tell the checks apart.
    public static func run(makeStore: MakeStore) async throws {
        for (number, check) in claims.enumerated() {
            try await check.run { name in try await makeStore("\(number)-\(name)") }
        }
    }

    /// A check on one open store, which is closed afterwards.
    static func check(_ name: String, _ body: @escaping @Sendable (Claim, any Store) async throws -> Void) -> Check {
        Check(name) { claim, makeStore in
            let store = try await makeStore("store")
            do {
                try await body(claim, store)
            } catch {
                try? await store.close()
                throw error
            }
            try await store.close()
        }
    }
}

extension Claim {
    /// Expects the error of that code from `work`.
    func fails(_ code: StoreError.Code, _ what: String, _ work: () async throws -> Void) async throws {
        do { try await work() } catch let error as StoreError where error.code == code { return } catch {
            throw ConformanceFailure(name, "\(what): expected a StoreError '\(code.rawValue)', was thrown \(error)")
        }
        throw ConformanceFailure(name, "\(what): expected a StoreError '\(code.rawValue)', nothing was thrown")
    }
}

/// Records as the checks use them.
enum Sample {
    static let start = Instant(milliseconds: 1_767_600_000_000)

    static func time(_ milliseconds: Int64) -> Instant { start.advanced(byMilliseconds: milliseconds) }

    /// Ids that sort by their number, as UUIDv7 sort by time.
    static func id(_ number: Int) -> String {
        let digits = String(number)
        return "0199c0de-0000-7000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
    }

    static func exchange(
        _ number: Int, sender: String = "AM.ARMSTAT", receiver: String = "AL.INSTAT", dataflow: String = "ESTAT:DF_CPI(1.0)", state: ExchangeState = .queued,
        direction: ExchangeRecord.Direction = .outgoing
    ) -> ExchangeRecord {
        ExchangeRecord(
            id: id(number), direction: direction, sender: sender, receiver: receiver, dataflow: dataflow, state: state, createdAt: time(Int64(number)))
    }

    static func item(_ number: Int, receiver: String = "AL.INSTAT", dataflow: String = "ESTAT:DF_CPI(1.0)", due: Int64 = 0) -> OutboxItem {
        OutboxItem(exchangeID: id(number), receiver: receiver, dataflow: dataflow, nextAttemptAt: time(due))
    }

    static func dataset(_ number: Int, dataflow: String = "ESTAT:DF_CPI(1.0)", stored: Int64) -> DatasetRecord {
        DatasetRecord(
            exchangeID: id(number), sender: "AM.ARMSTAT", dataflow: dataflow, format: "sdmx-csv-2.0", name: "data.csv",
            sha256: String(repeating: "ab", count: 32), observations: number, bytes: number * 100, storedAt: time(stored))
    }

    static func message(_ topic: String, key: String = "AM.ARMSTAT DF_CPI", body: String = "{}") -> BusMessage {
        BusMessage(topic: topic, orderKey: key, body: body, publishedAt: start)
    }
}
