/// Why records could not be tabulated. Nothing leaves.
package struct TabulationError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable, CaseIterable {
        /// The agreement names a component, code or structure that is not there, or leaves one open that has to be said.
        case unbound
        /// Records without a value that the table needs.
        case valueMissing
        /// Whole numbers that fall into no class.
        case classNone
        /// A value that has to be a whole number, a number or a period is not one.
        case valueMalformed
        case valueNegative
        /// Records that have a code and records that have one of its parts: the table would not add up.
        case notAdditive
        /// A code that the table's code list does not have.
        case codeUnknown
        /// The table does not fit its own structure.
        case tableInvalid
        /// A named limit was passed.
        case tooLarge
        /// Cell keys need a key that this node does not have.
        case keyMissing
        /// The input deletes something: records that are gone cannot be taken out of a table.
        case deletion
    }
    package var code: Code
    /// What is wrong, in how many records, and how to mend it. It never contains a value of a cell.
    package var detail: String

    package init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    package var description: String { "\(detail) [\(code.rawValue)]" }
}

/// What tabulation may take, beside the limits of reading.
package struct TabulationLimits: Hashable, Sendable {
    /// Most cells of a table, totals and zeros included.
    package var cellsMax = 5_000_000
    /// Most pairs of a contributor and a most detailed cell, where contributors are told apart.
    package var contributionsMax = 20_000_000
    /// Most distinct codes of one dimension.
    package var codesMax = 100_000

    package init() {}
}

/// What tabulation did, as counts.
package struct TabulationReport: Hashable, Sendable {
    package var records = 0
    /// Cells of the table, all totals included.
    package var cells = 0
    /// Cells of the most detailed codes.
    package var cellsMostDetailed = 0

    package init() {}
}
