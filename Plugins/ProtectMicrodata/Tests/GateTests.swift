import SluiceKit
import SluiceKitTesting
import Testing

@testable import ProtectMicrodata

/// The gate refuses what somebody changed behind the protection's back, and the protection what it cannot do.
@Suite struct GateTests {
    private let protection = MicrodataPlugin.make()

    private static let source: (records: TestRecords, released: TestRecords) = {
        var generator = SeededGenerator(seed: 11)
        let records = TestRecords.register(400, using: &generator)
        do {
            let released = try MicrodataPlugin.make().protect(records.table, under: .records(TestRecords.rules), in: .test).0
            var copy = TestRecords(columns: records.columns)
            copy.rows = released.texts.map { row in records.columns.map { row[$0.id] } }
            return (records, copy)
        } catch { fatalError("\(error)") }
    }()

    private func audit(_ change: (inout TestRecords) -> Void, _ rules: RecordRules = TestRecords.rules) -> ProtectionError? {
        var released = Self.source.released
        change(&released)
        do throws(ProtectionError) {
            _ = try protection.audit(released.table, against: Self.source.records.table, under: .records(rules), in: .test)
            return nil
        } catch {
            return error
        }
    }

    @Test func passesWhatWasReadBackUnchanged() { #expect(audit { _ in } == nil) }

    @Test func passesNumbersThatAFormatSpelledOtherwise() throws {
        var generator = SeededGenerator(seed: 12)
        let records = TestRecords.register(300, using: &generator)
        let rules = TestRecords.rules
        let released = try protection.protect(records.table, under: .records(rules), in: .test).0
        var copy = TestRecords(columns: records.columns)
        copy.rows = released.texts.map { row in
            records.columns.map { column in column.id == "DEBT" ? row["DEBT"].map { String($0.split(separator: ".")[0]) } : row[column.id] }
        }
        #expect(try protection.audit(copy.table, against: records.table, under: .records(rules), in: .test).cells == copy.rows.count)
    }

    @Test func findsWhateverSomebodyChanged() {
        let columns = Self.source.records.places
        func set(_ id: String, _ value: String?, row: Int = 0) -> (inout TestRecords) -> Void { { $0.rows[row][columns[id]!] = value } }
        let original = Self.source.records
        let cases: [(String, (inout TestRecords) -> Void)] = [
            ("an identifier is back", set("NAME", "Name of 3")),
            ("an original record id", set("RECORD", "R-100003")),
            ("an original person", set("PERSON", "P3")),
            ("another one's pseudonym", { $0.rows[0][columns["PERSON"]!] = $0.rows[1][columns["PERSON"]!] }),
            ("a value finer than the others", set("CITIZENSHIP", "AM")),
            ("a value that nobody has", set("CITIZENSHIP", "XX")),
            ("an age beyond its bound", set("AGE", "72")),
            ("another sensitive value", { $0.rows[0][columns["EXPLOITATION"]!] = $0.rows[0][columns["EXPLOITATION"]!] == "SEX" ? "LABOUR" : "SEX" }),
            ("a component that no rule names", set("STATUS", nil)),
            ("a record twice", { $0.rows.append($0.rows[0]) }),
            ("too many left out", { $0.rows.removeLast(60) }),
        ]
        for (what, change) in cases { #expect(audit(change)?.code == .auditNotClean, "\(what)") }
        #expect(audit { $0.rows = original.rows }?.code == .auditNotClean)
        // The same table under rules that it was not made for.
        var rules = TestRecords.rules
        rules.k = 60
        #expect(audit({ _ in }, rules)?.code == .auditNotClean)
        rules = TestRecords.rules
        rules.closenessPercent = 0
        #expect(audit({ _ in }, rules)?.code == .auditNotClean)
        rules = TestRecords.rules
        rules.diversity = .distinct(5)
        #expect(audit({ _ in }, rules)?.code == .auditNotClean)
    }

    private func code(_ records: TestRecords, _ rules: RecordRules, _ context: ProtectionContext = .test, limits: RecordLimits = RecordLimits())
        -> ProtectionError.Code?
    {
        do throws(ProtectionError) {
            _ = try MicrodataPlugin.make(limits: limits).protect(records.table, under: .records(rules), in: context)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func refusesRulesThatMakeNoSense() {
        var generator = SeededGenerator(seed: 13)
        let records = TestRecords.register(200, using: &generator)
        #expect(code(records, TestRecords.rules) == nil)
        let changes: [(String, (inout RecordRules) -> Void)] = [
            ("k of 1", { $0.k = 1 }), ("k of 0", { $0.k = 0 }), ("k below", { $0.k = .min }),
            ("no quasi-identifiers", { $0.quasiIdentifiers = [] }), ("unknown", { $0.quasiIdentifiers.append("SHOE_SIZE") }),
            ("sensitive is quasi too", { $0.sensitive.append("SEX") }), ("identifier is a pseudonym too", { $0.identifiers.append("PERSON") }),
            ("named twice", { $0.quasiIdentifiers.append("SEX") }), ("l of 1", { $0.diversity = .distinct(1) }),
            ("entropy l of 0", { $0.diversity = .entropy(0) }),
            ("t of 101", { $0.closenessPercent = 101 }), ("t below 0", { $0.closenessPercent = -1 }), ("l of nothing", { $0.sensitive = [] }),
            ("more than all", { $0.suppressedPercentMax = 101 }), ("less than nothing", { $0.suppressedPercentMax = -1 }),
            ("bands that cut", { $0.generalisation["AGE"] = .bands([10, 15]) }), ("bands backwards", { $0.generalisation["AGE"] = .bands([10, 5]) }),
            ("bands of 1", { $0.generalisation["AGE"] = .bands([1]) }), ("no bands", { $0.generalisation["AGE"] = .bands([]) }),
            ("level 0", { $0.generalisation["CITIZENSHIP"] = .hierarchy(topLevel: 0) }),
            ("a hierarchy without a list", { $0.generalisation["AGE"] = .hierarchy(topLevel: 1) }),
            ("generalises what is sensitive", { $0.generalisation["EXPLOITATION"] = .hierarchy(topLevel: 1) }),
            ("bounds of an identifier", { $0.bounds["NAME"] = .init(top: 1) }), ("empty bounds", { $0.bounds["AGE"] = .init() }),
            ("bounds upside down", { $0.bounds["AGE"] = .init(bottom: 9, top: 3) }),
            (
                "nothing replaces the id",
                {
                    $0.pseudonyms = ["PERSON"]; $0.quasiIdentifiers.append("RECORD")
                }
            ),
        ]
        for (what, change) in changes {
            var rules = TestRecords.rules
            change(&rules)
            #expect(code(records, rules) == .unsupported, "\(what)")
        }
        #expect(code(records, RecordRules(quasiIdentifiers: [], k: 5)) == .unsupported)
    }

    @Test func refusesObligationsOfAnotherMethod() {
        var generator = SeededGenerator(seed: 14)
        let table = TestRecords.register(200, using: &generator).table
        func code(_ change: (inout ProtectionObligations) -> Void) -> ProtectionError.Code? {
            var obligations = ProtectionObligations.records(TestRecords.rules)
            change(&obligations)
            do throws(ProtectionError) {
                _ = try protection.protect(table, under: obligations, in: .test)
                return nil
            } catch {
                return error.code
            }
        }
        #expect(code { _ in } == nil)
        #expect(code { $0.records = nil } == .unsupported)
        #expect(code { $0.method = "suppression" } == .unsupported)
        #expect(code { $0.rules.minimumCell = 5 } == .unsupported)
        #expect(code { $0.mode = .flagged } == .unsupported)
        #expect(code { $0.rounding = .init(base: 5) } == .unsupported)
        #expect(code { $0.totals = ["RECORD": .none] } == .unsupported)
        #expect(code { $0.differencing = .init(scope: .receiver) } == .unsupported)
    }

    @Test func refusesWhatTheStructureCannotHold() {
        var generator = SeededGenerator(seed: 15)
        let records = TestRecords.register(200, using: &generator)
        func code(_ id: String, _ change: (inout TestRecords.Column) -> Void, _ rules: RecordRules = TestRecords.rules) -> ProtectionError.Code? {
            var changed = records
            change(&changed.columns[changed.columns.firstIndex { $0.id == id }!])
            return self.code(changed, rules)
        }
        #expect(code("RECORD") { $0.type = .string } == nil)
        #expect(code("RECORD") { $0.maxLength = 16 } == nil)
        #expect(code("RECORD") { $0.maxLength = 15 } == .markingImpossible)
        #expect(code("RECORD") { $0.type = .integer } == .markingImpossible)
        #expect(code("RECORD") { $0.type = .alpha } == nil)
        #expect(code("RECORD") { $0.type = .numeric } == nil)
        #expect(code("RECORD") { $0.codes = [("R", nil)] } == .markingImpossible)
        #expect(code("NAME") { $0.isMandatory = true } == .attributeReveals)
        #expect(code("AGE") { $0.type = .integer } == .markingImpossible)
        var numbered = TestRecords.rules
        numbered.pseudonyms = ["PERSON"]
        numbered.identifiers.append("RECORD")
        #expect(code("RECORD", { $0.maxLength = 3 }, numbered) == nil)
        #expect(code("RECORD", { $0.maxLength = 2 }, numbered) == .markingImpossible)
        #expect(code("RECORD", { $0.codes = [("R", nil)] }, numbered) == .markingImpossible)
        #expect(self.code(records, TestRecords.rules, ProtectionContext(receiver: "X", agreements: ["A 1"])) == .keyMissing)
        #expect(self.code(records, TestRecords.rules, ProtectionContext(agreements: ["A 1"], codes: TestCodes())) == .keyMissing)
        #expect(self.code(records, TestRecords.rules, ProtectionContext(receiver: "X", codes: TestCodes())) == .keyMissing)
    }

    @Test func takesHostileTables() {
        var generator = SeededGenerator(seed: 16)
        let whole = TestRecords.register(200, using: &generator)
        let columns = whole.places
        func code(_ rules: RecordRules = TestRecords.rules, limits: RecordLimits = RecordLimits(), change: (inout TestRecords) -> Void) -> ProtectionError.Code?
        {
            var records = whole
            change(&records)
            return self.code(records, rules, limits: limits)
        }
        func everywhere(_ id: String, _ value: @escaping (Int) -> String?) -> (inout TestRecords) -> Void {
            { records in for row in records.rows.indices { records.rows[row][columns[id]!] = value(row) } }
        }
        #expect(code { $0.rows = [] } == nil)
        #expect(code { $0.rows = [whole.rows[0]] } == .auditNotClean)
        #expect(
            code { records in for row in records.rows.indices { for id in ["SEX", "AGE", "CITIZENSHIP"] { records.rows[row][columns[id]!] = nil } } } == nil)
        #expect(code(change: everywhere("AGE") { "\(10 + $0 % 2)" }) == nil)
        #expect(code { $0.rows.append($0.rows[0]) } == .keyDuplicate)
        #expect(code { $0.rows[3][0] = nil } == .keyPartial)
        #expect(code { $0.rows[3][0] = "~" } == .keyPartial)
        #expect(code { $0.rows[3][0] = "" } == .keyPartial)
        for text in ["twelve", "1e9999", "12.5", " ", "12-15"] { #expect(code { $0.rows[3][columns["AGE"]!] = text } == .measureNotNumeric, "\(text)") }
        var unbounded = TestRecords.rules
        unbounded.bounds = [:]
        #expect(code(unbounded) { $0.rows[3][columns["AGE"]!] = "-3" } == .negativeValue)
        #expect(code(unbounded) { $0.rows[3][columns["AGE"]!] = "12.5" } == .measureNotNumeric)
        #expect(code { $0.rows[3][columns["STATUS"]!] = nil } == .attributeReveals)
        #expect(code { $0.rows[3][columns["CITIZENSHIP"]!] = "XX" } == .unsupported)
        // A circle of parents, and one that is its own parent.
        #expect(code { $0.columns[columns["CITIZENSHIP"]!].codes = TestRecords.citizenships.map { ($0.id, $0.id == "_T" ? "AM" : $0.parent) } } == .unsupported)
        #expect(
            code { $0.columns[columns["CITIZENSHIP"]!].codes = TestRecords.citizenships.map { ($0.id, $0.id == "EUR" ? "EUR" : $0.parent) } } == .unsupported)
        #expect(code { $0.columns[columns["CITIZENSHIP"]!].codes = (0..<100).map { ("\($0)", $0 > 0 ? "\($0 - 1)" : nil) } } == .unsupported)
        #expect(code { $0.columns[columns["CITIZENSHIP"]!].isListAtHand = false } == .unsupported)
        // All unique in a component that cannot be generalised.
        var rules = TestRecords.rules
        rules.quasiIdentifiers.append("DEBT")
        rules.sensitive = ["EXPLOITATION"]
        #expect(code(rules, change: everywhere("DEBT") { "\($0)" }) == .auditNotClean)
        #expect(code { $0.rows[3][columns["DEBT"]!] = "much" } == .measureNotNumeric)
        var limits = RecordLimits()
        limits.recordsMax = 199
        #expect(code(limits: limits) { _ in } == .tooLarge)
        limits = RecordLimits()
        limits.latticeNodesMax = 11
        #expect(code(limits: limits) { _ in } == .tooLarge)
        limits = RecordLimits()
        limits.nodesTriedMax = 1
        #expect(code(limits: limits) { _ in } == .tooLarge)
        limits = RecordLimits()
        limits.deadline = .zero
        #expect(code(limits: limits) { _ in } == .deadline)
        limits = RecordLimits()
        limits.quasiIdentifiersMax = 2
        #expect(code(limits: limits) { _ in } == .tooLarge)
    }

    /// Two quasi-identifiers that cannot be generalised; four of ten records lack one of them.
    private static func incomplete() -> TestRecords {
        var records = TestRecords(columns: [.init(id: "RECORD", kind: .dimension), .init(id: "SEX"), .init(id: "PLACE")])
        records.rows = (0..<10).map { ["R-\($0)", $0 < 6 ? "F" : nil, "P"] }
        return records
    }
    private static func rules(suppressedPercentMax: Int) -> RecordRules {
        RecordRules(identifiers: ["RECORD"], quasiIdentifiers: ["SEX", "PLACE"], k: 2, suppressedPercentMax: suppressedPercentMax)
    }

    @Test func countsWhatWasWithheldFromRecordsThatWereIncompleteBefore() throws {
        let original = Self.incomplete()
        var released = original
        released.rows = (0..<10).map { [$0 < 9 ? "0\($0 + 1)" : "10", $0 < 6 ? "F" : nil, $0 < 6 ? "P" : nil] }
        func code(_ percent: Int) -> ProtectionError.Code? {
            do throws(ProtectionError) {
                _ = try protection.audit(released.table, against: original.table, under: .records(Self.rules(suppressedPercentMax: percent)))
                return nil
            } catch {
                return error.code
            }
        }
        #expect(code(39) == .auditNotClean && code(40) == nil)
    }

    @Test func refusesMoreCombinationsOfMissingValuesThanTheGateWouldHoldAgainstAllRecords() {
        var limits = RecordLimits()
        limits.absentPatternsMax = 2
        #expect(code(Self.incomplete(), Self.rules(suppressedPercentMax: 0), limits: limits) == nil)
        limits.absentPatternsMax = 1
        #expect(code(Self.incomplete(), Self.rules(suppressedPercentMax: 0), limits: limits) == .tooLarge)
    }

    /// Past the time no step goes on, whichever it is.
    @Test func eachStepAsksTheClock() throws {
        var generator = SeededGenerator(seed: 18)
        let table = TestRecords.register(200, using: &generator).table
        var limits = RecordLimits()
        let plan = try RecordPlan(table.batch.schema, under: .records(TestRecords.rules), limits: limits)
        let makers = try Pseudonyms(.test)
        let records = try Records(table.batch, plan, limits: limits, Deadline(limits))
        let (released, _) = try protection.protect(table, under: .records(TestRecords.rules), in: .test)
        limits.deadline = .zero
        let past = Deadline(limits)
        func code(_ body: () throws(ProtectionError) -> Void) -> ProtectionError.Code? {
            do throws(ProtectionError) {
                try body()
                return nil
            } catch {
                return error.code
            }
        }
        #expect(code { () throws(ProtectionError) in _ = try Records(table.batch, plan, limits: limits, past) } == .deadline)
        let node = records.ladders.map { $0.levels.count - 1 }
        #expect(code { () throws(ProtectionError) in _ = try Withholding(records, node, plan, limits: limits, past) } == .deadline)
        let pseudonyms = records.pseudonyms
        #expect(
            code { () throws(ProtectionError) in
                _ = try ReleasedRecords(table, plan, quasi: records.quasi, sensitive: records.sensitive, pseudonyms: pseudonyms)
                    .table(keeping: Array(repeating: true, count: records.count), past)
            } == .deadline)
        #expect(code { () throws(ProtectionError) in _ = try RecordAudit(released, against: table, plan, makers, limits: limits, past) } == .deadline)
        #expect(
            code { () throws(ProtectionError) in
                _ = try MicrodataPlugin.make(limits: limits).audit(released, against: table, under: .records(TestRecords.rules), in: .test)
            } == .deadline)
    }

    @Test func messagesNameNoValue() {
        var generator = SeededGenerator(seed: 17)
        var records = TestRecords.register(200, using: &generator)
        records.rows[3][4] = "secret-value"
        do throws(ProtectionError) {
            _ = try protection.protect(records.table, under: .records(TestRecords.rules), in: .test)
            Issue.record("a text among ages was taken")
        } catch {
            #expect(!"\(error)".contains("secret") && "\(error)".contains("AGE"))
        }
    }
}
