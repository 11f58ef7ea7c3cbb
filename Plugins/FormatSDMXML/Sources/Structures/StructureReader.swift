import SluiceKit

/// Reads a structure message of SDMX-ML 2.1 into a structure set; what the set has no place for is named in findings.
final class StructureReader {
    let xml: XMLEvents
    var structures = StructureSet()
    private let findings: any FindingSink
    /// Properties that are not kept, each with where it stood first and how often.
    private var notKept: [String: (line: Int, artefact: String, count: Int)] = [:]
    /// The maintainable artefact being read, for findings.
    var artefact = ""

    init(_ xml: XMLEvents, findings: any FindingSink) {
        self.xml = xml
        self.findings = findings
    }

    func read() throws(ReadError) -> StructureSet {
        guard try xml.next() else { throw ReadError(.malformed, detail: "the message is empty") }
        let kind = MessageKind(xml.name)
        guard kind.content == .structure, kind.version == .v2_1 else { throw kind.unsupported(line: xml.line, wanted: "a structure message of SDMX-ML 2.1") }
        try xml.eachChild { () throws(ReadError) in
            if xml.name.local == "Structures" { try xml.eachChild { () throws(ReadError) in try readContainer() } }
        }
        while try xml.next() {}
        reportNotKept()
        return structures
    }

    /// `structure:StructuresType`: one container per class of artefact.
    private func readContainer() throws(ReadError) {
        let container = xml.name.local
        try xml.eachChild { () throws(ReadError) in
            let element = xml.name.local
            switch (container, element) {
            case ("Codelists", "Codelist"): structures.add(try readCodelist())
            case ("Concepts", "ConceptScheme"): structures.add(try readConceptScheme())
            case ("DataStructures", "DataStructure"): structures.add(try readDataStructure())
            case ("Dataflows", "Dataflow"): structures.add(try readDataflow())
            case ("Constraints", "ContentConstraint"): structures.add(try readConstraint())
            default: reportArtefact(element)
            }
        }
    }

    // MARK: What artefacts share

    /// The identity that the attributes of the element under the cursor give; names follow as children.
    func readIdentity() throws(ReadError) -> ArtefactIdentity {
        let line = xml.line
        let element = xml.name.local
        guard let id = xml.attribute("id"), !id.isEmpty, let agency = xml.attribute("agencyID") else {
            throw ReadError(
                .malformed, line: line,
                detail: "a \(element) has no \(xml.attribute("id")?.isEmpty == false ? "agencyID" : "id"); every maintained artefact needs both")
        }
        var identity = ArtefactIdentity(agency: agency, id: id, version: xml.attribute("version") ?? "1.0")
        identity.isFinal = xmlBoolean(xml.attribute("isFinal"))
        identity.isExternalReference = xmlBoolean(xml.attribute("isExternalReference"))
        identity.validFrom = xml.attribute("validFrom")
        identity.validTo = xml.attribute("validTo")
        artefact = "\(element) \(agency):\(id)(\(identity.version))"
        for name in ["uri", "serviceURL", "structureURL"] where xml.attribute(name) != nil { noteNotKept("the attribute \(name)") }
        return identity
    }

    /// Reads a child that every nameable artefact may have; false when it is another one.
    func readNameable(_ names: inout LocalisedText, _ descriptions: inout LocalisedText) throws(ReadError) -> Bool {
        switch xml.name.local {
        case "Name": try xml.localisedText(into: &names)
        case "Description": try xml.localisedText(into: &descriptions)
        case "Annotations": noteNotKept("annotations")
        default: return false
        }
        return true
    }

    /// `CoreRepresentation` and `LocalRepresentation`.
    func readRepresentation(enumeratedBy implied: ArtefactClass = .codelist) throws(ReadError) -> Representation {
        var representation = Representation()
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "Enumeration": representation.enumeration = try xml.reference().maintainable(implied)
            case "TextFormat", "EnumerationFormat": representation.textFormat = readTextFormat()
            default: noteNotKept("the element \(xml.name.local) of a representation")
            }
        }
        return representation
    }

    private func readTextFormat() -> TextFormat {
        var format = TextFormat()
        if let type = xml.attribute("textType") {
            format.type = TextType(rawValue: type)
            if format.type == nil { noteNotKept("the text type \(type)") }
        }
        func number(_ name: String) -> Int? {
            guard let text = xml.attribute(name) else { return nil }
            let number = Int(text.trimmed)
            if number == nil { noteNotKept("the facet \(name)=\"\(text)\"") }
            return number
        }
        format.minLength = number("minLength")
        format.maxLength = number("maxLength")
        format.decimals = number("decimals")
        format.minValue = xml.attribute("minValue")
        format.maxValue = xml.attribute("maxValue")
        format.pattern = xml.attribute("pattern")
        format.isSequence = xmlBoolean(xml.attribute("isSequence"))
        format.interval = xml.attribute("interval")
        format.startValue = xml.attribute("startValue")
        format.endValue = xml.attribute("endValue")
        format.timeInterval = xml.attribute("timeInterval")
        format.startTime = xml.attribute("startTime")
        format.endTime = xml.attribute("endTime")
        format.isMultiLingual = xmlBoolean(xml.attribute("isMultiLingual"))
        return format
    }

    /// The id of a local reference (`Ref id="…"` without more).
    func readLocalReference() throws(ReadError) -> String? { try xml.reference().id }

    // MARK: Findings

    /// Notes a property that is passed over; all of a kind become one finding.
    func noteNotKept(_ what: String) {
        // Facets and types are named with their text, so their number needs a bound.
        let key = notKept.count < 256 || notKept[what] != nil ? what : "other properties"
        notKept[key, default: (xml.line, artefact, 0)].count += 1
    }

    private func reportNotKept() {
        for (what, place) in notKept.sorted(by: { ($0.value.line, $0.key) < ($1.value.line, $1.key) }) {
            findings.add(
                Finding(
                    .structureNotKept, severity: .note, at: Position(line: place.line), component: place.artefact, offendingText: what,
                    message:
                        "Not kept: \(what), \(place.count == 1 ? "once" : "\(place.count) times"), first in \(place.artefact.isEmpty ? "the message" : place.artefact).",
                    advice: "Keep the original message if you need it."))
        }
    }

    private func reportArtefact(_ element: String) {
        let id = xml.attribute("id") ?? ""
        let name = "\(element) \(xml.attribute("agencyID").map { $0 + ":" } ?? "")\(id)(\(xml.attribute("version") ?? "1.0"))"
        findings.add(
            Finding(
                .structureNotKept, severity: .warning, at: Position(line: xml.line), component: name, offendingText: id,
                message: "Not kept: \(name); artefacts of this class are not used.", advice: "Keep the original message if you need it."))
    }
}
