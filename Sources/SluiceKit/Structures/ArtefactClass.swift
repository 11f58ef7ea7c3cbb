/// The class of a structural artefact, spelled as in SDMX URNs (SDMX 3.0 Registry Specification, §6.2.2).
///
/// One class per meaning: what SDMX 2.1 calls `ContentConstraint` is the `DataConstraint` of 3.0 (`init(named:)` knows both names,
/// `name(before3:)` gives the older one). Classes that only one version has are all here.
public enum ArtefactClass: String, Hashable, Sendable, CaseIterable {
    case dataStructure = "DataStructure"
    case metadataStructure = "MetadataStructure"
    case dataflow = "Dataflow"
    case metadataflow = "Metadataflow"
    case codelist = "Codelist"
    case valueList = "ValueList"
    case hierarchy = "Hierarchy"
    case hierarchicalCodelist = "HierarchicalCodelist"
    case hierarchyAssociation = "HierarchyAssociation"
    case conceptScheme = "ConceptScheme"
    case categoryScheme = "CategoryScheme"
    case categorisation = "Categorisation"
    case reportingTaxonomy = "ReportingTaxonomy"
    case agencyScheme = "AgencyScheme"
    case dataProviderScheme = "DataProviderScheme"
    case dataConsumerScheme = "DataConsumerScheme"
    case metadataProviderScheme = "MetadataProviderScheme"
    case organisationUnitScheme = "OrganisationUnitScheme"
    case dataConstraint = "DataConstraint"
    case metadataConstraint = "MetadataConstraint"
    case attachmentConstraint = "AttachmentConstraint"
    case provisionAgreement = "ProvisionAgreement"
    case metadataProvisionAgreement = "MetadataProvisionAgreement"
    case structureMap = "StructureMap"
    case representationMap = "RepresentationMap"
    case conceptSchemeMap = "ConceptSchemeMap"
    case categorySchemeMap = "CategorySchemeMap"
    case organisationSchemeMap = "OrganisationSchemeMap"
    case reportingTaxonomyMap = "ReportingTaxonomyMap"
    case structureSet = "StructureSet"
    case process = "Process"
    case metadataSet = "MetadataSet"
    case transformationScheme = "TransformationScheme"
    case rulesetScheme = "RulesetScheme"
    case userDefinedOperatorScheme = "UserDefinedOperatorScheme"
    case namePersonalisationScheme = "NamePersonalisationScheme"
    case customTypeScheme = "CustomTypeScheme"
    case vtlMappingScheme = "VtlMappingScheme"

    /// SDMX 2.1's name of `dataConstraint`.
    public static var contentConstraint: ArtefactClass { .dataConstraint }

    /// The class of this name in any version of SDMX: `KeyFamily` is 2.0, `ContentConstraint` 2.1.
    public init?(named name: String) {
        switch name {
        case "ContentConstraint": self = .dataConstraint
        case "KeyFamily": self = .dataStructure
        // The schemas of 3.x give geographic lists the URN class of every code list.
        case "CodeList", "GeographicCodelist", "GeoGridCodelist": self = .codelist
        case "MetadataStructureDefinition": self = .metadataStructure
        default: self.init(rawValue: name)
        }
    }

    /// The name in SDMX 2.1 (`isBefore3`) or 3.x.
    public func name(before3 isBefore3: Bool) -> String { isBefore3 && self == .dataConstraint ? "ContentConstraint" : rawValue }

    /// The information-model package that stands before the class in a URN.
    public var package: String {
        switch self {
        case .dataStructure, .dataflow: "datastructure"
        case .metadataStructure, .metadataflow, .metadataSet: "metadatastructure"
        case .codelist, .valueList, .hierarchy, .hierarchicalCodelist, .hierarchyAssociation: "codelist"
        case .conceptScheme: "conceptscheme"
        case .categoryScheme, .categorisation, .reportingTaxonomy: "categoryscheme"
        case .agencyScheme, .dataProviderScheme, .dataConsumerScheme, .metadataProviderScheme, .organisationUnitScheme: "base"
        case .dataConstraint, .metadataConstraint, .attachmentConstraint, .provisionAgreement, .metadataProvisionAgreement: "registry"
        case .structureMap, .representationMap, .conceptSchemeMap, .categorySchemeMap, .organisationSchemeMap, .reportingTaxonomyMap: "structuremapping"
        case .structureSet: "mapping"
        case .process: "process"
        case .transformationScheme, .rulesetScheme, .userDefinedOperatorScheme, .namePersonalisationScheme, .customTypeScheme, .vtlMappingScheme:
            "transformation"
        }
    }

    /// The class of a scheme's items, where it has one kind only: `Concept` of a concept scheme.
    public var itemClass: String? {
        switch self {
        case .codelist: "Code"
        case .valueList: "ValueItem"
        case .hierarchy, .hierarchicalCodelist: "HierarchicalCode"
        case .conceptScheme: "Concept"
        case .categoryScheme: "Category"
        case .reportingTaxonomy: "ReportingCategory"
        case .agencyScheme: "Agency"
        case .dataProviderScheme: "DataProvider"
        case .dataConsumerScheme: "DataConsumer"
        case .metadataProviderScheme: "MetadataProvider"
        case .organisationUnitScheme: "OrganisationUnit"
        case .metadataStructure: "MetadataAttribute"
        case .process: "ProcessStep"
        case .transformationScheme: "Transformation"
        case .rulesetScheme: "Ruleset"
        case .userDefinedOperatorScheme: "UserDefinedOperator"
        case .namePersonalisationScheme: "NamePersonalisation"
        case .customTypeScheme: "CustomType"
        default: nil
        }
    }

    /// The class of the artefact that holds items of a class: a `Dimension` stands in a data structure. Nil when `name` is no item's class.
    public static func holding(_ name: String) -> ArtefactClass? {
        switch name {
        case "Dimension", "TimeDimension", "MeasureDimension", "DataAttribute", "Attribute", "Measure", "PrimaryMeasure", "ReportingYearStartDay",
            "DimensionDescriptor", "AttributeDescriptor", "MeasureDescriptor", "GroupDimensionDescriptor":
            .dataStructure
        case "MetadataAttribute", "MetadataTarget", "ReportStructure", "IdentifiableObjectTarget", "DataSetTarget", "DimensionDescriptorValuesTarget",
            "ReportPeriodTarget", "ConstraintTarget", "MetadataAttributeDescriptor":
            .metadataStructure
        case "Level": .hierarchy
        case "GeoFeatureSetCode", "GeoGridCode": .codelist
        case "Transition": .process
        case "EpochMap", "DatePatternMap", "FrequencyFormatMapping": .structureMap
        case "VtlCodelistMapping", "VtlConceptMapping", "VtlDataflowMapping": .vtlMappingScheme
        case "CodelistMap", "HybridCodelistMap": .structureSet
        default: allCases.first { $0.itemClass == name }
        }
    }
}
