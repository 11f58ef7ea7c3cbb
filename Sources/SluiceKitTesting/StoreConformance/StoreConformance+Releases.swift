import SluiceKit

extension StoreConformance {
    static let releases: [Check] = [
        check("finds releases by population, period and receiver, the oldest first, and public ones for everybody") { claim, store in
            try await store.write { writing in
                for number in 1...4 { try writing.insert(Sample.exchange(number)) }
                try writing.insert(release(1, periods: ["2026-01", "2026-02"]))
                try writing.insert(release(2, receiver: "UN.UNSD", periods: ["2026-02"]))
                try writing.insert(release(3, receiver: "UN.UNSD", isPublic: true, periods: ["2026-03"]))
                try writing.insert(release(4, population: "OTHER", periods: ["2026-02"]))
            }
            func ids(_ filter: ReleaseFilter) async throws -> [String] { try await store.read { try $0.releases(filter).map(\.exchangeID) } }
            try claim.equal(try await ids(ReleaseFilter()), (1...4).map(Sample.id), "all")
            try claim.equal(try await ids(ReleaseFilter(population: "P")), (1...3).map(Sample.id), "of a population")
            try claim.equal(
                try await ids(ReleaseFilter(population: "P", receiver: "AL.INSTAT")), [Sample.id(1), Sample.id(3)], "for a receiver")
            try claim.equal(try await ids(ReleaseFilter(limit: 2)), [Sample.id(1), Sample.id(2)], "the oldest of them")
            for (periods, limit, found, words) in [
                (["2026-02"], 9, [1, 2], "of a period"), (["2026-01", "2026-03"], 9, [1, 3], "of several"), (["2026-01", "2026-02"], 9, [1, 2], "each once"),
                (["2025"], 9, [], "of a period that none has"), ([], 9, [], "of no period"), (["2026-02"], 1, [1], "no more than asked for"),
            ] as [(Set<String>, Int, [Int], String)] {
                let held = try await store.read { try $0.releases(population: "P", periods: periods, limit: limit).map(\.exchangeID) }
                try claim.equal(held, found.map { Sample.id($0) }, words)
            }
        },
        check("gives a release back as it was kept, and lists it without its figures") { claim, store in
            var kept = release(1, isPublic: true, periods: ["2026-01", "2026-02"])
            let written = kept
            try await store.write { writing in
                try writing.insert(Sample.exchange(1))
                try writing.insert(written)
            }
            let (whole, listed) = try await store.read {
                (try $0.releases(population: "P", periods: ["2026-02"], limit: 9).first, try $0.releases(ReleaseFilter()).first)
            }
            kept.sequence = whole?.sequence ?? 0
            try claim.equal(whole, kept, "with its figures")
            kept.figures = []
            kept.truth = []
            try claim.equal(listed, kept, "without")
        },
        check("takes each release once, of an exchange that is recorded") { claim, store in
            try await claim.fails(.notFound, "of an unknown exchange") { try await store.write { try $0.insert(release(1, periods: ["2026"])) } }
            try await store.write { writing in
                try writing.insert(Sample.exchange(1))
                try writing.insert(release(1, periods: ["2026"]))
                try writing.insert(release(1, dataset: 1, periods: ["2026"]))
            }
            try await claim.fails(.conflict, "again") { try await store.write { try $0.insert(release(1, periods: ["2026"])) } }
        },
        check("tells by a sequence whether anything was released since of a population and periods") { claim, store in
            let before = try await store.read { try $0.lastRelease(population: "P", periods: ["2026"]) }
            try claim.equal(before, 0, "before the first")
            let marks = try await store.write { writing in
                func mark(_ population: String, _ periods: Set<String>) throws -> Int64 { try writing.lastRelease(population: population, periods: periods) }
                for number in 1...3 { try writing.insert(Sample.exchange(number)) }
                try writing.insert(release(1, periods: ["2026"]))
                let first = try mark("P", ["2026"])
                try writing.insert(release(2, population: "OTHER", periods: ["2026"]))
                try writing.insert(release(3, periods: ["2025", "2027"]))
                return (
                    first: first, then: try mark("P", ["2026"]), other: try mark("OTHER", ["2026"]), both: try mark("P", ["2026", "2027"]),
                    none: try mark("P", [])
                )
            }
            try claim.holds(
                marks.first > 0 && marks.first == marks.then && marks.other > marks.first && marks.both > marks.other && marks.none == 0,
                "a release changes the mark of its own population and periods alone: \(marks)")
        },
        check("erases the truth of a release and keeps what was let out") { claim, store in
            let left = try await store.write { writing in
                for number in 1...2 {
                    try writing.insert(Sample.exchange(number))
                    try writing.insert(release(number, periods: ["2026"]))
                }
                try writing.eraseReleaseTruth(sender: "AM.ARMSTAT", exchangeID: Sample.id(1))
                try writing.eraseReleaseTruth(sender: "AM.ARMSTAT", exchangeID: Sample.id(9))
                return try writing.releases(population: "P", periods: ["2026"], limit: 9)
            }
            try claim.equal(left.map(\.figures), [[1, 2], [1, 2]], "figures")
            try claim.equal(left.map(\.truth), [[], [3]], "truth")
        },
    ]

    private static func release(
        _ number: Int, dataset: Int = 0, population: String = "P", receiver: String = "AL.INSTAT", isPublic: Bool = false, periods: [String]
    ) -> ReleaseRecord {
        ReleaseRecord(
            sender: "AM.ARMSTAT", exchangeID: Sample.id(number), dataset: dataset, population: population, dataflow: "ESTAT:DF_CPI(1.0)", receiver: receiver,
            isPublic: isPublic, periods: periods, cells: 7, withheld: 2, releasedAt: Sample.time(Int64(number)), figures: [1, 2], truth: [3])
    }
}
