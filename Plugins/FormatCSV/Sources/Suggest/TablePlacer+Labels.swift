internal import SluiceKit

extension TablePlacer {
    // MARK: Columns of labels

    func placeByName(_ work: Work, _ column: Int, _ match: HeaderMatch) {
        let source = work.profile.columns[column]
        let entry = entries[match.entry]
        guard entry.component.role != .timeDimension, entry.component.role != .measure else { return }
        if let taker = work.takers[match.entry] {
            work.candidates[column].append((entry.component.id, min(match.confidence, 50), "its name; but \"\(taker)\" feeds it already"))
            return
        }
        guard entry.isCoded else {
            take(work, column, match.entry, match.isWeak ? 60 : match.confidence, match.method, match.detail, [], isCoded: false)
            return
        }
        var labels = placements(match.entry, source, mark: work.mark.text)
        trustPartsOfIDs(&labels)
        let placed = placedCount(labels)
        let confidence: Int
        if match.isWeak {
            confidence = labels.isEmpty ? 50 : placed == labels.count ? 90 : placed * 2 >= labels.count ? 70 : 40
        } else {
            // A name that says what the column is, and labels that contradict it: somebody has to look.
            confidence = labels.isEmpty || placed > 0 || evidentCount(labels) > 0 ? match.confidence : 55
        }
        guard confidence >= 80 else {
            work.candidates[column].append((entry.component.id, confidence, "\(match.method.rawValue); \(placed) of \(labels.count) labels have a code"))
            if work.nearest[column] == nil { work.nearest[column] = labels }
            return
        }
        take(work, column, match.entry, confidence, match.method, match.detail, labels, isCoded: true)
        givePower(work, column, match.entry)
    }

    /// The unit's power of ten, where the structure has a place for it.
    private func givePower(_ work: Work, _ column: Int, _ unit: Int) {
        guard entries[unit].meaning == "UNIT_MEASURE", let power = entry("UNIT_MULT"), work.takers[power] == nil else { return }
        work.takers[power] = work.profile.columns[column].name
        work.placed[column]?.givesPower = true
    }

    /// "AGR" for AGG_AGR: one might be chance; within a column that its name has placed, or where all labels agree, it is not.
    private func trustPartsOfIDs(_ labels: inout [LabelPlacement]) {
        for index in labels.indices {
            guard let part = labels[index].guesses.firstIndex(where: { $0.method == .partOfID }), part == 0, labels[index].label.utf8.count >= 3 else {
                continue
            }
            labels[index].guesses[part].confidence = 85
        }
    }

    private func evidentCount(_ labels: [LabelPlacement]) -> Int { labels.count { evident($0.label, besides: []) != nil } }

    /// A label that says by itself what it is: "male", "rural", "aged 65 and over".
    private func evident(_ text: String, besides taken: Set<Int>) -> (entry: Int, guess: CodeGuess)? {
        let label = LabelText(text)
        for (index, entry) in entries.enumerated() where !taken.contains(index) && !isGiven(index) {
            guard let meaning = entry.meaning, Synonyms.known.evident.contains(meaning), entry.isCoded else { continue }
            if meaning == "AGE" {
                guard let age = AgeRange(label), age.isSure else { continue }
            } else if Synonyms.known.codes(meaning, label) == nil && Synonyms.known.squashed[meaning]?[label.squashed] == nil {
                continue
            }
            guard let guess = guesses(index, text, mark: nil).first, guess.confidence >= 90 else { continue }
            return (index, guess)
        }
        return nil
    }

    private func isTotal(_ guess: CodeGuess, _ entry: Int) -> Bool { guess.code == entries[entry].index.total }

    /// Columns whose name says nothing, by labels that do.
    func placeByLabels(_ work: Work, _ column: Int) {
        let source = work.profile.columns[column]
        guard !source.labels.isEmpty, !source.isOverflowing, source.numberCount * 2 < max(source.filledCount, 1), source.labels.count <= work.lookupsLeft else {
            return
        }
        work.lookupsLeft -= source.labels.count
        let taken = Set(work.takers.keys)
        let found = source.labels.map { evident($0.text, besides: taken) }
        let sure = found.compactMap { $0 }.filter { !isTotal($0.guess, $0.entry) }
        if !sure.isEmpty, found.allSatisfy({ $0 != nil }) {
            let main = sure[0].entry
            take(
                work, column, main, 92, .labels, "each says what it is",
                zip(source.labels, found).map { label, found in
                    // "Total" says it of every component.
                    guard let found, !isTotal(found.guess, found.entry) else {
                        return LabelPlacement(
                            label: label.text, rowCount: label.count, component: entries[main].component.id, guesses: guesses(main, label.text, mark: nil))
                    }
                    return LabelPlacement(label: label.text, rowCount: label.count, component: entries[found.entry].component.id, guesses: [found.guess])
                }, isCoded: true)
            for other in sure.map(\.entry) where other != main && work.takers[other] == nil { add(work, column, other) }
            return
        }
        placeByManyLabels(work, column, taken)
    }

    private func add(_ work: Work, _ column: Int, _ entry: Int) {
        work.takers[entry] = work.profile.columns[column].name
        work.placed[column]?.components.append(entries[entry].component.id)
    }

    /// Names long enough that they are nobody else's, or ids that all share a beginning.
    private func placeByManyLabels(_ work: Work, _ column: Int, _ taken: Set<Int>) {
        let source = work.profile.columns[column]
        var best: (entry: Int, confidence: Int, labels: [LabelPlacement])?
        for (index, entry) in entries.enumerated() where entry.isCoded && entry.component.isDimension && !taken.contains(index) && !isGiven(index) {
            var labels = placements(index, source, mark: work.mark.text)
            let parts = labels.compactMap { label in label.guesses.first { $0.method == .partOfID || $0.method == .codeID } }
            let beginnings = Set(parts.map { $0.code.prefix { $0 != "_" } })
            var confidence = 0
            if labels.count >= 3, parts.count == labels.count, beginnings.count == 1,
                source.labels.allSatisfy({ $0.text.utf8.count >= 3 && !LabelText.isNumber($0.text) })
            {
                trust(.partOfID, &labels)
                confidence = 85
            } else if labels.count >= 3,
                labels.allSatisfy({ label in label.guesses.first.map { $0.confidence >= 75 && LabelText(label.label).tokens.count >= 4 } ?? false })
            {
                trust(.partOfName, &labels)
                confidence = 85
            } else {
                let telling = labels.count { label in
                    guard let guess = label.guesses.first, guess.confidence >= 80, guess.method != .codeID, guess.method != .synonym else { return false }
                    return guess.method == .namedID || LabelText(label.label).tokens.count >= 4
                }
                if telling > 0, telling == labels.count { confidence = 85 } else if telling * 2 >= labels.count, telling > 0 { confidence = 82 }
                // A letter or a digit is the id of some code in many lists.
                let placed = labels.count { ($0.guesses.first?.confidence ?? 0) >= 80 && ($0.guesses.first?.method != .codeID || $0.label.utf8.count >= 3) }
                if confidence == 0, placed * 3 >= labels.count {
                    work.candidates[column].append((entry.component.id, min(60, placed * 60 / labels.count), "\(placed) of \(labels.count) labels have a code"))
                }
            }
            if confidence > best?.confidence ?? 0 { best = (index, confidence, labels) }
        }
        work.candidates[column].sort { $0.confidence > $1.confidence }
        work.candidates[column] = Array(work.candidates[column].prefix(CodeIndex.candidatesMax))
        guard let best else { return }
        take(work, column, best.entry, best.confidence, .labels, "names of \(entries[best.entry].component.id)", best.labels, isCoded: true)
    }

    /// What might be chance for one label is not for all of a column.
    private func trust(_ method: PlacementMethod, _ labels: inout [LabelPlacement]) {
        for position in labels.indices {
            guard let part = labels[position].guesses.firstIndex(where: { $0.method == method }), labels[position].guesses[part].confidence < 85 else {
                continue
            }
            var guess = labels[position].guesses.remove(at: part)
            guess.confidence = 85
            guess.detail = "as all labels of the column"
            labels[position].guesses.insert(guess, at: 0)
        }
    }

    /// Labels that strayed into a column of another component: "urban" under "Sex".
    func addEvidentLabels(_ work: Work, _ column: Int) {
        guard let placement = work.placed[column], placement.isCoded, let main = placement.components.first,
            let mainEntry = schema.index(of: main), entries[mainEntry].component.isDimension, mainEntry != timeEntry
        else { return }
        for position in placement.labels.indices where (placement.labels[position].guesses.first?.confidence ?? 0) < 80 {
            let own = Set((work.placed[column]?.components ?? []).compactMap(schema.index))
            guard let found = evident(placement.labels[position].label, besides: Set(work.takers.keys).subtracting(own).union([mainEntry])),
                !isTotal(found.guess, found.entry)
            else { continue }
            work.placed[column]?.labels[position].component = entries[found.entry].component.id
            work.placed[column]?.labels[position].guesses = [found.guess]
            if work.takers[found.entry] == nil { add(work, column, found.entry) }
        }
    }
}
