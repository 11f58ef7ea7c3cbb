import SluiceKit

/// Top and bottom coding: numbers beyond a bound become the bound.
enum BoundedValues {
    /// - Throws: `measureNotNumeric` when a value is no number, `markingImpossible` when the code list has no code for the bound.
    static func apply(_ bounds: RecordRules.Bounds, to variable: Variable, _ component: Component) throws(ProtectionError) -> Variable {
        let dictionary = ValueDictionary()
        let bottom = try bounds.bottom.map { bound throws(ProtectionError) in try text(of: bound, isTop: false, component) }
        let top = try bounds.top.map { bound throws(ProtectionError) in try text(of: bound, isTop: true, component) }
        var map = [UInt32](repeating: ValueDictionary.absent, count: variable.dictionary.count)
        for (code, count) in variable.counts.enumerated() where count > 0 {
            let bytes = variable.dictionary.bytes(UInt32(code))
            switch try position(of: bytes, bounds, component) {
            case .below: map[code] = try dictionary.code(writing: bottom ?? "")
            case .above: map[code] = try dictionary.code(writing: top ?? "")
            case .within: map[code] = try dictionary.code(copying: bytes)
            }
        }
        return variable.mapped(to: dictionary, map)
    }

    enum Position { case below, within, above }

    /// Where a value lies. A code that is the name of an open end (`Y_GE80`) lies within.
    static func position(of bytes: UnsafeRawBufferPointer, _ bounds: RecordRules.Bounds, _ component: Component) throws(ProtectionError) -> Position {
        if component.codelistReference != nil {
            if NumberRange.isBeside(bytes) { return .within }
            guard let range = NumberRange(bytes, isCode: true) else { throw notNumeric(component) }
            // The list may have a code for the open end, which then stands for the bound too.
            let hasOpenEnd = openCode(bounds.top, component) != nil
            if let top = bounds.top, hasOpenEnd ? range.low >= top : range.low > top { return range.low == top && range.high == .max ? .within : .above }
            if let bottom = bounds.bottom, range.high < bottom { return .below }
            return .within
        }
        guard let number = ExactDecimal(bytes) else { throw notNumeric(component) }
        if let top = bounds.top, number > ExactDecimal(coefficient: Int128(top), scale: 0) { return .above }
        if let bottom = bounds.bottom, number < ExactDecimal(coefficient: Int128(bottom), scale: 0) { return .below }
        return .within
    }

    private static func openCode(_ top: Int?, _ component: Component) -> String? {
        guard let top, let codelist = component.codelist else { return nil }
        return NumberRange(low: top, high: .max).codeIDs.first(where: codelist.contains)
    }

    private static func text(of bound: Int, isTop: Bool, _ component: Component) throws(ProtectionError) -> String {
        guard component.codelistReference != nil else { return "\(bound)" }
        if isTop, let open = openCode(bound, component) { return open }
        guard let codelist = component.codelist, let code = NumberRange(low: bound, high: bound).codeIDs.first(where: codelist.contains) else {
            throw ProtectionError(
                .markingImpossible,
                detail: "the code list of \(component.id) has no code for \(bound), which the agreement's bounds name; add one, or choose another bound")
        }
        return code
    }

    static func notNumeric(_ component: Component) -> ProtectionError {
        ProtectionError(
            .measureNotNumeric,
            detail: "a value of \(component.id) is not a number that bounds or bands can be taken of; correct it, or leave it empty where it is missing")
    }
}
