/// What a person probably meant by a text that is no number.
enum NumberAdvice {
    /// - Parameter accepts: whether a corrected spelling would be accepted, so that no advice leads into the next fault.
    static func advice(for bytes: UnsafeRawBufferPointer, accepts: ([UInt8]) -> Bool) -> String {
        // Longer texts are no misspelt numbers.
        guard bytes.count <= 64 else { return fallback }
        let text = String(decoding: bytes, as: UTF8.self)
        // A space, no-break space, thin space or apostrophe may group thousands.
        let kept = text.unicodeScalars.filter { !$0.properties.isWhitespace && $0 != "'" && $0 != "\u{2019}" }.map { $0 == "\u{2212}" ? "-" : $0 }
        let compact = String(String.UnicodeScalarView(kept))
        var candidates: [String] = [compact]
        let commas = compact.filter { $0 == "," }.count
        let points = compact.filter { $0 == "." }.count
        if commas == 1, points == 0 { candidates.append(compact.replacing(",", with: ".")) }
        if commas >= 1, points == 1 {
            let commaFirst = compact.firstIndex(of: ",").flatMap { comma in compact.firstIndex(of: ".").map { comma < $0 } } ?? true
            candidates.append(commaFirst ? compact.replacing(",", with: "") : compact.replacing(".", with: "").replacing(",", with: "."))
        }
        if commas > 1, points == 0 { candidates.append(compact.replacing(",", with: "")) }
        if compact.hasSuffix("%") { candidates.append(String(compact.dropLast())) }
        for candidate in candidates where candidate != text && !candidate.isEmpty && accepts(Array(candidate.utf8)) {
            return "Write \(candidate)."
        }
        if missingMarks.contains(compact.lowercased()) { return "Leave the value empty and say why in OBS_STATUS (M, O, L or Q of CL_OBS_STATUS)." }
        return fallback
    }

    private static let fallback = "Write digits with a point before the decimals and nothing else, such as 12.5; leave the value empty where there is none."
    private static let missingMarks: Set<String> = ["-", "–", "—", "..", "...", "…", ":", "n/a", "na", "n.a.", "null", "nil", "x", "c", "*"]
}
