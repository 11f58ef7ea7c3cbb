/// Dimensions that a row leaves open: it then speaks of every value that the dimension could have (SDMX 3.0, section 2, "partial key").
public enum PartialKey {
    /// `~` in a dimension: it does not matter for what the row gives (SDMX-CSV 2.1, "switched off").
    public static let switchedOff = "~"

    @inlinable public static func isSwitchedOff(_ bytes: UnsafeRawBufferPointer) -> Bool { bytes.count == 1 && bytes[0] == UInt8(ascii: "~") }

    /// Whether a dimension's cell names no value: it is absent, empty, or switched off.
    @inlinable public static func isOpen(_ cell: UnsafeRawBufferPointer?) -> Bool { cell.map { $0.isEmpty || isSwitchedOff($0) } ?? true }
}
