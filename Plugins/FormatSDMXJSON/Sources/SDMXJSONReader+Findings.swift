import SluiceKit

extension SDMXJSONReader {
    var place: Position { Position(line: scanner.line, row: rowOrdinal, dataset: datasetOrdinal) }

    func hash(_ range: Range<Int>) -> UInt64 {
        var hash: UInt64 = 0
        for position in range { hash = HashSet64.mix(hash, UInt32(bitPattern: indexes[position])) }
        return hash
    }

    func reportKey(_ count: Int) {
        let text = String(decoding: scanner.text.prefix(128), as: UTF8.self)
        context.findings.add(
            Finding(
                .indexOutOfRange, at: place, offendingText: text,
                message: "The key “\(text)” is not made of \(count) positions, as the message's structure asks; what stands under it is left out.",
                advice: "Write one position per dimension of this level, with colons between them."))
    }

    func reportDuplicate(_ what: String, _ binding: MessageBinding) {
        let text = String(decoding: scanner.text.prefix(128), as: UTF8.self)
        context.findings.add(
            Finding(
                .memberDuplicate, at: place, offendingText: text,
                message: "The key “\(text)” stands twice among the \(what == "series" ? "series" : "observations") of one object; both are read.",
                advice: "Remove one of the two: other programs read only the first, or only the last."))
    }
}
