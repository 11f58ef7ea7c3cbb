import SluiceKit
import Testing

@testable import FormatCSV

@Suite struct LabelMatchingTests {
    private typealias Sample = SuggestionSample

    @Test(arguments: [
        ("Per 100,000 population", "per 100000 population"), ("per 100 000 POPULATION", "per 100000 population"), ("1 000 000", "1000000"),
        ("Côte d’Ivoire", "cote divoire"), ("CO\u{302}TE", "cote"), ("Türkiye", "turkiye"), ("ISCO08_1", "isco08 1"), ("isco08-1", "isco08 1"),
        ("15–24 years", "15 to 24 years"), ("65+", "65 +"), ("m³", "m3"), ("Երևան", "երեւան"), ("ЁЛКА", "елка"), ("2015 100", "2015 100"), ("1.5", "1.5"),
        ("Domain 2.Whole", "domain 2 whole"), ("a & b", "a and b"), ("%", "%"), ("", ""), ("  \u{A0} ", ""), ("1,5", "1 5"), ("Straße", "strasse"),
    ])
    func reducesLabelsToWhatSpellingsShare(text: String, key: String) { #expect(LabelText(text).key == key) }

    @Test func readsNoMoreOfALabelThanItsLimits() {
        #expect(LabelText(String(repeating: "ab ", count: 100_000)).tokens.count == LabelText.tokensMax)
        #expect(LabelText(String(repeating: "a", count: 1_000_000)).key.count == LabelText.lengthMax)
    }

    @Test(arguments: [
        ("tavush", "tavusch", 1), ("per 1000 life births", "per 1000 live births", 1),
        ("direct agricultural loss of disasters", "direct agriculture loss of disasters", 2),
    ])
    func takesASlipForASlip(left: String, right: String, distance: Int) {
        #expect(SpellingDistance.between(LabelText(left).tokens, LabelText(right).tokens) == distance)
    }

    @Test(arguments: [
        ("with disability of any kind", "without disability of any kind"), ("employed", "unemployed"), ("slovenia", "slovakia"), ("niger", "nigeria"),
        ("gambia", "zambia"), ("per 1000 population", "per 10000 population"), ("15 to 24 years old", "16 to 24 years old"), ("male", "mali"), ("man", "men"),
        ("import duties", "export duties"), ("iran", "iraq"), ("austria", "australia"), ("dominica", "dominican republic"), ("a b c", "d e f"),
        ("fatal injuries", "non fatal injuries"),
    ])
    func takesAnotherMeaningForNoSlip(left: String, right: String) {
        #expect(SpellingDistance.between(LabelText(left).tokens, LabelText(right).tokens) == nil)
    }

    @Test(
        arguments: [
            ("15-24", 15, 24), ("aged 15 to 24 years", 15, 24), ("under 5", 0, 4), ("65 and over", 65, nil), ("65+", 65, nil),
            ("65 years old and older", 65, nil),
            ("under 1 year old", 0, 0), ("от 15 лет и старше", nil, nil), ("до 18 лет", 0, 17), ("5 years old", 5, 5), ("65 տարեկան և բարձր", 65, nil),
        ] as [(String, Int?, Int?)])
    func readsAges(text: String, first: Int?, last: Int?) {
        let age = AgeRange(LabelText(text))
        #expect(age?.first == first && age?.last == last)
    }

    @Test(arguments: [
        "up to 1 year old", "before age 15", "24-15", "15-15", "under 0", "2015-2024", "15", "", "total", "15 16 17", "old", "0-28 days",
        "30 to exact 70 years old",
        "99999999999999999999 years", "15 and 24",
    ])
    func takesNoOtherLabelForAnAge(text: String) { #expect(AgeRange(LabelText(text)) == nil) }

    @Test func tellsMonthsFromYears() {
        #expect(AgeRange(LabelText("6-59 months")) == AgeRange(LabelText("6 to 59 months old")))
        #expect(AgeRange(LabelText("6-59 months")) != AgeRange(LabelText("6-59 years")))
    }

    @Test(arguments: [
        ("2020", "2020 A"), ("2020-Q1", "2020-Q1 Q"), ("2020-03", "2020-03 M"), ("2020 Q1", "2020-Q1 Q"), ("I quarter 2020", "2020-Q1 Q"),
        ("Q3/2021", "2021-Q3 Q"),
        ("03.2020", "2020-03 M"), ("March 2020", "2020-03 M"), ("2020 год", "2020 A"), ("2020-W07", "2020-W07 W"), ("2020-02-29", "2020-02-29 D"),
        ("2014-2016", "-"), ("17", "-"), ("3000", "-"), ("2020-13", "-"), ("2020-00", "-"), ("", "-"), ("20200", "-"), ("13.2020", "-"), ("total 2020", "-"),
    ])
    func readsPeriods(text: String, expected: String) {
        switch PeriodText.read(text) {
        case .period(let frequency): #expect("\(text) \(frequency)" == expected)
        case .spelled(let period, let frequency): #expect("\(period) \(frequency)" == expected)
        case nil: #expect(expected == "-")
        }
    }

    @Test(arguments: [
        ("1", CellText.Kind.whole), ("-1.5", .point), ("1,5", .comma), ("1 234", .grouped(" ", hasComma: false)),
        ("1\u{A0}234,5", .grouped("\u{A0}", hasComma: true)), ("12 34", .text),
        ("", .empty),
        ("..", .text), ("1.2.3", .text), ("1e5", .text), ("\u{2212}3", .whole), ("-", .text), ("1 234 567", .grouped(" ", hasComma: false)),
        ("1 234'567", .text), ("a", .text),
    ])
    func tellsNumbersFromTexts(text: String, kind: CellText.Kind) {
        var text = text
        #expect(text.withUTF8 { CellText.kind(UnsafeRawBufferPointer($0)) } == kind)
    }

    @Test func readsEveryLineOfTheSynonyms() {
        let known = Synonyms.known
        #expect(known.problems.isEmpty, "\(known.problems)")
        #expect(Synonyms("nonsense\ncode X: \nscale x: a\nheader A").problems.count == 4)
        // A label that two codes of one meaning claim would be a coin's toss.
        var seen: [String: String] = [:]
        var meaning = ""
        for line in Synonyms.text.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            let head = parts.first.map { $0.split(separator: " ") } ?? []
            guard head.first == "code", head.count == 3, parts.count == 2 else { continue }
            meaning = String(head[1])
            for label in parts[1].split(separator: "|") {
                let key = meaning + "/" + LabelText(String(label)).key
                #expect(seen[key] == nil || seen[key] == String(head[2]), "\(key) is \(seen[key] ?? "") and \(head[2])")
                seen[key] = String(head[2])
            }
        }
        #expect(seen.count > 200)
    }

    @Test(arguments: [
        ("SEX", "male", "M", PlacementMethod.codeName), ("SEX", "FEMALE ", "F", .codeName), ("SEX", "boys", "M", .synonym), ("SEX", "Տղամարդ", "M", .synonym),
        ("SEX", "Женщины", "F", .synonym), ("SEX", "M", "M", .codeID), ("SEX", "total", "_T", .synonym), ("REF_AREA", "Երեւան", "AM-ER", .codeName),
        ("REF_AREA", "лори", "AM-LO", .codeName), ("REF_AREA", "VAYOTS-DZOR", "AM-VD", .codeName), ("REF_AREA", "Vayotsdzor", "AM-VD", .spacing),
        ("REF_AREA", "Cote d'Ivoire", "CI", .codeName), ("REF_AREA", "am-er", "AM-ER", .codeID), ("REF_AREA", "Tavusch", "AM-TV", .editDistance),
        ("AGE", "15-24", "Y15T24", .reading), ("AGE", "under 5", "Y0T4", .reading), ("AGE", "65+", "Y_GE65", .reading),
        ("AGE", "6-59 months", "M6T59", .reading),
        ("UNIT_MEASURE", "%", "PT", .synonym), ("UNIT_MEASURE", "per 1 000 population", "PER_1000_POP", .codeName),
        ("UNIT_MEASURE", "1,000 persons", "NUMBER", .reading),
        ("UNIT_MEASURE", "mln. USD", "USD", .reading), ("UNIT_MEASURE", "millions of constant 2019 US dollars", "CON_USD", .reading),
        ("UNIT_MEASURE", "per 1,000 life births", "PER_1000_LIVE_BIRTHS", .editDistance), ("SERIES", "Maternal mortality ratio", "SH_STA_MORT", .codeName),
        ("SERIES", "Proportion of population below the poverty line", "SI_POV_DAY1", .nameWithoutBracket),
        ("SERIES", "injuries of employees, fatal", "SL_INJ_FTL", .words), ("SERIES", "Deaths (see SH_STA_MORT )", "SH_STA_MORT", .namedID),
        ("SERIES", "Maternal mortality ratio by age and sex", "SH_STA_MORT", .nameWithoutBreakdown),
    ])
    func findsTheCode(component: String, label: String, code: String, method: PlacementMethod) throws {
        let best = try #require(Sample.guesses(component, label).first)
        #expect(best.code == code && best.method == method && best.confidence >= 80, "\(best)")
    }

    @Test(arguments: [
        ("SEX", "neutral"), ("SEX", "rural"), ("AGE", "16-17"), ("AGE", "15-25"), ("AGE", "15 years"), ("AGE", "14-24"), ("REF_AREA", "Doubled name"),
        ("REF_AREA", "Dominican Republic"), ("REF_AREA", "Loti"), ("UNIT_MEASURE", "per 10,000 population"), ("UNIT_MEASURE", "per 100,000 adults"),
        ("UNIT_MEASURE", "kg per capita"), ("ACTIVITY", "health"), ("SERIES", "Maternal mortality"), ("SERIES", "Injuries of employees"),
        ("SERIES", "Maternal mortality ratio by hazard type"), ("SERIES", "8.8.1"),
    ])
    func leavesOpenWhatIsNotSure(component: String, label: String) {
        let best = Sample.guesses(component, label).first
        #expect((best?.confidence ?? 0) < 80, "\(best as Any)")
    }

    @Test func aFileNumberSettlesBetweenNamesAndMakesNone() {
        #expect(Sample.guesses("SERIES", "population below the poverty line", mark: nil).first?.confidence == 75)
        #expect(Sample.guesses("SERIES", "population below the poverty line", mark: "1.1.1").first?.confidence == 85)
        #expect((Sample.guesses("SERIES", "something else altogether here", mark: "1.1.1").first?.confidence ?? 0) < 80)
    }

    @Test(arguments: [("indicator_8-8-1.csv", "8.8.1", true), ("indicator_8-8-1-a.csv", "8.8.1", false), ("x/sdg 3.1.1.csv", "3.1.1", true)])
    func readsTheNumberInAFileName(file: String, mark: String, isWhole: Bool) {
        let found = FileMark(file).text(among: ["8.8.1": [0], "3.1.1": [1], "8.8": [2]])
        #expect(found?.mark == mark && found?.isWhole == isWhole)
        #expect(FileMark("table.csv").text(among: ["8.8.1": [0]]) == nil)
    }
}
