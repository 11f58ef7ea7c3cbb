/// Files that the binary carries: what `sluice demo` sets up its three nodes with. Agreements and mappings are those of Config/.
package enum SluiceFiles {
    /// Path in the node's folder and content of every file that a demonstration node starts with.
    package static func files(of node: String) -> [(path: String, bytes: [UInt8])] {
        switch node {
        case "AM.MOI":
            [
                ("structures/permits.xml", PackageResources.permits_structure_xml), ("agreements/permits.yaml", PackageResources.permits_agreement_yaml),
                ("mappings/permits.yaml", PackageResources.permits_mapping_yaml), ("incoming/permits-register.csv", PackageResources.permits_register_csv),
            ]
        case "AM.ARMSTAT":
            [
                ("structures/permits.xml", PackageResources.permits_structure_xml), ("structures/sdg.xml", PackageResources.sdg_structure_xml),
                ("agreements/permits.yaml", PackageResources.permits_agreement_yaml), ("agreements/sdg.yaml", PackageResources.sdg_agreement_yaml),
                ("mappings/armstat-10-7-4.yaml", PackageResources.armstat_10_7_4_yaml), ("mappings/armstat-8-8-1.yaml", PackageResources.armstat_8_8_1_yaml),
                ("mappings/armstat-16-2-2.yaml", PackageResources.armstat_16_2_2_yaml),
                ("incoming/indicator_10-7-4.csv", PackageResources.indicator_10_7_4_csv),
                ("incoming/indicator_8-8-1.csv", PackageResources.indicator_8_8_1_csv),
                ("incoming/indicator_16-2-2.csv", PackageResources.indicator_16_2_2_csv),
            ]
        case "UN.UNSD":
            [("structures/sdg.xml", PackageResources.sdg_structure_xml), ("agreements/sdg-accepted.yaml", PackageResources.sdg_accepted_yaml)]
        default: []
        }
    }

    /// What a demonstration node's configuration has beside the common part: agreements, feeds, routes.
    package static func configuration(of node: String) -> [UInt8] {
        switch node {
        case "AM.MOI": PackageResources.node_AM_MOI_yaml
        case "AM.ARMSTAT": PackageResources.node_AM_ARMSTAT_yaml
        case "UN.UNSD": PackageResources.node_UN_UNSD_yaml
        default: []
        }
    }
}
