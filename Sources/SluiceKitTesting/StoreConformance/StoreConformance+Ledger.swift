import SluiceKit

extension StoreConformance {
    static let ledger: [Check] = [
        check("numbers ledger entries from 0 without gaps, and gives the bytes back") { claim, store in
            let all: [UInt8] = Array(0...255)
            let indexes = try await store.write { writing in
                [
                    try writing.appendLedgerEntry(all, subject: "a"), try writing.appendLedgerEntry([], subject: "b"),
                    try writing.appendLedgerEntry([0, 0], subject: "a"),
                ]
            }
            try? await store.write { writing in
                try writing.appendLedgerEntry([9], subject: "a")
                throw StoreError(.failed, detail: "on purpose")
            }
            let next = try await store.write { try $0.appendLedgerEntry([3], subject: "c") }
            try claim.equal(indexes + [next], [0, 1, 2, 3], "indexes, one write between having failed")
            let (size, entries, middle, beyond) = try await store.read { reading in
                (
                    try reading.ledgerSize(), try reading.ledgerEntries(from: 0, limit: 9), try reading.ledgerEntries(from: 1, limit: 2),
                    try reading.ledgerEntries(from: 4, limit: 9)
                )
            }
            try claim.equal(size, 4, "size")
            try claim.equal(entries, [all, [], [0, 0], [3]], "entries")
            try claim.equal(middle, [[], [0, 0]], "entries from 1, two at most")
            try claim.holds(beyond.isEmpty, "entries beyond the end: \(beyond)")
        },
        check("finds the entries of a subject in order") { claim, store in
            try await store.write { writing in for number in 0..<30 { try writing.appendLedgerEntry([UInt8(number)], subject: "s\(number % 3)") } }
            let (found, none) = try await store.read { reading in
                (
                    try reading.ledgerEntries(subject: "s1", limit: 4).map { [$0.index, Int64($0.entry.first ?? 255)] },
                    try reading.ledgerEntries(subject: "s", limit: 9).count
                )
            }
            try claim.equal(found, [[1, 1], [4, 4], [7, 7], [10, 10]], "index and first byte")
            try claim.equal(none, 0, "entries of a subject that was never named")
        },
        check("lets the ledger's head only go forward") { claim, store in
            let empty = try await store.read { try $0.ledgerHead() }
            try claim.equal(empty, nil, "the head at first")
            try await store.write { writing in
                for number in 0..<4 { try writing.appendLedgerEntry([UInt8(number)], subject: "") }
                try writing.setLedgerHead(PublishedHead(size: 2, root: "two"))
                try writing.setLedgerHead(PublishedHead(size: 2, root: "two"))
            }
            try await claim.fails(.conflict, "another root for the same size") {
                try await store.write { try $0.setLedgerHead(PublishedHead(size: 2, root: "other")) }
            }
            try await claim.fails(.conflict, "a smaller head") { try await store.write { try $0.setLedgerHead(PublishedHead(size: 1, root: "one")) } }
            try await claim.fails(.conflict, "a head past the end") { try await store.write { try $0.setLedgerHead(PublishedHead(size: 5, root: "five")) } }
            try await store.write { try $0.setLedgerHead(PublishedHead(size: 4, root: "four")) }
            let head = try await store.read { try $0.ledgerHead() }
            try claim.equal(head, PublishedHead(size: 4, root: "four"), "the head")
        },
        check("gives every concurrent appender an index of its own") { claim, store in
            let appended = try await withThrowingTaskGroup(of: (Int64, UInt8).self) { tasks in
                for number in 0..<100 as Range<UInt8> {
                    tasks.addTask { (try await store.write { try $0.appendLedgerEntry([number], subject: "\(number)") }, number) }
                }
                return try await tasks.reduce(into: [Int64: UInt8]()) { $0[$1.0] = $1.1 }
            }
            try claim.equal(appended.keys.sorted(), Array(0..<100), "indexes")
            let entries = try await store.read { try $0.ledgerEntries(from: 0, limit: 1_000) }
            try claim.equal(entries, (0..<100).map { [appended[$0] ?? 0] }, "entries by index")
        },
        check("finds entries by the terms they were indexed under") { claim, store in
            let width = LedgerStretch.entryCount
            let (permit, refuse, of) = (LedgerTerm(.outcome, "permit"), LedgerTerm(.outcome, "refuse"), LedgerTerm(.participant, "permit"))
            @Sendable func places(_ all: [Int]) -> LedgerPlaces { all.reduce(into: LedgerPlaces()) { $0.insert($1) } }
            @Sendable func stretch(_ number: Int64, _ times: ClosedRange<Int64>) -> LedgerStretch {
                LedgerStretch(
                    number: number, times: Instant(milliseconds: times.lowerBound)...Instant(milliseconds: times.upperBound),
                    places: number == 0
                        ? [permit: places([0, 5, width - 1]), of: places(Array(0..<width))] : [permit: places([7]), refuse: places(Array(0..<300))])
            }
            try await claim.fails(.conflict, "a stretch whose entries are not there") { try await store.write { try $0.index(stretch(0, 0...9)) } }
            try await store.write { writing in for _ in 0..<2 * width { try writing.appendLedgerEntry([1], subject: "") } }
            try await claim.fails(.conflict, "a stretch that is not the next") { try await store.write { try $0.index(stretch(1, 0...9)) } }
            try await store.write { writing in
                try writing.index(stretch(0, 10...30))
                try writing.index(stretch(1, 20...40))
            }
            try await claim.fails(.conflict, "a stretch that is indexed already") { try await store.write { try $0.index(stretch(1, 0...9)) } }
            let found = try await store.read { reading in
                (
                    try reading.ledgerStretchCount(), try reading.ledgerPlaces(of: [permit], stretches: 0...5),
                    try reading.ledgerPlaces(of: [permit, refuse], stretches: 1...1), try reading.ledgerPlaces(of: [of], stretches: 0...1),
                    try reading.ledgerPlaces(of: [LedgerTerm(.outcome, "none")], stretches: 0...1)
                )
            }
            try claim.equal(found.0, 2, "stretches")
            try claim.equal(found.1, [0: places([0, 5, width - 1]), 1: places([7])], "one term")
            try claim.equal(found.2, [1: places(Array(0..<300))], "two terms in the second stretch")
            try claim.equal(found.3, [0: places(Array(0..<width))], "the same value of another facet")
            try claim.equal(found.4, [:], "a term that nothing has")
            let times = try await store.read { reading in
                try ([(nil, nil), (31, nil), (nil, 20), (nil, 10), (30, 31), (41, nil)] as [(Int64?, Int64?)]).map { since, until in
                    try reading.ledgerStretches(since: since.map(Instant.init(milliseconds:)), until: until.map(Instant.init(milliseconds:)))
                }
            }
            try claim.equal(times, [[0, 1], [1], [0], [], [0, 1], []], "stretches by time")
            let terms = try await store.read { try $0.ledgerTerms(.outcome, limit: 9).map { "\($0.value) \($0.entries)" } }
            try claim.equal(terms, ["refuse 300", "permit 4"], "terms with their counts")
            try await store.write { try $0.removeLedgerIndex() }
            let after = try await store.read { (try $0.ledgerStretchCount(), try $0.ledgerPlaces(of: [permit], stretches: 0...1), try $0.ledgerSize()) }
            try claim.equal(after.0, 0, "stretches once the index was removed")
            try claim.equal(after.1, [:], "places once the index was removed")
            try claim.equal(after.2, Int64(2 * width), "entries once the index was removed")
            try await store.write { try $0.index(stretch(0, 10...30)) }
        },
    ]
}
