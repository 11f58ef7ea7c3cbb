import SluiceKit

/// Reads a structure message of SDMX-ML 2.0, 2.1, 3.0 or 3.1, or the structures in a registry message, into a structure set.
///
/// The versions share most names, so one reader serves all; where a name means something else, `version` decides.
final class StructureReader {
    let xml: XMLEvents
    let version: SDMXMLVersion
    let findings: any FindingSink
    var structures = StructureSet()
    /// The maintainable artefact being read, for findings.
    var artefact = ""
    /// Where it begins.
    var artefactLine = 0
    /// Concepts of 2.0 that stand outside a scheme, by agency.
    var looseConcepts: [String: [Concept]] = [:]
    private var remarks: [String: Remark] = [:]

    /// Something that concerns many places and is reported once, with the first place and the number.
    private struct Remark {
        var isFault: Bool
        var line: Int
        var artefact: String
        var count: Int
    }
    /// Most different remarks; more are counted as one.
    private static let remarksMax = 256

    init(_ xml: XMLEvents, version: SDMXMLVersion, findings: any FindingSink) {
        self.xml = xml
        self.version = version
        self.findings = findings
    }

    var isVersion3: Bool { version == .v3_0 || version == .v3_1 }
    var formatID: String { "sdmx-ml-\(version.rawValue)-structure" }

    func read() throws(ReadError) -> StructureSet {
        guard try xml.next() else { throw ReadError(.malformed, detail: "the message is empty") }
        let kind = try xml.messageRoot()
        guard kind.content == .structure || kind.content == .registry, kind.version == version else {
            throw kind.unsupported(line: xml.line, wanted: "a structure message of SDMX-ML \(version.rawValue)")
        }
        let line = xml.line
        var hasStructures = kind.content == .structure
        var parts: [String] = []
        try xml.eachChild { () throws(ReadError) in
            parts.append(xml.name.local)
            switch xml.name.local {
            case "Header": if kind.content == .structure { try checkHeader() }
            case "Footer": break
            case "Structures": try readContainers()
            case _ where kind.content == .registry:
                if try readRegistryPart() { hasStructures = true }
            case _ where version == .v2_0: try readContainer()
            default: noteFault("the element \(xml.name.local) in a structure message")
            }
        }
        while try xml.next() {}
        if parts.first != "Header" || parts.dropFirst().contains("Header") { noteFault("a message without a header at its beginning") }
        if version != .v2_0, Set(parts).count < parts.count || parts.firstIndex(of: "Footer").map({ $0 < parts.count - 1 }) ?? false {
            noteFault("parts of the message that are repeated or in the wrong order")
        }
        guard hasStructures else {
            throw ReadError(
                .unsupported, line: line > 0 ? line : nil,
                detail: "this registry message holds no structures (a query, a submission's status or registrations); give the structure message itself")
        }
        addLooseConcepts()
        reportRemarks()
        return structures
    }

    /// Reads the structures of a registry message's request or response, if it has any.
    private func readRegistryPart() throws(ReadError) -> Bool {
        let part = xml.name.local
        if part == "Structures" || part == "Structure" {
            if version == .v2_0 { try xml.eachChild { () throws(ReadError) in try readContainer() } } else { try readContainers() }
            return true
        }
        var found = false
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "Structures", "Structure": if try readRegistryPart() { found = true }
            case "StatusMessage", "SubmittedStructure", "StructureLocation", "SubmissionResult": break
            case _ where part == "QueryStructureResponse":
                try readContainer()
                found = true
            default: break
            }
        }
        return found
    }

    private func readContainers() throws(ReadError) {
        var seen: [String] = []
        try xml.eachChild { () throws(ReadError) in
            let container = xml.name.local
            if !isInPlace(container, after: seen) { noteFault("\(container) in the wrong order, or twice") }
            // Bounded: a message with a container over and over has been named by then.
            if seen.count < 64 { seen.append(container) }
            try readContainer()
        }
    }

    /// One container per class of artefact (`structure:StructuresType`).
    private func readContainer() throws(ReadError) {
        if version == .v2_0 { return try readContainerOf20() }
        let container = xml.name.local
        let content = content(of: container)
        if content == nil { noteFault("the element \(container) among structures") }
        try xml.eachChild { () throws(ReadError) in
            if let content, !content.contains(xml.name.local) { noteFault("a \(xml.name.local) in \(container)") }
            try readArtefact()
        }
    }

    private func readArtefact() throws(ReadError) {
        artefactLine = xml.line
        switch xml.name.local {
        case "Codelist", "GeographicCodelist", "GeoGridCodelist": add(try readCodelist())
        case "ValueList" where isVersion3: place(structures.add(try readValueList()))
        case "ConceptScheme": add(try readConceptScheme())
        case "CategoryScheme": add(try readCategoryScheme())
        case "Categorisation": place(structures.add(try readCategorisation()))
        case "AgencyScheme", "DataProviderScheme", "DataConsumerScheme", "MetadataProviderScheme", "OrganisationUnitScheme":
            add(try readOrganisationScheme())
        case "DataStructure": add(try readDataStructure())
        case "MetadataStructure": place(structures.add(try readMetadataStructure()))
        case "Dataflow": place(structures.add(try readDataflow()))
        case "Metadataflow": place(structures.add(try readMetadataflow()))
        case "ProvisionAgreement", "MetadataProvisionAgreement": place(structures.add(try readProvisionAgreement()))
        case "ContentConstraint", "DataConstraint": place(structures.add(try readConstraint()))
        case "Hierarchy" where isVersion3: place(structures.add(try readHierarchy()))
        case "HierarchicalCodelist" where !isVersion3: place(structures.add(try readHierarchicalCodelist()))
        case "HierarchyAssociation" where isVersion3: place(structures.add(try readHierarchyAssociation()))
        case "StructureMap" where isVersion3: place(structures.add(try readStructureMap()))
        case "RepresentationMap" where isVersion3: place(structures.add(try readRepresentationMap()))
        case "ConceptSchemeMap", "CategorySchemeMap", "OrganisationSchemeMap", "ReportingTaxonomyMap":
            if isVersion3 { place(structures.add(try readItemSchemeMap())) } else { try keepRaw() }
        default: try keepRaw()
        }
        artefact = ""
    }

    // MARK: Adding

    func place(_ addition: StructureSet.Addition) {
        if case .conflict(let reference) = addition { findings.add(.artefactConflict(reference, from: nil, at: Position(line: artefactLine))) }
    }

    func add(_ list: Codelist) {
        list.reportFaults(to: findings, at: Position(line: artefactLine))
        place(structures.add(list))
    }

    func add(_ scheme: ConceptScheme) {
        scheme.reportFaults(to: findings, at: Position(line: artefactLine))
        place(structures.add(scheme))
    }

    func add(_ scheme: CategoryScheme) {
        scheme.reportFaults(to: findings, at: Position(line: artefactLine))
        place(structures.add(scheme))
    }

    func add(_ scheme: OrganisationScheme) {
        scheme.reportFaults(to: findings, at: Position(line: artefactLine))
        place(structures.add(scheme))
    }

    func add(_ structure: DataStructure) {
        structure.reportFaults(to: findings, at: Position(line: artefactLine))
        place(structures.add(structure))
    }

    /// Keeps an artefact that is not interpreted as it stands (Docs/Decisions/0011).
    func keepRaw() throws(ReadError) {
        let name = xml.name.local
        let known = ArtefactClass(named: name)
        var identity: ArtefactIdentity?
        if known != nil || xml.attribute("id") != nil { identity = try readIdentity() }
        if known == nil, name != "AvailabilityConstraint" { noteFault("the artefact \(name)") }
        let text = try xml.rawElement()
        place(structures.add(OtherArtefact(identity: identity, artefactClass: known, raw: RawPart(formatID: formatID, name: name, text: text))))
    }

    // MARK: Findings

    /// Notes a property that is passed over although the format has it; all of a kind become one finding.
    func noteNotKept(_ what: String) { note(what, isFault: false) }

    /// Notes something that this version of the format does not have; all of a kind become one finding.
    func noteFault(_ what: String) { note(what, isFault: true) }

    private func note(_ what: String, isFault: Bool) {
        // Facets and types are named with their text, so their number needs a bound.
        let key = remarks.count < Self.remarksMax || remarks[what] != nil ? what : isFault ? "other content" : "other properties"
        remarks[key, default: Remark(isFault: isFault, line: xml.line, artefact: artefact, count: 0)].count += 1
    }

    private func reportRemarks() {
        for (what, place) in remarks.sorted(by: { ($0.value.line, $0.key) < ($1.value.line, $1.key) }) {
            let often = place.count == 1 ? "once" : "\(place.count) times"
            let first = place.artefact.isEmpty ? "the message" : place.artefact
            if place.isFault {
                findings.add(
                    Finding(
                        .structureFault, severity: .warning, at: Position(line: place.line), component: place.artefact, offendingText: what,
                        message: "Not as SDMX-ML \(version.rawValue) has it: \(what), \(often), first in \(first).",
                        advice: "Validate the message against the official schemas and ask its maker to correct it."))
            } else {
                findings.add(
                    Finding(
                        .structureNotKept, severity: .note, at: Position(line: place.line), component: place.artefact, offendingText: what,
                        message: "Not kept: \(what), \(often), first in \(first).", advice: "Keep the original message if you need it."))
            }
        }
    }
}
