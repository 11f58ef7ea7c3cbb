import SluiceKit
import SluiceKitTesting
import Testing

@testable import ProtectMicrodata

/// What the protection makes of a register.
@Suite struct RecordTests {
    private let protection = MicrodataPlugin.make()

    private func protect(_ records: TestRecords, _ rules: RecordRules = TestRecords.rules, _ context: ProtectionContext = .test) throws -> (
        Table, ProtectionReport
    ) {
        try protection.protect(records.table, under: .records(rules), in: context)
    }

    private func figure(_ report: ProtectionReport, _ name: String) -> Int? { report.figures.first { $0.name == name }?.value.integer.map { Int($0) } }

    @Test(arguments: 1...12)
    func everyClassIsLargeAndDiverseEnough(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let records = TestRecords.register(
            Int.random(in: 60...1_500, using: &generator), using: &generator, missingPercent: Int(seed % 3) * 4, personPercent: seed % 2 == 0 ? 100 : 80)
        var rules = TestRecords.rules
        rules.k = Int.random(in: 2...8, using: &generator)
        rules.diversity = [nil, .distinct(2), .entropy(2), .distinct(3)][Int(seed % 4)]
        rules.closenessPercent = seed % 3 == 0 ? 40 : nil
        rules.suppressedPercentMax = [0, 5, 20][Int(seed % 3)]
        let released: Table
        let report: ProtectionReport
        do throws(ProtectionError) { (released, report) = try protection.protect(records.table, under: .records(rules), in: .test) } catch {
            // Too strict for the table; that, too, is an answer, but only this one.
            #expect(error.code == .auditNotClean, "seed \(seed): \(error)")
            return
        }
        let rows = released.texts
        // Counted here anew, on texts.
        let classes = Dictionary(grouping: rows) { row in ["SEX", "AGE", "CITIZENSHIP"].map { row[$0] ?? "" } }
        for (_, members) in classes {
            #expect(members.count >= rules.k, "seed \(seed)")
            #expect(Set(members.map { $0["PERSON"] ?? "" }).count >= rules.k, "seed \(seed)")
            if case .distinct(let l)? = rules.diversity { for id in rules.sensitive { #expect(Set(members.map { $0[id] ?? "" }).count >= l, "seed \(seed)") } }
        }
        #expect(figure(report, "kAfter") == classes.values.map(\.count).min())
        #expect(report.withheld <= records.rows.count * rules.suppressedPercentMax / 100, "seed \(seed)")
        #expect(records.rows.count - rows.count == figure(report, "recordsLeftOut"), "seed \(seed)")
        // The gate passes its own work, and says nothing else on a second run.
        #expect(try protection.audit(released, against: records.table, under: .records(rules), in: .test).cells == rows.count)
        #expect(try protection.protect(records.table, under: .records(rules), in: .test).0.texts == rows)
    }

    @Test(.enabled(if: OraclePython.interpreter != nil, "SLUICE_ORACLE_PYTHON is not set"))
    func reportsWhatPycanonFindsInTheReleasedTable() throws {
        var generator = SeededGenerator.announced(for: "released records against pycanon")
        var problems: [Oracle.Problem] = []
        var reports: [ProtectionReport] = []
        for round in 0..<12 {
            let records = TestRecords.register(Int.random(in: 200...900, using: &generator), using: &generator, missingPercent: round % 2 * 3)
            var rules = TestRecords.rules
            rules.diversity = round % 2 == 0 ? .distinct(2) : .entropy(2)
            rules.closenessPercent = round % 3 == 0 ? 50 : nil
            // Too strict for the table: nothing to compare.
            guard let (released, report) = try? protect(records, rules) else { continue }
            for table in [records.table, released] {
                problems.append(Oracle.Problem(table, quasi: rules.quasiIdentifiers, sensitive: rules.sensitive, numeric: ["DEBT"]))
            }
            reports.append(report)
        }
        let theirs = try Oracle.figures(problems)
        try #require(theirs.count == 2 * reports.count && reports.count >= 6)
        for (round, report) in reports.enumerated() {
            for (name, figures) in [("Before", theirs[2 * round]), ("After", theirs[2 * round + 1])] {
                #expect(figure(report, "k\(name)") == figures.k, "round \(round)")
                #expect(figure(report, "l\(name)") == figures.l, "round \(round)")
                let t = report.figures.first { $0.name == "t\(name)" }?.value.text
                #expect(t == figures.t.map { RecordReport.decimal($0, digits: 4) }, "round \(round)")
            }
            #expect(figure(report, "kAfter") ?? 0 >= 5)
        }
    }

    @Test func removesIdentifiersAndReplacesWhatCannotBeRemoved() throws {
        var generator = SeededGenerator(seed: 5)
        let records = TestRecords.register(400, using: &generator, personPercent: 70)
        let (released, report) = try protect(records)
        let rows = released.texts
        #expect(rows.allSatisfy { $0["NAME"] == nil })
        // Nothing of an identifier is held anywhere, not even in a dictionary.
        let held = released.held
        for id in ["NAME", "RECORD", "PERSON"] { #expect(held.isDisjoint(with: Set(records.values(id).compactMap { $0 }))) }
        #expect(rows.allSatisfy { $0["RECORD"]?.utf8.count == 26 && $0["PERSON"]?.utf8.count == 26 })
        // Equal persons have equal pseudonyms, different ones different ones.
        let pseudonym = Dictionary(
            uniqueKeysWithValues: Set(records.values("PERSON").compactMap { $0 }).map { person in
                (person, Pseudonyms.Form.make().text(TestCodes().code(Array(person.utf8), for: "pseudonym AM.ARMSTAT TRAFFICKING PERSON")))
            })
        #expect(Set(pseudonym.values).count == pseudonym.count)
        #expect(Set(rows.compactMap { $0["PERSON"] }).isSubset(of: Set(pseudonym.values.map { String(decoding: $0, as: UTF8.self) })))
        #expect(report.words.contains { $0.contains("NAME") } && report.words.contains { $0.contains("pseudonyms") })
    }

    @Test func pseudonymsFollowThePersonWithinAnAgreementOnly() throws {
        var generator = SeededGenerator(seed: 6)
        let records = TestRecords.register(300, using: &generator)
        func pseudonyms(_ context: ProtectionContext) throws -> Set<String> {
            Set(try protect(records, TestRecords.rules, context).0.texts.compactMap { $0["PERSON"] })
        }
        let first = try pseudonyms(.test)
        var context = ProtectionContext.test
        context.agreements = ["TRAFFICKING 2.0"]
        #expect(try pseudonyms(context) == first, "a newer version of the agreement is the same agreement")
        context.agreements = ["TRAFFICKING-2 1.0"]
        #expect(try pseudonyms(context).isDisjoint(with: first))
        context.agreements = ["TRAFFICKING 1.0", "TRAFFICKING-2 1.0"]
        #expect(try pseudonyms(context).isDisjoint(with: first))
        context = .test
        context.receiver = "UN.UNODC"
        #expect(try pseudonyms(context).isDisjoint(with: first))
        context = .test
        context.codes = TestCodes(key: [1, 2, 3])
        #expect(try pseudonyms(context).isDisjoint(with: first))
    }

    /// Another name, another id, another order of the input: nothing that leaves may differ but the pseudonyms themselves.
    @Test func sizesOrderAndDictionariesDoNotDependOnWhatIsRemoved() throws {
        var generator = SeededGenerator(seed: 7)
        let records = TestRecords.register(500, using: &generator)
        var rules = TestRecords.rules
        rules.identifiers = ["NAME", "RECORD", "PERSON"]
        rules.pseudonyms = []
        let (first, _) = try protect(records, rules)
        var other = records
        for row in other.rows.indices {
            other.rows[row][0] = "another-and-longer-id-\(row * 7 % 500)"
            other.rows[row][2] = String(repeating: "x", count: row % 40)
            other.rows[row][1] = row % 3 == 0 ? nil : "somebody"
        }
        other.rows.shuffle(using: &generator)
        let (second, _) = try protect(other, rules)
        #expect(first.texts == second.texts)
        #expect(first.batch.arenaByteCount == second.batch.arenaByteCount)
        for column in first.batch.schema.components.indices where first.batch.isCoded[column] {
            let (one, two) = (first.batch.dictionary(column), second.batch.dictionary(column))
            #expect((0..<UInt32(one.count)).map(one.string) == (0..<UInt32(two.count)).map(two.string))
        }
        // With a pseudonym as the record's id the order is that of the pseudonyms.
        let (pseudonymised, _) = try protect(records)
        let keys = pseudonymised.texts.compactMap { $0["RECORD"] }
        #expect(keys == keys.sorted())
        #expect(Set(keys.map { $0.utf8.count }) == [26])
    }

    @Test func withheldValuesAreAValueOfTheirOwn() throws {
        // Four of five pairs alike; the fifth person has a citizenship that nobody shares.
        var records = TestRecords(columns: [
            .init(id: "RECORD", kind: .dimension), .init(id: "SEX"), .init(id: "CITIZENSHIP"),
        ])
        for number in 0..<20 { records.rows.append(["\(number)", "F", number < 10 ? "AM" : "GE"]) }
        for (number, code) in ["FR", "DE"].enumerated() { records.rows.append(["\(20 + number)", "F", code]) }
        let rules = RecordRules(pseudonyms: ["RECORD"], quasiIdentifiers: ["SEX", "CITIZENSHIP"], k: 2, suppressedPercentMax: 10)
        let (released, report) = try protect(records, rules)
        let rows = released.texts
        #expect(rows.count == 22 && rows.filter { $0["CITIZENSHIP"] == nil }.count == 2)
        #expect(report.withheldByReason == [.smallCount: 2])
        #expect(figure(report, "valuesWithheld") == 2 && figure(report, "recordsLeftOut") == 0)
        // One alone would be known by what is withheld, so it is left out, though a withheld value could stand for any.
        records.rows.removeLast()
        let (alone, second) = try protect(records, rules)
        #expect(alone.texts.count == 20 && figure(second, "recordsLeftOut") == 1)
        // The structure leaves no room for a missing value: the records are left out.
        records.columns[2].isMandatory = true
        records.rows.append(["21", "F", "DE"])
        records.columns[1].isMandatory = true
        #expect(try protect(records, rules).0.texts.count == 20)
    }

    @Test func bandsAreWrittenAsTheStructureAllows() throws {
        var generator = SeededGenerator(seed: 8)
        var records = TestRecords.register(300, using: &generator)
        var rules = TestRecords.rules
        rules.quasiIdentifiers = ["AGE"]
        rules.identifiers = ["NAME", "SEX", "CITIZENSHIP"]
        rules.generalisation = ["AGE": .bands([10])]
        rules.k = 20
        let texts = Set(try protect(records, rules).0.texts.compactMap { $0["AGE"] })
        #expect(texts.isSubset(of: ["0-19", "20-29", "30-39", "40-49", "50-59", "60+"]) && texts.count == 6)
        // A code list's own broader codes.
        let age = records.columns.firstIndex { $0.id == "AGE" }!
        let bands = [(0, 9), (10, 19), (20, 29), (30, 39), (40, 49), (50, 59), (60, 69), (70, 79)]
        let decades: [(id: String, parent: String?)] = bands.map { ("DECADE\($0.0)", nil) } + (0..<80).map { ("Y\($0)", "DECADE\($0 / 10 * 10)") }
        records.columns[age].codes = decades + [("_U", nil)]
        for row in records.rows.indices { records.rows[row][age] = records.rows[row][age].map { "Y\($0)" } }
        records.rows[0][age] = "_U"
        rules.bounds = [:]
        rules.suppressedPercentMax = 20
        let codes = Set(try protect(records, rules).0.texts.compactMap { $0["AGE"] })
        #expect(codes.isSubset(of: Set(bands.map { "DECADE\($0.0)" })), "\(codes)")
        #expect(codes.count >= 6)
        // SDMX ids where the list has no parents, and an open end at the bound.
        records.columns[age].codes = ((0..<80).map { "Y\($0)" } + ["Y0T19", "Y20T29", "Y30T39", "Y40T49", "Y_GE50"]).map { ($0, nil) }
        records.rows[0][age] = "Y7"
        rules.bounds = ["AGE": .init(bottom: 15, top: 50)]
        #expect(Set(try protect(records, rules).0.texts.compactMap { $0["AGE"] }) == ["Y0T19", "Y20T29", "Y30T39", "Y40T49", "Y_GE50"])
    }

    @Test func boundsHoldForSensitiveNumbersToo() throws {
        var generator = SeededGenerator(seed: 9)
        var rules = TestRecords.rules
        rules.bounds["DEBT"] = .init(bottom: 250, top: 1_000)
        let rows = try protect(TestRecords.register(600, using: &generator), rules).0.texts
        #expect(Set(rows.compactMap { $0["DEBT"] }) == ["250", "250.00", "500.00", "750.00", "1000", "1000.00"])
    }

    @Test func generalisesNoMoreThanNeeded() throws {
        var records = TestRecords(columns: [.init(id: "RECORD", kind: .dimension), .init(id: "CITIZENSHIP", codes: TestRecords.citizenships)])
        for (at, code) in ["AM", "GE", "RU"].enumerated() { for number in 0..<3 { records.rows.append(["\(at)-\(number)", code]) } }
        for (at, code) in ["IR", "IN", "SY"].enumerated() { records.rows.append(["asia-\(at)", code]) }
        var rules = RecordRules(
            identifiers: ["RECORD"], quasiIdentifiers: ["CITIZENSHIP"], k: 3, generalisation: ["CITIZENSHIP": .hierarchy(topLevel: 1)], suppressedPercentMax: 0)
        let (released, report) = try protect(records, rules)
        #expect(Dictionary(grouping: released.texts) { $0["CITIZENSHIP"] ?? "" }.mapValues(\.count) == ["EUR": 9, "ASI": 3])
        #expect(figure(report, "level.CITIZENSHIP") == 1)
        #expect(released.texts.map { $0["RECORD"] } == (1...12).map { $0 < 10 ? "0\($0)" : "\($0)" })
        // Where a quarter may be withheld, the three of Asia are, and the others keep their codes.
        rules.suppressedPercentMax = 25
        #expect(Set(try protect(records, rules).0.texts.map { $0["CITIZENSHIP"] ?? "withheld" }) == ["AM", "GE", "RU", "withheld"])
        rules.generalisation = ["CITIZENSHIP": .hierarchy(topLevel: 3)]
        rules.suppressedPercentMax = 20
        #expect(throws: ProtectionError.self) { try protect(records, rules) }
    }
}

extension Pseudonyms.Form {
    /// That of a text without limits.
    static func make() -> Pseudonyms.Form {
        let schema = TestRecords(columns: [.init(id: "RECORD", kind: .dimension)]).schema
        do { return try Pseudonyms.Form(schema.components[0], schema.structure) } catch { fatalError("test data") }
    }
}
