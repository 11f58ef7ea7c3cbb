import SluiceKit

/// Which values are written as JSON numbers (field guide 2.1, "Data type conversions between SDMX and JSON").
enum JSONNumber {
    /// What a double, which is all that many programs have, holds without loss.
    private static let digitsMax = 15

    /// Measures of a numeric type, or of none that is said.
    static func isUsed(by component: Component) -> Bool {
        guard component.role == .measure, component.codelistReference == nil, !component.isArray else { return false }
        switch component.textFormat?.type {
        case nil, .numeric, .long, .short, .float, .double, .integer, .count: return true
        default: return false
        }
    }

    /// True for a text that is a JSON number as it stands and keeps its value in a double; other text, `007` or `NaN`, stays in quotes.
    @inline(__always)
    static func isNumber(_ text: UnsafeRawBufferPointer) -> Bool {
        var digits = 0
        for byte in text where byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") { digits += 1 }
        return digits > 0 && digits <= digitsMax && JSONScanner.isNumber(text)
    }
}
