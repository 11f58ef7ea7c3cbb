internal import SluiceKit

/// Judges the values of one coded column, once per distinct code; rows then only look the verdict up.
final class CodeJudge {
    enum Verdict: UInt8 { case fine, wrong, empty }

    let column: Int
    let component: Component
    private let rule: ValueRule
    private let codelist: Codelist?
    private let advice: CodeAdvice?
    private let advicesMax: Int
    private var advicesGiven = 0
    private var wording: [UInt32: ValueFault] = [:]
    private(set) var verdicts: ContiguousArray<Verdict> = []
    /// Whether any code so far is not fine; while none is, rows need no look.
    private(set) var hasFaults = false
    let strictReportingYear: Bool
    private let acceptsMissingMark: Bool

    init(column: Int, component: Component, strictReportingYear: Bool, acceptsMissingMark: Bool, limits: CheckLimits) {
        self.column = column
        self.acceptsMissingMark = acceptsMissingMark && !component.isDimension
        self.component = component
        self.strictReportingYear = strictReportingYear
        codelist = component.codelist
        advice = component.codelist.map { CodeAdvice($0) }
        advicesMax = limits.advicePerComponentMax
        var format = component.textFormat
        if component.role == .timeDimension, format?.type.flatMap({ Self.isTimeType($0) }) != true {
            format = format ?? TextFormat()
            format?.type = .observationalTimePeriod
        }
        // A component whose code list is named but not at hand cannot be judged: the reader says so.
        rule = ValueRule(
            component.codelistReference == nil || component.role == .timeDimension ? format : nil, isMeasure: false, strictReportingYear: strictReportingYear)
    }

    private static func isTimeType(_ type: TextType) -> Bool { TimePeriod(granularity: .range, start: 0, end: 0).isOf(type) != nil }

    var uncheckedFacets: [String] { rule.unchecked }

    /// Judges the codes that have come since.
    func extend(_ dictionary: ValueDictionary) {
        while verdicts.count < dictionary.count {
            let bytes = dictionary.bytes(UInt32(truncatingIfNeeded: verdicts.count))
            let verdict = CellValues.isPlain(bytes) ? verdict(bytes) : verdict(ofElements: bytes)
            if verdict != .fine { hasFaults = true }
            verdicts.append(verdict)
        }
    }

    private func verdict(_ bytes: UnsafeRawBufferPointer) -> Verdict {
        if bytes.isEmpty || isSwitchedOff(bytes) { return .empty }
        if acceptsMissingMark, Lexical.isMissingMark(bytes) { return .fine }
        if let codelist { return codelist.contains(String(decoding: bytes, as: UTF8.self)) ? .fine : .wrong }
        return rule.accepts(bytes) ? .fine : .wrong
    }

    /// An array is wrong where one of its elements is.
    private func verdict(ofElements bytes: UnsafeRawBufferPointer) -> Verdict {
        let elements = CellValues.elements(bytes)
        if ValueRule.isTooMany(elements, component) { return .wrong }
        return elements.flatMap(\.values).contains { Array($0.utf8).withUnsafeBytes { verdict($0) } == .wrong } ? .wrong : .fine
    }

    /// The first element that is wrong; all where the cell is plain, nil where there are only too many.
    private func blamed(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        if CellValues.isPlain(bytes) { return Array(bytes) }
        return CellValues.elements(bytes).flatMap(\.values).map { Array($0.utf8) }.first { $0.withUnsafeBytes { verdict($0) } == .wrong }
    }

    /// `~`: a dimension that does not matter for what the row gives (SDMX-CSV 2.1, "switched off").
    private func isSwitchedOff(_ bytes: UnsafeRawBufferPointer) -> Bool {
        component.isDimension && PartialKey.isSwitchedOff(bytes) && codelist?.contains(PartialKey.switchedOff) != true
    }

    /// Code and severity of what is wrong with a code whose verdict is `wrong`, without the words.
    func faultKind(_ code: UInt32, in dictionary: ValueDictionary) -> (code: FindingCode, severity: Finding.Severity) {
        guard let blamed = blamed(dictionary.bytes(code)) else { return (.valueMultiple, .error) }
        if let codelist { return (.codeUnknown, codelist.isPartial ? .warning : .error) }
        let kind = blamed.withUnsafeBytes { rule.faultCode($0) }
        return (kind == .valueType && component.role == .timeDimension ? .timePeriod : kind, .error)
    }

    /// What is wrong with a code whose verdict is `wrong`.
    func fault(_ code: UInt32, in dictionary: ValueDictionary) -> ValueFault {
        if let known = wording[code] { return known }
        guard let blamed = blamed(dictionary.bytes(code)) else { return ValueRule.tooMany(component) }
        let fault = blamed.withUnsafeBytes { worded($0) }
        // Past the limit the wording is made anew each time: a hostile file has a distinct wrong code in every row.
        if advicesGiven < advicesMax {
            advicesGiven += 1
            wording[code] = fault
        }
        return fault
    }

    private func worded(_ bytes: UnsafeRawBufferPointer) -> ValueFault {
        let fault: ValueFault
        if let codelist {
            let text = String(decoding: bytes, as: UTF8.self)
            let searching = advicesGiven < advicesMax
            var advice = advice?.advice(for: text, searching: searching) ?? ""
            var severity = Finding.Severity.error
            if codelist.isPartial {
                // A partial list is what its maintainer chose to deliver; the code may be in the rest.
                severity = .warning
                advice += " The list at hand is only part of it: give the full one to be sure."
            }
            fault = ValueFault(
                .codeUnknown, severity: severity, message: "\(component.id) is \(quoted(text)), which is not a code of \(codelist.reference).", advice: advice)
        } else if component.role == .timeDimension {
            let found = rule.fault(bytes, component: component.id)
            fault = ValueFault(
                found?.code == .valueFacet ? .valueFacet : .timePeriod, message: found?.message ?? "", advice: found?.advice ?? "")
        } else {
            fault =
                rule.fault(bytes, component: component.id)
                ?? ValueFault(.valueType, message: "\(component.id) is \(quoted(bytes)).", advice: "Correct the value.")
        }
        return fault
    }
}
