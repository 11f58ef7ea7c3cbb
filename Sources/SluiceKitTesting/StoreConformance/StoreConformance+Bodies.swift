import SluiceKit

extension StoreConformance {
    static let bodies: [Check] = [
        check("gives bodies back byte for byte, in the store and in files") { claim, store in
            let package = StoredBody(
                sender: "AM.ARMSTAT", exchangeID: Sample.id(1), kind: .package, bytes: (0..<100_000).map { UInt8(truncatingIfNeeded: $0 * 7) })
            let receipt = StoredBody(sender: "AM.ARMSTAT", exchangeID: Sample.id(1), kind: .receipt, file: "AM.ARMSTAT.1.receipt")
            try await store.write { writing in
                try writing.insert(Sample.exchange(1))
                try writing.put(package)
                try writing.put(receipt)
            }
            let (found, other, files) = try await store.read { reading in
                (
                    try reading.body(sender: "AM.ARMSTAT", exchangeID: Sample.id(1), kind: .package),
                    try reading.body(sender: "AM.ARMSTAT", exchangeID: Sample.id(1), kind: .receipt), try reading.bodyFiles()
                )
            }
            try claim.equal(found, package, "the package")
            try claim.equal(other, receipt, "the receipt")
            try claim.equal(files, ["AM.ARMSTAT.1.receipt"], "files")
            let none = try await store.read { try $0.body(sender: "AL.INSTAT", exchangeID: Sample.id(1), kind: .package) }
            try claim.equal(none, nil, "of another sender")
        },
        check("puts a body in place of the one of its kind") { claim, store in
            let later = StoredBody(sender: "AM.ARMSTAT", exchangeID: Sample.id(1), kind: .receipt, bytes: [9])
            try await store.write { writing in
                try writing.insert(Sample.exchange(1))
                try writing.put(StoredBody(sender: "AM.ARMSTAT", exchangeID: Sample.id(1), kind: .receipt, file: "first"))
                try writing.put(later)
            }
            let (found, files) = try await store.read { (try $0.body(sender: "AM.ARMSTAT", exchangeID: Sample.id(1), kind: .receipt), try $0.bodyFiles()) }
            try claim.equal(found, later, "the later one")
            try claim.equal(files, [], "files")
        },
        check("takes no body of an exchange that is not recorded") { claim, store in
            try await claim.fails(.notFound, "put") {
                try await store.write { try $0.put(StoredBody(sender: "AM.ARMSTAT", exchangeID: Sample.id(1), kind: .package, bytes: [1])) }
            }
        },
        check("removes the bodies of one exchange and says what they were") { claim, store in
            try await store.write { writing in
                for number in 1...2 {
                    try writing.insert(Sample.exchange(number))
                    try writing.put(StoredBody(sender: "AM.ARMSTAT", exchangeID: Sample.id(number), kind: .package, file: "package \(number)"))
                    try writing.put(StoredBody(sender: "AM.ARMSTAT", exchangeID: Sample.id(number), kind: .receipt, bytes: [1, 2, 3]))
                }
            }
            let removed = try await store.write { try $0.removeBodies(sender: "AM.ARMSTAT", exchangeID: Sample.id(1)) }
            try claim.equal(removed.map(\.kind), [.package, .receipt], "kinds")
            try claim.equal(removed.map(\.file), ["package 1", ""], "files")
            let (gone, kept) = try await store.read { reading in
                (
                    try reading.body(sender: "AM.ARMSTAT", exchangeID: Sample.id(1), kind: .receipt),
                    try reading.body(sender: "AM.ARMSTAT", exchangeID: Sample.id(2), kind: .receipt)
                )
            }
            try claim.equal(gone, nil, "of the first")
            try claim.equal(kept?.bytes, [1, 2, 3], "of the second")
            try await store.forget()
        },
        check("names settled exchanges whose retention has ended, the longest overdue first") { claim, store in
            try await store.write { writing in
                for (number, state, until) in [
                    (1, ExchangeState.receipted, 20), (2, .accepted, 10), (3, .queued, 5), (4, .refused, 30), (5, .accepted, nil as Int64?),
                ] {
                    var record = Sample.exchange(number, state: state)
                    record.retainUntil = until.map { Sample.time($0) }
                    try writing.insert(record)
                }
                // The one ended when it was created, and the other a moment later.
                for (number, after) in [(6, 0), (7, 1)] {
                    var record = Sample.exchange(number, state: .parked)
                    record.retainUntil = record.createdAt.advanced(byMilliseconds: Int64(after))
                    try writing.insert(record)
                }
            }
            let due = try await store.read {
                (try $0.exchangesToErase(now: Sample.time(20), limit: 9), try $0.exchangesToErase(now: Sample.time(20), limit: 1))
            }
            try claim.equal(due.0.map(\.id), [Sample.id(7), Sample.id(2), Sample.id(1)], "due at 20")
            let erased = try await store.write { writing in
                var record = Sample.exchange(1, state: .receipted)
                record.isErased = true
                let before = try writing.erasedCount()
                try writing.update(record)
                try writing.update(record)
                return (before, try writing.erasedCount())
            }
            try claim.equal([erased.0, erased.1], [0, 1], "erased")
            try claim.equal(due.1.map(\.id), [Sample.id(7)], "one of them")
        },
        check("remembers refused copies by their bytes, the first as it was, until their time is over") { claim, store in
            @Sendable func copy(_ digest: String, code: String = "seal.truncated", at time: Int64 = 10) -> RefusedCopy {
                RefusedCopy(
                    sender: "AM.ARMSTAT", exchangeID: Sample.id(1), packageDigest: digest, code: code, receipt: [1, 2, 3], seal: "jws",
                    refusedAt: Sample.time(time))
            }
            try await claim.fails(.notFound, "a copy of an unknown exchange") { try await store.write { try $0.put(copy("aa")) } }
            try await store.write { writing in
                try writing.insert(Sample.exchange(1))
                try writing.put(copy("aa"))
                try writing.put(copy("aa", code: "verify.peer"))
                try writing.put(copy("bb", at: 20))
            }
            let found = try await store.read { try $0.refusedCopy(sender: "AM.ARMSTAT", exchangeID: Sample.id(1), packageDigest: "aa") }
            try claim.equal(found, copy("aa"), "the first")
            let left = try await store.write { writing in
                try writing.removeRefusedCopies(before: Sample.time(20))
                return try ["aa", "bb", "cc"].map { try writing.refusedCopy(sender: "AM.ARMSTAT", exchangeID: Sample.id(1), packageDigest: $0)?.refusedAt }
            }
            try claim.equal(left, [nil, Sample.time(20), nil], "after the time")
        },
        check("goes through the outbox in order, waiting and parked items alike") { claim, store in
            try await store.write { writing in
                for number in 1...5 {
                    try writing.insert(Sample.exchange(number))
                    try writing.enqueue(Sample.item(number))
                }
                var parked = try writing.outboxItem(exchangeID: Sample.id(2))
                parked?.isParked = true
                if let parked { try writing.update(parked) }
            }
            let pages = try await store.read { reading in
                let first = try reading.outboxItems(after: 0, limit: 3)
                return (first, try reading.outboxItems(after: first.last?.sequence ?? 0, limit: 3))
            }
            try claim.equal(pages.0.map(\.exchangeID), (1...3).map(Sample.id), "the first page")
            try claim.equal(pages.1.map(\.exchangeID), (4...5).map(Sample.id), "the second page")
        },
        check("removes a dataset and leaves its exchange") { claim, store in
            let kept = try await store.write { writing in
                try writing.insert(Sample.exchange(1))
                try writing.insert(Sample.dataset(1, stored: 0))
                try writing.removeDataset(sender: "AM.ARMSTAT", exchangeID: Sample.id(1))
                try writing.removeDataset(sender: "AM.ARMSTAT", exchangeID: Sample.id(1))
                return (try writing.dataset(sender: "AM.ARMSTAT", exchangeID: Sample.id(1)), try writing.exchange(sender: "AM.ARMSTAT", id: Sample.id(1))?.id)
            }
            try claim.equal(kept.0, nil, "the dataset")
            try claim.equal(kept.1, Sample.id(1), "the exchange")
        },
    ]
}
