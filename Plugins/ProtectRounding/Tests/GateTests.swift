import SluiceKit
import SluiceKitTesting
import Testing

@testable import ProtectRounding

/// What the gate is for: a table that is not what the method made of the original does not leave.
@Suite struct GateTests {
    private struct Method {
        var protection: any Protection
        var obligations: ProtectionObligations
    }
    private var context: ProtectionContext { Self.context }
    private static let context = ProtectionContext(
        codes: TestCodes(seed: 4), resources: ["T": .bytes(TestPerturbation.csv { count, key in count > 1 ? [-1, 0, 1][(count + key) % 3] : -1 })])

    private var methods: [Method] {
        var random = ProtectionObligations(method: RandomRounding.method, rules: PrimaryRules(minimumCell: 4))
        random.rounding = .init(base: 3)
        var key = ProtectionObligations(method: CellKeyMethod.method, rules: PrimaryRules(minimumCell: 4))
        key.cellKey = .init(table: "T", component: "CELL_KEY")
        return [
            Method(protection: ControlledRounding(limits: RoundingLimits()), obligations: ControlledRoundingTests.obligations(5)),
            Method(protection: RandomRounding(limits: RoundingLimits()), obligations: random),
            Method(protection: CellKeyMethod(limits: RoundingLimits()), obligations: key),
        ]
    }

    private static func source() -> TestTable {
        var source = ControlledRoundingTests.twoWay([[41, 3, 27], [2, 17, 14]])
        source.attributes.append(.init(id: "CELL_KEY"))
        source.attributes.append(.init(id: "COMMENT_OBS"))
        for at in source.rows.indices {
            source.rows[at].attributes["CELL_KEY"] = String(at * 11)
            source.rows[at].attributes["COMMENT_OBS"] = "note \(at)"
        }
        return source
    }

    /// The released rows as a table of their own, as a reader would make it.
    private static func reread(_ released: Table, _ source: TestTable) -> TestTable {
        var copy = source
        let batch = released.batch
        let schema = batch.schema
        copy.rows = (0..<batch.rowCount).map { row in
            let attributes = Dictionary(
                uniqueKeysWithValues: schema.attributes.compactMap { column in batch.string(column, row).map { (schema.components[column].id, $0) } })
            return (schema.dimensions.map { batch.string($0, row) ?? "" }, batch.string(schema.measures.lowerBound, row), attributes)
        }
        return copy
    }

    @Test func letsThroughWhatTheMethodMade() throws {
        let source = Self.source()
        for method in methods {
            let (released, _) = try method.protection.protect(source.table, under: method.obligations, in: context)
            var reread = Self.reread(released, source)
            reread.rows.reverse()
            let audit = try method.protection.audit(reread.table, against: source.table, under: method.obligations, in: context)
            #expect(audit.cells == source.rows.count)
        }
    }

    /// Each tampering alone is refused by each method.
    @Test func refusesEveryOtherTable() throws {
        let source = Self.source()
        let tamperings: [(String, (inout TestTable) -> Void)] = [
            ("a value moved by one", { table in table.rows[4].value = table.rows[4].value.flatMap(Int.init).map { String($0 + 1) } ?? "1" }),
            ("a value moved by a base", { table in table.rows[0].value = table.rows[0].value.flatMap(Int.init).map { String($0 + 15) } ?? "15" }),
            ("a true value", { table in table.rows[0].value = source.rows.first { $0.key == table.rows[0].key }?.value }),
            ("a negative value", { $0.rows[0].value = "-5" }),
            ("a fraction", { $0.rows[0].value = "0.5" }),
            ("a text", { $0.rows[0].value = "many" }),
            ("a missing value", { table in table.rows[table.rows.firstIndex { $0.value != nil } ?? 0].value = nil }),
            ("a row less", { $0.rows.removeLast() }),
            ("a row twice", { $0.rows[1] = $0.rows[0] }),
            ("another key", { $0.rows[0].key[0] = "r9" }),
            ("a comment", { $0.rows[3].attributes["COMMENT_OBS"] = "about 3" }),
            ("a cell key", { $0.rows[3].attributes["CELL_KEY"] = "33" }),
        ]
        for method in methods {
            let (released, _) = try method.protection.protect(source.table, under: method.obligations, in: context)
            for (name, tamper) in tamperings {
                // Controlled rounding has no use for the cell key; an attribute that differs between rows is cleared like any other.
                var reread = Self.reread(released, source)
                tamper(&reread)
                #expect(throws: ProtectionError.self, "\(method.obligations.method): \(name)") {
                    try method.protection.audit(reread.table, against: source.table, under: method.obligations, in: context)
                }
            }
        }
    }

    @Test func refusesAWithheldValueThatIsShownOrUnmarked() throws {
        let source = Self.source()
        let method = methods[2]
        let (released, report) = try method.protection.protect(source.table, under: method.obligations, in: context)
        #expect(report.withheldByReason[.smallCount] == 2)
        let good = Self.reread(released, source)
        let at = try #require(good.rows.firstIndex { $0.value == nil })
        for tamper: (inout TestTable) -> Void in [
            { $0.rows[at].value = "2" }, { $0.rows[at].attributes["OBS_STATUS"] = "A" },
            {
                $0.rows[at].attributes["OBS_STATUS"] = nil; $0.rows[at].attributes["CONF_STATUS"] = nil
            },
        ] {
            var reread = good
            tamper(&reread)
            #expect(throws: ProtectionError.self) {
                try method.protection.audit(reread.table, against: source.table, under: method.obligations, in: context)
            }
        }
    }

    /// Additive in the eyes of the gate means every sum, not most.
    @Test func refusesARoundingThatDoesNotAddUp() throws {
        var random = SeededGenerator.announced(for: "refusesARoundingThatDoesNotAddUp")
        let source = RandomTables.make(.hierarchicalCube, &random)
        let protection = ControlledRounding(limits: RoundingLimits())
        let obligations = ControlledRoundingTests.obligations(5)
        let (released, _) = try protection.protect(source.table, under: obligations, in: context)
        let good = Self.reread(released, source)
        for at in good.rows.indices {
            let value = Int(source.rows.first { $0.key == good.rows[at].key }?.value ?? "") ?? 0
            guard value % 5 != 0 else { continue }
            var reread = good
            let floor = value / 5 * 5
            reread.rows[at].value = good.rows[at].value == String(floor) ? String(floor + 5) : String(floor)
            #expect(throws: ProtectionError.self, "seed \(random.seed)") {
                try protection.audit(reread.table, against: source.table, under: obligations, in: context)
            }
        }
    }

    /// Two counts are moved so that all sums of published counts hold, and those over counts that nobody publishes do not.
    @Test func refusesARoundingThatDoesNotAddUpOverUnpublishedCounts() throws {
        var source = ControlledRoundingTests.twoWay([[4, 3, 9], [2, 1, 7], [6, 6, 6]])
        source.rows.removeAll { $0.key == ["r1", "c1"] || $0.key == ["_T", "c2"] || $0.key == ["r3", "_T"] }
        let protection = ControlledRounding(limits: RoundingLimits())
        let obligations = ControlledRoundingTests.obligations(5)
        let (released, report) = try protection.protect(source.table, under: obligations, in: context)
        let good = Self.reread(released, source)
        func audit(_ table: TestTable) throws(ProtectionError) -> ProtectionReport.Audit {
            try protection.audit(table.table, against: source.table, under: obligations, in: context)
        }
        #expect(try audit(good).equations == report.audit.equations && report.audit.equations > 0)
        var moved = good
        for (row, step) in [("r1", 5), ("r3", -5)] {
            let at = try #require(moved.rows.firstIndex { $0.key == [row, "c3"] })
            moved.rows[at].value = String(try #require(Int(moved.rows[at].value ?? "")) + step)
        }
        #expect(throws: ProtectionError.self) { try audit(moved) }
    }

    /// A part may not come to more than its total, also where the rest of the total is not published.
    @Test func refusesPartsThatAreMoreThanTheirTotal() throws {
        var source = TestTable(dimensions: [.init(id: "SEX", codes: [("_T", nil), ("F", "_T"), ("M", "_T"), ("X", "_T")])])
        for (code, value) in [("_T", 12), ("F", 9)] { source.add([code], value) }
        let protection = ControlledRounding(limits: RoundingLimits())
        let obligations = ControlledRoundingTests.obligations(5)
        let (released, report) = try protection.protect(source.table, under: obligations, in: context)
        #expect(report.audit.equations == 1)
        var reread = Self.reread(released, source)
        for at in reread.rows.indices { reread.rows[at].value = reread.rows[at].key == ["_T"] ? "5" : "15" }
        #expect(throws: ProtectionError.self) {
            try protection.audit(reread.table, against: source.table, under: obligations, in: context)
        }
        // Where two parts are not published, and nothing else tells of them, nothing was looked at.
        let code: [(id: String, parent: String?)] = [("_T", nil), ("F", "_T"), ("M", "_T")]
        var open = TestTable(dimensions: [.init(id: "SEX", codes: code), .init(id: "AGE", codes: code)])
        open.add(["F", "M"], 7)
        #expect(try protection.protect(open.table, under: obligations, in: context).1.audit.equations == 0)
    }
}
