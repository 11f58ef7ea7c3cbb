/// What a suggestion may take for given, and from which confidence on a guess is active.
public struct SuggestionOptions: Sendable {
    /// Components that are the same in every row, by the caller's word; no column is placed into them.
    public var constants: [(component: String, value: String)]
    /// Of 100: a guess below it stands in the proposal as a comment.
    public var confidenceMin: Int

    public static let confidenceMinDefault = 80

    public init(constants: [(component: String, value: String)] = [], confidenceMin: Int = SuggestionOptions.confidenceMinDefault) {
        self.constants = constants
        self.confidenceMin = confidenceMin
    }
}

/// A label of a table and the codes that it was found to stand for.
public struct LabelPlacement: Sendable {
    public var label: String
    public var rowCount: Int
    /// The component it belongs to; a column may hold labels of several.
    public var component: String?
    /// The best first; active where its confidence suffices.
    public var guesses: [CodeGuess]
    /// The unit's power of ten, where the label names one ("thousand tons").
    public var power: Int?

    /// The code that it gets.
    public func code(_ confidenceMin: Int) -> CodeGuess? { guesses.first.flatMap { $0.confidence >= confidenceMin ? $0 : nil } }
}

/// A column of a table and the component that it was found to feed.
public struct ColumnPlacement: Sendable {
    public var column: String
    /// The components its labels belong to; more than one where a column mixes them.
    public var components: [String]
    public var confidence: Int
    public var method: PlacementMethod?
    /// What the method found, or why the column has no place.
    public var detail: String
    public var labels: [LabelPlacement]
    /// Components it might feed, the most likely first.
    public var candidates: [(component: String, confidence: Int, why: String)]
    /// It has no cell with a value.
    public var isEmpty: Bool
    /// Its labels become codes; else its cells travel as they stand.
    public var isCoded: Bool
    /// It has more labels than are looked at.
    public var isOverflowing: Bool
    /// It also gives the unit's power of ten.
    public var givesPower = false

    public func isPlaced(_ confidenceMin: Int) -> Bool { !components.isEmpty && confidence >= confidenceMin }
    /// Labels that get no code.
    public func unplacedLabels(_ confidenceMin: Int) -> [LabelPlacement] {
        isCoded && isPlaced(confidenceMin) ? labels.filter { $0.code(confidenceMin) == nil } : []
    }
}

/// A component that is the same in a whole table.
public struct ConstantPlacement: Sendable {
    public var component: String
    public var guesses: [CodeGuess]
    /// Why there is none, or what to look at.
    public var detail: String

    public func code(_ confidenceMin: Int) -> CodeGuess? { guesses.first.flatMap { $0.confidence >= confidenceMin ? $0 : nil } }
}

/// Columns of a wide table that become rows.
public struct UnpivotPlacement: Sendable {
    public var columns: [String]
    public var into: String
    public var value: String
    public var confidence: Int
    /// Column names that are no codes themselves.
    public var labels: [LabelPlacement]
}

/// What a suggestion found in one table.
public struct TablePlacement: Sendable {
    /// Path within the folder, or the file's name.
    public var file: String
    public var rowCount: Int
    public var columns: [ColumnPlacement]
    public var constants: [ConstantPlacement]
    public var unpivot: UnpivotPlacement?
    /// Texts in the measure's column that mean "no value".
    public var missing: [String]
    /// Texts in it that are neither numbers nor known to mean "no value".
    public var strangeValues: [String]
    /// Things to look at before use.
    public var remarks: [String]
    /// Why the table could not be read, or not to its end.
    public var failure: String?
    var spelling: TableSpelling
    var decimal: UInt8
    var grouping: String

    /// Dimensions that nothing sets.
    public func openConstants(_ confidenceMin: Int) -> [ConstantPlacement] { constants.filter { $0.code(confidenceMin) == nil } }

    /// Every column that says something, every label and every dimension has its place.
    public func isFullyPlaced(_ confidenceMin: Int) -> Bool {
        openConstants(confidenceMin).isEmpty && hasPlacedColumns(confidenceMin)
    }

    /// Every column that says something and every label has its place.
    public func hasPlacedColumns(_ confidenceMin: Int) -> Bool {
        failure == nil && strangeValues.isEmpty
            && columns.allSatisfy { column in
                column.isEmpty || (column.isPlaced(confidenceMin) && column.unplacedLabels(confidenceMin).isEmpty && !column.isOverflowing)
            }
    }
}
