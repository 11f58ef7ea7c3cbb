internal import SluiceCore
internal import SluiceKit
internal import SluiceLedger

/// `index.html`: a summary that opens without a network and without a script. It says nothing but what manifest and entries say, so that verifying can write it again.
enum EvidencePage {
    static func text(_ manifest: EvidenceManifest, checkpoint: Checkpoint, entries: [UInt64: [UInt8]]) -> String {
        var html = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Evidence of \(HTMLText.escaped(manifest.participant))</title>
            <style>
            body { font: 1rem/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff; max-width: 70rem; margin: 2rem auto; padding: 0 1rem }
            table { border-collapse: collapse; width: 100%; margin: .5rem 0 1.5rem } caption { text-align: left; font-weight: 600 }
            th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #ccc }
            code { font-family: ui-monospace, monospace; font-size: .85em; overflow-wrap: anywhere } .scroll { overflow-x: auto }
            a { color: #0b4f8a }
            </style>
            </head>
            <body>
            <main>
            <h1>Evidence of \(HTMLText.escaped(manifest.participant))</h1>
            <p>Made \(HTMLText.escaped(manifest.madeAt)) by \(HTMLText.escaped(manifest.software)). The ledger <code>\(HTMLText.escaped(checkpoint.origin))</code> had \(checkpoint.head.size) entries, root
            <code>\(checkpoint.head.root.base64)</code> (<a href="checkpoint">checkpoint</a>). This page proves nothing by itself: <a href="README.txt">README.txt</a> says how everything here
            is checked with other people’s tools.</p>

            """
        if !manifest.agreements.isEmpty {
            html += "<div class=\"scroll\"><table><caption>Agreements</caption><thead><tr><th scope=\"col\">agreement<th scope=\"col\">digest</thead><tbody>\n"
            for agreement in manifest.agreements {
                let name = agreement.file.isEmpty ? HTMLText.escaped(agreement.name) + " (its text is not here)" : link(agreement.file, agreement.name)
                html += "<tr><td>\(name)<td><code>\(HTMLText.escaped(agreement.sha256))</code>\n"
            }
            html += "</tbody></table></div>\n"
        }
        for exchange in manifest.exchanges { html += section(exchange, entries) }
        if !manifest.statements.isEmpty {
            html += "<h2>What people said of the agreements</h2>\n"
            for statements in manifest.statements { html += table(statements.agreement, statements.entries, entries) }
        }
        return html + "</main>\n</body>\n</html>\n"
    }

    private static func section(_ exchange: EvidenceManifest.Exchange, _ entries: [UInt64: [UInt8]]) -> String {
        var html = "<h2>Exchange <code>\(HTMLText.escaped(exchange.id))</code> of \(HTMLText.escaped(exchange.sender))</h2>\n<p>"
        let files = [("package", exchange.package), ("receipt", exchange.receipt), ("approval", exchange.approval)].filter { !$0.1.isEmpty }
        html += files.map { link($0.1, $0.0) }.joined(separator: ", ")
        if !exchange.absence.isEmpty {
            html += files.isEmpty ? "" : "; "
            html +=
                exchange.isErased
                ? "erased: package, receipt and key were destroyed; its entries and proofs remain" : "no package: \(HTMLText.escaped(exchange.absence))"
        }
        html += "</p>\n"
        return html + table("Entries of the ledger", exchange.entries, entries)
    }

    private static func table(_ caption: String, _ indexes: [UInt64], _ entries: [UInt64: [UInt8]]) -> String {
        var html = "<div class=\"scroll\"><table><caption>\(HTMLText.escaped(caption))</caption><thead><tr><th scope=\"col\">entry<th scope=\"col\">time"
        html += "<th scope=\"col\">what happened<th scope=\"col\">particulars</thead><tbody>\n"
        for index in indexes {
            html += "<tr><td>\(link(EvidenceLayout.entry(index), String(index))) (\(link(EvidenceLayout.proof(index), "proof")))"
            guard let read = entries[index].flatMap({ try? LedgerEntry(parsing: $0) }) else {
                html += "<td><td><td>\n"
                continue
            }
            let meaning = LedgerEvent.Kind(rawValue: read.type).map(EntryReport.meaning) ?? read.type
            html += "<td>\(HTMLText.escaped(read.time))<td>\(HTMLText.escaped(meaning))<td>"
            html += read.data.filter { $0.name != "actor" && $0.name != "software" && $0.value.text != "" }
                .map { "\(HTMLText.escaped($0.name)) <code>\(HTMLText.escaped($0.value.text ?? $0.value.compactText))</code>" }.joined(separator: ", ")
            html += "\n"
        }
        return html + "</tbody></table></div>\n"
    }

    /// A path of ours, with what a path may not hold left out by `EvidenceLayout.part`.
    private static func link(_ path: String, _ words: String) -> String { "<a href=\"\(HTMLText.escaped(path))\">\(HTMLText.escaped(words))</a>" }
}
