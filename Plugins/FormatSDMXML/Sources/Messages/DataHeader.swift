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
    var message = MessageHeader()
    var structures: [Structure] = []
    var action: DatasetAction?

    /// Most structures that a header may name.
    static let structuresMax = 4_096

    /// Reads the `Header` element under the cursor.
    init(reading xml: XMLEvents, findings: any FindingSink) throws(ReadError) {
        var header = DataHeader()
        try xml.eachChild { () throws(ReadError) in try header.readChild(xml, findings) }
        self = header
    }

    private init() {}

    private mutating func readChild(_ xml: XMLEvents, _ findings: any FindingSink) throws(ReadError) {
        switch xml.name.local {
        case "ID": message.id = try xml.text().trimmed
        case "Test": message.isTest = xmlBoolean(try xml.text()) ?? false
        case "Prepared": message.prepared = try xml.text().trimmed
        case "Sender": if let id = xml.attribute("id") { message.senders.append(MessageHeader.Party(id)) }
        case "Receiver": if let id = xml.attribute("id") { message.receivers.append(MessageHeader.Party(id)) }
        case "Name": try xml.localisedText(into: &message.names)
        case "Source": try xml.localisedText(into: &message.sources)
        case "Extracted": message.extracted = try xml.text().trimmed
        case "DataSetID": if message.dataSetID == nil { message.dataSetID = try xml.text().trimmed }
        case "DataSetAction": action = Self.action(try xml.text().trimmed, at: xml.line, findings)
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

    /// Understands an action; one that does not exist gives a finding and counts as not given.
    static func action(_ text: String?, at line: Int, _ findings: any FindingSink) -> DatasetAction? {
        guard let text, !text.isEmpty else { return nil }
        if let action = DatasetAction(rawValue: text) { return action }
        findings.add(
            Finding(
                .actionUnknown, at: Position(line: line), component: "action", offendingText: text,
                message: "The dataset action is none of \(DatasetAction.allCases.map(\.rawValue).joined(separator: ", ")).",
                advice: "Ask the sender which action is meant; until then the dataset counts as Information."))
        return nil
    }
}
