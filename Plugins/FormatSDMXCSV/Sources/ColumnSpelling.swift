import SluiceKit

/// How the values of one column are written: alone or several in a cell, with or without label.
struct ColumnSpelling {
    /// What a cell may hold; the header says it, so it is settled before the first line is written.
    enum Values: Hashable { case plain, array, languages }

    let component: Component
    var values = Values.plain
    /// Parents that are arrays themselves: values of one parent are joined inside.
    var hasParents = false
    let labels: CSVOptions.Labels
    let language: String
    let isNormalizedTime: Bool
    let separator: UInt8
    let subfieldSeparator: UInt8
    /// `~`, a dimension switched off, is known to 2.1 only.
    let knowsSwitchedOff: Bool

    /// The value's text is the cell's text.
    var isTrivial: Bool { values == .plain && !isPaired && !hasLabel && !isNormalizedTime && (knowsSwitchedOff || !component.isDimension) }
    /// A second cell with the name follows.
    var isPaired: Bool { labels == .name }
    private var hasLabel: Bool { labels == .both && component.codelist != nil }

    /// The cell (or the two of them) with quotes where they must be. Languages that occur are handed to `language`.
    func text(_ bytes: UnsafeRawBufferPointer, _ takeLanguage: (String) throws(WriteError) -> Void) throws(WriteError) -> [UInt8] {
        var text: [UInt8] = []
        var names: [UInt8] = []
        switch values {
        case .plain:
            var value = component.isDimension && !knowsSwitchedOff && PartialKey.isSwitchedOff(bytes) ? [] : Array(bytes)
            if isNormalizedTime { value = PeriodStart.day(String(decoding: value, as: UTF8.self)).map { Array($0.utf8) } ?? value }
            names = name(of: value)
            CellText.append(labelled(value), to: &text, separator)
        case .array:
            let elements = bytes.split(separator: CellValues.elementSeparator, omittingEmptySubsequences: false).map(Array.init)
            let pieces = elements.map { hasParents ? inner($0) : piece(labelled($0)) }
            names = joined(elements.map { piece(name(of: $0)) })
            CellText.append(joined(pieces), to: &text, separator)
        case .languages: CellText.append(try languageSets(CellValues.elements(bytes), takeLanguage), to: &text, separator)
        }
        if isPaired {
            text.append(separator)
            CellText.append(names.allSatisfy { $0 == subfieldSeparator } ? [] : names, to: &text, separator)
        }
        return text
    }

    private func name(of value: [UInt8]) -> [UInt8] {
        guard labels != .id, let name = component.codelist?[String(decoding: value, as: UTF8.self)]?.names.text(in: language) else { return [] }
        return Array(name.utf8)
    }

    private func labelled(_ value: [UInt8]) -> [UInt8] {
        guard hasLabel else { return value }
        let name = name(of: value)
        return name.isEmpty ? value : value + Array(": ".utf8) + name
    }

    private func joined(_ pieces: [[UInt8]]) -> [UInt8] { Array(pieces.joined(separator: [subfieldSeparator])) }

    /// A value among several: in quotes where it holds the separator or could be mistaken for one in quotes.
    private func piece(_ value: [UInt8]) -> [UInt8] {
        value.contains(subfieldSeparator) || value.first == UInt8(ascii: "\"") ? CellText.inQuotes(value) : value
    }

    private func inner(_ element: [UInt8]) -> [UInt8] {
        piece(joined(element.split(separator: CellValues.siblingSeparator, omittingEmptySubsequences: false).map { piece(labelled(Array($0))) }))
    }

    /// `en:Value;fr:Valeur`; where a language comes again, another value begins and each is put in quotes.
    private func languageSets(_ elements: [CellValues.Element], _ takeLanguage: (String) throws(WriteError) -> Void) throws(WriteError) -> [UInt8] {
        var sets: [[CellValues.Element]] = []
        for element in elements {
            if let language = element.language { try takeLanguage(language) }
            let begins = sets.last.map { set in set.contains { $0.language == element.language || $0.language == nil || element.language == nil } } ?? true
            if begins { sets.append([element]) } else { sets[sets.count - 1].append(element) }
        }
        let texts = sets.map { set in joined(set.map { Array((($0.language.map { $0 + ":" } ?? "") + $0.text).utf8) }) }
        if texts.count == 1, texts[0].first != UInt8(ascii: "\"") { return texts[0] }
        return joined(texts.map { $0.isEmpty ? [] : CellText.inQuotes($0) })
    }
}
