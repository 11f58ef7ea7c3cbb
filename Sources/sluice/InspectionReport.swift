internal import SluiceKit

extension Inspection {
    // MARK: For people

    func text(of path: String, listedMax: Int) -> String {
        var lines = ["\(path): \(kind), \(Progress.bytes(byteCount))"]
        func add(_ name: String, _ value: String?) {
            guard let value, !value.isEmpty else { return }
            lines.append("  \(name.padded(to: 10)) \(value)")
        }
        add("format", formatID)
        switch content {
        case .data(let outline):
            let header = outline.header
            add("id", header.id)
            add("test", header.isTest ? "yes" : nil)
            add("prepared", header.prepared)
            add("sender", header.senders.map(\.id).joined(separator: ", "))
            add("receiver", header.receivers.map(\.id).joined(separator: ", "))
            add("name", header.names.text())
            add("source", header.sources.text())
            lines.append(counted(outline.datasetCount, "dataset"))
            for (index, dataset) in outline.datasets.prefix(listedMax).enumerated() { lines += Self.lines(dataset, ordinal: index + 1) }
            if outline.datasetCount > listedMax { lines.append("  … and \(outline.datasetCount - listedMax) more; --json lists them.") }
        case .structures(let structures):
            let rows = StructureRow.rows(of: structures)
            lines.append(counted(rows.count, "artefact"))
            for row in rows.prefix(listedMax) {
                lines.append(
                    "  \(row.artefactClass.padded(to: 18)) \(row.reference)\(row.itemCount.map { ", \(counted($0, row.itemWord))" } ?? "")\(row.name.map { " — \($0)" } ?? "")"
                )
            }
            if rows.count > listedMax { lines.append("  … and \(rows.count - listedMax) more; --json lists them.") }
        case .nothing: break
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var kind: String { if case .data(let outline) = content { outline.kind } else { formatID } }

    private static func lines(_ dataset: MessageOutline.Dataset, ordinal: Int) -> [String] {
        var parts = [counted(dataset.observationCount, "observation")]
        if dataset.seriesCount > 0 { parts.append("\(dataset.seriesCount) series") }
        if dataset.groupCount > 0 { parts.append(counted(dataset.groupCount, "group")) }
        if let action = dataset.action { parts.append("action \(action.rawValue)") }
        if let dimension = dataset.dimensionAtObservation { parts.append("\(dimension) at observation") }
        var lines = ["  \(ordinal). \(dataset.reference?.description ?? "no structure named"): \(parts.joined(separator: ", "))"]
        if !dataset.components.isEmpty { lines.append("     \(dataset.components.joined(separator: ", "))") }
        return lines
    }

    // MARK: For programs

    func json(of path: String, findings: FindingTally) -> JSONValue {
        var members = [
            JSONMember("file", .string(path)), JSONMember("format", .string(formatID)), JSONMember("kind", .string(kind)),
            JSONMember("bytes", .integer(Int64(byteCount))), JSONMember("complete", .bool(failure == nil)),
        ]
        switch content {
        case .data(let outline):
            members.append(JSONMember("message", .string("data")))
            members.append(JSONMember("header", Self.json(outline.header)))
            members.append(JSONMember("datasetCount", .integer(Int64(outline.datasetCount))))
            members.append(JSONMember("datasets", .array(outline.datasets.map(Self.json))))
        case .structures(let structures):
            members.append(JSONMember("message", .string("structure")))
            members.append(JSONMember("structures", .array(StructureRow.rows(of: structures).map(\.json))))
        case .nothing: break
        }
        members.append(JSONMember("errors", .integer(Int64(findings.errorCount))))
        members.append(JSONMember("findings", .array(findings.samples.map(\.json))))
        if let failure { members.append(JSONMember("stopped", .string(failure.description))) }
        return .object(members)
    }

    private static func json(_ header: MessageHeader) -> JSONValue {
        var members = [JSONMember("id", .string(header.id)), JSONMember("test", .bool(header.isTest))]
        func add(_ name: String, _ text: String?) { if let text { members.append(JSONMember(name, .string(text))) } }
        add("prepared", header.prepared)
        members.append(JSONMember("senders", .array(header.senders.map { .string($0.id) })))
        members.append(JSONMember("receivers", .array(header.receivers.map { .string($0.id) })))
        if !header.names.isEmpty { members.append(JSONMember("names", json(header.names))) }
        if !header.sources.isEmpty { members.append(JSONMember("sources", json(header.sources))) }
        add("extracted", header.extracted)
        add("reportingBegin", header.reportingBegin)
        add("reportingEnd", header.reportingEnd)
        add("embargoDate", header.embargoDate)
        return .object(members)
    }

    private static func json(_ texts: LocalisedText) -> JSONValue { .object(texts.entries.map { JSONMember($0.language, .string($0.text)) }) }

    private static func json(_ dataset: MessageOutline.Dataset) -> JSONValue {
        var members: [JSONMember] = []
        func add(_ name: String, _ text: String?) { if let text, !text.isEmpty { members.append(JSONMember(name, .string(text))) } }
        add("structure", dataset.reference?.description)
        add("structureClass", dataset.reference?.artefactClass.rawValue)
        add("structureID", dataset.structureID)
        add("action", dataset.action?.rawValue)
        add("dimensionAtObservation", dataset.dimensionAtObservation)
        add("setID", dataset.setID)
        add("provider", dataset.provider?.description)
        members.append(JSONMember("series", .integer(Int64(dataset.seriesCount))))
        members.append(JSONMember("groups", .integer(Int64(dataset.groupCount))))
        members.append(JSONMember("observations", .integer(Int64(dataset.observationCount))))
        members.append(JSONMember("components", .array(dataset.components.map(JSONValue.string))))
        if dataset.line > 0 { members.append(JSONMember("line", .integer(Int64(dataset.line)))) }
        return .object(members)
    }
}

/// One artefact as it is listed.
struct StructureRow {
    var artefactClass: String
    var reference: String
    var name: String?
    var itemWord: String
    /// How many items (codes, concepts, components) it has; nil where counting says nothing.
    var itemCount: Int?

    init(_ artefact: some MaintainableArtefact, _ itemCount: Int? = nil, _ itemWord: String = "item") {
        artefactClass = artefact.artefactClass.rawValue
        reference = artefact.reference.description
        name = artefact.identity.names.text()
        self.itemCount = itemCount
        self.itemWord = itemWord
    }

    /// An artefact that is kept without being interpreted.
    init(_ other: OtherArtefact) {
        artefactClass = other.artefactClass?.rawValue ?? other.raw.name
        reference = other.reference?.description ?? other.identity.map { "\($0.agency):\($0.id)(\($0.version))" } ?? ""
        name = other.identity?.names.text()
        itemWord = "item"
    }

    static func rows(of set: StructureSet) -> [StructureRow] {
        var rows = set.dataStructures.map { StructureRow($0, $0.dimensions.count + $0.measures.count + $0.attributes.count, "component") }
        rows += set.metadataStructures.map { StructureRow($0, $0.attributes.count, "attribute") }
        rows += set.dataflows.map { StructureRow($0) }
        rows += set.metadataflows.map { StructureRow($0) }
        rows += set.codelists.map { StructureRow($0, $0.codes.count, "code") }
        rows += set.valueLists.map { StructureRow($0) }
        rows += set.conceptSchemes.map { StructureRow($0, $0.concepts.count, "concept") }
        rows += set.categorySchemes.map { StructureRow($0, $0.categories.count, "top category") }
        rows += set.categorisations.map { StructureRow($0) }
        rows += set.organisationSchemes.map { StructureRow($0, $0.organisations.count, "organisation") }
        rows += set.provisionAgreements.map { StructureRow($0) }
        rows += set.constraints.map { StructureRow($0) }
        rows += set.hierarchies.map { StructureRow($0) }
        rows += set.hierarchicalCodelists.map { StructureRow($0) }
        rows += set.hierarchyAssociations.map { StructureRow($0) }
        rows += set.structureMaps.map { StructureRow($0) }
        rows += set.representationMaps.map { StructureRow($0) }
        rows += set.itemSchemeMaps.map { StructureRow($0) }
        rows += set.others.map { StructureRow($0) }
        return rows
    }

    var json: JSONValue {
        var members = [JSONMember("class", .string(artefactClass)), JSONMember("reference", .string(reference))]
        if let name { members.append(JSONMember("name", .string(name))) }
        if let itemCount { members.append(JSONMember("items", .integer(Int64(itemCount)))) }
        return .object(members)
    }
}

extension String {
    func padded(to width: Int) -> String { count >= width ? self : self + String(repeating: " ", count: width - count) }
}
