import CLibxml2
import SluiceKit

@testable import FormatSDMXML

/// XML attributes of elements that are no components.
private let setAttributes = [
    "type", "action", "structureRef", "setID", "keyFamilyURI", "datasetID", "dataflowID", "dataflowAgencyID", "validFromDate", "validToDate",
    "reportingBeginDate", "reportingEndDate", "publicationYear", "publicationPeriod", "dataProviderID", "dataProviderSchemeId", "dataProviderSchemeAgencyId",
]

/// Makes up a data structure from a data message whose own is not at hand: enough to read it by.
func synthesise(_ bytes: [UInt8]) throws -> StructureSet {
    let xml = try XMLEvents(MemoryByteSource(bytes), limits: ReadLimits(), bytesMax: bytes.count)
    var dimensions: [String] = []
    var datasetAttributes: [String] = []
    var ownAttributes: [String] = []
    var groupIDs: [String] = []
    var observationDimension = "TIME_PERIOD"
    var arrays: [String] = []
    var path: [String] = []
    var holder = ""
    func add(_ id: String, to list: inout [String]) { if !list.contains(id) { list.append(id) } }
    func plainAttributes() -> [String] {
        let event = xml.event
        return (Int(event.first)..<Int(event.first) + Int(event.count)).compactMap { index in
            let name = xml.names[Int(xml.attributes[index].name)]
            return name.namespace == .none && !setAttributes.contains(name.local) ? name.local : nil
        }
    }
    while try xml.next() {
        guard xml.isStart else { continue }
        switch xml.name.local {
        case "Structure" where xml.attribute("dimensionAtObservation") != nil: observationDimension = xml.attribute("dimensionAtObservation") ?? ""
        case "DataSet": plainAttributes().forEach { add($0, to: &datasetAttributes) }
        case "Series": plainAttributes().forEach { add($0, to: &dimensions) }
        case "Group", "Atts": plainAttributes().forEach { add($0, to: &groupIDs) }
        case "Obs":
            for id in plainAttributes() where id != "OBS_VALUE" && id != observationDimension {
                if observationDimension == "AllDimensions" { add(id, to: &dimensions) } else { add(id, to: &ownAttributes) }
            }
        case "SeriesKey", "ObsKey", "Attributes", "GroupKey": holder = xml.name.local
        case "Value":
            guard let id = xml.attribute("id") ?? xml.attribute("concept") else { continue }
            if holder == "Attributes" { add(id, to: &ownAttributes) } else { add(id, to: &dimensions) }
        case "Comp": add(xml.attribute("id") ?? "", to: &arrays)
        case "Attribute":
            while path.count >= xml.depth { path.removeLast() }
            while path.count < xml.depth - 1 { path.append("") }
            path.append(xml.attribute("id") ?? "")
            add(path.filter { !$0.isEmpty }.joined(separator: "."), to: &arrays)
        default: break
        }
    }
    if observationDimension != "AllDimensions" { add(observationDimension, to: &dimensions) }
    var structure = DataStructure(identity: ArtefactIdentity(agency: "TEST", id: "MADE_UP"))
    structure.dimensions = dimensions.filter { $0 != "OBS_VALUE" }.map { Dimension(id: $0, kind: $0 == "TIME_PERIOD" ? .time : .regular) }
    structure.measures = [Measure(id: "OBS_VALUE")]
    for id in arrays {
        var array = Attribute(id: id, isMandatory: false, relationship: .observation)
        array.representation = Representation()
        array.representation?.occursMax = .max
        structure.attributes.append(array)
    }
    let known = Set(dimensions + ["OBS_VALUE"] + arrays)
    for id in datasetAttributes where !known.contains(id) { structure.attributes.append(Attribute(id: id, isMandatory: false, relationship: .dataset)) }
    for id in Set(ownAttributes + groupIDs).subtracting(known).subtracting(datasetAttributes).sorted() {
        structure.attributes.append(Attribute(id: id, isMandatory: false, relationship: .observation))
    }
    var set = StructureSet()
    set.add(structure)
    return set
}
