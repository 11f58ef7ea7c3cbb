/// How records become the cells of a table, as an agreement declares it (`records.tabulate`).
package struct Tabulation: Hashable, Sendable {
    package enum Measure: Hashable, Sendable {
        /// The number of records.
        case count
        /// The exact decimal sum of a component of the records, each value multiplied by that of another one where it is named.
        case sum(of: String, weight: String?)
    }

    package var measure: Measure
    /// The component whose distinct values are the contributors; nil: each record is one.
    package var contributor: String?
    /// Dimension of the table → where its code comes from.
    package var dimensions: [String: Source]
    /// Attribute of the table → its value in every cell.
    package var attributes: [String: String]
    /// Whether combinations of codes that nobody has are cells of zero; else they are absent.
    package var zeros: Bool

    package init(
        measure: Measure = .count, contributor: String? = nil, dimensions: [String: Source] = [:], attributes: [String: String] = [:], zeros: Bool = false
    ) {
        self.measure = measure
        self.contributor = contributor
        self.dimensions = dimensions
        self.attributes = attributes
        self.zeros = zeros
    }

    /// Where the code of a dimension comes from.
    package enum Source: Hashable, Sendable {
        case constant(String)
        case component(Reading)
    }

    /// How a component's value becomes the code of a dimension: missing, then classes or period, else renamed; then its ancestors and the total.
    package struct Reading: Hashable, Sendable {
        /// The component of the records.
        package var component: String
        /// Whole numbers into codes, in the order of their lower bounds; disjoint.
        package var classes: [Class] = []
        /// The code of whole numbers that fall into no class; nil: they refuse the whole input.
        package var other: String?
        /// Dates into the periods that contain them.
        package var period: Period?
        /// Value of the records → code of the table; what is not named keeps its own.
        package var codes: [String: String] = [:]
        /// Every record counts for the ancestors of its code too, along the parents of the table's code list.
        package var rollUp = false
        /// Every record counts for this code too.
        package var total: String?
        /// The code of records without a value; nil: they refuse the whole input.
        package var missing: String?

        package init(component: String) { self.component = component }
    }

    /// A run of whole numbers under one code; a bound that is nil is open. A code may have several.
    package struct Class: Hashable, Sendable {
        package var code: String
        package var lower: Int64?
        package var upper: Int64?

        package init(code: String, lower: Int64?, upper: Int64?) {
            self.code = code
            self.lower = lower
            self.upper = upper
        }

        /// `18..34`, `..17`, `65..`.
        package var range: String { lower == upper ? "\(lower.map(String.init) ?? "..")" : "\(lower.map(String.init) ?? "")..\(upper.map(String.init) ?? "")" }
    }

    /// Spelled as SDMX does: `2026-01-31`, `2026-01`, `2026-Q1`, `2026`.
    package enum Period: String, Hashable, Sendable, CaseIterable { case day, month, quarter, year }

    /// The first two classes that share a number, after sorting; nil where none do.
    package static func overlap(_ sorted: [Class]) -> (Class, Class)? {
        for (one, next) in zip(sorted, sorted.dropFirst()) {
            guard let upper = one.upper, let lower = next.lower, upper < lower else { return (one, next) }
        }
        return nil
    }

    /// The order in which classes are kept: by lower bound, an open one first.
    package static func isBefore(_ one: Class, _ other: Class) -> Bool { (one.lower ?? .min, one.upper ?? .max) < (other.lower ?? .min, other.upper ?? .max) }
}
