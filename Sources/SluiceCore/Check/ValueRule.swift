internal import SluiceKit

/// What a text format demands of a value: its type and its facets (SDMX 2.1, section 2, §3.6; `common:DataType`).
///
/// `accepts` is the hot path and allocates nothing; `fault` says in words what is wrong and is asked only when it does not.
struct ValueRule {
    enum Shape {
        case any
        case number, decimal, integer, digits
        case boolean, alpha, alphaNumeric, uri
        case time(TextType)
        case month, monthDay, day, clock, duration
    }
    let shape: Shape
    /// Bounds of an integer type, as texts, with the type's own name.
    private let integerBounds: (low: [UInt8], high: [UInt8])?
    private let acceptsNaN: Bool
    /// Whether `#N/A` stands for a value that is missing on purpose.
    private let acceptsMissingMark: Bool
    private let minLength: Int?
    private let maxLength: Int?
    private let minValue: [UInt8]?
    private let maxValue: [UInt8]?
    private let boundsAreExclusive: Bool
    private let decimals: Int?
    private let pattern: TextPattern?
    private let patternText: String?
    private let span: (start: Int64?, end: Int64?)
    private let spanText: (start: String?, end: String?)
    private let typeName: String
    private let strictReportingYear: Bool
    private let hasFacets: Bool
    /// Facets that the format has and this rule cannot check, for a note.
    let unchecked: [String]

    /// - Parameter isMeasure: a measure without a type is a number; any other component without one is text.
    init(_ format: TextFormat?, isMeasure: Bool, strictReportingYear: Bool, acceptsMissingMark: Bool = false) {
        let type = format?.type
        self.strictReportingYear = strictReportingYear
        typeName = type?.rawValue ?? (isMeasure ? "number" : "String")
        var integers: (low: [UInt8], high: [UInt8])?
        switch type {
        case nil: shape = isMeasure ? .number : .any
        // Data structures of the 2.0 days say `Numeric` of measures that have decimals; the strict reading (digits only) is for codes.
        case .numeric: shape = isMeasure ? .number : .digits
        case .double, .float: shape = .number
        case .decimal, .inclusiveValueRange, .exclusiveValueRange, .incremental: shape = .decimal
        case .integer, .bigInteger, .count: shape = .integer
        case .long:
            shape = .integer
            integers = (Array("-9223372036854775808".utf8), Array("9223372036854775807".utf8))
        case .short:
            shape = .integer
            integers = (Array("-32768".utf8), Array("32767".utf8))
        case .boolean: shape = .boolean
        case .alpha: shape = .alpha
        case .alphaNumeric: shape = .alphaNumeric
        case .uri: shape = .uri
        case .month: shape = .month
        case .monthDay: shape = .monthDay
        case .day: shape = .day
        case .time: shape = .clock
        case .duration: shape = .duration
        case .observationalTimePeriod, .standardTimePeriod, .basicTimePeriod, .gregorianTimePeriod, .gregorianYear, .gregorianYearMonth, .gregorianDay,
            .reportingTimePeriod, .reportingYear, .reportingSemester, .reportingTrimester, .reportingQuarter, .reportingMonth, .reportingWeek,
            .reportingDay, .dateTime, .timeRange:
            shape = .time(type ?? .observationalTimePeriod)
        case .string, .xhtml, .keyValues, .identifiableReference, .dataSetReference, .attachmentConstraintReference, .geospatialInformation: shape = .any
        }
        integerBounds = integers
        acceptsNaN = isMeasure || type == .double || type == .float
        self.acceptsMissingMark = acceptsMissingMark
        minLength = format?.minLength
        maxLength = format?.maxLength
        minValue = format?.minValue.map { Array($0.utf8) }
        maxValue = format?.maxValue.map { Array($0.utf8) }
        boundsAreExclusive = type == .exclusiveValueRange
        decimals = format?.decimals
        patternText = format?.pattern
        pattern = format?.pattern.flatMap { TextPattern($0) }
        spanText = (format?.startTime, format?.endTime)
        span = (format?.startTime.flatMap { TimePeriod($0)?.start }, format?.endTime.flatMap { TimePeriod($0)?.end })
        hasFacets =
            minLength != nil || maxLength != nil || minValue != nil || maxValue != nil || decimals != nil || pattern != nil || integerBounds != nil
            || span.start != nil || span.end != nil
        var unchecked: [String] = []
        if patternText != nil, pattern == nil { unchecked.append("pattern") }
        if format?.isSequence == true { unchecked.append("isSequence") }
        self.unchecked = unchecked
    }

    /// True when every text passes, so that a column needs no look at all.
    var acceptsAnything: Bool {
        guard case .any = shape else { return false }
        return !hasFacets
    }

    /// True when any number passes, so that one of the plainest form needs no closer look.
    var isPlainNumber: Bool {
        switch shape {
        case .number, .decimal: !hasFacets
        default: false
        }
    }

    /// Whether the value has the type and keeps the facets.
    func accepts(_ bytes: UnsafeRawBufferPointer) -> Bool {
        (hasShape(bytes) && (!hasFacets || brokenFacet(bytes) == nil)) || isMissingMark(bytes)
    }

    private func isMissingMark(_ bytes: UnsafeRawBufferPointer) -> Bool { acceptsMissingMark && Lexical.isMissingMark(bytes) }

    /// The code of what is wrong with a value that is not accepted, without the words.
    func faultCode(_ bytes: UnsafeRawBufferPointer) -> FindingCode { hasShape(bytes) ? .valueFacet : .valueType }

    private func hasShape(_ bytes: UnsafeRawBufferPointer) -> Bool {
        switch shape {
        case .any: return true
        case .number:
            guard let number = NumberText(bytes) else { return false }
            return number.kind != .notANumber || acceptsNaN
        case .decimal:
            guard let number = NumberText(bytes) else { return false }
            return number.kind == .finite ? !number.hasExponent : number.kind == .notANumber && acceptsNaN
        case .integer:
            guard let number = NumberText(bytes) else { return false }
            return number.kind == .finite ? !number.hasExponent && !number.hasPoint : number.kind == .notANumber && acceptsNaN
        case .digits: return bytes.allSatisfy { $0 &- 48 < 10 }
        case .boolean: return Lexical.isBoolean(bytes)
        case .alpha: return bytes.allSatisfy { ($0 | 0x20) &- 97 < 26 }
        case .alphaNumeric: return bytes.allSatisfy { ($0 | 0x20) &- 97 < 26 || $0 &- 48 < 10 }
        case .uri: return bytes.allSatisfy { $0 > 0x20 && $0 != 0x7F && !Lexical.notInURI.contains($0) }
        case .time(let type): return TimePeriod(bytes, strictReportingYear: strictReportingYear)?.isOf(type) == true
        case .month: return Lexical.isMonth(bytes)
        case .monthDay: return Lexical.isMonthDay(bytes)
        case .day: return Lexical.isDay(bytes)
        case .clock: return Lexical.isClock(bytes)
        case .duration: return Lexical.isDuration(bytes)
        }
    }

    private enum Facet { case minLength(Int), maxLength(Int), minValue, maxValue, decimals(Int), pattern, integerRange, startTime, endTime }

    private func brokenFacet(_ bytes: UnsafeRawBufferPointer) -> Facet? {
        if let integerBounds, !isWithin(bytes, integerBounds.low, integerBounds.high) { return .integerRange }
        if minLength != nil || maxLength != nil {
            // XML Schema counts characters, that is Unicode scalars: bytes that do not continue one.
            var length = 0
            for byte in bytes where byte & 0xC0 != 0x80 { length += 1 }
            if let minLength, length < minLength { return .minLength(length) }
            if let maxLength, length > maxLength { return .maxLength(length) }
        }
        if minValue != nil || maxValue != nil, let number = NumberText(bytes) {
            if let minValue, let order = compare(number, minValue), order < 0 || (order == 0 && boundsAreExclusive) { return .minValue }
            if let maxValue, let order = compare(number, maxValue), order > 0 || (order == 0 && boundsAreExclusive) { return .maxValue }
        }
        if let decimals, let number = NumberText(bytes), number.fraction.count > decimals { return .decimals(number.fraction.count) }
        if span.start != nil || span.end != nil, let period = TimePeriod(bytes, strictReportingYear: strictReportingYear) {
            if let start = span.start, period.start < start { return .startTime }
            if let end = span.end, period.end > end { return .endTime }
        }
        if let pattern, !pattern.matches(String(decoding: bytes, as: UTF8.self)) { return .pattern }
        return nil
    }

    private func compare(_ number: NumberText, _ bound: [UInt8]) -> Int? {
        bound.withUnsafeBytes { NumberText($0).flatMap { number.compare($0) } }
    }

    private func isWithin(_ bytes: UnsafeRawBufferPointer, _ low: [UInt8], _ high: [UInt8]) -> Bool {
        guard let number = NumberText(bytes), number.kind == .finite else { return true }
        return (compare(number, low) ?? 0) >= 0 && (compare(number, high) ?? 0) <= 0
    }
}

// MARK: Cells of several values

extension ValueRule {
    /// Whether the cell holds more values than its component may; a text in several languages is one value.
    static func isTooMany(_ elements: [CellValues.Element], _ component: Component) -> Bool {
        elements.count > component.occursMax && !elements.contains { $0.language != nil }
    }

    static func tooMany(_ component: Component) -> ValueFault {
        ValueFault(
            .valueMultiple, message: "\(component.id) has several values and may have at most \(component.occursMax).",
            advice: "Keep one, or ask the maintainer of the structure for a component that takes several.")
    }

    /// Whether every element of the cell is accepted.
    func accepts(cell bytes: UnsafeRawBufferPointer, of component: Component) -> Bool {
        if CellValues.isPlain(bytes) { return accepts(bytes) }
        let elements = CellValues.elements(bytes)
        return !Self.isTooMany(elements, component) && elements.flatMap(\.values).allSatisfy { Array($0.utf8).withUnsafeBytes { accepts($0) } }
    }

    /// What is wrong with a cell that is not accepted.
    func fault(cell bytes: UnsafeRawBufferPointer, of component: Component) -> ValueFault? {
        if CellValues.isPlain(bytes) { return fault(bytes, component: component.id) }
        let elements = CellValues.elements(bytes)
        if Self.isTooMany(elements, component) { return Self.tooMany(component) }
        return elements.flatMap(\.values).lazy.compactMap { value in Array(value.utf8).withUnsafeBytes { fault($0, component: component.id) } }.first
    }
}

// MARK: Saying what is wrong

extension ValueRule {
    /// What is wrong with a value that is not accepted; nil when nothing is.
    func fault(_ bytes: UnsafeRawBufferPointer, component: String) -> ValueFault? {
        if isMissingMark(bytes) { return nil }
        if !hasShape(bytes) {
            if case .time(let type) = shape {
                return ValueFault(
                    .valueType, message: "\(component) is \(quoted(bytes)), which is no \(type.rawValue).", advice: TimeAdvice.advice(for: bytes, type: type))
            }
            return ValueFault(.valueType, message: "\(component) is \(quoted(bytes)), which is no \(typeWord).", advice: typeAdvice(bytes))
        }
        guard let facet = brokenFacet(bytes) else { return nil }
        let value = "\(component) is \(quoted(bytes))"
        func bound(_ bytes: [UInt8]?) -> String { bytes.map { String(decoding: $0, as: UTF8.self) } ?? "" }
        let (what, advice): (String, String) =
            switch facet {
            case .minLength(let length): ("has \(length) characters and needs at least \(minLength ?? 0)", "Write the text in full.")
            case .maxLength(let length): ("has \(length) characters and may have at most \(maxLength ?? 0)", "Shorten the text.")
            case .minValue:
                (
                    "is below the least value \(bound(minValue))\(boundsAreExclusive ? ", which is itself excluded" : "")",
                    "Correct the value, or check its unit and multiplier."
                )
            case .maxValue:
                (
                    "is above the greatest value \(bound(maxValue))\(boundsAreExclusive ? ", which is itself excluded" : "")",
                    "Correct the value, or check its unit and multiplier."
                )
            case .decimals(let count):
                ("has \(count) decimals and may have at most \(decimals ?? 0)", "Round the value to \(decimals ?? 0) decimals at its source.")
            case .pattern: ("does not follow the pattern \(patternText ?? "")", "Write the value as the pattern asks.")
            case .integerRange: ("does not fit the type \(typeName)", "Correct the value, or ask the maintainer of the structure for a wider type.")
            case .startTime: ("lies before \(spanText.start ?? "")", "Correct the period, or leave the row out.")
            case .endTime: ("lies after \(spanText.end ?? "")", "Correct the period, or leave the row out.")
            }
        return ValueFault(.valueFacet, message: "\(value), which \(what).", advice: advice)
    }

    private var typeWord: String {
        switch shape {
        case .number: "number"
        case .decimal: "decimal number (\(typeName))"
        case .integer: "whole number (\(typeName))"
        case .digits: "row of digits (\(typeName))"
        default: typeName
        }
    }

    private func typeAdvice(_ bytes: UnsafeRawBufferPointer) -> String {
        switch shape {
        case .number, .decimal, .integer: return NumberAdvice.advice(for: bytes, accepts: { $0.withUnsafeBytes { accepts($0) } })
        case .boolean: return "Write true or false."
        case .alpha: return "Use the letters A to Z only."
        case .alphaNumeric: return "Use the letters A to Z and digits only."
        case .digits: return "Use the digits 0 to 9 only."
        case .uri: return "Write an address without blanks, such as https://example.org/page."
        case .month: return "Write a month as --MM, such as --04."
        case .monthDay: return "Write month and day as --MM-DD, such as --04-01."
        case .day: return "Write a day as ---DD, such as ---01."
        case .clock: return "Write a time as hh:mm:ss, such as 08:30:00."
        case .duration: return "Write a duration as in ISO 8601, such as P1Y or P3M."
        case .any, .time: return "Correct the value."
        }
    }
}
