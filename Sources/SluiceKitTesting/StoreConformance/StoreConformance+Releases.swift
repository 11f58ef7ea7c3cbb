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
            try claim.equal(try await ids(ReleaseFilter(population: "P", periods: ["2026-02"])), [Sample.id(1), Sample.id(2)], "of a period")
            try claim.equal(try await ids(ReleaseFilter(periods: ["2026-02"])), [Sample.id(1), Sample.id(2), Sample.id(4)], "of a period, any population")
            try claim.equal(try await ids(ReleaseFilter(population: "P", periods: ["2025"])), [], "of a period that none has")
            try claim.equal(try await ids(ReleaseFilter(periods: [])), [], "of no period")
            try claim.equal(
                try await ids(ReleaseFilter(population: "P", receiver: "AL.INSTAT")), [Sample.id(1), Sample.id(3)], "for a receiver")
            let first = try await store.read { try $0.releases(ReleaseFilter(limit: 1)) }
            try claim.equal(try await ids(ReleaseFilter(after: first.last?.sequence ?? 0, limit: 2)), [Sample.id(2), Sample.id(3)], "the next page")
        },
        check("gives a release back as it was kept, its figures only where they are asked for") { claim, store in
            var kept = release(1, isPublic: true, periods: ["2026-01", "2026-02"])
            let written = kept
            try await store.write { writing in
                try writing.insert(Sample.exchange(1))
                try writing.insert(written)
            }
            let (whole, listed) = try await store.read { (try $0.releases(ReleaseFilter(withFigures: true)).first, try $0.releases(ReleaseFilter()).first) }
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
        check("tells by a sequence of each population whether anything was released since") { claim, store in
            let before = try await store.read { try $0.lastRelease(population: "P") }
            try claim.equal(before, 0, "before the first")
            let marks = try await store.write { writing in
                for number in 1...2 { try writing.insert(Sample.exchange(number)) }
                try writing.insert(release(1, periods: ["2026"]))
                let first = try writing.lastRelease(population: "P")
                try writing.insert(release(2, population: "OTHER", periods: ["2026"]))
                return (first, try writing.lastRelease(population: "P"), try writing.lastRelease(population: "OTHER"))
            }
            try claim.holds(marks.0 > 0 && marks.0 == marks.1 && marks.2 > marks.0, "a release changes its own population's mark alone: \(marks)")
        },
        check("erases the truth of a release and keeps what was let out") { claim, store in
            let left = try await store.write { writing in
                for number in 1...2 {
                    try writing.insert(Sample.exchange(number))
                    try writing.insert(release(number, periods: ["2026"]))
                }
                try writing.eraseReleaseTruth(sender: "AM.ARMSTAT", exchangeID: Sample.id(1))
                try writing.eraseReleaseTruth(sender: "AM.ARMSTAT", exchangeID: Sample.id(9))
                return try writing.releases(ReleaseFilter(withFigures: true))
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
