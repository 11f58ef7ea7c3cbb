package import SluiceKit

/// A small structure of the SDG kind: the components of the generated files, with short code lists where a test needs them.
package enum SDGStructure {
    package static let dimensionIDs = [
        "FREQ", "REPORTING_TYPE", "SERIES", "REF_AREA", "SEX", "AGE", "URBANISATION", "INCOME_WEALTH_QUANTILE", "EDUCATION_LEV", "OCCUPATION", "CUST_BREAKDOWN",
        "COMPOSITE_BREAKDOWN", "DISABILITY_STATUS", "ACTIVITY", "PRODUCT",
    ]

    package static func codelist(_ id: String, _ codes: [String: String] = [:]) -> Codelist {
        Codelist(
            identity: ArtefactIdentity(agency: "TEST", id: id), codes: codes.keys.sorted().map { Code(id: $0, names: LocalisedText(codes[$0] ?? $0)) },
            isPartial: codes.isEmpty)
    }

    package static func coded(_ list: String) -> Representation {
        Representation(enumeration: ArtefactReference(.codelist, agency: "TEST", id: list, version: "1.0"))
    }

    /// - Parameter codelists: list id to code to name; the lists that are not given are not at hand.
    package static func structures(codelists: [String: [String: String]] = [:]) -> StructureSet {
        var set = StructureSet()
        for (id, codes) in codelists { set.add(codelist(id, codes)) }
        let dimensions = dimensionIDs.map { Dimension(id: $0, representation: coded("CL_" + $0)) } + [Dimension(id: "TIME_PERIOD", kind: .time)]
        let series = AttributeRelationship.dimensions(dimensionIDs)
        let attributes =
            [
                Attribute(id: "UNIT_MEASURE", representation: coded("CL_UNIT_MEASURE"), isMandatory: true, relationship: series),
                Attribute(id: "COMMENT_TS", isMandatory: false, relationship: series),
            ]
            + ["OBS_STATUS", "UNIT_MULT", "NATURE"].map { Attribute(id: $0, representation: coded("CL_" + $0), isMandatory: false, relationship: .observation) }
            + ["TIME_DETAIL", "SOURCE_DETAIL", "COMMENT_OBS", "UPPER_BOUND", "LOWER_BOUND"].map {
                Attribute(id: $0, isMandatory: false, relationship: .observation)
            }
        set.add(
            DataStructure(
                identity: ArtefactIdentity(agency: "IAEG-SDGs", id: "SDG", version: "1.4"), dimensions: dimensions, measures: [Measure(id: "OBS_VALUE")],
                attributes: attributes))
        return set
    }
}
