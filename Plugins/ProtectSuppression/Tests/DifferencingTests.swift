import SluiceKit
import Testing

@testable import ProtectSuppression

@Suite struct DifferencingTests {
    static let gate = SuppressionPlugin.differencing()

    /// A release by age alone, of figures as given: `(code, extent, value)`; no value is withheld as unsafe, its truth after `true:`.
    static func ages(
        _ id: String, _ cells: [(String, Extent, Int64?)], truth: [String: Int64] = [:], day: Int = 1, to holders: [String] = ["AM.ARMSTAT"],
        isPublic: Bool = false, scope: ProtectionObligations.Differencing.Scope? = .receiver, period: String = "2026-01", minimumCell: Int = 5
    ) -> ReleasedFigures {
        var figures = ReleasedFigures(
            exchangeID: id, releasedAt: Instant(milliseconds: 1_767_600_000_000 + Int64(day) * 86_400_000), population: "P", dataflow: "T:DF", holders: holders,
            isPublic: isPublic, scope: scope, minimumCell: minimumCell,
            dimensions: [.init(id: "AGE", list: ReleasedFigures.Dimension.ages, codes: cells.map { ReleasedFigures.Code($0.0, $0.1) }, isComplete: true)],
            slices: [.init(period: period)])
        for (at, cell) in cells.enumerated() {
            let value = cell.2 ?? truth[cell.0]
            figures.append(slice: 0, codes: [UInt32(at)], shown: cell.2, isUnsafe: cell.2 == nil && (value.map { $0 > 0 && $0 < 5 } ?? true))
        }
        if !truth.isEmpty { figures.truth = ReleasedFigures.Truth(values: cells.map { $0.2 == nil ? truth[$0.0] : nil }) }
        return figures
    }

    static let cutAt15 = ages("first", [("_T", .all, 40), ("Y_LT15", .years(0, 15), 10), ("Y_GE15", .years(15), 30)])
    static let cutAt18 = ages("second", [("_T", .all, 40), ("Y_LT18", .years(0, 18), 12), ("Y_GE18", .years(18), 28)], day: 2)

    static func refusal(_ release: ReleasedFigures, _ held: [ReleasedFigures]) -> String? {
        do throws(ProtectionError) {
            _ = try gate.audit(release, against: held)
            return nil
        } catch {
            return error.code == .differencing ? error.detail : "\(error)"
        }
    }

    @Test func blocksTwoSafeReleasesWhoseDifferenceIsTwoPeople() throws {
        let words = try #require(Self.refusal(Self.cutAt18, [Self.cutAt15]))
        #expect(words.contains("exchange first of 2026-01-06") && words.contains("15 to 17 years") && words.contains("Y_LT18"), "\(words)")
        // It is for the giver's eyes, and still: the two that are too few are not in it.
        #expect(!words.contains(" 2 "), "\(words)")
        #expect(words.contains("leave out"), "no treatment: \(words)")
    }

    @Test func whatItProposesIsSafe() throws {
        let kept = Self.cutAt18.keeping { $0 == 0 }
        #expect(Self.refusal(kept, [Self.cutAt15]) == nil)
    }

    @Test func letsTheSamePartitionPassForAnotherMonthAndAgain() {
        var next = Self.cutAt15
        next.exchangeID = "next"
        next.slices = [.init(period: "2026-02")]
        #expect(Self.refusal(next, [Self.cutAt15]) == nil)
        var again = Self.cutAt15
        again.exchangeID = "again"
        #expect(Self.refusal(again, [Self.cutAt15]) == nil)
    }

    @Test func letsACoarserReleasePass() {
        let first = Self.ages("fine", [("_T", .all, 40), ("Y_LT15", .years(0, 15), 10), ("Y15T64", .years(15, 65), 24), ("Y_GE65", .years(65), 6)])
        let coarse = Self.ages("coarse", [("_T", .all, 40), ("Y_LT65", .years(0, 65), 34), ("Y_GE65", .years(65), 6)], day: 2)
        #expect(Self.refusal(coarse, [first]) == nil)
    }

    @Test func letsADifferencePassThatIsLargeEnoughOrEmpty() {
        for added: Int64 in [0, 5, 9] {
            let other = Self.ages("other", [("_T", .all, 40), ("Y_LT18", .years(0, 18), 10 + added), ("Y_GE18", .years(18), 30 - added)], day: 2)
            #expect(Self.refusal(other, [Self.cutAt15]) == nil, "a difference of \(added)")
        }
        for added: Int64 in 1...4 {
            let other = Self.ages("other", [("_T", .all, 40), ("Y_LT18", .years(0, 18), 10 + added), ("Y_GE18", .years(18), 30 - added)], day: 2)
            #expect(Self.refusal(other, [Self.cutAt15]) != nil, "a difference of \(added)")
        }
    }

    @Test func whatAnotherReceiverHoldsDoesNotCountUnlessTheAgreementOrPublicityMakesIt() {
        var other = Self.cutAt15
        other.holders = ["AL.INSTAT"]
        #expect(Self.refusal(Self.cutAt18, [other]) == nil)
        var public15 = other
        public15.isPublic = true
        #expect(Self.refusal(Self.cutAt18, [public15]) != nil)
        var coalition = Self.cutAt18
        coalition.scope = .coalition(["AM.ARMSTAT", "AL.INSTAT"])
        #expect(Self.refusal(coalition, [other]) != nil)
        var everybody = Self.cutAt18
        everybody.scope = .everybody
        #expect(Self.refusal(everybody, [other]) != nil)
        // The earlier agreement's coalition counts as well, and what is public is added to what anybody holds.
        var bound = other
        bound.scope = .coalition(["AM.ARMSTAT"])
        #expect(Self.refusal(Self.cutAt18, [bound]) != nil)
        var public18 = Self.cutAt18
        public18.isPublic = true
        #expect(Self.refusal(public18, [other]) != nil)
    }

    @Test func aWithheldCellMayNotBeComputedFromALaterRelease() throws {
        let first = Self.ages(
            "first", [("_T", .all, 40), ("Y_LT15", .years(0, 15), nil), ("Y15T17", .years(15, 18), nil), ("Y_GE18", .years(18), 31)],
            truth: ["Y_LT15": 3, "Y15T17": 6])
        let second = Self.ages("second", [("_T", .all, 40), ("Y_LT15", .years(0, 15), nil), ("Y15T17", .years(15, 18), 6)], truth: ["Y_LT15": 3], day: 2)
        let words = try #require(Self.refusal(second, [first]))
        #expect(words.contains("withheld figure") && words.contains("Y_LT15"), "\(words)")
        // The truth of the first may have been erased since: what it withheld is protected all the same.
        var erased = first
        erased.truth = nil
        #expect(Self.refusal(second, [erased]) != nil)
    }

    /// 900, two withheld, 100; the second release shows one of the two. Times ten thousand it is as exact.
    @Test(arguments: [1, 10_000, 1_000_000] as [Int64])
    func largeFiguresAreNoLooserThanSmallOnes(_ times: Int64) {
        var first = Self.ages(
            "first",
            [
                ("_T", .all, 1_150 * times), ("Y_LT15", .years(0, 15), 900 * times), ("Y15T17", .years(15, 18), nil), ("Y18T64", .years(18, 65), nil),
                ("Y_GE65", .years(65), 100 * times),
            ])
        first.truth = ReleasedFigures.Truth(values: [nil, nil, 100 * times, 50 * times, nil])
        let second = Self.ages("second", [("_T", .all, 1_150 * times), ("Y18T64", .years(18, 65), 50 * times)], day: 2)
        #expect(Self.refusal(second, [first])?.contains("Y15T17") == true)
        first.truth = nil
        #expect(Self.refusal(second, [first])?.contains("Y15T17") == true)
    }

    @Test func sumsThatDifferByOneInMillionsContradict() throws {
        let rows: [(terms: [(column: Int, sign: Double)], right: Double)] = [2_000_000, 2_000_001].map {
            ([(column: 0, sign: 1), (column: 1, sign: 1)], $0)
        }
        #expect(try FeasiblePoint(rows: rows, columnCount: 2, budget: WorkBudget(SuppressionLimits())).violated.count == 1)
    }

    /// Amounts of firms; how many firms made the earlier ones is known as long as the giver keeps it.
    @Test func aRegionOfContributorsThatWereErasedIsTakenForAFew() {
        var first = Self.cutAt15
        first.truth = ReleasedFigures.Truth(values: [nil, nil, nil], contributors: [400, 60, 340])
        var second = Self.cutAt18
        second.truth = ReleasedFigures.Truth(values: [nil, nil, nil], contributors: [400, 120, 280])
        #expect(Self.refusal(second, [first]) == nil)
        first.truth = nil
        #expect(Self.refusal(second, [first])?.contains("15 to 17 years") == true)
    }

    /// Else it would be taken for people whom no other code contains.
    @Test func refusesAgesThatItCannotRead() {
        func code(_ release: ReleasedFigures, _ held: [ReleasedFigures] = []) -> ProtectionError.Code? {
            do throws(ProtectionError) {
                _ = try Self.gate.audit(release, against: held)
                return nil
            } catch {
                return error.code
            }
        }
        let cells: [(String, Extent, Int64?)] = [("_T", .all, 40), ("Y_LT15", .years(0, 15), 10), ("Y1564", .leaf("Y1564"), 24), ("Y_GE65", .years(65), 6)]
        let unread = Self.ages("unread", cells)
        #expect(code(unread) == .unsupported && code(unread, [Self.cutAt15]) == .unsupported && code(Self.cutAt18, [unread]) == .unsupported)
        #expect(Self.refusal(unread, [])?.contains("Y1564 of AGE") == true)
        // A code that no cell has says nothing.
        #expect(code(unread.keeping { $0 != 2 }, [Self.cutAt15]) == nil)
        for unknown in ["_U", "UNK", "Y_UNK", "_Z", "_O", "NRP"] {
            let release = Self.ages("some", [("_T", .all, 40), ("Y_LT15", .years(0, 15), 10), (unknown, .leaf(unknown), 30)])
            #expect(code(release, [Self.cutAt15.keeping { $0 == 0 }]) == nil, "\(unknown)")
        }
    }

    @Test func aCorrectedFigureIsNoSumAboutThePresentTruth() {
        let wrong = Self.ages("wrong", [("_T", .all, 40), ("Y_LT15", .years(0, 15), 20), ("Y_GE15", .years(15), 20)])
        let corrected = Self.ages("corrected", [("_T", .all, 40), ("Y_LT15", .years(0, 15), 10), ("Y_GE15", .years(15), 30)], day: 2)
        #expect(Self.refusal(corrected, [wrong]) == nil)
        // 22 under 18, of whom 10 are under 15: the difference with the wrong figure would be two.
        let next = Self.ages("next", [("_T", .all, 40), ("Y_LT18", .years(0, 18), 22), ("Y_GE18", .years(18), 18)], day: 3)
        #expect(Self.refusal(next, [wrong, corrected]) == nil)
        // The corrected one counts.
        #expect(Self.refusal(Self.cutAt18, [wrong, corrected]) != nil)
    }

    @Test func aCorrectionThatCompletesAnEarlierVersionIsBlocked() throws {
        // The total was corrected by one, and the cell that hid the small one is shown now: the earlier sums give it.
        let first = Self.ages(
            "first", [("_T", .all, 20), ("Y_LT15", .years(0, 15), 12), ("Y15T17", .years(15, 18), nil), ("Y_GE18", .years(18), nil)],
            truth: ["Y15T17": 2, "Y_GE18": 6])
        let correction = Self.ages(
            "correction", [("_T", .all, 21), ("Y_LT15", .years(0, 15), nil), ("Y15T17", .years(15, 18), nil), ("Y_GE18", .years(18), 6)],
            truth: ["Y_LT15": 13, "Y15T17": 2], day: 2)
        let words = try #require(Self.refusal(correction, [first]))
        #expect(words.contains("Y15T17"), "\(words)")
    }

    @Test func relatesParentsAndChildrenOfACodeList() throws {
        func release(_ id: String, _ cells: [(String, [String], Int64)], day: Int) -> ReleasedFigures {
            var figures = ReleasedFigures(
                exchangeID: id, releasedAt: Instant(milliseconds: Int64(day) * 86_400_000), population: "P", dataflow: "T:DF", holders: ["R"], scope: .receiver,
                minimumCell: 5,
                dimensions: [
                    .init(
                        id: "CITIZENSHIP", list: "CL_CITIZENSHIP",
                        codes: cells.map { ReleasedFigures.Code($0.0, $0.1.isEmpty ? .all : Extent(leaves: $0.1)) }, isComplete: false)
                ], slices: [.init(period: "2026")])
            for (at, cell) in cells.enumerated() { figures.append(slice: 0, codes: [UInt32(at)], shown: cell.2) }
            return figures
        }
        let byRegion = release("regions", [("_T", [], 100), ("CIS", ["RU", "BY", "KZ"], 50)], day: 1)
        let byCountry = release("countries", [("RU", ["RU"], 30), ("BY", ["BY"], 17)], day: 2)
        // KZ is what is missing: three.
        let words = try #require(Self.refusal(byCountry, [byRegion]))
        #expect(words.contains("KZ"), "\(words)")
        #expect(Self.refusal(release("countries", [("RU", ["RU"], 30), ("BY", ["BY"], 14)], day: 2), [byRegion]) == nil)
    }

    @Test func readsAgeCodesByTheirMeaning() {
        let codes: [(String, YearSpan?)] = [
            ("Y15", YearSpan(from: 15, to: 16)), ("Y15T17", YearSpan(from: 15, to: 18)), ("Y15-17", YearSpan(from: 15, to: 18)), ("Y15-", nil),
            ("Y15-T17", nil), ("Y_LT15", YearSpan(from: 0, to: 15)),
            ("Y_LE14", YearSpan(from: 0, to: 15)),
            ("Y_GE65", YearSpan(from: 65, to: YearSpan.noEnd)), ("Y_GT64", YearSpan(from: 65, to: YearSpan.noEnd)), ("Y0T14", YearSpan(from: 0, to: 15)),
            ("_T", nil), ("Y", nil), ("Y17T15", nil), ("Y_LT0", nil), ("YX", nil), ("Y_LT", nil), ("Y1234", nil), ("Y15T", nil), ("YT15", nil), ("Y-5", nil),
            ("F", nil),
        ]
        for (code, span) in codes { #expect(YearSpan(ageCode: code) == span, "\(code)") }
    }

    @Test func keepsWhatItNeedsAndForgetsTheTruthApart() throws {
        let first = Self.ages("first", [("_T", .all, 40), ("Y_LT15", .years(0, 15), nil)], truth: ["Y_LT15": 3], scope: .coalition(["A", "B"]))
        let truth = try #require(first.truthBytes)
        #expect(try ReleasedFigures(kept: first.keptBytes, truth: truth) == first)
        var erased = first
        erased.truth = nil
        #expect(try ReleasedFigures(kept: first.keptBytes, truth: nil) == erased)
        // Nothing of the withheld value is in the part that stays.
        #expect(!String(decoding: first.keptBytes, as: UTF8.self).contains("3]"))
        for bytes in [[], Array("{}".utf8), Array("[1]".utf8), Array(first.keptBytes.dropLast())] {
            #expect(throws: JSONError.self) { try ReleasedFigures(kept: bytes, truth: nil) }
        }
    }

    @Test func refusesPastItsLimitsInWords() throws {
        var limits = DifferencingLimits()
        limits.cellsMax = 4
        #expect {
            try SuppressionPlugin.differencing(limits: limits).audit(Self.cutAt18, against: [Self.cutAt15])
        } throws: { ($0 as? ProtectionError)?.code == .tooLarge && "\($0)".contains("split") }
        limits = DifferencingLimits()
        limits.releasesMax = 1
        #expect {
            try SuppressionPlugin.differencing(limits: limits).audit(Self.cutAt18, against: [Self.cutAt15, Self.cutAt15])
        } throws: { ($0 as? ProtectionError)?.code == .tooLarge }
        var fine = Self.cutAt18
        fine.scale = 19
        #expect {
            try Self.gate.audit(fine, against: [Self.cutAt15])
        } throws: { ($0 as? ProtectionError)?.code == .tooLarge }
    }
}
