internal import SluiceKit

extension CheckReport {
    /// The report as one HTML document for a steward: no script, nothing from elsewhere, everything escaped, in tables that a screen reader can walk.
    package var html: String {
        let title = "Check of \(file)"
        let groups = groups
        var page = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
            <meta name="referrer" content="no-referrer">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(HTMLText.escaped(title))</title>
            <style>\(Self.style)</style>
            </head>
            <body>
            <header>
            <h1>\(HTMLText.escaped(title))</h1>
            <p class="verdict \(count(.error) > 0 || stopped != nil ? "bad" : "good")">\(HTMLText.escaped(verdict))</p>
            \(facts)
            </header>
            <main>

            """
        if !groups.isEmpty { page += overview(groups) }
        for group in groups { page += section(group) }
        page += "</main>\n</body>\n</html>\n"
        return page
    }

    private var verdict: String {
        let counted = [(count(.error), "error"), (count(.warning), "warning"), (count(.note), "note")].filter { $0.0 > 0 }
            .map { "\(Self.grouped($0.0)) \($0.1)\($0.0 == 1 ? "" : "s")" }.joined(separator: ", ")
        if let stopped { return "The file could not be read to its end: \(stopped)" + (counted.isEmpty ? "" : " Before that: \(counted).") }
        return counted.isEmpty ? "Nothing was found." : "\(counted.prefix(1).uppercased())\(counted.dropFirst())."
    }

    private var facts: String {
        var rows = [("Format", format), ("Read as", structures.joined(separator: ", ")), ("Datasets", Self.grouped(datasets))]
        rows.append(("Observations", Self.grouped(observations)))
        if let checkedAt { rows.append(("Checked", checkedAt)) }
        let changed = severities.levels.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key) \($0.value.rawValue)" }
        if !changed.isEmpty { rows.append(("Severities set", changed.joined(separator: ", "))) }
        return "<dl>" + rows.filter { !$0.1.isEmpty }.map { "<div><dt>\($0.0)</dt><dd>\(HTMLText.escaped($0.1))</dd></div>" }.joined() + "</dl>"
    }

    private func overview(_ groups: [Group]) -> String {
        var table = """
            <table>
            <caption>Findings by code</caption>
            <thead><tr><th scope="col">Severity</th><th scope="col">Finding</th><th scope="col">Code</th><th scope="col" class="number">Findings</th>\
            <th scope="col" class="number">Observations</th></tr></thead>
            <tbody>

            """
        for group in groups {
            table += "<tr><td>\(badge(group))</td><th scope=\"row\"><a href=\"#\(Self.anchor(group))\">\(HTMLText.escaped(title(group)))</a></th>"
            table += "<td><code>\(HTMLText.escaped(group.code.rawValue))</code></td><td class=\"number\">\(Self.grouped(group.count.findings))</td>"
            table += "<td class=\"number\">\(Self.grouped(group.count.observations))</td></tr>\n"
        }
        return table + "</tbody>\n</table>\n"
    }

    private func section(_ group: Group) -> String {
        let anchor = Self.anchor(group)
        var text = """
            <section aria-labelledby="\(anchor)">
            <h2 id="\(anchor)">\(badge(group)) \(HTMLText.escaped(title(group))) <code>\(HTMLText.escaped(group.code.rawValue))</code></h2>

            """
        if let entry = group.entry {
            let parts = [("What", entry.what), ("Why", entry.why), ("How to mend it", entry.mend)]
            text += "<dl>" + parts.map { "<div><dt>\($0.0)</dt><dd>\(HTMLText.prose($0.1))</dd></div>" }.joined() + "</dl>\n"
        }
        let (shown, all) = (group.first.count, group.count.findings)
        guard shown > 0 else { return text + "</section>\n" }
        let caption = shown < all ? "The first \(shown) of \(Self.grouped(all)) findings" : all == 1 ? "The finding" : "All \(shown) findings"
        // A wide table scrolls by itself; it takes the focus so that a keyboard can scroll it too.
        text += "<div class=\"wide\" role=\"region\" aria-label=\"\(caption): \(HTMLText.escaped(title(group)))\" tabindex=\"0\">\n<table>\n"
        text += "<caption>\(caption)</caption>\n<thead><tr><th scope=\"col\">Place</th><th scope=\"col\">What is wrong, and how to mend it</th>"
        for component in group.components { text += "<th scope=\"col\">\(HTMLText.escaped(component))</th>" }
        text += "</tr></thead>\n<tbody>\n"
        for finding in group.first { text += row(finding, group.components) }
        return text + "</tbody>\n</table>\n</div>\n</section>\n"
    }

    private func row(_ finding: Finding, _ components: [String]) -> String {
        var text = "<tr><th scope=\"row\">\(HTMLText.escaped(place(finding)))</th><td class=\"words\">\(HTMLText.prose(finding.message)) "
        text += "<em>\(HTMLText.prose(finding.advice))</em></td>"
        let cells = Dictionary(finding.cells.map { ($0.component, $0) }, uniquingKeysWith: { first, _ in first })
        for component in components {
            guard let cell = cells[component] else {
                text += "<td></td>"
                continue
            }
            if cell.isMarked {
                let shown = cell.text.isEmpty ? "<span class=\"empty\">(empty)</span>" : "<bdi>\(HTMLText.escaped(cell.text))</bdi>"
                text += "<td class=\"wrong\"><mark><span class=\"spoken\">here: </span>\(shown)</mark></td>"
            } else {
                text += "<td><bdi>\(HTMLText.escaped(cell.text))</bdi></td>"
            }
        }
        return text + "</tr>\n"
    }

    private func place(_ finding: Finding) -> String {
        var parts: [String] = []
        let position = finding.position
        if position.dataset > 1 { parts.append("dataset \(position.dataset)") }
        if position.line > 0 { parts.append("line \(position.line)") }
        if position.column > 0 { parts.append("column \(position.column)") }
        if position.row > 0 { parts.append("row \(position.row)") }
        if let key = finding.seriesKey, finding.cells.isEmpty { parts.append(key) }
        if let period = finding.timePeriod { parts.append(period) }
        if finding.observations > 1 { parts.append("\(Self.grouped(finding.observations)) observations") }
        return parts.isEmpty ? "message" : parts.joined(separator: ", ")
    }

    private func title(_ group: Group) -> String { group.entry?.title ?? group.code.rawValue }
    private func badge(_ group: Group) -> String { "<span class=\"badge \(group.count.severity.rawValue)\">\(group.count.severity.rawValue)</span>" }
    private static func anchor(_ group: Group) -> String {
        "code-"
            + String(
                String.UnicodeScalarView(group.code.rawValue.unicodeScalars.filter { $0.isASCII && ($0.properties.isAlphabetic || $0 == "." || $0 == "-") }))
    }

    /// Thousands apart by a thin space, as statistics are printed.
    private static func grouped(_ number: Int) -> String {
        let digits = String(number)
        return String(
            digits.enumerated().flatMap { offset, digit in offset > 0 && (digits.count - offset) % 3 == 0 ? ["\u{202F}", digit] : [digit] })
    }

    private static let style = """
        :root{color-scheme:light dark;--edge:#8886;--wrong:#ffe08a;--ink:#1b1b1b}\
        body{font:1rem/1.5 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem}\
        h1{font-size:1.6rem;overflow-wrap:anywhere}h2{font-size:1.2rem;margin-top:2.5rem}\
        dl{display:grid;gap:.25rem}dl div{display:grid;grid-template-columns:9rem 1fr;gap:1rem}dt{font-weight:600}dd{margin:0}\
        table{border-collapse:collapse;margin:.5rem 0}caption{text-align:left;font-weight:600;padding:.25rem 0}\
        th,td{border:1px solid var(--edge);padding:.3rem .5rem;text-align:left;vertical-align:top}td{white-space:pre-wrap}\
        .number{text-align:right;font-variant-numeric:tabular-nums}.words{white-space:normal;min-width:22rem}\
        .wide{overflow-x:auto}.wide:focus-visible{outline:3px solid #1a6fd4}\
        .wrong{outline:3px solid #b00020;outline-offset:-3px}mark{background:var(--wrong);color:var(--ink)}.empty{font-style:italic}\
        .badge{border:2px solid;border-radius:.3rem;font-size:.85rem;font-weight:700;padding:0 .4rem}\
        .badge.error{color:#b00020}.badge.warning{color:#8a5a00}.badge.note{color:#4a5568}.verdict{font-size:1.2rem;font-weight:600}\
        .bad{color:#b00020}.good{color:#1b6e3c}\
        .spoken{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}\
        @media (prefers-color-scheme:dark){.badge.error,.bad{color:#ff8a93}.badge.warning{color:#f0c060}.badge.note{color:#b8c2cc}.good{color:#7fd6a0}}\
        @media print{body{max-width:none}.wide{overflow:visible}}
        """
}
