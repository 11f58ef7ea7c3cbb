internal import SluiceKit

extension TablePlacer {
    /// Labels of columns whose name says nothing that are looked up in all code lists, per table.
    static let lookupsMax = 4_000
    /// Columns of numbers whose names are looked up in all code lists.
    private static let wideColumnsMax = 200

    /// A table's columns as they find their places.
    final class Work {
        let profile: TableProfile
        let mark: FileMark
        var placed: [ColumnPlacement?]
        /// Entry to the column that feeds it.
        var takers: [Int: String] = [:]
        var candidates: [[(component: String, confidence: Int, why: String)]]
        /// Labels with the nearest codes of the component that a column's name speaks of, where none is near enough.
        var nearest: [Int: [LabelPlacement]] = [:]
        /// Labels that may still be looked up for columns whose name says nothing.
        var lookupsLeft = TablePlacer.lookupsMax

        init(_ profile: TableProfile, _ mark: FileMark) {
            self.profile = profile
            self.mark = mark
            placed = profile.columns.map { _ in nil }
            candidates = profile.columns.map { _ in [] }
        }
    }

    func place(_ profile: TableProfile) -> TablePlacement {
        var table = TablePlacement(
            file: profile.file, rowCount: profile.rowCount, columns: [], constants: [], unpivot: nil, missing: [], strangeValues: [], remarks: [],
            failure: profile.failure, spelling: profile.spelling, decimal: UInt8(ascii: "."), grouping: "")
        guard profile.failure == nil else { return table }
        if let refusal = Self.refusal(profile) {
            table.failure = refusal
            return table
        }
        if profile.isCut { table.remarks.append("only the first \(profile.rowCount) rows were looked at") }
        let work = Work(profile, FileMark(profile.file))
        let headers = profile.columns.map { self.headers($0.name) }
        placeTime(work, headers)
        let wide = wideColumns(work, headers)
        if wide == nil { placeMeasure(work, headers) }
        let isFree = { (index: Int) in work.placed[index] == nil && wide?.indices.contains(index) != true }
        // By what the name says, the surest first.
        let order = headers.indices.flatMap { column in headers[column].map { (column, $0) } }.sorted { $0.1.confidence > $1.1.confidence }
        for (column, match) in order where isFree(column) { placeByName(work, column, match) }
        for column in profile.columns.indices where isFree(column) { placeByLabels(work, column) }
        for column in profile.columns.indices { addEvidentLabels(work, column) }
        for column in profile.columns.indices where isFree(column) {
            let source = profile.columns[column]
            work.placed[column] = ColumnPlacement(
                column: source.name, components: [], confidence: 0, method: nil, detail: source.isEmpty ? "no cell has a value" : "",
                labels: work.nearest[column] ?? unplacedLabels(source),
                candidates: work.candidates[column], isEmpty: source.isEmpty, isCoded: true, isOverflowing: source.isOverflowing)
        }
        table.columns = work.placed.compactMap { $0 }
        if let wide, let measure = measureEntry {
            table.unpivot = UnpivotPlacement(
                columns: wide.indices.map { profile.columns[$0].name }, into: entries[wide.entry].component.id, value: entries[measure].component.id,
                confidence: wide.confidence, labels: wide.labels)
            work.takers[wide.entry] = "the names of the columns"
        }
        judgeNumbers(
            wide?.indices
                ?? profile.columns.indices.filter { column in measureEntry.map { work.placed[column]?.components == [entries[$0].component.id] } ?? false },
            profile, &table)
        table.constants = constants(work, table)
        return table
    }

    /// Why a table cannot have a mapping at all.
    private static func refusal(_ profile: TableProfile) -> String? {
        var seen = Set<String>()
        for (index, column) in profile.columns.enumerated() {
            if column.name.utf8.count > columnNameBytesMax {
                return "the name of column \(index + 1) is longer than \(columnNameBytesMax) bytes; check the separator and the header line"
            }
            if !column.name.isEmpty, !YAMLText.canBeKey(column.name) { return "the name of column \(index + 1) cannot stand in a mapping; give it another" }
            if column.name.isEmpty, !column.isEmpty { return "column \(index + 1) has no name; give it one" }
            if !column.name.isEmpty, !seen.insert(column.name).inserted { return "two columns are named \"\(column.name)\"; give each its own name" }
        }
        return nil
    }

    /// Longest name of a column.
    private static let columnNameBytesMax = 500

    func unplacedLabels(_ column: TableProfile.Column) -> [LabelPlacement] {
        column.labels.map { LabelPlacement(label: $0.text, rowCount: $0.count, component: nil, guesses: []) }
    }

    func take(
        _ work: Work, _ column: Int, _ entry: Int, _ confidence: Int, _ method: PlacementMethod, _ detail: String, _ labels: [LabelPlacement], isCoded: Bool
    ) {
        let source = work.profile.columns[column]
        work.takers[entry] = source.name
        work.placed[column] = ColumnPlacement(
            column: source.name, components: [entries[entry].component.id], confidence: confidence, method: method, detail: detail, labels: labels,
            candidates: [],
            isEmpty: source.isEmpty, isCoded: isCoded, isOverflowing: isCoded && source.isOverflowing)
    }

    // MARK: Period and measure

    private func placeTime(_ work: Work, _ headers: [[HeaderMatch]]) {
        guard let time = timeEntry else { return }
        var best: (column: Int, confidence: Int, method: PlacementMethod, labels: [LabelPlacement])?
        for (index, column) in work.profile.columns.enumerated() where !column.isOverflowing {
            let header = headers[index].first { $0.entry == time }
            let readings = column.labels.map { PeriodText.read($0.text) }
            let share = column.labels.isEmpty ? 0 : readings.count { $0 != nil } * 100 / column.labels.count
            let isOther = headers[index].contains { $0.entry != time && !$0.isWeak }
            let confidence: Int
            if let header {
                confidence = column.isEmpty ? min(90, header.confidence) : share == 100 ? header.confidence : share >= 80 ? 82 : 50
            } else {
                confidence = share == 100 && !isOther ? 85 : 0
            }
            if confidence < 60, header != nil {
                work.candidates[index].append((entries[time].component.id, confidence, "its name; but \(100 - share) % of its labels are no periods"))
            }
            guard confidence >= 60, confidence > best?.confidence ?? 0 else { continue }
            let labels = zip(column.labels, readings).compactMap { label, reading -> LabelPlacement? in
                if case .period = reading { return nil }
                guard case .spelled(let period, _) = reading else {
                    return LabelPlacement(label: label.text, rowCount: label.count, component: entries[time].component.id, guesses: [])
                }
                return LabelPlacement(
                    label: label.text, rowCount: label.count, component: entries[time].component.id,
                    guesses: [CodeGuess(code: period, name: "", confidence: 93, method: .reading, detail: "a period")])
            }
            best = (index, confidence, header?.method ?? .periods, labels)
        }
        guard let best else { return }
        var labels = best.labels
        // Where some need a label, all do: a column's labels are one list.
        if !labels.isEmpty {
            labels = work.profile.columns[best.column].labels.map { label in
                best.labels.first { $0.label == label.text }
                    ?? LabelPlacement(
                        label: label.text, rowCount: label.count, component: entries[time].component.id,
                        guesses: [CodeGuess(code: label.text, name: "", confidence: 100, method: .codeID, detail: "a period")])
            }
        }
        take(work, best.column, time, best.confidence, best.method, "", labels, isCoded: !labels.isEmpty)
    }

    private func isNumeric(_ column: TableProfile.Column) -> Bool {
        let texts = column.labels.filter { label in !Synonyms.known.missing.contains(label.text) }.count { label in
            var text = label.text
            return text.withUTF8 { CellText.kind(UnsafeRawBufferPointer($0)) } == .text
        }
        return column.numberCount > 0 && texts * 10 <= max(column.labels.count, 1)
    }

    private func placeMeasure(_ work: Work, _ headers: [[HeaderMatch]]) {
        guard let measure = measureEntry else { return }
        var best: (column: Int, confidence: Int, method: PlacementMethod)?
        for (index, column) in work.profile.columns.enumerated() where work.placed[index] == nil {
            guard let header = headers[index].first(where: { $0.entry == measure }) else { continue }
            let confidence = column.isEmpty ? min(90, header.confidence) : isNumeric(column) ? header.confidence : 60
            if confidence > best?.confidence ?? 0 { best = (index, confidence, header.method) }
        }
        if best == nil {
            let numeric = work.profile.columns.indices.filter { work.placed[$0] == nil && headers[$0].isEmpty && isNumeric(work.profile.columns[$0]) }
            if numeric.count == 1 { best = (numeric[0], 80, .numbers) }
        }
        guard let best else { return }
        take(work, best.column, measure, best.confidence, best.method, best.confidence == 60 ? "but its cells are no numbers" : "", [], isCoded: false)
    }

    /// Columns of numbers whose names are periods, or codes of one component.
    private func wideColumns(_ work: Work, _ headers: [[HeaderMatch]]) -> (indices: [Int], entry: Int, confidence: Int, labels: [LabelPlacement])? {
        let columns = work.profile.columns
        guard measureEntry.map({ measure in !headers.joined().contains { $0.entry == measure } }) == true else { return nil }
        let free = columns.indices.filter { work.placed[$0] == nil && (columns[$0].isEmpty || isNumeric(columns[$0])) }
        if let time = timeEntry, work.takers[time] == nil {
            let periods = free.filter { PeriodText.read(columns[$0].name) != nil }
            if periods.count >= 2 {
                let labels = periods.compactMap { index -> LabelPlacement? in
                    guard case .spelled(let period, _) = PeriodText.read(columns[index].name) else { return nil }
                    return LabelPlacement(
                        label: columns[index].name, rowCount: columns[index].filledCount, component: entries[time].component.id,
                        guesses: [CodeGuess(code: period, name: "", confidence: 93, method: .reading, detail: "a period")])
                }
                return (periods, time, 92, labels)
            }
        }
        guard free.count <= Self.wideColumnsMax else { return nil }
        for (index, entry) in entries.enumerated() where entry.isCoded && entry.component.isDimension && work.takers[index] == nil && !isGiven(index) {
            let named = free.filter { headers[$0].isEmpty }.map { ($0, guesses(index, columns[$0].name, mark: nil)) }.filter {
                ($0.1.first?.confidence ?? 0) >= 88
            }
            guard named.count >= 2, entry.meaning.map(Synonyms.known.evident.contains) == true || named.count >= 4 else { continue }
            let labels = named.map {
                LabelPlacement(label: columns[$0.0].name, rowCount: columns[$0.0].filledCount, component: entry.component.id, guesses: $0.1)
            }
            return (named.map(\.0), index, 85, labels)
        }
        return nil
    }

    private func judgeNumbers(_ indices: [Int], _ profile: TableProfile, _ table: inout TablePlacement) {
        let columns = indices.map { profile.columns[$0] }
        let commas = columns.flatMap(\.labels).filter { label in
            var text = label.text
            switch text.withUTF8({ CellText.kind(UnsafeRawBufferPointer($0)) }) {
            case .comma, .grouped(_, hasComma: true): return true
            default: return false
            }
        }
        let points = columns.reduce(0) { $0 + $1.pointCount }
        var marks: [String: Int] = [:]
        for column in columns { marks.merge(column.groupedCounts, uniquingKeysWith: +) }
        if !commas.isEmpty {
            let isOpen = commas.allSatisfy { label in label.text.split(separator: ",").last?.utf8.count == 3 }
            if points > 0 {
                table.remarks.append("numbers have a comma in some cells and a point in others; decimal or grouping has to be set by hand")
            } else if isOpen {
                table.remarks.append("a comma before three digits may be decimal or between thousands (\(commas[0].text)); set decimal or grouping")
            } else {
                table.decimal = UInt8(ascii: ",")
            }
        }
        if let mark = marks.max(by: { ($0.value, $0.key) < ($1.value, $1.key) })?.key { table.grouping = mark }
        var missing = Set<String>()
        var strange = Set<String>()
        for column in columns {
            for label in column.labels {
                var text = label.text
                guard text.withUTF8({ CellText.kind(UnsafeRawBufferPointer($0)) }) == .text else { continue }
                if Synonyms.known.missing.contains(label.text) { missing.insert(label.text) } else { strange.insert(label.text) }
            }
        }
        table.missing = missing.sorted()
        table.strangeValues = strange.sorted()
    }
}
