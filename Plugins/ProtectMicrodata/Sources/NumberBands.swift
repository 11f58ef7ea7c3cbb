import SluiceKit

/// Bands of whole numbers, written as the structure allows: by codes of the component's own list, or as `20-29`.
struct NumberBands {
    private let component: Component
    private let bounds: RecordRules.Bounds?
    /// Of each value; nil where it stands beside the numbers or no record has it.
    private let ranges: [NumberRange?]
    private let extent: Double
    /// Range of numbers → the code of the list that covers exactly those numbers of the list that lie in it.
    private var codeOfNumbers: [NumberRange: String] = [:]
    private let listNumbers: [Int]

    /// - Throws: `measureNotNumeric` or `negativeValue` for values that no band holds, `markingImpossible` where the structure cannot take a band.
    init(_ variable: Variable, _ component: Component, _ bounds: RecordRules.Bounds?, _ counts: [Int]) throws(ProtectionError) {
        self.component = component
        self.bounds = bounds
        let isCoded = component.codelistReference != nil
        guard !isCoded || component.codelist != nil else {
            throw ProtectionError(.unsupported, detail: "the code list of \(component.id) is not at hand, so there are no codes for its bands; load it")
        }
        if !isCoded { try Self.checkText(component) }
        var ranges = [NumberRange?](repeating: nil, count: counts.count)
        var (lowest, highest) = (Int.max, 0)
        for code in counts.indices where counts[code] > 0 {
            let bytes = variable.dictionary.bytes(UInt32(code))
            if isCoded, NumberRange.isBeside(bytes) { continue }
            guard let range = NumberRange(bytes, isCode: isCoded) else {
                if !isCoded, ExactDecimal(bytes)?.isNegative ?? false {
                    throw ProtectionError(.negativeValue, detail: "a value of \(component.id) is negative; bands are of whole numbers of at least zero")
                }
                throw BoundedValues.notNumeric(component)
            }
            ranges[code] = range
            lowest = min(lowest, range.low)
            highest = max(highest, range.high == .max ? range.low : range.high)
        }
        self.ranges = ranges
        extent = Double(max(1, highest - min(lowest, highest)))
        (codeOfNumbers, listNumbers) = Self.coverage(component.codelist)
    }

    private static func checkText(_ component: Component) throws(ProtectionError) {
        let format = component.textFormat
        guard format?.type == nil || format?.type == .string, format?.pattern == nil, (format?.maxLength ?? .max) >= 2 else {
            throw ProtectionError(
                .markingImpossible,
                detail:
                    "the structure has \(component.id) as \(format?.type?.rawValue ?? "text")\(format?.pattern == nil ? "" : " of a pattern"), which cannot hold a band such as 20-29; make it a String, or give it a code list with codes for the bands"
            )
        }
    }

    /// What each code of a list with parents covers of the list's single numbers.
    private static func coverage(_ codelist: Codelist?) -> ([NumberRange: String], [Int]) {
        guard let codelist else { return ([:], []) }
        var below: [String: (low: Int, high: Int, count: Int)] = [:]
        var numbers: [Int] = []
        for code in codelist.codes {
            var id = code.id
            guard let range = id.withUTF8({ NumberRange(UnsafeRawBufferPointer($0), isCode: true) }), range.low == range.high else { continue }
            numbers.append(range.low)
            var current: Code? = code
            var steps = 0
            while let parent = current?.parent, steps < 64 {
                let known = below[parent] ?? (range.low, range.low, 0)
                below[parent] = (min(known.low, range.low), max(known.high, range.low), known.count + 1)
                current = codelist[parent]
                steps += 1
            }
        }
        numbers.sort()
        var codes: [NumberRange: String] = [:]
        for (code, span) in below.sorted(by: { $0.key < $1.key }) {
            let range = NumberRange(low: span.low, high: span.high)
            // Without gaps: a code that lacks one of the numbers between is no band.
            if codes[range] == nil, span.count == Self.count(numbers, in: range) { codes[range] = code }
        }
        return (codes, numbers)
    }

    private static func count(_ sorted: [Int], in range: NumberRange) -> Int { sorted.reduce(0) { $0 + ($1 >= range.low && $1 <= range.high ? 1 : 0) } }

    /// The text or code of the band that holds a value; nil for one that has no number, and for one that is coarser than the band already.
    func band(of code: Int, width: Int) throws(ProtectionError) -> String? {
        guard let range = ranges[code] else { return nil }
        let start = range.low / width * width
        var band = NumberRange(low: start, high: start + width - 1)
        // What lies beyond a bound has become the bound, so that its band has no end there.
        if let top = bounds?.top, band.high >= top { band.high = .max }
        if let bottom = bounds?.bottom, band.low <= bottom { band.low = 0 }
        guard range.high <= band.high else { return nil }
        guard let codelist = component.codelist else { return try text(band) }
        if let code = (band.codeIDs.first(where: codelist.contains)) { return code }
        let numbers = listNumbers.filter { $0 >= band.low && $0 <= band.high }
        if let first = numbers.first, let last = numbers.last, let code = codeOfNumbers[NumberRange(low: first, high: last)] { return code }
        throw ProtectionError(
            .markingImpossible,
            detail:
                "the code list of \(component.id) has no code for \(band.text), which bands of \(width) need; add it as the parent of its numbers, or agree on other bands"
        )
    }

    private func text(_ band: NumberRange) throws(ProtectionError) -> String {
        let text = band.text
        guard text.utf8.count <= component.textFormat?.maxLength ?? .max, text.utf8.count >= component.textFormat?.minLength ?? 0 else {
            throw ProtectionError(
                .markingImpossible, detail: "the structure's length of \(component.id) leaves no room for a band such as \(text); make it longer")
        }
        return text
    }

    func loss(_ width: Int) -> Double { min(1, Double(width - 1) / extent) }
}
