/// A problem in data. Findings are collected, never thrown; they carry what a data steward needs to mend the cell.
public struct Finding: Hashable, Sendable {
    public enum Severity: String, Hashable, Sendable, Comparable, CaseIterable {
        case note, warning, error
        public static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }
        private var rank: Int { self == .note ? 0 : self == .warning ? 1 : 2 }
    }

    public var code: FindingCode
    public var severity: Severity
    public var position: Position
    /// The series key, dimension values joined by dots in key order (time left out).
    public var seriesKey: String?
    public var timePeriod: String?
    /// The component (or, for structures, the artefact) that is wrong.
    public var component: String?
    /// The text as it stands in the input, shortened to `textBytesMax`.
    public var offendingText: String?
    /// What is wrong, in one sentence.
    public var message: String
    /// How to mend it, in one sentence.
    public var advice: String
    /// How many observations it concerns, when one fault (a series attribute) concerns several.
    public var observations: Int
    /// The cells of the row it was found in, those that are wrong marked; empty unless the sink asked for them (`FindingDetail.cells`).
    public var cells: [Cell] = []

    /// One cell of the row a finding belongs to.
    public struct Cell: Hashable, Sendable {
        public var component: String
        /// The text as it stands in the input, shortened to `textBytesMax`; empty where there is none.
        public var text: String
        /// Whether this cell is what is wrong.
        public var isMarked: Bool

        public init(component: String, text: String, isMarked: Bool) {
            self.component = component
            self.text = Finding.shortened(text)
            self.isMarked = isMarked
        }
    }

    public init(
        _ code: FindingCode, severity: Severity = .error, at position: Position = Position(), seriesKey: String? = nil, timePeriod: String? = nil,
        component: String? = nil, offendingText: String? = nil, message: String, advice: String, observations: Int = 1
    ) {
        self.code = code
        self.severity = severity
        self.position = position
        self.seriesKey = seriesKey
        self.timePeriod = timePeriod
        self.component = component
        self.offendingText = offendingText.map(Self.shortened)
        self.message = message
        self.advice = advice
        self.observations = observations
    }

    /// Longest offending text kept, in bytes.
    public static let textBytesMax = 256

    static func shortened(_ text: String) -> String {
        guard text.utf8.count > textBytesMax else { return text }
        // A quarter of the bytes is the most scalars that surely fit.
        return String(String.UnicodeScalarView(text.unicodeScalars.prefix(textBytesMax / 4))) + "…"
    }
}

/// Where a finding is. Zero means "not known"; all counts start at 1.
public struct Position: Hashable, Sendable {
    public var line: Int
    public var column: Int
    /// The observation's ordinal in its dataset.
    public var row: Int
    /// The dataset's ordinal in its message.
    public var dataset: Int

    public init(line: Int = 0, column: Int = 0, row: Int = 0, dataset: Int = 0) {
        self.line = line
        self.column = column
        self.row = row
        self.dataset = dataset
    }
}

/// A stable, documented code of a kind of finding, `<subject>.<fault>` (Docs/Checks.md lists them).
public struct FindingCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    public var description: String { rawValue }
}

extension FindingCode {
    // Found while reading.
    public static let componentUnknown = FindingCode(rawValue: "component.unknown")
    public static let rowTooFewCells = FindingCode(rawValue: "row.too-few-cells")
    public static let rowTooManyCells = FindingCode(rawValue: "row.too-many-cells")
    public static let memberDuplicate = FindingCode(rawValue: "member.duplicate")
    public static let indexOutOfRange = FindingCode(rawValue: "index.out-of-range")
    public static let actionUnknown = FindingCode(rawValue: "action.unknown")
    public static let structureNotKept = FindingCode(rawValue: "structure.not-kept")
    public static let referenceUnresolved = FindingCode(rawValue: "reference.unresolved")
    public static let valueMultiple = FindingCode(rawValue: "value.multiple")
    public static let textLanguagesNotKept = FindingCode(rawValue: "text.languages-not-kept")
    public static let labelUnmapped = FindingCode(rawValue: "label.unmapped")
    // Found by checking.
    public static let codeUnknown = FindingCode(rawValue: "code.unknown")
    public static let dimensionMissing = FindingCode(rawValue: "dimension.missing")
    public static let attributeMissing = FindingCode(rawValue: "attribute.missing")
    public static let valueType = FindingCode(rawValue: "value.type")
    public static let valueFacet = FindingCode(rawValue: "value.facet")
    public static let timePeriod = FindingCode(rawValue: "time.period")
    public static let keyDuplicate = FindingCode(rawValue: "key.duplicate")
    public static let constraintViolated = FindingCode(rawValue: "constraint.violated")
    public static let structureMismatch = FindingCode(rawValue: "structure.mismatch")
}
