import SluiceKit

extension StoreConformance {
    static let outbox: [Check] = [
        check("queues an exchange once, with all its fields and a rising sequence") { claim, store in
            var item = Sample.item(1, due: 70)
            item.attempts = 3
            item.waitingSince = Sample.time(-500)
            item.lastError = "no route"
            let wanted = item
            try await store.write { writing in
                try writing.enqueue(wanted)
                try writing.enqueue(Sample.item(2))
            }
            try await claim.fails(.conflict, "the same exchange again") { try await store.write { try $0.enqueue(Sample.item(1)) } }
            let (first, second) = try await store.read { (try $0.outboxItem(exchangeID: Sample.id(1)), try $0.outboxItem(exchangeID: Sample.id(2))) }
            try claim.holds((first?.sequence ?? 0) < (second?.sequence ?? 0), "sequences \(first?.sequence ?? 0), \(second?.sequence ?? 0) do not rise")
            item.sequence = first?.sequence ?? 0
            try claim.equal(first, item, "the item")
        },
        check("claims only the first of each receiver and dataflow, in sequence order") { claim, store in
            try await store.write { writing in
                try writing.enqueue(Sample.item(1, receiver: "B", dataflow: "X"))
                try writing.enqueue(Sample.item(2, receiver: "B", dataflow: "X"))
                try writing.enqueue(Sample.item(3, receiver: "A", dataflow: "X"))
                try writing.enqueue(Sample.item(4, receiver: "B", dataflow: "Y"))
                try writing.enqueue(Sample.item(5, receiver: "A", dataflow: "X"))
            }
            let claimed = try await store.write { try $0.claimOutbox(now: Sample.time(1), until: Sample.time(100), limit: 9) }
            try claim.equal(claimed.map(\.exchangeID), [1, 3, 4].map(Sample.id), "claimed")
            try claim.holds(claimed.allSatisfy { $0.claimedUntil == Sample.time(100) }, "an answer lacks its claimedUntil")
            // What is delivered goes away and lets the next through.
            try await store.write { try $0.removeOutboxItem(exchangeID: Sample.id(1)) }
            let next = try await store.write { try $0.claimOutbox(now: Sample.time(2), until: Sample.time(100), limit: 9) }
            try claim.equal(next.map(\.exchangeID), [Sample.id(2)], "claimed after the first was delivered")
        },
        check("keeps to the limit of a claim") { claim, store in
            try await store.write { writing in for number in 1...5 { try writing.enqueue(Sample.item(number, receiver: "R\(9 - number)")) } }
            let none = try await store.write { try $0.claimOutbox(now: Sample.time(1), until: Sample.time(100), limit: 0) }
            let two = try await store.write { try $0.claimOutbox(now: Sample.time(1), until: Sample.time(100), limit: 2) }
            let rest = try await store.write { try $0.claimOutbox(now: Sample.time(1), until: Sample.time(100), limit: 9) }
            try claim.holds(none.isEmpty, "a limit of 0 claimed \(none.count)")
            try claim.equal(two.map(\.exchangeID), [1, 2].map(Sample.id), "the first two")
            try claim.equal(rest.map(\.exchangeID), [3, 4, 5].map(Sample.id), "the rest")
        },
        check("holds a claim until its time, then gives the item to the next worker") { claim, store in
            try await store.write { writing in
                try writing.enqueue(Sample.item(1))
                try writing.enqueue(Sample.item(2))
            }
            _ = try await store.write { try $0.claimOutbox(now: Sample.time(0), until: Sample.time(100), limit: 9) }
            let during = try await store.write { try $0.claimOutbox(now: Sample.time(99), until: Sample.time(200), limit: 9) }
            try claim.holds(during.isEmpty, "claimed while another worker holds it, or the one behind it: \(during.map(\.exchangeID))")
            let after = try await store.write { try $0.claimOutbox(now: Sample.time(100), until: Sample.time(200), limit: 9) }
            try claim.equal(after.map(\.exchangeID), [Sample.id(1)], "claimed when the claim has run out")
        },
        check("does not let the next one pass the first while that waits for its next attempt") { claim, store in
            try await store.write { writing in
                try writing.enqueue(Sample.item(1, due: 50))
                try writing.enqueue(Sample.item(2))
            }
            let early = try await store.write { try $0.claimOutbox(now: Sample.time(49), until: Sample.time(100), limit: 9) }
            try claim.holds(early.isEmpty, "claimed before it was due, or out of order: \(early.map(\.exchangeID))")
            let due = try await store.write { try $0.claimOutbox(now: Sample.time(50), until: Sample.time(100), limit: 9) }
            try claim.equal(due.map(\.exchangeID), [Sample.id(1)], "claimed when due")
        },
        check("passes over a parked item, and delivers it first again when it is replayed") { claim, store in
            try await store.write { writing in
                for number in 1...3 { try writing.enqueue(Sample.item(number)) }
                var first = try writing.claimOutbox(now: Sample.time(0), until: Sample.time(10), limit: 1)[0]
                first.isParked = true
                first.claimedUntil = nil
                first.attempts = 5
                first.lastError = "refused the certificate"
                try writing.update(first)
            }
            let parked = try await store.read { (try $0.outboxCounts(), try $0.outboxItem(exchangeID: Sample.id(1))) }
            try claim.equal([parked.0.waiting, parked.0.parked], [2, 1], "waiting and parked")
            try claim.equal(parked.1?.lastError, "refused the certificate", "why it is parked")
            let behind = try await store.write { try $0.claimOutbox(now: Sample.time(1), until: Sample.time(20), limit: 9) }
            try claim.equal(behind.map(\.exchangeID), [Sample.id(2)], "claimed past the parked one")
            try await store.write { writing in
                try writing.removeOutboxItem(exchangeID: Sample.id(2))
                guard var first = try writing.outboxItem(exchangeID: Sample.id(1)) else { return }
                first.isParked = false
                first.waitingSince = Sample.time(30)
                try writing.update(first)
            }
            let (replayed, counts) = try await store.write { writing in
                (try writing.claimOutbox(now: Sample.time(30), until: Sample.time(40), limit: 9), try writing.outboxCounts())
            }
            try claim.equal(replayed.map(\.exchangeID), [Sample.id(1)], "claimed after the replay")
            try claim.equal(replayed.first?.waitingSince, Sample.time(30), "since when it waits")
            try claim.equal([counts.waiting, counts.parked], [2, 0], "waiting and parked after the replay")
        },
        check("removes an item once, and knows nothing of it afterwards") { claim, store in
            try await store.write { try $0.enqueue(Sample.item(1)) }
            try await store.write { try $0.removeOutboxItem(exchangeID: Sample.id(1)) }
            try await store.write { try $0.removeOutboxItem(exchangeID: Sample.id(1)) }
            let counts = try await store.read { try $0.outboxCounts() }
            try claim.equal([counts.waiting, counts.parked], [0, 0], "waiting and parked")
            try await claim.fails(.notFound, "update of a removed item") { try await store.write { try $0.update(Sample.item(1)) } }
        },
        check("gives no item to two workers that claim at once") { claim, store in
            try await store.write { writing in for number in 0..<100 { try writing.enqueue(Sample.item(number, receiver: "R\(number)")) } }
            let claims = try await withThrowingTaskGroup(of: [String].self) { tasks in
                for _ in 0..<20 {
                    tasks.addTask {
                        try await store.write { try $0.claimOutbox(now: Sample.time(1), until: Sample.time(100), limit: 7) }.map(\.exchangeID)
                    }
                }
                return try await tasks.reduce(into: [String]()) { $0 += $1 }
            }
            try claim.equal(claims.count, 100, "items claimed by all")
            try claim.equal(Set(claims).count, 100, "different items claimed")
        },
    ]
}
