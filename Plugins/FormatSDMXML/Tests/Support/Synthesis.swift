import CLibxml2
import SluiceKit

@testable import FormatSDMXML

/// Makes up a data structure from a data message whose own is not at hand: enough to read it by.
func synthesise(_ bytes: [UInt8]) throws -> StructureSet {
    let xml = try XMLEvents(MemoryByteSource(bytes), limits: ReadLimits(), bytesMax: bytes.count)
    var dimensions: [String] = []
    var datasetAttributes: [String] = []
    var ownAttributes: [String] = []
    var groupIDs: [String] = []
    var observationDimension = "TIME_PERIOD"
    var holder = ""
    func add(_ id: String, to list: inout [String]) { if !list.contains(id) { list.append(id) } }
    func plainAttributes() -> [String] {
        let event = xml.event
        return (Int(event.first)..<Int(event.first) + Int(event.count)).compactMap { index in
            let name = xml.names[Int(xml.attributes[index].name)]
            return name.namespace == .none && !["type", "action", "structureRef", "setID"].contains(name.local) ? name.local : nil
        }
    }
    while try xml.next() {
        guard xml.isStart else { continue }
        switch xml.name.local {
        case "Structure" where xml.attribute("dimensionAtObservation") != nil: observationDimension = xml.attribute("dimensionAtObservation") ?? ""
        case "DataSet": plainAttributes().forEach { add($0, to: &datasetAttributes) }
        case "Series": plainAttributes().forEach { add($0, to: &dimensions) }
        case "Group": plainAttributes().forEach { add($0, to: &groupIDs) }
        case "Obs":
            for id in plainAttributes() where id != "OBS_VALUE" && id != observationDimension {
                if observationDimension == "AllDimensions" { add(id, to: &dimensions) } else { add(id, to: &ownAttributes) }
            }
        case "SeriesKey", "ObsKey", "Attributes", "GroupKey": holder = xml.name.local
        case "Value":
            guard let id = xml.attribute("id") else { continue }
            if holder == "Attributes" { add(id, to: &ownAttributes) } else { add(id, to: &dimensions) }
        default: break
        }
    }
    if observationDimension != "AllDimensions" { add(observationDimension, to: &dimensions) }
    var structure = DataStructure(identity: ArtefactIdentity(agency: "TEST", id: "MADE_UP"))
    structure.dimensions = dimensions.filter { $0 != "OBS_VALUE" }.map { Dimension(id: $0, kind: $0 == "TIME_PERIOD" ? .time : .regular) }
    structure.measures = [Measure(id: "OBS_VALUE")]
    let known = Set(dimensions + ["OBS_VALUE"])
    for id in datasetAttributes where !known.contains(id) { structure.attributes.append(Attribute(id: id, isMandatory: false, relationship: .dataset)) }
    for id in Set(ownAttributes + groupIDs).subtracting(known).subtracting(datasetAttributes).sorted() {
        structure.attributes.append(Attribute(id: id, isMandatory: false, relationship: .observation))
    }
    var set = StructureSet()
    set.add(structure)
    return set
}
