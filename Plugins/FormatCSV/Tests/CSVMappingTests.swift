import SluiceKit
import SluiceKitTesting
import Testing

@testable import FormatCSV

@Suite struct CSVMappingTests {
    private static let base = "mapping: 1\nstructure: A:B(1.0)\n"

    private func failure(_ yaml: String) -> MappingError? {
        do {
            _ = try CSVMapping(yaml: yaml, file: "m.yaml")
            return nil
        } catch { return error }
    }

    @Test(arguments: [
        ("colums: {}", 3, "unknown key \"colums\"", "did you mean \"columns\"?"),
        ("columns: {Year: {into: TIME_PERIOD, lables: {a: b}}}", 3, "unknown key \"lables\"", "did you mean \"labels\"?"),
        ("columns: {}\nseparator: ab", 4, "is no separator", "use"), ("columns: {}\nencoding: koi8-r", 4, "is not known", "UTF-8"),
        ("columns: {}\ndecimal: x", 4, "is no decimal mark", "use"), ("columns: {}\ngrouping: '.'", 4, "same character", "differ"),
        ("columns: {V: {into: OBS_VALUE, multiplier: 2.5}}", 3, "is no power of ten", "no digit is lost"),
        ("columns: {V: {into: OBS_VALUE, labels: from-there}}", 3, "is no set of labels", "from-codelist"),
        ("columns: {V: {into: OBS_VALUE, languages: [en]}}", 3, "belongs to labels", "add labels"),
        ("columns: {V: OBS_VALUE}\nignore: [V]", 1, "both mapped and ignored", "keep one"),
        ("columns: {}\nwhen: [{if: {A: b}}]", 4, "the key \"set\" is missing", ""),
        ("columns: {}\nunpivot: {columns: x, into: A, value: B}", 4, "name the columns in a list", ""),
        ("columns: {}\nunpivot: {columns: /(/, into: A, value: B}", 4, "is no regular expression", ""),
        ("columns: {}\nconstants: {A: ~}", 4, "A has no value", "write one"), ("columns: {}\naction: send", 4, "is no action", "merge"),
        ("columns: {}\nflow: A:C", 1, "both given", "keep one"),
        ("columns: {V: a b}", 3, "is no component id", "name a dimension"),
    ])
    func saysWhereAndHowToMend(yaml: String, line: Int, detail: String, advice: String) throws {
        let error = try #require(failure(Self.base + yaml))
        #expect(error.line == line && error.file == "m.yaml")
        #expect(error.detail.contains(detail), "\(error)")
        #expect(advice.isEmpty || error.advice.contains(advice), "\(error)")
    }

    @Test func refusesWhatIsNoMapping() throws {
        #expect(failure("") != nil)
        #expect(failure("- a") != nil)
        #expect(failure("structure: A:B\ncolumns: {}") != nil)
        #expect(failure("mapping: 2\nstructure: A:B\ncolumns: {}")?.line == 1)
        #expect(failure("mapping: 1\ncolumns: {}")?.detail.contains("neither flow nor structure") == true)
        #expect(failure(Self.base + "columns: {A: B, A: C}") != nil)
        #expect(failure(Self.base + "columns: {A: [") != nil)
        #expect(failure(Self.base + "columns: {A: {into: [x]}}") != nil)
    }

    @Test func endsAnAliasBombEarly() {
        var yaml = Self.base + "missing: &a [x, x, x, x, x, x, x, x, x, x]\n"
        for (one, next) in zip("abcdefgh", "bcdefghi") { yaml += "\(next): &\(next) [\(Array(repeating: "*\(one)", count: 10).joined(separator: ", "))]\n" }
        #expect(failure(yaml + "columns: {}") != nil)
    }

    @Test(arguments: [("1", 0), ("1000", 3), ("0.001", -3), (".1", -1), ("10.0", 1), ("0001", 0)])
    func readsPowersOfTen(text: String, exponent: Int) { #expect(DecimalText.powerOfTen(text) == exponent) }

    @Test(arguments: ["", "0", "2", "-10", "1.5", "100.1", "0.011", "1e3", "ten", "1001"])
    func refusesOtherMultipliers(text: String) { #expect(DecimalText.powerOfTen(text) == nil) }
}

@Suite struct DecimalTextTests {
    private func rewrite(_ text: String, decimal: String = ".", grouping: String = "", shift: Int = 0) -> String? {
        let rule = DecimalText(decimal: Array(decimal.utf8)[0], grouping: Array(grouping.utf8), shift: shift)
        let output = UnsafeMutableRawBufferPointer.allocate(byteCount: DecimalText.bytesMax + CSVMapping.shiftMax + 16, alignment: 1)
        defer { output.deallocate() }
        return Array(text.utf8).withUnsafeBytes { rule.rewrite($0, into: output) }.map { String(decoding: output[..<$0], as: UTF8.self) }
    }

    @Test func keepsTheTextWhereNothingChanges() {
        for text in ["45.0", "0", "-0.50", "007", "2.680", "100000000000000000000000000000.000000000000000000001"] { #expect(rewrite(text) == text) }
    }

    @Test func readsMarksOfOtherCountries() {
        #expect(rewrite("12,5", decimal: ",") == "12.5")
        #expect(rewrite("1 234 567,80", decimal: ",", grouping: " ") == "1234567.80")
        #expect(rewrite("1\u{A0}234", decimal: ",", grouping: "\u{A0}") == "1234")
        #expect(rewrite("1,234.5", grouping: ",") == "1234.5")
        #expect(rewrite("\u{2212}3") == "-3")
        #expect(rewrite("+3") == "3")
        #expect(rewrite(",5", decimal: ",") == "0.5")
    }

    @Test func leavesWhatIsNoNumberAlone() {
        for text in ["", "-", ".", "1.2.3", "12,5", "abc", "1 234", "1e", "--1", "1-", "0x1", "١٢"] { #expect(rewrite(text) == nil, "\(text)") }
        // Under the grouping mark "," the text 1,5 is no number: taking it for 15 would multiply by ten.
        for text in ["1,5", "1,2345", "1234,567", "1,,234", "1,23.4", ",123"] { #expect(rewrite(text, grouping: ",") == nil, "\(text)") }
    }

    @Test func movesThePointExactly() {
        #expect(rewrite("45.0", shift: 3) == "45000")
        #expect(rewrite("2.680", shift: 3) == "2680")
        #expect(rewrite("0.1", shift: 3) == "100")
        #expect(rewrite("0.0025", shift: 3) == "2.5")
        #expect(rewrite("5", shift: -3) == "0.005")
        #expect(rewrite("1234", shift: -3) == "1.234")
        #expect(rewrite("-12.5", shift: -1) == "-1.25")
        #expect(rewrite("0", shift: 3) == "0")
        #expect(rewrite("9007199254740993.1", shift: 1) == "90071992547409931")
        #expect(rewrite("1.5E+03", shift: 3) == "1.5E6")
        #expect(rewrite("1.5e-3", shift: 1) == "1.5E-2")
    }

    @Test func agreesWithMovingDigitsByHand() {
        var generator = SeededGenerator.announced(for: "moving decimal points")
        let seed = generator.seed
        for _ in 0..<5_000 {
            let integer = String((0..<Int.random(in: 1...12, using: &generator)).map { _ in "0123456789".randomElement(using: &generator)! })
            let fraction = String((0..<Int.random(in: 0...12, using: &generator)).map { _ in "0123456789".randomElement(using: &generator)! })
            let shift = Int.random(in: -15...15, using: &generator)
            let text = fraction.isEmpty ? integer : integer + "." + fraction
            // Pads with zeros on both sides, cuts at the new point.
            let padded = String(repeating: "0", count: 20) + integer + fraction + String(repeating: "0", count: 20)
            let point = 20 + integer.count + shift
            let left = padded.prefix(point).drop { $0 == "0" }
            let right = String(padded.dropFirst(point).reversed().drop { $0 == "0" }.reversed())
            let expected = (left.isEmpty ? "0" : String(left)) + (right.isEmpty ? "" : "." + right)
            let got = rewrite(text, shift: shift) ?? "nil"
            func canonical(_ text: String) -> String {
                let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
                let whole = String(parts[0].drop { $0 == "0" })
                let rest = parts.count > 1 ? String(parts[1].reversed().drop { $0 == "0" }.reversed()) : ""
                return (whole.isEmpty ? "0" : whole) + (rest.isEmpty ? "" : "." + rest)
            }
            #expect(canonical(got) == expected, "seed \(seed): \(text) shifted by \(shift) became \(got)")
            if shift == 0 { #expect(got == text) }
        }
    }
}
