internal import SluiceKit

/// The observation's status against its value, by the cross-domain code list `CL_OBS_STATUS` (2.3): M, O, L, H and Q say that there is no value, A and those
/// that qualify a value say that there is one; J, K and S may stand with either.
struct StatusRule {
    enum Meaning: UInt8 { case either, noValue, value }

    let column: Int
    private let codelist: Codelist?
    private let measures: [Int]
    private var meanings: ContiguousArray<Meaning> = []
    /// False while every status seen so far may stand with either.
    private(set) var restricts = false
    /// Rows that merge need not repeat the value.
    private let demandsValues: Bool

    /// Nil where the structure has no coded status, or no measure.
    init?(_ schema: DatasetSchema, action: DatasetAction) {
        guard action != .delete, let column = schema.index(of: "OBS_STATUS"), schema.components[column].storage == .coded, !schema.measures.isEmpty else {
            return nil
        }
        self.column = column
        codelist = schema.components[column].codelist
        measures = Array(schema.measures)
        demandsValues = action != .merge
    }

    mutating func extend(_ dictionary: ValueDictionary) {
        while meanings.count < dictionary.count {
            let meaning = meaning(dictionary.string(UInt32(truncatingIfNeeded: meanings.count)))
            if meaning != .either { restricts = true }
            meanings.append(meaning)
        }
    }

    /// An agency may give a letter another meaning, so a code's own name must not say otherwise.
    private func meaning(_ code: String) -> Meaning {
        let name = codelist?[code]?.names.text(in: "en")?.lowercased()
        let isNamedMissing = name.map { $0.contains("missing") || $0.contains("suppressed") || $0.contains("not available") }
        switch code {
        case "M", "O", "L", "H", "Q": return isNamedMissing ?? true ? .noValue : .either
        case "A", "B", "D", "E", "F", "G", "I", "N", "P", "U", "V", "W":
            return isNamedMissing ?? false || (code == "A" && name.map { !$0.contains("normal") } ?? false) || !demandsValues ? .either : .value
        default: return .either
        }
    }

    @inline(__always)
    func fits(_ batch: Batch, _ row: Int) -> Bool {
        let code = batch.codes(column)[row]
        guard code != ValueDictionary.absent else { return true }
        let meaning = meanings[Int(code)]
        return meaning == .either || (meaning == .value) == hasValue(batch, row)
    }

    /// NaN says that a value is missing on purpose, as `#N/A` does (SDMX-CSV 2.1, "Intentionally missing values").
    @inline(__always)
    private func hasValue(_ batch: Batch, _ row: Int) -> Bool {
        for column in measures {
            guard let bytes = batch.cell(column, row), !bytes.isEmpty else { continue }
            if bytes.count > 4 || (bytes[0] != UInt8(ascii: "N") && bytes[0] != UInt8(ascii: "#")) { return true }
            if !Lexical.equals(bytes, "NaN"), !Lexical.isMissingMark(bytes) { return true }
        }
        return false
    }

    func fault(_ batch: Batch, _ row: Int) -> ValueFault {
        let code = batch.string(column, row) ?? ""
        let status = "OBS_STATUS is \(quoted(code))" + (codelist?[code]?.names.text().map { " (\($0))" } ?? "")
        guard hasValue(batch, row) else {
            return ValueFault(
                .statusValueAbsent, severity: .warning, message: "\(status), and there is no value.",
                advice: "Give the value, or say why there is none: M (cannot exist), L (not collected), Q (suppressed) or O (no reason given).")
        }
        return ValueFault(
            .statusValuePresent, message: "\(status), and there is a value.",
            advice: code == "Q"
                ? "Take the value out before it travels, or correct the status."
                : "Take the value out, or give the status that the value has (A is a normal one).")
    }

    /// The component and the cells that disagree with it.
    var columns: [Int] { [column] + measures }
}
