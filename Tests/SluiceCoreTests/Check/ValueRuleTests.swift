import SluiceKit
import Testing

@testable import SluiceCore

@Suite struct ValueRuleTests {
    private func accepts(_ type: TextType?, _ text: String, isMeasure: Bool = false, _ change: (inout TextFormat) -> Void = { _ in }) -> Bool {
        var format = TextFormat(type: type)
        change(&format)
        let rule = ValueRule(format, isMeasure: isMeasure, strictReportingYear: true)
        return Array(text.utf8).withUnsafeBytes { bytes in
            let isAccepted = rule.accepts(bytes)
            // The words and the verdict never disagree.
            #expect(isAccepted == (rule.fault(bytes, component: "X") == nil))
            return isAccepted
        }
    }

    @Test(arguments: [
        (
            TextType.double, ["1", "-1.5", "+1", ".5", "5.", "1e5", "1E-5", "INF", "-INF", "NaN"],
            ["", "1,5", "1.2.3", "e5", "1e", "nan", "Infinity", " 1", "1 ", "0x1", ".", "-"]
        ),
        (.decimal, ["1", "-1.50"], ["1e5", "NaN", "INF", "1,5"]), (.integer, ["0", "-12", "+3"], ["1.0", "1e3", "", "NaN"]),
        (.count, ["7"], ["7.5"]), (.short, ["-32768", "32767"], ["32768", "-32769", "1.5"]),
        (.long, ["9223372036854775807", "-9223372036854775808", "0009"], ["9223372036854775808", "-9223372036854775809"]),
        (.bigInteger, ["99999999999999999999999999"], ["1.0"]), (.numeric, ["0012"], ["1.5", "-1"]),
        (.boolean, ["true", "false", "0", "1"], ["TRUE", "yes", "2"]),
        (.alpha, ["Abc"], ["A1", "ä"]), (.alphaNumeric, ["A1"], ["A-1"]), (.uri, ["https://example.org/a?b=c", "urn:x"], ["a b", "<x>"]),
        (.gregorianYear, ["2013"], ["2013-01"]), (.dateTime, ["2013-01-01T00:00:00"], ["2013-01-01"]), (.reportingQuarter, ["2013-Q1"], ["2013"]),
        (.month, ["--04"], ["--13", "04"]), (.monthDay, ["--02-29"], ["--02-30", "--04-31"]), (.day, ["---31"], ["---32", "--1"]),
        (.time, ["08:30:00", "08:30:00.5Z"], ["8:30", "08:61:00"]), (.duration, ["P1Y", "PT5M"], ["1Y", "P"]), (.timeRange, ["2013-01-01/P1M"], ["2013-01-01"]),
        (.string, ["", "anything"], []),
    ])
    func keepsToTheLexicalForms(type: TextType, good: [String], bad: [String]) {
        for text in good { #expect(accepts(type, text), "\(type) \(text)") }
        for text in bad { #expect(!accepts(type, text), "\(type) \(text)") }
    }

    @Test func keepsToFacets() {
        #expect(accepts(.string, "ԱԲԳ") { $0.maxLength = 3 })
        #expect(!accepts(.string, "ԱԲԳԴ") { $0.maxLength = 3 })
        #expect(!accepts(.string, "a") { $0.minLength = 2 })
        #expect(accepts(.double, "10.0") { $0.maxValue = "10" })
        #expect(!accepts(.double, "10.0000000000000000000001") { $0.maxValue = "10" })
        #expect(!accepts(.double, "-1") { $0.minValue = "0" })
        #expect(accepts(.double, "-0.0") { $0.minValue = "0" })
        #expect(!accepts(.double, "1e2") { $0.maxValue = "10" })
        #expect(!accepts(.exclusiveValueRange, "10") { $0.maxValue = "10.0" })
        #expect(accepts(.decimal, "1.25") { $0.decimals = 2 })
        #expect(!accepts(.decimal, "1.250") { $0.decimals = 2 })
        #expect(!accepts(.observationalTimePeriod, "1999") { $0.startTime = "2000" })
        #expect(accepts(.string, "AB-12") { $0.pattern = "[A-Z]{2}-\\d+" })
        #expect(!accepts(.string, "AB-12x") { $0.pattern = "[A-Z]{2}-\\d+" })
    }

    @Test func matchesPatternsAsWholeTexts() throws {
        let cases: [(String, [String], [String])] = [
            ("a|bc", ["a", "bc"], ["b", "abc", ""]), ("(ab)*c?", ["", "abab", "abc"], ["ac", "aba"]), ("[^0-9]+", ["xyz", "ա"], ["x1", ""]),
            ("a{2,3}", ["aa", "aaa"], ["a", "aaaa"]),
            ("a{2,}", ["aa", "aaaaa"], ["a"]), ("\\d{4}-(0[1-9]|1[0-2])", ["2013-12"], ["2013-13"]), ("^x$", ["x"], ["^x$"]),
            ("[a\\-z]", ["a", "-", "z"], ["b"]),
            ("(?:x|)y", ["y", "xy"], ["x"]), (".", ["ա", "😀"], ["\n", ""]), ("[\\w.]+@\\S+", ["a.b@c"], ["a b@c"]),
        ]
        for (pattern, good, bad) in cases {
            let compiled = try #require(TextPattern(pattern), "\(pattern)")
            for text in good { #expect(compiled.matches(text), "\(pattern) \(text)") }
            for text in bad { #expect(!compiled.matches(text), "\(pattern) \(text)") }
        }
    }

    @Test(arguments: [
        "(a", "a)", "[a", "*a", "a**", "a+?", "(?=x)", "\\p{L}", "\\1", "[a-z-[aeiou]]", "a{3,2}", "a{x}", "[]", "((((a{99}){99}){99}){99})",
        "((((){4096}){4096}){4096})",
    ])
    func refusesPatternsItDoesNotUnderstand(pattern: String) {
        #expect(TextPattern(pattern) == nil)
    }

    @Test func staysLinearOnPatternsThatMakeOthersExplode() throws {
        let pattern = try #require(TextPattern("(a|a|aa)*b"))
        let clock = ContinuousClock()
        let time = clock.measure { #expect(!pattern.matches(String(repeating: "a", count: 5_000))) }
        #expect(time < .seconds(20), "a backtracking matcher would not end within the age of the universe")
    }

    @Test func notesAPatternThatCannotBeChecked() throws {
        var format = TextFormat(type: .string)
        format.pattern = "\\p{Lu}+"
        let findings = try CheckSample.check([CheckSample.row(["OBS_VALUE": "x"])], schema: CheckSample.schema(measure: format))
        #expect(findings.map(\.code) == [.ruleUnchecked])
        #expect(findings.first?.severity == .note)
    }

    @Test func comparesNumbersExactly() throws {
        func order(_ left: String, _ right: String) throws -> Int {
            try Array(left.utf8).withUnsafeBytes { left in
                try Array(right.utf8).withUnsafeBytes { right in
                    let (a, b) = (try #require(NumberText(left)), try #require(NumberText(right)))
                    return try #require(a.compare(b)).signum()
                }
            }
        }
        #expect(try order("9007199254740993", "9007199254740992") == 1)
        #expect(try order("-2", "-10") == 1)
        #expect(try order("0.10", "0.1") == 0)
        #expect(try order("00012", "12.0") == 0)
        #expect(try order("-0", "0") == 0)
        #expect(try order("0.09", "0.1") == -1)
        #expect(try order("INF", "99999999999999999999") == 1)
    }

    @Test func hashesEqualNumbersAlike() {
        func hash(_ text: String) -> UInt64 { Array(text.utf8).withUnsafeBytes { NumberText.mix($0, into: 1) } }
        #expect(Set(["45", "45.0", "+45.00", "045"].map(hash)).count == 1)
        #expect(Set(["0", "-0", "0.0", ".0"].map(hash)).count == 1)
        #expect(Set(["45", "-45", "4.5", "450", "0.45", "abc", "NaN"].map(hash)).count == 7)
    }
}
