public import SluiceKit

/// How the columns and labels of a plain CSV table become the components and codes of a data structure. Read from YAML; see the plugin's README.
public struct CSVMapping: Sendable {
    /// How the bytes of the table spell text.
    public enum Encoding: String, Sendable, CaseIterable {
        case utf8 = "utf-8", utf16 = "utf-16", utf16LittleEndian = "utf-16le", utf16BigEndian = "utf-16be"
        case windows1251 = "windows-1251", windows1252 = "windows-1252"
    }

    /// From which labels a component takes its codes.
    public struct Labels: Sendable {
        /// Label to code; a nil code leaves the component without a value.
        public var codes: [(label: String, code: String?)]
        /// Take the names of the component's code list too, in these languages; nil when it is not asked for.
        public var codelistLanguages: [String]?
        /// A label that is not known goes through as it stands, instead of being reported.
        public var keepsUnmapped: Bool
        /// Take the labels from the mapping's dictionary, those of these components: a label belongs to the first of them that knows it. Empty where it is not asked for.
        public var shared: [String] = []
    }

    /// One component fed by one CSV column.
    public struct Target: Sendable {
        public var column: String
        public var component: String
        public var labels: Labels?
        /// By how many places the decimal point moves to the right.
        public var shift: Int
        /// Whether the table may lack the column: what all tables of a folder share holds where it can.
        public var isOptional = false
    }

    /// A test of one cell against labels; an empty label stands for an empty cell.
    public struct Condition: Sendable {
        public var column: String
        public var labels: [String]
        public var isNegated: Bool
    }

    /// Sets components in the rows where all conditions hold.
    public struct Rule: Sendable {
        public var conditions: [Condition]
        public var settings: [(component: String, value: String)]
        /// Whether the table may lack a column that is asked about; the rule does not hold then.
        public var isOptional = false
    }

    /// A component that takes its value from the table's file name.
    public struct FileName: Sendable {
        /// A pattern for the whole name (path within the folder) with one group around what is taken; the name without folder and ending where there is none.
        public var pattern: String?
        public var into: String
        public var labels: Labels?
    }

    /// What holds for some of a folder's tables, told by their file names.
    public struct TableRule: Sendable {
        public var files: [FilePattern]
        /// These tables do not travel.
        public var leavesOut: Bool
        /// The mapping of such a table: what all tables share, with what this rule says over it.
        public var mapping: CSVMapping
    }

    /// Which columns of a wide table become rows.
    public struct Unpivot: Sendable {
        public enum Columns: Sendable {
            case named([String])
            case matching(String)
        }
        public var columns: Columns
        /// The component that takes the column's name, with labels where the name is no code.
        public var into: String
        public var labels: Labels?
        /// The component that takes the cell.
        public var value: String
        public var shift: Int
        /// Make rows of empty cells too.
        public var keepsEmpty: Bool
    }

    /// The file it came from, for messages.
    public var file: String
    /// The dataflow or data structure that the rows become data of.
    public var reference: ArtefactReference
    public var action: DatasetAction
    public var separator: UInt8
    public var encoding: Encoding
    public var decimal: UInt8
    /// The character between groups of digits, in UTF-8; empty where there is none.
    public var grouping: [UInt8]
    /// Lines before the one that names the columns.
    public var linesBeforeHeader: Int
    public var ignoresCase: Bool
    /// Texts that mean "no value".
    public var missing: [String]
    public var targets: [Target]
    public var constants: [(component: String, value: String)]
    public var defaults: [(component: String, value: String)]
    public var rules: [Rule]
    /// A row is taken when all of these hold…
    public var keep: [Condition]
    /// …and none of these.
    public var skip: [Condition]
    public var ignored: [String]
    public var unpivot: Unpivot?
    /// Columns that nobody has placed yet: a row that has a value in one of them is left out and reported.
    public var unplaced: [String] = []
    public var fileName: FileName?
    /// Labels and their codes by component, for every column that says `labels: shared`.
    public var dictionary: [String: [(label: String, code: String?)]] = [:]
    /// Rules by file name, in order; the first that accepts a table's name holds. Nil in a mapping for one table.
    public var tables: [TableRule]?

    /// Every component that the mapping may set.
    var components: [String] {
        var ids = targets.map(\.component) + constants.map(\.component) + defaults.map(\.component) + rules.flatMap { $0.settings.map(\.component) }
        if let unpivot { ids += [unpivot.into, unpivot.value] }
        if let fileName { ids.append(fileName.into) }
        return ids
    }

    /// The rule for a table of a folder; nil when none accepts its name.
    /// - Parameter file: path within the folder.
    func rule(for file: String) -> TableRule? { tables?.first { rule in rule.files.contains { $0.accepts(file) } } }

    /// Labels with what they share filled in. A label of another component that the column may feed gives no value here.
    func resolved(_ labels: Labels, for component: String) -> Labels {
        guard !labels.shared.isEmpty else { return labels }
        var labels = labels
        var seen = Set<String>()
        for owner in labels.shared {
            for (label, code) in dictionary[owner] ?? [] where seen.insert(LabelTable.fold(label, ignoresCase: ignoresCase)).inserted {
                labels.codes.append((label, owner == component ? code : nil))
            }
        }
        return labels
    }
}
