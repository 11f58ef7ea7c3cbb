import CLibxml2
import SluiceKit

/// What a dataset says of itself before its first value, the same for every spelling and version.
struct DatasetStart {
    var line: Int
    /// Whether the element has no content; it has been left then.
    var isEmpty = false
    var structureID = ""
    /// The header's entry that the dataset refers to; SDMX-ML 2.0 has none.
    var entry: DataHeader.Structure?
    var reference: ArtefactReference?
    var action: DatasetAction?
    var setID: String?
    var dates = DatasetDates()
    var provider: ArtefactReference?
    /// XML attributes that are not about the set: values of dataset attributes, by name number.
    var values: [(name: UInt32, text: String)] = []

    /// XML attributes of a dataset that are about the message and not about the data. From 2.1 on they should be qualified in structure-specific
    /// data, but often are not.
    private static let setAttributes: Set<String> = [
        "structureRef", "setID", "action", "reportingBeginDate", "reportingEndDate", "validFromDate", "validToDate", "publicationYear", "publicationPeriod",
        "dataScope",
    ]
    /// What SDMX-ML 2.0 has besides (`generic:DataSetType`).
    private static let setAttributes2_0: Set<String> = [
        "keyFamilyURI", "datasetID", "dataProviderSchemeAgencyId", "dataProviderSchemeId", "dataProviderID", "dataflowAgencyID", "dataflowID",
    ]

    /// Reads the dataset's own element, which is under the cursor, and its children before the first with values.
    /// The cursor is then before that child.
    init(reading xml: XMLEvents, header: DataHeader, findings: any FindingSink) throws(ReadError) {
        line = xml.line
        let namespace = xml.namespaceURI
        var set: [String: String] = [:]
        let event = xml.event
        for index in Int(event.first)..<Int(event.first) + Int(event.count) {
            let attribute = xml.attributes[index]
            let name = xml.names[Int(attribute.name)]
            let isOfSet =
                name.namespace == .structureSpecific || name.namespace == .none && Self.setAttributes.contains(name.local)
                || header.version < .v2_1 && Self.setAttributes2_0.contains(name.local)
            if isOfSet {
                // A qualified one goes first.
                if set[name.local] == nil || name.namespace != .none { set[name.local] = xml.string(attribute.first, attribute.count).trimmed }
            } else if name.namespace == .none {
                values.append((attribute.name, xml.string(attribute.first, attribute.count)))
            }
        }
        structureID = set["structureRef"] ?? ""
        action = ActionMeaning.read(set["action"], in: header.version, at: line, findings) ?? header.action
        setID = set["setID"] ?? set["datasetID"]
        dates.reportingBegin = set["reportingBeginDate"]
        dates.reportingEnd = set["reportingEndDate"]
        dates.validFrom = set["validFromDate"]
        dates.validTo = set["validToDate"]
        dates.publicationYear = set["publicationYear"]
        dates.publicationPeriod = set["publicationPeriod"]
        provider = header.provider
        var keyFamily: String?
        isEmpty = event.kind == XMLEvents.empty
        if isEmpty { _ = try xml.next() }
        while !isEmpty {
            guard try xml.next() else { break }
            if xml.isStart, xml.name.local == "DataProvider" {
                provider = try xml.reference().provider ?? provider
            } else if xml.isStart, xml.name.local == "KeyFamilyRef" {
                keyFamily = try xml.text().trimmed
            } else if xml.isStart, xml.name.local == "Annotations" {
                try xml.eachChild {}
            } else if !xml.isText {
                xml.stepBack()
                break
            }
        }
        if header.version < .v2_1 {
            readReference2_0(set, keyFamily, namespace, header)
        } else {
            try findEntry(header, findings)
        }
    }

    /// SDMX-ML 2.0 names the key family in the dataset, in the header, by the dataset's namespace, or only the dataflow.
    private mutating func readReference2_0(_ set: [String: String], _ keyFamily: String?, _ namespace: String, _ header: DataHeader) {
        func nonEmpty(_ text: String?) -> String? { text.flatMap { $0.isEmpty ? nil : $0 } }
        if let id = nonEmpty(set["dataProviderID"]), provider == nil {
            provider = ArtefactReference(
                ArtefactClass(rawValue: "DataProviderScheme") ?? .agencyScheme, agency: set["dataProviderSchemeAgencyId"] ?? "", id: id, version: nil)
        }
        if let id = nonEmpty(keyFamily) ?? nonEmpty(header.keyFamily) {
            // The header's agency is that of the header's key family.
            let agency = header.keyFamily == nil || header.keyFamily == id ? header.keyFamilyAgency ?? "" : ""
            reference = ArtefactReference(.dataStructure, agency: agency, id: id, version: nil)
        } else if let id = nonEmpty(set["dataflowID"]) {
            reference = ArtefactReference(.dataflow, agency: set["dataflowAgencyID"] ?? "", id: id, version: nil)
        } else if let close = namespace.firstIndex(of: ")") {
            // urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=IMF:BOP(1.0):compact
            reference = ArtefactReference(urn: String(namespace[...close]))
        }
    }

    private mutating func findEntry(_ header: DataHeader, _ findings: any FindingSink) throws(ReadError) {
        entry = header.structures.first { $0.id == structureID }
        if entry == nil, header.structures.count == 1, let only = header.structures.first {
            entry = only
            findings.add(
                Finding(
                    .structureMismatch, severity: .warning, at: Position(line: line), component: "structureRef", offendingText: structureID,
                    message: "The dataset refers to structure \"\(structureID)\", and the header names only \"\(only.id)\".",
                    advice: "Let structureRef repeat the structureID of the header; the dataset was read with \"\(only.id)\"."))
        }
        if entry == nil, !header.structures.isEmpty {
            throw ReadError(
                .structureUnknown, line: line,
                detail:
                    "the dataset refers to structure \"\(structureID)\", which the header does not name; let structureRef repeat a structureID of the header")
        }
        reference = entry?.reference
    }
}
