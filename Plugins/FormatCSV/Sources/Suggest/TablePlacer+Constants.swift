internal import SluiceKit

extension TablePlacer {
    // MARK: What has no column

    func constants(_ work: Work, _ table: TablePlacement) -> [ConstantPlacement] {
        var constants: [ConstantPlacement] = []
        for (index, entry) in entries.enumerated() where work.takers[index] == nil && !isGiven(index) {
            guard entry.component.isDimension || (entry.component.isAttribute && entry.component.isMandatory) else { continue }
            // "No breakdown" and the like stand under defaults.
            if entry.index.total != nil || assumption(index) != nil { continue }
            if index == schema.timeDimension {
                constants.append(ConstantPlacement(component: entry.component.id, guesses: [], detail: "no column holds periods"))
            } else if entry.meaning == "FREQ", let frequency = frequency(work, table), entry.index.contains(frequency) {
                constants.append(
                    ConstantPlacement(
                        component: entry.component.id,
                        guesses: [CodeGuess(code: frequency, name: entry.index.name(of: frequency) ?? "", confidence: 95, method: .periods, detail: "")],
                        detail: ""))
            } else {
                constants.append(fromFileName(entry, work.mark))
            }
        }
        return constants
    }

    /// What a component without a column is taken to be, where its code list calls it so.
    func assumption(_ entry: Int) -> CodeGuess? {
        guard let meaning = entries[entry].meaning, let known = Synonyms.known.assumptions[meaning], let name = entries[entry].index.name(of: known.code),
            LabelText(name).key == known.name
        else { return nil }
        return CodeGuess(code: known.code, name: name, confidence: 90, method: .assumed, detail: "")
    }

    private func frequency(_ work: Work, _ table: TablePlacement) -> String? {
        var texts = table.unpivot?.columns ?? []
        if let time = timeEntry, let column = work.profile.columns.first(where: { $0.name == work.takers[time] }) { texts += column.labels.map(\.text) }
        let found = Set(
            texts.compactMap { text -> String? in
                switch PeriodText.read(text) {
                case .period(let frequency), .spelled(_, let frequency): frequency
                case nil: nil
                }
            })
        return found.count == 1 ? found.first : nil
    }

    /// A code by the file's name: its id, or the number that its name bears in a bracket.
    private func fromFileName(_ entry: Entry, _ mark: FileMark) -> ConstantPlacement {
        var guesses: [CodeGuess] = []
        if let id = mark.words.first(where: { $0.utf8.count >= 5 && entry.index.contains($0) }) {
            guesses.append(CodeGuess(code: id, name: entry.index.name(of: id) ?? "", confidence: 92, method: .fileName, detail: "the code id"))
        } else if let text = mark.text(among: entry.index.codesByMark) {
            let found = entry.index.codesByMark[text.mark] ?? []
            // A number names an indicator, not what a national table counts: it proposes, somebody decides.
            let confidence = found.count == 1 ? (text.isWhole ? 70 : 50) : 40
            for index in found.prefix(8) {
                let code = entry.index.code(index)
                guesses.append(
                    CodeGuess(
                        code: code.id, name: code.name, confidence: confidence, method: .fileName,
                        detail: found.count == 1 ? "the only one of \(text.mark)" : "one of \(found.count) of \(text.mark)"))
            }
        }
        let detail = guesses.isEmpty ? (entry.index.isEmpty ? "no column feeds it" : "one of \(entry.index.count) codes") : ""
        return ConstantPlacement(component: entry.component.id, guesses: guesses, detail: detail)
    }
}
