import SluiceKit

extension StoreConformance {
    private struct Oops: Error {}

    static let transactions: [Check] = [
        check("rolls back everything when the body throws, and passes the error on") { claim, store in
            do {
                try await store.write { writing in
                    try writing.insert(Sample.exchange(1))
                    try writing.enqueue(Sample.item(1))
                    try writing.appendLedgerEntry([1], subject: Sample.id(1))
                    try writing.subscribe("mirror", pattern: "*")
                    try writing.publish(Sample.message("dataset.received/DF_CPI"))
                    _ = try writing.begin(FeedRun(feed: "cpi", scheduledAt: Sample.start, startedAt: Sample.start))
                    throw Oops()
                }
                throw ConformanceFailure(claim.name, "the body's error did not come back")
            } catch is Oops {}
            let left = try await store.read { reading in
                (
                    try reading.exchange(sender: "AM.ARMSTAT", id: Sample.id(1)), try reading.outboxItem(exchangeID: Sample.id(1)), try reading.ledgerSize(),
                    try reading.feedRuns(feed: "cpi", limit: 9), try reading.exchangeCounts(), try reading.outboxCounts().waiting
                )
            }
            try claim.holds(left.0 == nil, "the exchange is still there")
            try claim.holds(left.1 == nil && left.5 == 0, "the outbox item is still there or still counted")
            try claim.equal(left.2, 0, "ledger size")
            try claim.holds(left.3.isEmpty, "the feed's run is still there")
            try claim.holds(left.4.isEmpty, "the exchange is still counted")
        },
        check("goes on after an error that the body catches") { claim, store in
            try await store.write { writing in
                try writing.insert(Sample.exchange(1))
                do {
                    try writing.insert(Sample.exchange(1))
                } catch let error as StoreError where error.code == .conflict {
                    try writing.insert(Sample.exchange(2))
                }
            }
            let found = try await store.read { try $0.exchanges(ExchangeFilter()) }
            try claim.equal(found.map(\.id), [Sample.id(2), Sample.id(1)], "exchanges kept")
        },
        check("sees its own writes before the commit") { claim, store in
            let seen = try await store.write { writing in
                try writing.insert(Sample.exchange(1))
                return try writing.exchange(sender: "AM.ARMSTAT", id: Sample.id(1))
            }
            try claim.equal(seen, Sample.exchange(1), "the exchange as read within the transaction")
        },
        check("fails and succeeds one by one when many write at once") { claim, store in
            let outcomes = await withTaskGroup(of: (Int, Bool).self) { tasks in
                for number in 0..<200 {
                    tasks.addTask {
                        do {
                            try await store.write { writing in
                                try writing.insert(Sample.exchange(number))
                                try writing.appendLedgerEntry([UInt8(number)], subject: Sample.id(number))
                                if number % 3 == 0 { throw Oops() }
                            }
                            return (number, true)
                        } catch {
                            return (number, !(error is Oops))
                        }
                    }
                }
                return await tasks.reduce(into: [Int: Bool]()) { $0[$1.0] = $1.1 }
            }
            let (kept, size, entries) = try await store.read { reading in
                (try reading.exchanges(ExchangeFilter(limit: 1_000)), try reading.ledgerSize(), try reading.ledgerEntries(from: 0, limit: 1_000))
            }
            for number in 0..<200 { try claim.equal(outcomes[number], number % 3 != 0, "whether write \(number) succeeded") }
            let expected = (0..<200).filter { $0 % 3 != 0 }
            try claim.equal(Set(kept.map(\.id)), Set(expected.map(Sample.id)), "exchanges kept")
            try claim.equal(size, Int64(expected.count), "ledger size")
            try claim.equal(Set(entries.flatMap { $0 }), Set(expected.map(UInt8.init)), "entries kept")
        },
        check("reads one snapshot while others write") { claim, store in
            try await store.write { _ = try $0.appendLedgerEntry([0], subject: "") }
            // Each write adds an exchange and an entry together; a reader that sees the one without the other saw two states.
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    for number in 1...100 {
                        try await store.write { writing in
                            try writing.insert(Sample.exchange(number))
                            try writing.appendLedgerEntry([UInt8(number)], subject: Sample.id(number))
                        }
                    }
                }
                for _ in 0..<4 {
                    tasks.addTask {
                        for _ in 0..<50 {
                            let (exchanges, before, after) = try await store.read { reading in
                                let before = try reading.ledgerSize()
                                let exchanges = try reading.exchanges(ExchangeFilter(limit: 1_000)).count
                                return (exchanges, before, try reading.ledgerSize())
                            }
                            try claim.equal(after, before, "ledger size at the end of a read")
                            try claim.equal(Int64(exchanges), before - 1, "exchanges beside \(before) ledger entries")
                        }
                    }
                }
                try await tasks.waitForAll()
            }
        },
        Check("keeps what was written after it is closed and opened again") { claim, makeStore in
            let first = try await makeStore("store")
            try await first.write { writing in
                try writing.insert(Sample.exchange(1))
                try writing.enqueue(Sample.item(1))
                try writing.appendLedgerEntry([7, 8], subject: Sample.id(1))
                try writing.setLedgerHead(PublishedHead(size: 1, root: "aa"))
                try writing.subscribe("mirror", pattern: "dataset.*")
                try writing.publish(Sample.message("dataset.received/DF_CPI"))
            }
            try await first.close()
            let second = try await makeStore("store")
            let due = try await second.write { try $0.dueDeliveries(subscription: "mirror", now: Sample.time(1), limit: 9) }
            let (exchange, item, entries, head) = try await second.read { reading in
                (
                    try reading.exchange(sender: "AM.ARMSTAT", id: Sample.id(1)), try reading.outboxItem(exchangeID: Sample.id(1)),
                    try reading.ledgerEntries(from: 0, limit: 9), try reading.ledgerHead()
                )
            }
            try await second.close()
            try claim.equal(exchange, Sample.exchange(1), "the exchange")
            try claim.equal(item?.exchangeID, Sample.id(1), "the outbox item")
            try claim.equal(entries, [[7, 8]], "the ledger")
            try claim.equal(head, PublishedHead(size: 1, root: "aa"), "the ledger's head")
            try claim.equal(due.map(\.message.topic), ["dataset.received/DF_CPI"], "the open delivery")
        },
        Check("fails reads and writes after close, and closes twice without harm") { claim, makeStore in
            let store = try await makeStore("store")
            try await store.close()
            try await store.close()
            try await claim.fails(.failed, "a write") { try await store.write { _ = try $0.ledgerSize() } }
            try await claim.fails(.failed, "a read") { _ = try await store.read { try $0.ledgerSize() } }
        },
    ]
}
