import SluiceKit

/// The header of a data message with what its datasets refer to.
struct DataHeader {
    /// `common:PayloadStructureType`: one structure that datasets name by `structureRef`.
    struct Structure {
        var id: String
        var reference: ArtefactReference?
        var dimensionAtObservation: String?
        /// Each observation's `xsi:type` names its measure (SDMX-ML 2.1 only).
        var hasExplicitMeasures: Bool
        var line: Int
    }
    let version: SDMXMLVersion
    var message = MessageHeader()
    var structures: [Structure] = []
    var action: DatasetAction?
    var provider: ArtefactReference?
    /// SDMX-ML 2.0: the key family that datasets mean unless they name one.
    var keyFamily: String?
    var keyFamilyAgency: String?

    /// Most structures that a header may name.
    static let structuresMax = 4_096
    /// Most senders, receivers, contacts, numbers and addresses that are kept.
    static let partiesMax = 1_024

    /// Reads the `Header` element under the cursor.
    init(reading xml: XMLEvents, version: SDMXMLVersion, findings: any FindingSink) throws(ReadError) {
        var header = DataHeader(version)
        try xml.eachChild { () throws(ReadError) in try header.readChild(xml, findings) }
        self = header
    }

    private init(_ version: SDMXMLVersion) { self.version = version }

    private mutating func readChild(_ xml: XMLEvents, _ findings: any FindingSink) throws(ReadError) {
        switch xml.name.local {
        case "ID": message.id = try xml.text().trimmed
        case "Test": message.isTest = xmlBoolean(try xml.text()) ?? false
        case "Prepared": message.prepared = try xml.text().trimmed
        case "Sender": try xml.party(into: &message.senders)
        case "Receiver": try xml.party(into: &message.receivers)
        case "Name": try xml.localisedText(into: &message.names)
        case "Source": try xml.localisedText(into: &message.sources)
        case "Extracted": message.extracted = try xml.text().trimmed
        case "ReportingBegin": message.reportingBegin = try xml.text().trimmed
        case "ReportingEnd": message.reportingEnd = try xml.text().trimmed
        case "EmbargoDate": message.embargoDate = try xml.text().trimmed
        case "DataSetID": if message.dataSetID == nil { message.dataSetID = try xml.text().trimmed }
        case "DataSetAction": action = ActionMeaning.read(try xml.text(), in: version, at: xml.line, findings)
        case "DataProvider": provider = try xml.reference().provider
        case "KeyFamilyRef": keyFamily = try xml.text().trimmed
        case "KeyFamilyAgency": keyFamilyAgency = try xml.text().trimmed
        case "Structure": try readStructure(xml)
        default: break
        }
    }

    private mutating func readStructure(_ xml: XMLEvents) throws(ReadError) {
        guard structures.count < Self.structuresMax else {
            throw ReadError(.limitExceeded, line: xml.line, detail: "the header names more than \(Self.structuresMax) structures")
        }
        var structure = Structure(
            id: xml.attribute("structureID") ?? "", reference: nil, dimensionAtObservation: xml.attribute("dimensionAtObservation")?.trimmed,
            hasExplicitMeasures: xmlBoolean(xml.attribute("explicitMeasures")) ?? false, line: xml.line)
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "Structure": structure.reference = try xml.reference().maintainable(.dataStructure)
            case "StructureUsage": structure.reference = try xml.reference().maintainable(.dataflow)
            // SDMX 2.1 spells it "ProvisionAgrement"; 3.0 mends that.
            case "ProvisionAgrement", "ProvisionAgreement": structure.reference = try xml.reference().maintainable(.provisionAgreement)
            default: break
            }
        }
        structures.append(structure)
    }
}

extension RawReference {
    /// A data provider: its agency and its own id, since all providers of an agency are in the scheme `DATA_PROVIDERS` (SDMX 2.1, section 5).
    var provider: ArtefactReference? {
        guard let (scheme, id) = item(of: .agencyScheme) else { return nil }
        return ArtefactReference(ArtefactClass(rawValue: "DataProviderScheme") ?? .agencyScheme, agency: scheme.agency, id: id, version: scheme.version)
    }
}
