import SluiceKit

/// Reads an agreement from YAML. What it does not understand whole it refuses: a term that is silently ignored protects nobody.
package enum AgreementReader {
    /// - Parameter file: for messages.
    package static func read(_ yaml: String, file: String = "") throws(AgreementError) -> Agreement {
        let document = try AgreementDocument(yaml: yaml, file: file)
        let top = try TermReader(
            document, path: "",
            known: [
                "agreement", "version", "title", "giver", "receiver", "receivers", "dataflow", "direction", "purpose", "legalBasis", "validity", "grant",
                "protect", "obligations",
            ], file: file)
        let id = try top.text("agreement")
        guard isName(id, extra: "-_.") else { throw top.invalid("agreement", "may have letters, digits, '-', '_' and '.', and is \(id)") }
        let version = try top.text("version")
        guard isName(version, extra: ".-") else { throw top.invalid("version", "has to look like 1.0") }

        guard top.has("receiver") != top.has("receivers") else {
            throw AgreementError(.keyMissing, file: file, line: top.line, detail: "give either receiver or receivers")
        }
        let receiverKey = top.has("receiver") ? "receiver" : "receivers"
        let giver = try top.text("giver")
        guard isParticipant(giver) else { throw top.invalid("giver", "has to be a participant's id such as AM.MOI") }
        let receivers = try top.texts(receiverKey)
        guard receivers.allSatisfy(isParticipant) else { throw top.invalid(receiverKey, "has to name participants such as AM.ARMSTAT") }
        guard let dataflow = ArtefactReference(.dataflow, short: try top.text("dataflow")), isParticipant(dataflow.agency), isName(dataflow.id, extra: "-_@$")
        else {
            throw top.invalid("dataflow", "has to look like AGENCY:ID(VERSION) or AGENCY:ID")
        }
        var directions = Set(Agreement.Direction.allCases)
        if top.has("direction"), try top.text("direction") != "both" { directions = [try top.oneOf("direction", Agreement.Direction.self)] }
        let purposes = try top.texts("purpose")
        for purpose in purposes where !isPurpose(purpose) {
            throw top.invalid("purpose", "has words in small letters joined by '-', such as official-statistics, and is \(purpose)")
        }

        let validity = try TermReader(try top.document("validity"), path: "validity", known: ["from", "until"], file: file)
        let from = try validity.date("from")
        let until = try validity.date("until")
        guard from <= until else { throw validity.invalid("until", "lies before validity.from") }

        var canonical: [UInt8] = []
        document.writeCanonical(to: &canonical)
        var agreement = Agreement(
            id: id, version: version, title: try top.text("title"), giver: giver, receivers: receivers, dataflow: dataflow, directions: directions,
            purposes: purposes,
            legalBasis: try top.text("legalBasis"), from: from, until: until, dimensions: [:], outside: .refuse, dropped: [], protection: nil,
            handling: HandlingObligations(), canonicalBytes: canonical)
        try readGrant(try top.document("grant"), into: &agreement, file: file)
        agreement.protection = try readProtection(try top.document("protect"), file: file)
        agreement.handling = try readHandling(try top.document("obligations"), file: file)
        return agreement
    }

    private static func readGrant(_ document: AgreementDocument, into agreement: inout Agreement, file: String) throws(AgreementError) {
        let grant = try TermReader(document, path: "grant", known: ["dimensions", "drop", "outside"], file: file)
        let dimensions = try TermReader(try grant.document("dimensions"), path: "grant.dimensions", known: nil, file: file)
        for id in dimensions.keys { agreement.dimensions[id] = try readDimension(try dimensions.document(id), path: dimensions.full(id), file: file) }
        if grant.has("drop") { agreement.dropped = Set(try grant.texts("drop")) }
        if grant.has("outside") { agreement.outside = try grant.oneOf("outside", CubeObligations.Outside.self) }
    }

    private static func readDimension(_ document: AgreementDocument, path: String, file: String) throws(AgreementError) -> Agreement.DimensionGrant {
        if case .text(let text, let line) = document {
            guard text == "all" else { throw AgreementError(.valueInvalid, file: file, line: line, detail: "\(path) has to be `all` or a mapping with codes") }
            return Agreement.DimensionGrant()
        }
        let reader = try TermReader(document, path: path, known: ["codes", "coarsen", "deepestLevel"], file: file)
        var grant = Agreement.DimensionGrant()
        let codes = try reader.texts("codes")
        if codes != ["all"] {
            guard !codes.contains("all") else { throw reader.invalid("codes", "has to be `all` alone or a list of codes") }
            grant.codes = Set(codes)
        }
        if reader.has("deepestLevel") { grant.deepestLevel = try reader.integer("deepestLevel", in: 1...32) }
        guard reader.has("coarsen") else { return grant }
        guard grant.deepestLevel == nil else { throw reader.invalid("coarsen", "and deepestLevel both say how deep the data go; keep one") }
        let coarsen = try TermReader(try reader.document("coarsen"), path: reader.full("coarsen"), known: ["to"], file: file)
        let targets = try TermReader(try coarsen.document("to"), path: coarsen.full("to"), known: nil, file: file)
        for broader in targets.keys {
            for narrower in try targets.texts(broader) {
                guard grant.coarsening.updateValue(broader, forKey: narrower) == nil else {
                    throw targets.invalid(broader, "names \(narrower), which another line already makes part of something")
                }
            }
        }
        // A broader code that were itself coarsened would make the result depend on the order.
        for (narrower, broader) in grant.coarsening where narrower != broader && grant.coarsening[broader].map({ $0 != broader }) ?? false {
            throw targets.invalid(broader, "is itself made part of \(grant.coarsening[broader] ?? ""); name the last target for \(narrower) directly")
        }
        return grant
    }

    private static func readProtection(_ document: AgreementDocument, file: String) throws(AgreementError) -> ProtectionObligations? {
        if case .text("none", _) = document { return nil }
        let reader = try TermReader(
            document, path: "protect",
            known: ["minimumCell", "method", "safety", "mode", "frequencyComponent", "totals", "neutralStatus", "cost", "differencing"], file: file)
        var protection = ProtectionObligations(method: try reader.text("method"), minimumCell: try reader.integer("minimumCell", in: 2...1_000_000))
        protection.differencing = try readDifferencing(reader, file: file)
        if reader.has("safety") { protection.rules.safetyPercent = try reader.integer("safety", in: 0...1_000) }
        if reader.has("mode") { protection.mode = try reader.oneOf("mode", ProtectionObligations.Mode.self) }
        protection.frequencyComponent = try reader.optionalText("frequencyComponent")
        if reader.has("neutralStatus") { protection.neutralStatus = try reader.boolean("neutralStatus") }
        if reader.has("cost") { protection.cost = try reader.oneOf("cost", ProtectionObligations.Cost.self) }
        guard reader.has("totals") else { return protection }
        let totals = try TermReader(try reader.document("totals"), path: "protect.totals", known: nil, file: file)
        for dimension in totals.keys {
            switch try totals.document(dimension) {
            case .text("none", _): protection.totals[dimension] = ProtectionObligations.Totals.none
            case .text(let code, _) where !code.isEmpty: protection.totals[dimension] = .code(code)
            case .map:
                let parts = try TermReader(try totals.document(dimension), path: totals.full(dimension), known: nil, file: file)
                var breakdowns: [ProtectionObligations.Breakdown] = []
                for total in parts.keys { breakdowns.append(.init(total: total, parts: try parts.texts(total))) }
                protection.totals[dimension] = .parts(breakdowns)
            default: throw totals.invalid(dimension, "has to be a total's code, `none`, or a mapping from totals to lists of their parts")
            }
        }
        return protection
    }

    private static func readHandling(_ document: AgreementDocument, file: String) throws(AgreementError) -> HandlingObligations {
        let reader = try TermReader(document, path: "obligations", known: ["retention", "onwardTransfer", "embargo", "citation", "fourEyes"], file: file)
        var handling = HandlingObligations()
        let retention = try reader.text("retention")
        if retention != "unlimited" {
            guard RetentionPeriod(retention) != nil else {
                throw reader.invalid("retention", "has to be an ISO 8601 duration such as P5Y, P18M or P90D, or unlimited")
            }
            handling.retention = retention
        }
        let onward = try reader.texts("onwardTransfer")
        if onward == ["none"] {
            handling.onwardTransfer = .none
        } else if onward == ["public"] {
            handling.onwardTransfer = .public
        } else {
            guard onward.allSatisfy(isParticipant) else { throw reader.invalid("onwardTransfer", "has to be none, public, or a list of participants") }
            handling.onwardTransfer = .to(onward)
        }
        if let embargo = try reader.optionalText("embargo") {
            guard isInstant(embargo) else { throw reader.invalid("embargo", "has to be an instant in UTC such as 2026-06-30T09:00:00Z") }
            handling.embargo = embargo
        }
        handling.citation = try reader.optionalText("citation")
        if reader.has("fourEyes") { handling.fourEyes = try reader.boolean("fourEyes") }
        return handling
    }

    private static func isName(_ text: String, extra: String) -> Bool {
        text.utf8.count <= 128 && text.first?.isASCII == true
            && text.unicodeScalars.allSatisfy { scalar in
                scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || extra.unicodeScalars.contains(scalar))
            }
    }

    static func isParticipant(_ text: String) -> Bool {
        !text.isEmpty && text.first?.isLetter == true && text.last != "." && !text.contains("..") && isName(text, extra: "-_.")
    }

    static func isPurpose(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 64
            && text.split(separator: "-", omittingEmptySubsequences: false).allSatisfy { part in
                !part.isEmpty && part.unicodeScalars.allSatisfy { ("a"..."z").contains($0) || ("0"..."9").contains($0) }
            }
    }

    private static func isInstant(_ text: String) -> Bool {
        guard text.utf8.count == 20, text.hasSuffix("Z"), CalendarDate(String(text.prefix(10))) != nil else { return false }
        let time = text.dropFirst(11).dropLast().split(separator: ":", omittingEmptySubsequences: false)
        guard text.dropFirst(10).first == "T", time.map(\.count) == [2, 2, 2] else { return false }
        return zip(time, [24, 60, 60]).allSatisfy { part, limit in Int(part).map { (0..<limit).contains($0) && part.allSatisfy(\.isNumber) } ?? false }
    }
}
