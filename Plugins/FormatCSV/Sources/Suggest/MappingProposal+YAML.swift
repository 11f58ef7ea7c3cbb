internal import SluiceKit

extension MappingProposal {
    /// Unplaced labels of one component that are listed.
    private static let openLabelsMax = 500
    /// Labels of an unplaced column that are shown.
    private static let shownLabelsMax = 6
    /// Unplaced columns of a table that are described.
    private static let shownColumnsMax = 60
    /// Codes of an open constant that are listed for each table of a folder.
    private static let shownCodesMax = 4

    /// The mapping as YAML: loads as it is, and works once what is marked TODO has been decided.
    public var yaml: String {
        let mapping = ProposedMapping(self)
        var lines = introduction(mapping)
        lines += ["mapping: 1", "\(reference.artefactClass == .dataflow ? "flow" : "structure"): \(reference)"]
        lines.append("# action: replace   # TODO what the receiver does with the data it holds; information where nothing is said")
        lines += spelling(mapping.spelling, mapping.decimal, mapping.grouping, over: nil)
        if !mapping.missing.isEmpty {
            lines.append("missing: [\(mapping.missing.map(YAMLText.quoted).joined(separator: ", "))]   # texts in place of a number")
        }
        lines += dictionary(mapping)
        lines += columns(mapping)
        if !isFolder, let table = mapping.tables.first { lines += leftovers(table, indent: "") + remarks(table.placement, indent: "") }
        lines += constants(mapping)
        if isFolder {
            lines += ["", "# One rule per table; a pattern such as indicator_1-*.csv may serve several. leaveOut: true leaves a table out.", "tables:"]
            for table in mapping.tables { lines += rule(table, mapping) }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func introduction(_ mapping: ProposedMapping) -> [String] {
        let least = Self.text(options.confidenceMin)
        var lines = [
            "# Proposed for \(YAMLText.comment(name)) by sluice map --suggest. Review it before use:",
            "# - An active line is a guess of confidence \(least) or more; behind it stands how it was found. Labels of this file are the tables' own.",
            "# - A line with TODO is not active. Rows with such a label, or a value in an unplaced column, are left out and reported.",
        ]
        if let table = tables.first, !isFolder, let failure = table.failure {
            lines.append("# - The table could not be read: \(YAMLText.comment(failure, lengthMax: 300))")
        }
        if mapping.labelsLeftOut > 0 { lines.append("# - \(mapping.labelsLeftOut) labels are not listed: too many, or too long.") }
        return lines + [""]
    }

    // MARK: How files are written

    private func spelling(_ spelling: TableSpelling, _ decimal: UInt8, _ grouping: String, over shared: (TableSpelling, UInt8, String)?) -> [String] {
        let base = shared ?? (TableSpelling(), UInt8(ascii: "."), "")
        var lines: [String] = []
        if spelling.separator != base.0.separator {
            lines.append("separator: \(spelling.separator == 9 ? "tab" : "\"\(String(Unicode.Scalar(spelling.separator)))\"")")
        }
        if spelling.encoding != base.0.encoding {
            lines.append("encoding: \(spelling.encoding.rawValue)\(spelling.isEncodingGuessed ? "   # a guess: look at letters beyond English" : "")")
        }
        if decimal != base.1 { lines.append("decimal: \"\(String(Unicode.Scalar(decimal)))\"") }
        if grouping != base.2 {
            let name = [" ": "space", "\u{A0}": "no-break space", "\u{202F}": "narrow no-break space", "": "none"][grouping] ?? "\"\(grouping)\""
            lines.append("grouping: \(name)")
        }
        if spelling.linesBeforeHeader != base.0.linesBeforeHeader { lines.append("linesBeforeHeader: \(spelling.linesBeforeHeader)") }
        return lines
    }

    // MARK: Labels

    private func dictionary(_ mapping: ProposedMapping) -> [String] {
        let used = components.filter { mapping.labels[$0] != nil || mapping.openLabels[$0]?.isEmpty == false }
        guard !used.isEmpty else { return [] }
        var lines = ["", "# Labels and their codes, for every column that says labels: shared.", "labels:"]
        for component in used {
            let own = mapping.labels[component] ?? []
            lines.append("  \(component):\(own.isEmpty ? " {}" : "")")
            for label in own { lines.append("    \(entry(label.label, label.code))   # \(Self.text(label.confidence)) \(YAMLText.comment(label.how))") }
            let open = mapping.openLabels[component] ?? []
            for label in open.prefix(Self.openLabelsMax) { lines.append("    # \(todo(label))") }
            if open.count > Self.openLabelsMax { lines.append("    # … and \(open.count - Self.openLabelsMax) more labels that have no place") }
        }
        return lines
    }

    private func entry(_ label: String, _ code: String) -> String { "\(YAMLText.scalar(label)): \(YAMLText.scalar(code))" }

    private func todo(_ label: ProposedMapping.OpenLabel) -> String {
        let place =
            isFolder ? " in \(label.tables.prefix(2).joined(separator: ", "))\(label.tables.count > 2 ? " and \(label.tables.count - 2) more" : "")" : ""
        return
            "TODO \(YAMLText.comment(YAMLText.quoted(label.label))): ?   not placed\(YAMLText.comment(place)), \(label.rowCount) rows; \(nearest(label.guesses))"
    }

    private func nearest(_ guesses: [CodeGuess]) -> String {
        guard !guesses.isEmpty else { return "nothing near" }
        return "near: "
            + guesses.map {
                "\(YAMLText.comment($0.code)) \(Self.text($0.confidence))\($0.name.isEmpty ? "" : " (\(YAMLText.comment($0.name, lengthMax: 60)))")"
            }.joined(separator: ", ")
    }

    // MARK: Columns

    private func columns(_ mapping: ProposedMapping) -> [String] {
        var lines = [""]
        if mapping.columns.isEmpty {
            lines.append("columns: {}")
        } else {
            lines.append("columns:")
            for (_, placement, _) in mapping.columns { lines += feed(placement, mapping, indent: "  ") }
        }
        return lines
    }

    private func feed(_ column: ColumnPlacement, _ mapping: ProposedMapping, indent: String) -> [String] {
        let why = "   # \(Self.text(column.confidence)) \(column.method?.rawValue ?? "")\(column.detail.isEmpty ? "" : ": \(YAMLText.comment(column.detail))")"
        let key = YAMLText.scalar(column.column)
        func shared(_ component: String) -> String {
            // A component without any label yet has no entry to share.
            mapping.labels[component] == nil && mapping.openLabels[component]?.isEmpty != false
                ? "{into: \(component), labels: {}}" : "{into: \(component), labels: shared}"
        }
        guard column.isCoded else { return ["\(indent)\(key): \(column.components[0])\(why)"] }
        let known = column.components.filter { mapping.labels[$0] != nil || mapping.openLabels[$0]?.isEmpty == false }
        if known.count > 1 {
            return ["\(indent)\(key): {into: [\(known.joined(separator: ", "))], labels: shared}\(why)"]
        }
        if column.givesPower, let power = powerComponent, mapping.labels[power] != nil {
            return ["\(indent)\(key):\(why)", "\(indent)  - \(shared(column.components[0]))", "\(indent)  - \(shared(power))"]
        }
        return ["\(indent)\(key): \(shared(known.first ?? column.components[0]))\(why)"]
    }

    /// Columns without a place, columns without values, columns that become rows.
    private func leftovers(_ table: ProposedMapping.Table, indent: String) -> [String] {
        var lines: [String] = []
        if let unpivot = table.placement.unpivot {
            lines.append("\(indent)unpivot:   # \(Self.text(unpivot.confidence)) names of columns that are \(unpivot.into)")
            lines.append("\(indent)  columns: [\(unpivot.columns.map(YAMLText.scalar).map { Int($0) == nil ? $0 : "\"\($0)\"" }.joined(separator: ", "))]")
            lines.append("\(indent)  into: \(unpivot.into)")
            if !unpivot.labels.isEmpty {
                let byLabel = Dictionary(unpivot.labels.map { ($0.label, $0) }, uniquingKeysWith: { first, _ in first })
                lines.append("\(indent)  labels:")
                for column in unpivot.columns {
                    let guess = byLabel[column]?.guesses.first
                    lines.append(
                        "\(indent)    \(entry(column, guess?.code ?? column))   # \(guess.map { "\(Self.text($0.confidence)) \(YAMLText.comment($0.how))" } ?? "")"
                    )
                }
            }
            lines.append("\(indent)  value: \(unpivot.value)")
        }
        for column in table.unplaced.prefix(Self.shownColumnsMax) {
            lines.append(
                "\(indent)# TODO \(YAMLText.comment(YAMLText.quoted(column.column))) is not placed\(column.detail.isEmpty ? "" : " (\(YAMLText.comment(column.detail)))"); \(shown(column))"
            )
            for candidate in column.candidates {
                lines.append("\(indent)#   perhaps \(candidate.component) \(Self.text(candidate.confidence)): \(YAMLText.comment(candidate.why))")
            }
            for label in column.labels.prefix(Self.shownLabelsMax) where !label.guesses.isEmpty {
                lines.append("\(indent)#   \(YAMLText.comment(YAMLText.quoted(label.label))) \(nearest(label.guesses))")
            }
        }
        if table.unplaced.count > Self.shownColumnsMax { lines.append("\(indent)# … and \(table.unplaced.count - Self.shownColumnsMax) more columns") }
        if !table.unplaced.isEmpty { lines.append("\(indent)unplaced: [\(table.unplaced.map { YAMLText.scalar($0.column) }.joined(separator: ", "))]") }
        let named = table.ignored.filter { !$0.column.isEmpty }
        if !named.isEmpty { lines.append("\(indent)ignore: [\(named.map { YAMLText.scalar($0.column) }.joined(separator: ", "))]   # no cell has a value") }
        return lines
    }

    private func shown(_ column: ColumnPlacement) -> String {
        if column.isOverflowing { return "it has too many labels to list" }
        let some = column.labels.prefix(Self.shownLabelsMax).map { YAMLText.quoted(YAMLText.comment($0.label, lengthMax: 40)) }.joined(separator: ", ")
        return "labels: \(some)\(column.labels.count > Self.shownLabelsMax ? " and \(column.labels.count - Self.shownLabelsMax) more" : "")"
    }

    private func remarks(_ table: TablePlacement, indent: String) -> [String] {
        var lines = table.remarks.map { "\(indent)# TODO \(YAMLText.comment($0, lengthMax: 200))" }
        if !table.strangeValues.isEmpty {
            lines.append(
                "\(indent)# TODO values that are no numbers: \(table.strangeValues.prefix(Self.shownLabelsMax).map { YAMLText.quoted(YAMLText.comment($0, lengthMax: 40)) }.joined(separator: ", ")); list under missing those that mean no value"
            )
        }
        return lines
    }

    // MARK: What has no column

    private func constants(_ mapping: ProposedMapping) -> [String] {
        var lines: [String] = []
        let own = isFolder ? mapping.constants : mapping.tables.first?.constants ?? []
        if !own.isEmpty || !options.constants.isEmpty {
            lines += ["", "constants:"]
            for (component, value) in options.constants { lines.append("  \(component): \(YAMLText.quoted(value))   # given") }
            for constant in own { lines += self.constant(constant, indent: "  ") }
        }
        if !defaults.isEmpty {
            lines += ["", "# Where a row says nothing of them. Assumed, not found: a table of women only is not of both sexes.", "defaults:"]
            for (component, guess) in defaults { lines.append("  \(component): \(YAMLText.quoted(guess.code))   # assumed: \(YAMLText.comment(guess.name))") }
        }
        if let emptyStatus, !mapping.measureColumns.isEmpty {
            lines += ["", "when:"]
            for column in mapping.measureColumns {
                lines.append("  - if: {\(YAMLText.scalar(column)): \"\"}")
                lines.append("    set: {\(emptyStatus.component): \(emptyStatus.guess.code)}   # assumed: \(YAMLText.comment(emptyStatus.guess.name))")
            }
        }
        return lines
    }

    private func constant(_ constant: ConstantPlacement, indent: String) -> [String] {
        if let guess = constant.code(options.confidenceMin) {
            return [
                "\(indent)\(constant.component): \(YAMLText.scalar(guess.code))   # \(Self.text(guess.confidence)) \(guess.how)\(guess.name.isEmpty ? "" : ": \(YAMLText.comment(guess.name))")"
            ]
        }
        guard !constant.guesses.isEmpty else {
            return [
                "\(indent)# \(constant.component): TODO \(YAMLText.comment(constant.detail))\(examples[constant.component].map { "; \(YAMLText.comment($0, lengthMax: 160))" } ?? "")"
            ]
        }
        let shown = isFolder ? Self.shownCodesMax : constant.guesses.count
        var lines = constant.guesses.prefix(shown).map {
            "\(indent)# \(constant.component): \(YAMLText.scalar($0.code))   # TODO \(Self.text($0.confidence)) \($0.how): \(YAMLText.comment($0.name))"
        }
        if constant.guesses.count > shown { lines.append("\(indent)# … and \(constant.guesses.count - shown) more") }
        return lines
    }

    private func rule(_ table: ProposedMapping.Table, _ mapping: ProposedMapping) -> [String] {
        let placement = table.placement
        // `*` and `?` in a name are its own letters; as a pattern they accept it.
        var lines = ["  - files: \(YAMLText.scalar(placement.file))\(placement.rowCount == 0 && placement.failure == nil ? "   # no rows" : "")"]
        if let failure = placement.failure {
            return lines + ["    # TODO \(YAMLText.comment(failure, lengthMax: 300))", "    leaveOut: true"]
        }
        lines += remarks(placement, indent: "    ")
        lines += spelling(placement.spelling, placement.decimal, placement.grouping, over: (mapping.spelling, mapping.decimal, mapping.grouping)).map {
            "    " + $0
        }
        if !table.labels.isEmpty {
            lines.append("    labels:")
            for component in components {
                guard let own = table.labels[component] else { continue }
                lines.append("      \(component):")
                for label in own { lines.append("        \(entry(label.label, label.code))   # \(Self.text(label.confidence)) \(YAMLText.comment(label.how))") }
            }
        }
        if !table.columns.isEmpty {
            lines.append("    columns:")
            for column in table.columns { lines += feed(column, mapping, indent: "      ") }
        }
        lines += leftovers(table, indent: "    ")
        if !table.constants.isEmpty {
            lines.append("    constants:")
            for constant in table.constants { lines += self.constant(constant, indent: "      ") }
        }
        return lines
    }
}
