import SluiceKit

extension StoreConformance {
    static let faults: [Check] = [
        check("is as before when a write failed before its commit, and takes it again") { claim, store in
            let faulty = FaultyStore(store, failing: .beforeCommit, atWrite: 1)
            try await record(1, in: faulty)
            try await claim.fails(.failed, "the write with the fault") { try await record(2, in: faulty) }
            let (exchange, size, waiting) = try await state(of: 2, in: store)
            try claim.equal(exchange, nil, "the exchange of the failed write")
            try claim.equal([size, waiting], [1, 1], "ledger size and outbox")
            try await record(2, in: faulty)
            let (again, sizeAgain, waitingAgain) = try await state(of: 2, in: store)
            try claim.holds(again != nil, "the exchange is missing after the second try")
            try claim.equal([sizeAgain, waitingAgain], [2, 2], "ledger size and outbox after the second try")
        },
        check("has everything when a write failed after its commit, and refuses it a second time") { claim, store in
            let faulty = FaultyStore(store, failing: .afterCommit, atWrite: 0)
            try await claim.fails(.failed, "the write with the fault") { try await record(1, in: faulty) }
            let (exchange, size, waiting) = try await state(of: 1, in: store)
            try claim.holds(exchange != nil, "the exchange of the kept write is missing")
            try claim.equal([size, waiting], [1, 1], "ledger size and outbox")
            try await claim.fails(.conflict, "the second try") { try await record(1, in: faulty) }
            let (_, sizeAgain, waitingAgain) = try await state(of: 1, in: store)
            try claim.equal([sizeAgain, waitingAgain], [1, 1], "ledger size and outbox after the second try")
        },
    ]

    /// What the corridor records in one transaction when a package is sealed.
    private static func record(_ number: Int, in store: any Store) async throws {
        try await store.write { writing in
            try writing.insert(Sample.exchange(number))
            try writing.enqueue(Sample.item(number))
            try writing.appendLedgerEntry([UInt8(number)], subject: Sample.id(number))
        }
    }

    private static func state(of number: Int, in store: any Store) async throws -> (ExchangeRecord?, Int64, Int64) {
        try await store.read { reading in
            (try reading.exchange(sender: "AM.ARMSTAT", id: Sample.id(number)), try reading.ledgerSize(), Int64(try reading.outboxCounts().waiting))
        }
    }
}
