import SluiceKit

@testable import FormatSDMXML

extension Sample {
    /// The schema of structure-specific messages of the sample, as a registry would make it (SDMX 2.1, section 3A, part IV), save that `Series` may
    /// hold the group's attribute, which is where we write it.
    static func schema(_ format: SDMXMLDataFormat) -> [UInt8] {
        let base = "http://www.sdmx.org/resources/sdmxml/schemas/v\(format.version.rawValue.replacing(".", with: "_"))"
        let prefix = format.isTimeSeries ? "TimeSeries" : ""
        func attributes(_ ids: [String]) -> String { ids.map { "<xs:attribute name=\"\($0)\" type=\"xs:string\"/>" }.joined() }
        func restriction(_ name: String, _ of: String, _ elements: String, _ ids: [String]) -> String {
            """
            <xs:complexType name="\(name)"><xs:complexContent><xs:restriction base="dsd:\(of)"><xs:sequence><xs:element ref="common:Annotations" minOccurs="0"/>\(elements)</xs:sequence>
            \(attributes(ids))</xs:restriction></xs:complexContent></xs:complexType>
            """
        }
        func element(_ name: String, _ type: String, _ occurs: String) -> String {
            "<xs:element name=\"\(name)\" type=\"\(type)\" form=\"unqualified\" \(occurs)/>"
        }
        let many = "minOccurs=\"0\" maxOccurs=\"unbounded\""
        let provider = element("DataProvider", "common:DataProviderReferenceType", "minOccurs=\"0\"")
        let content: String
        if format.version == .v2_1 {
            content =
                provider + element("Group", "Sibling", many)
                + "<xs:choice minOccurs=\"0\">\(element("Series", "SeriesType", "maxOccurs=\"unbounded\""))</xs:choice>"
        } else {
            content =
                provider
                + "<xs:choice \(many)>\(element("Atts", "AttsType", ""))\(element("Group", "Sibling", ""))\(element("Series", "SeriesType", ""))</xs:choice>"
        }
        let atts = format.version == .v2_1 ? "" : restriction("AttsType", "AttsType", "", ["FREQ", "AREA", "SOURCE", "UNIT", "TITLE"])
        let series = format.isTimeSeries ? "TimeSeriesType" : "SeriesType"
        return Array(
            """
            <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="\(structure.reference.urn):ObsLevelDim:TIME_PERIOD" xmlns="\(structure.reference.urn):ObsLevelDim:TIME_PERIOD" xmlns:dsd="\(base)/data/structurespecific" xmlns:common="\(base)/common">
            <xs:import namespace="\(base)/data/structurespecific" schemaLocation="SDMXDataStructureSpecific.xsd"/>
            <xs:import namespace="\(base)/common" schemaLocation="SDMXCommon.xsd"/>
            \(restriction("DataSetType", prefix + "DataSetType", content, ["SOURCE"]))
            \(restriction("Sibling", "GroupType", "", ["AREA", "TITLE"]))
            \(restriction("SeriesType", series, element("Obs", "ObsType", many), ["FREQ", "AREA", "UNIT", "TITLE"]))
            \(restriction("ObsType", prefix + "ObsType", "", ["OBS_VALUE", "BREAK", "STATUS", "COMMENT"]))
            \(atts)
            </xs:schema>
            """.utf8)
    }
}
