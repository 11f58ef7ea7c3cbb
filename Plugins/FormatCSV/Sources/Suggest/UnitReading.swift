/// A unit with the power of ten before it: "thousand tons" is tons and 3, while "per 1,000 population" is a unit of its own.
struct UnitReading {
    let guesses: [CodeGuess]
    let power: Int

    init(_ text: String, _ label: LabelText, _ index: CodeIndex) {
        let whole = index.guesses(for: text, label)
        for length in [2, 1] where label.tokens.count > length {
            guard (whole.first?.confidence ?? 0) < SuggestionOptions.confidenceMinDefault,
                let power = Synonyms.known.scales[label.tokens[..<length].joined(separator: " ")]
            else { continue }
            var rest = Array(label.tokens[length...])
            if rest.first == "of" { rest.removeFirst() }
            let unit = LabelText(tokens: rest)
            guard let best = index.guesses(for: unit.key, unit).first, best.confidence > whole.first?.confidence ?? 0 else { continue }
            var guess = best
            guess.detail = "10^\(power) × \(best.name.isEmpty ? best.code : best.name)" + (best.confidence < SuggestionOptions.confidenceMinDefault ? "?" : "")
            // Two readings one after the other are a little less sure than one.
            guess.confidence = min(best.confidence, 93)
            guess.method = .reading
            guesses = [guess] + whole.filter { $0.code != guess.code }.prefix(CodeIndex.candidatesMax - 1)
            self.power = power
            return
        }
        guesses = whole
        power = 0
    }
}
