/// How the values of a component are represented: by a code list or as text with facets (SDMX 2.1, section 2, §3.6).
public struct Representation: Hashable, Sendable {
    public var enumeration: ArtefactReference?
    public var textFormat: TextFormat?
    /// Fewest and most values of one cell (SDMX 3.0 `minOccurs`, `maxOccurs`); `Int.max` is unbounded, nil means 1.
    public var occursMin: Int?
    public var occursMax: Int?
    /// Values with a meaning of their own (3.0 `SentinelValue`): `-1` for "does not apply".
    public var sentinels: [SentinelValue] = []

    public init(enumeration: ArtefactReference? = nil, textFormat: TextFormat? = nil) {
        self.enumeration = enumeration
        self.textFormat = textFormat
    }
}

/// A value that stands for something else than itself.
public struct SentinelValue: Hashable, Sendable {
    public var value: String
    public var names: LocalisedText
    public var descriptions: LocalisedText

    public init(_ value: String, names: LocalisedText = LocalisedText(), descriptions: LocalisedText = LocalisedText()) {
        self.value = value
        self.names = names
        self.descriptions = descriptions
    }
}

/// A text type with its facets.
public struct TextFormat: Hashable, Sendable {
    public var type: TextType?
    public var minLength: Int?
    public var maxLength: Int?
    public var minValue: String?
    public var maxValue: String?
    public var decimals: Int?
    public var pattern: String?
    public var isSequence: Bool?
    public var interval: String?
    public var startValue: String?
    public var endValue: String?
    public var timeInterval: String?
    public var startTime: String?
    public var endTime: String?
    public var isMultiLingual: Bool?

    public init(type: TextType? = nil) { self.type = type }
}

/// The data types of SDMX 2.1 and 3.x (`common:DataType`), spelled as in SDMX-ML.
public enum TextType: String, Hashable, Sendable, CaseIterable {
    case string = "String", alpha = "Alpha", alphaNumeric = "AlphaNumeric", numeric = "Numeric"
    case bigInteger = "BigInteger", integer = "Integer", long = "Long", short = "Short", decimal = "Decimal", float = "Float", double = "Double"
    case boolean = "Boolean", uri = "URI", count = "Count", inclusiveValueRange = "InclusiveValueRange"
    case exclusiveValueRange = "ExclusiveValueRange", incremental = "Incremental"
    case observationalTimePeriod = "ObservationalTimePeriod", standardTimePeriod = "StandardTimePeriod", basicTimePeriod = "BasicTimePeriod"
    case gregorianTimePeriod = "GregorianTimePeriod", gregorianYear = "GregorianYear", gregorianYearMonth = "GregorianYearMonth", gregorianDay = "GregorianDay"
    case reportingTimePeriod = "ReportingTimePeriod", reportingYear = "ReportingYear", reportingSemester = "ReportingSemester"
    case reportingTrimester = "ReportingTrimester", reportingQuarter = "ReportingQuarter", reportingMonth = "ReportingMonth"
    case reportingWeek = "ReportingWeek", reportingDay = "ReportingDay"
    case dateTime = "DateTime", timeRange = "TimeRange", month = "Month", monthDay = "MonthDay", day = "Day", time = "Time", duration = "Duration"
    case xhtml = "XHTML", keyValues = "KeyValues", identifiableReference = "IdentifiableReference", dataSetReference = "DataSetReference"
    case attachmentConstraintReference = "AttachmentConstraintReference", geospatialInformation = "GeospatialInformation"
}
