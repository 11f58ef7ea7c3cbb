import SluiceKit

/// Writes a cell that may hold several values or languages (`CellValues`) as SDMX-JSON has them: a string, an object of languages, or an array.
enum CellJSON {
    private static let separator = CellValues.elementSeparator

    static func write(_ bytes: UnsafeRawBufferPointer, isArray: Bool, to out: ByteWriter) throws(WriteError) {
        guard isArray || !CellValues.isPlain(bytes) else { return try JSONText.write(bytes, to: out) }
        let elements = bytes.split(separator: separator, omittingEmptySubsequences: false)
        if bytes.contains(CellValues.siblingSeparator) {
            // One array per parent.
            try out.write("[")
            for (index, element) in elements.enumerated() {
                if index > 0 { try out.write(",") }
                if element.isEmpty { try out.write("null") } else { try writeInner(element, to: out) }
            }
            return try out.write("]")
        }
        let sets = Self.sets(elements)
        if isArray || sets.count > 1 { try out.write("[") }
        for (index, set) in sets.enumerated() {
            if index > 0 { try out.write(",") }
            try write(set, isAlone: sets.count == 1 && !isArray, to: out)
        }
        if isArray || sets.count > 1 { try out.write("]") }
    }

    /// True for more than one value, be each in several languages or not.
    static func holdsSeveral(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.contains(CellValues.siblingSeparator) || sets(bytes.split(separator: separator, omittingEmptySubsequences: false)).count > 1
    }

    private static func writeInner(_ element: Slice<UnsafeRawBufferPointer>, to out: ByteWriter) throws(WriteError) {
        try out.write("[")
        for (index, value) in element.split(separator: CellValues.siblingSeparator, omittingEmptySubsequences: false).enumerated() {
            if index > 0 { try out.write(",") }
            try JSONText.write(UnsafeRawBufferPointer(rebasing: value), to: out)
        }
        try out.write("]")
    }

    /// Elements that are the languages of one value; where a language comes again, another value begins.
    private static func sets(_ elements: [Slice<UnsafeRawBufferPointer>]) -> [[Slice<UnsafeRawBufferPointer>]] {
        var sets: [[Slice<UnsafeRawBufferPointer>]] = []
        var languages: Set<String> = []
        for element in elements {
            guard let mark = element.firstIndex(of: CellValues.languageEnd) else {
                sets.append([element])
                languages = []
                continue
            }
            let language = String(decoding: element[..<mark], as: UTF8.self)
            if languages.isEmpty || !languages.insert(language).inserted {
                sets.append([element])
                languages = [language]
            } else {
                sets[sets.count - 1].append(element)
            }
        }
        return sets
    }

    private static func write(_ set: [Slice<UnsafeRawBufferPointer>], isAlone: Bool, to out: ByteWriter) throws(WriteError) {
        guard let first = set.first, first.contains(CellValues.languageEnd) else {
            let text = UnsafeRawBufferPointer(rebasing: set.first ?? Slice(base: UnsafeRawBufferPointer(start: nil, count: 0), bounds: 0..<0))
            return text.isEmpty && !isAlone ? try out.write("null") : try JSONText.write(text, to: out)
        }
        try out.write("{")
        for (index, element) in set.enumerated() {
            guard let mark = element.firstIndex(of: CellValues.languageEnd) else { continue }
            if index > 0 { try out.write(",") }
            try JSONText.write(UnsafeRawBufferPointer(rebasing: element[..<mark]), to: out)
            try out.write(":")
            try JSONText.write(UnsafeRawBufferPointer(rebasing: element[(mark + 1)...]), to: out)
        }
        try out.write("}")
    }
}
