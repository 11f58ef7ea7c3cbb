import SluiceKit
import SluiceKitTesting
import Testing

@testable import SluiceCore

/// The check against a naive one that looks at each row by itself and groups afterwards.
@Suite struct CheckOracleTests {
    private struct Fault: Hashable {
        var code: String
        var line: Int
        var component: String
        var text: String
        var key: String
        var time: String
        var observations: Int
    }
    private static let dimensions = ["FREQ", "REF_AREA", "SEX", "AGE"]
    private static let lists: [String: Set<String>] = [
        "FREQ": ["A", "Q", "M"], "REF_AREA": ["1", "145", "51", "31", "AM", "8", "150"], "SEX": ["_T", "F", "M"], "AGE": ["_T", "Y0T14", "Y15T64", "Y_GE65"],
        "UNIT_MEASURE": ["NUMBER", "PT"], "OBS_STATUS": ["A", "M"],
    ]
    private static let goodTimes: Set<String> = ["2000", "2001", "2002-A1"]
    private static let monthlyTimes: Set<String> = ["2000-03"]
    private static let goodValues: Set<String> = ["1", "2.50", "NaN", "-3e5"]

    @Test func agreesWithANaiveOracle() throws {
        var generator = SeededGenerator.announced(for: "the check against its oracle")
        let seed = generator.seed
        for round in 0..<60 {
            var rows: [[String: String]] = []
            while rows.count < 40 {
                var series = CheckSample.row()
                func spoil(_ id: String, _ values: [String?]) {
                    if Int.random(in: 0..<6, using: &generator) == 0 { series[id] = values.randomElement(using: &generator)! }
                }
                series["SEX"] = ["_T", "F", "M"].randomElement(using: &generator)!
                series["REF_AREA"] = ["51", "8", "AM"].randomElement(using: &generator)!
                spoil("SEX", ["f", " F", nil, ""])
                spoil("AGE", ["Y0T15", nil])
                spoil("UNIT_MEASURE", ["PC", nil])
                spoil("AREA_NOTE", ["no te", "other", nil])
                spoil("TITLE", ["too long", "TITLE", nil])
                for _ in 0..<Int.random(in: 1...6, using: &generator) {
                    var row = series
                    row["TIME_PERIOD"] = ["2000", "2001", "2002-A1"].randomElement(using: &generator)!
                    func spoilRow(_ id: String, _ values: [String?]) {
                        if Int.random(in: 0..<8, using: &generator) == 0 { row[id] = values.randomElement(using: &generator)! }
                    }
                    spoilRow("TIME_PERIOD", ["2000-13", nil, "2000-03", "20000"])
                    spoilRow("OBS_VALUE", ["1,5", "x", nil, "NaN", "-3e5"])
                    spoilRow("OBS_STATUS", ["a", nil])
                    spoilRow("UNIT_MEASURE", [nil, "pt", "NUMBER"])
                    rows.append(row)
                }
            }
            let expected = Self.oracle(rows)
            for (capacity, valuesMax) in [(1, 1 << 20), (4, 1 << 20), (1000, 1 << 20), (4, 1), (1000, 3)] {
                var limits = CheckLimits()
                limits.relationshipValuesInMemoryMax = valuesMax
                limits.duplicateRowsInMemoryMax = valuesMax
                let found = try CheckSample.check(rows, capacity: capacity, limits: limits).map {
                    Fault(
                        code: $0.code.rawValue, line: $0.position.line, component: $0.component ?? "", text: $0.offendingText ?? "", key: $0.seriesKey ?? "",
                        time: $0.timePeriod ?? "",
                        observations: $0.observations)
                }
                #expect(
                    Set(found) == expected && found.count == expected.count,
                    "seed \(seed), round \(round), capacity \(capacity), \(valuesMax) values in memory: \(Set(found).symmetricDifference(expected))")
            }
        }
    }

    /// An absent cell and an empty one are two series, both with a hole.
    private static func identity(_ row: [String: String], _ ids: [String]) -> [String?] { ids.map { row[$0] } }

    private static func oracle(_ rows: [[String: String]]) -> Set<Fault> {
        var faults: [Fault] = []
        func key(_ row: [String: String]) -> String { dimensions.map { row[$0] ?? "" }.joined(separator: ".") }
        /// A row that carries nothing but attributes of part of its key may leave out the rest.
        func isPartial(_ row: [String: String]) -> Bool {
            func has(_ ids: String...) -> Bool { !ids.contains { row[$0, default: ""].isEmpty } }
            guard (dimensions + ["TIME_PERIOD"]).contains(where: { !has($0) }), !has("OBS_VALUE"), !has("OBS_STATUS") else { return false }
            return has("TITLE") || has("AREA_NOTE", "REF_AREA") || has("UNIT_MEASURE", "FREQ", "REF_AREA", "SEX", "AGE")
        }
        func fault(_ row: [String: String], _ id: String) -> String? {
            let text = row[id] ?? ""
            if text.isEmpty, isPartial(row) { return nil }
            switch id {
            case "OBS_VALUE": return text.isEmpty || goodValues.contains(text) || text == "12.5" ? nil : "value.type"
            case "TIME_PERIOD": return text.isEmpty ? "dimension.missing" : goodTimes.contains(text) || monthlyTimes.contains(text) ? nil : "time.period"
            case "AREA_NOTE": return text.isEmpty ? "attribute.missing" : text.contains(" ") ? "value.type" : nil
            case "TITLE": return text.isEmpty ? "attribute.missing" : text.count > 5 ? "value.facet" : nil
            default:
                if text.isEmpty { return dimensions.contains(id) ? "dimension.missing" : "attribute.missing" }
                return lists[id]?.contains(text) == true ? nil : "code.unknown"
            }
        }
        func grouped(_ ids: [String], by columns: [String], key: ([String: String]) -> String, hasTime: Bool) {
            var start = 0
            while start < rows.count {
                var end = start
                while end < rows.count, identity(rows[end], columns) == identity(rows[start], columns) { end += 1 }
                for id in ids {
                    var byFault: [String: [Int]] = [:]
                    for index in start..<end {
                        guard let code = fault(rows[index], id) else { continue }
                        byFault[code + "|" + (rows[index][id] ?? ""), default: []].append(index)
                    }
                    for (name, indexes) in byFault {
                        let (first, last) = (rows[indexes[0]]["TIME_PERIOD"] ?? "", rows[indexes[indexes.count - 1]]["TIME_PERIOD"] ?? "")
                        faults.append(
                            Fault(
                                code: String(name.split(separator: "|", omittingEmptySubsequences: false)[0]), line: indexes[0] + 11, component: id,
                                text: rows[indexes[0]][id] ?? "", key: key(rows[indexes[0]]),
                                time: !hasTime ? "" : first == last ? first : "\(first)…\(last)", observations: indexes.count))
                    }
                }
                start = end
            }
        }
        grouped(dimensions + ["UNIT_MEASURE"], by: dimensions, key: key, hasTime: true)
        grouped(["AREA_NOTE"], by: ["REF_AREA"], key: { ".\($0["REF_AREA"] ?? "").." }, hasTime: true)
        grouped(["TITLE"], by: [], key: { _ in "" }, hasTime: false)
        func consistent(_ id: String, by columns: [String], key: ([String: String]) -> String) {
            var truth: [[String?]: String] = [:]
            var open: (index: Int, count: Int)?
            func end() {
                guard let run = open else { return }
                open = nil
                let (first, last) = (rows[run.index]["TIME_PERIOD"] ?? "", rows[run.index + run.count - 1]["TIME_PERIOD"] ?? "")
                faults.append(
                    Fault(
                        code: "attribute.inconsistent", line: run.index + 11, component: id, text: rows[run.index][id] ?? "", key: key(rows[run.index]),
                        time: first.isEmpty ? "" : first == last ? first : "\(first)…\(last)", observations: run.count))
            }
            for (index, row) in rows.enumerated() {
                let identity = identity(row, columns)
                guard let value = row[id], !value.isEmpty, !identity.contains(nil) else {
                    end()
                    continue
                }
                let first = truth[identity] ?? value
                truth[identity] = first
                if first == value {
                    end()
                } else if let run = open, self.identity(rows[run.index], columns) == identity, rows[run.index][id] == value {
                    open = (run.index, run.count + 1)
                } else {
                    end()
                    open = (index, 1)
                }
            }
            end()
        }
        consistent("UNIT_MEASURE", by: dimensions, key: key)
        consistent("AREA_NOTE", by: ["REF_AREA"], key: { ".\($0["REF_AREA"] ?? "").." })
        consistent("TITLE", by: [], key: { _ in "" })
        var seen = Set<[String]>()
        for (index, row) in rows.enumerated() {
            func add(_ code: String, _ id: String) {
                faults.append(
                    Fault(
                        code: code, line: index + 11, component: id, text: id.isEmpty ? "" : row[id] ?? "", key: key(row), time: row["TIME_PERIOD"] ?? "",
                        observations: 1))
            }
            for id in ["TIME_PERIOD", "OBS_VALUE", "OBS_STATUS"] { if let code = fault(row, id) { add(code, id) } }
            // A says that there is a value; NaN is none.
            if row["OBS_STATUS"] == "A", ["", "NaN"].contains(row["OBS_VALUE"] ?? "") { add("status.value-absent", "OBS_STATUS") }
            if monthlyTimes.contains(row["TIME_PERIOD"] ?? "") { add("time.frequency", "TIME_PERIOD") }
            let whole = (dimensions + ["TIME_PERIOD"]).map { row[$0] ?? "" }
            if !whole.contains(""), !seen.insert(whole).inserted { add("key.duplicate", "") }
        }
        return Set(faults)
    }
}
