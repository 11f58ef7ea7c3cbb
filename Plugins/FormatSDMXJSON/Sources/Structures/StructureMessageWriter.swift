import SluiceKit

/// Why an artefact cannot be written: what it says has no place in the format, or the schema would refuse it.
struct Unwritable: Error {
    let reason: String
    init(_ reason: String) { self.reason = reason }
}

/// Writes a structure message 2.0 or 2.1.
///
/// Each artefact is made in memory first: one that the schema would refuse is left out whole, with a warning that says why.
/// Members stand in the order in which the set has its artefacts, each artefact and each item on a line of its own.
final class StructureMessageWriter {
    let version: SDMXJSONStructureFormat.Version
    let findings: any FindingSink
    var is21: Bool { version == .v21 }
    /// The artefact at hand.
    var json = JSONOutput()
    private var artefact = ""
    private var body: [UInt8] = []
    private var sectionCount = 0
    /// The languages of the texts, in the order they came.
    private var languages: [String] = []
    private var knownLanguages: Set<String> = []
    private var reported: Set<String> = []

    init(version: SDMXJSONStructureFormat.Version, findings: any FindingSink) {
        self.version = version
        self.findings = findings
    }

    // MARK: The message

    func write(_ structures: StructureSet, header: MessageHeader, to sink: any ByteSink) throws(WriteError) {
        section(structures.organisationSchemes, member: \.kind.schemesMember) { (scheme) throws(Unwritable) in try write(scheme) }
        section(structures.codelists, member: \.listsMember) { (list) throws(Unwritable) in try write(list) }
        section(structures.valueLists, "valueLists") { (list) throws(Unwritable) in try write(list) }
        section(structures.conceptSchemes, "conceptSchemes") { (scheme) throws(Unwritable) in try write(scheme) }
        section(structures.categorySchemes, "categorySchemes") { (scheme) throws(Unwritable) in try write(scheme) }
        section(structures.hierarchies, "hierarchies") { (hierarchy) throws(Unwritable) in try write(hierarchy) }
        for list in structures.hierarchicalCodelists {
            begin(list)
            leftOut("hierarchical code lists belong to SDMX 2.1; write its hierarchies as hierarchies of their own")
        }
        section(structures.hierarchyAssociations, "hierarchyAssociations") { (association) throws(Unwritable) in try write(association) }
        section(structures.dataStructures, "dataStructures") { (structure) throws(Unwritable) in try write(structure) }
        section(structures.metadataStructures, "metadataStructures") { (structure) throws(Unwritable) in try write(structure) }
        section(structures.dataflows, "dataflows") { (flow) throws(Unwritable) in try write(flow) }
        section(structures.metadataflows, "metadataflows") { (flow) throws(Unwritable) in try write(flow) }
        section(structures.provisionAgreements, member: { $0.isMetadata ? "metadataProvisionAgreements" : "provisionAgreements" }) {
            (agreement) throws(Unwritable) in try write(agreement)
        }
        section(structures.categorisations, "categorisations") { (categorisation) throws(Unwritable) in try write(categorisation) }
        section(structures.constraints, "dataConstraints") { (constraint) throws(Unwritable) in try write(constraint) }
        section(structures.structureMaps, "structureMaps") { (map) throws(Unwritable) in try write(map) }
        section(structures.representationMaps, "representationMaps") { (map) throws(Unwritable) in try write(map) }
        section(structures.itemSchemeMaps, member: \.mapsMember) { (map) throws(Unwritable) in try write(map) }
        writeOthers(structures.others)

        json.removeAll()
        writeMeta(header)
        let out = ByteWriter(sink)
        try Self.write(json.bytes, to: out)
        try Self.write(body, to: out)
        try out.write("}}\n")
        try out.flush()
    }

    private static func write(_ bytes: [UInt8], to out: ByteWriter) throws(WriteError) {
        var failure: WriteError?
        bytes.withUnsafeBytes { raw in do throws(WriteError) { try out.write(raw) } catch { failure = error } }
        if let failure { throw failure }
    }

    /// Up to the opened `data`.
    private func writeMeta(_ header: MessageHeader) {
        reported = []
        artefact = "message header"
        json.beginObject()
        if is21 { json.text("$schema", SDMXJSONStructureFormat.schemaAddress(version)) }
        json.beginObject("meta")
        json.text("schema", SDMXJSONStructureFormat.schemaAddress(version))
        json.text("id", headerID(header.id))
        json.bool("test", header.isTest)
        json.text("prepared", header.prepared.flatMap { SchemaPattern.dateTime($0) } ?? PreparedTime.dateTime(nil))
        let name = header.names
        note(name)
        for party in header.senders.prefix(1) + header.receivers { note(party) }
        let usable = languages.filter { SchemaPattern.isLanguage($0) }
        // The first is the main language: that of a text that is given in one language only.
        let ordered = usable.filter { $0 == "en" } + usable.filter { $0 != "en" }
        json.texts("contentLanguages", unique(is21 ? ordered : ordered.compactMap { SchemaPattern.lowerCaseLanguage($0) }))
        writeText("name", "names", name)
        json.beginObject("sender")
        if let sender = header.senders.first { writeParty(sender) } else { json.text("id", "unset") }
        json.endObject()
        if !header.receivers.isEmpty {
            json.beginArray("receivers")
            for receiver in header.receivers {
                json.beginObject()
                writeParty(receiver)
                json.endObject()
            }
            json.endArray()
        }
        json.endObject()
        json.newLine()
        json.beginObject("data")
    }

    private func writeParty(_ party: MessageHeader.Party) {
        json.text("id", headerID(party.id))
        writeText("name", "names", party.names)
        writeContacts(party.contacts)
    }

    private func note(_ text: LocalisedText) { for entry in text.entries { note(language: entry.language) } }
    private func note(_ party: MessageHeader.Party) {
        note(party.names)
        for contact in party.contacts { for text in [contact.names, contact.departments, contact.roles] { note(text) } }
    }

    func note(language: String) { if knownLanguages.insert(language).inserted { languages.append(language) } }

    /// An id as the header may have it: agency ids have dots, which the schema does not let through.
    private func headerID(_ text: String) -> String {
        let id = String(text.map { SchemaPattern.isID(String($0)) ? $0 : "_" })
        return id.isEmpty ? "unset" : id
    }

    // MARK: Sections

    private func section<Artefact: MaintainableArtefact>(_ artefacts: [Artefact], _ name: String, _ write: (Artefact) throws(Unwritable) -> Void) {
        section(artefacts, member: { _ in name }, write)
    }

    /// Artefacts of one table, which may belong to several members: those come in the order in which the table has them first.
    private func section<Artefact: MaintainableArtefact>(
        _ artefacts: [Artefact], member: (Artefact) -> String, _ write: (Artefact) throws(Unwritable) -> Void
    ) {
        for name in unique(artefacts.map(member)) {
            var isOpen = false
            for artefact in artefacts where member(artefact) == name {
                begin(artefact)
                do throws(Unwritable) { try write(artefact) } catch {
                    leftOut(error.reason)
                    continue
                }
                append(json.bytes, to: name, &isOpen)
            }
            if isOpen { body.append(contentsOf: "]".utf8) }
        }
    }

    private func append(_ bytes: [UInt8], to name: String, _ isOpen: inout Bool) {
        if !isOpen {
            body.append(contentsOf: "\(sectionCount > 0 ? "," : "")\n\"\(name)\":[\n".utf8)
            sectionCount += 1
            isOpen = true
        } else {
            body.append(contentsOf: ",\n".utf8)
        }
        body.append(contentsOf: bytes)
    }

    private func begin(_ artefact: some MaintainableArtefact) { begin("\(artefact.artefactClass.rawValue) \(artefact.reference)") }

    private func begin(_ name: String) {
        artefact = name
        reported = []
        json.removeAll()
    }

    /// What Sluice keeps without interpreting it: written as it stood, in the versions that have it.
    private func writeOthers(_ others: [OtherArtefact]) {
        for name in unique(others.map(\.raw.name)) {
            var isOpen = false
            for other in others where other.raw.name == name {
                begin(other.description)
                if let reason = reasonNotToWrite(other.raw) {
                    leftOut(reason)
                    continue
                }
                append(Array(other.raw.text.utf8), to: name, &isOpen)
            }
            if isOpen { body.append(contentsOf: "]".utf8) }
        }
    }

    private func reasonNotToWrite(_ raw: RawPart) -> String? {
        let format = SDMXJSONStructureFormat(version).id
        let isShared = StructureMember.since20.contains(raw.name) || ["reportingTaxonomies", "processes"].contains(raw.name)
        guard raw.formatID == format || raw.formatID.hasPrefix("sdmx-json-2.") && isShared else {
            return "it is kept as \(raw.formatID) has it and cannot be written as \(format)"
        }
        guard is21 else { return nil }
        // 2.1 lets no other members through than its own and extensions.
        guard let value = try? JSONValue(parsing: Array(raw.text.utf8), limits: JSONLimits(bytesMax: raw.text.utf8.count, depthMax: 1_024)) else {
            return "its text is not JSON"
        }
        return RawMembers.unknown(in: value).map { "\($0) has no place in SDMX-JSON 2.1" }
    }

    // MARK: Findings

    private func leftOut(_ reason: String) {
        findings.add(
            Finding(
                .structureNotKept, severity: .warning, component: artefact, message: "The \(artefact) is not written: \(reason).",
                advice: "Correct it, or write a format that has a place for it."))
    }

    /// Something of the artefact at hand that is not written, named once.
    func lost(_ what: String, isRemark: Bool = false) {
        guard reported.insert(what).inserted else { return }
        findings.add(
            Finding(
                .structureNotKept, severity: isRemark ? .note : .warning, component: artefact,
                message: "Of the \(artefact), \(what) \(isRemark ? "has" : "is not written: it has") no place in SDMX-JSON \(version.rawValue).",
                advice: "Keep the original message if it is needed."))
    }

    /// Texts without repetition, in their order: the schemas want lists of references to be sets.
    func unique(_ texts: [String]) -> [String] {
        guard texts.count > 1 else { return texts }
        var seen: Set<String> = []
        return texts.filter { seen.insert($0).inserted }
    }
}

extension OrganisationScheme.Kind {
    var schemesMember: String {
        switch self {
        case .agency: "agencySchemes"
        case .dataProvider: "dataProviderSchemes"
        case .dataConsumer: "dataConsumerSchemes"
        case .metadataProvider: "metadataProviderSchemes"
        case .unit: "organisationUnitSchemes"
        }
    }
}

extension Codelist {
    fileprivate var listsMember: String {
        switch kind {
        case .plain: "codelists"
        case .geographic: "geographicCodelists"
        case .grid: "geoGridCodelists"
        }
    }
}

extension ItemSchemeMap {
    fileprivate var mapsMember: String {
        switch artefactClass {
        case .categorySchemeMap: "categorySchemeMaps"
        case .organisationSchemeMap: "organisationSchemeMaps"
        case .reportingTaxonomyMap: "reportingTaxonomyMaps"
        default: "conceptSchemeMaps"
        }
    }
}
