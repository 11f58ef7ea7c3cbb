/// Tables for people and other programs, after RFC 4180; data in SDMX-CSV are written elsewhere, straight into bytes.
public enum CSVText {
    /// Cells between commas, CRLF behind them.
    public static func row(_ cells: [String]) -> String { cells.map(cell).joined(separator: ",") + "\r\n" }

    /// Quoted where it has to be. What a spreadsheet would take for a formula has an apostrophe before it.
    static func cell(_ text: String) -> String {
        let isFormula = text.unicodeScalars.first.map { "=+-@\t\r".unicodeScalars.contains($0) } ?? false
        let needsQuotes = isFormula || text.utf8.contains { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: ",") || $0 == 0x0a || $0 == 0x0d }
        guard needsQuotes else { return text }
        var quoted = isFormula ? "\"'" : "\""
        for symbol in text.unicodeScalars {
            if symbol == "\"" { quoted += "\"" }
            quoted.unicodeScalars.append(symbol)
        }
        return quoted + "\""
    }
}
