/// The named limits of checking one dataset, with their defaults.
package struct CheckLimits: Hashable, Sendable {
    /// Rows of which it is noted in memory where they were, to find duplicates; the notes of more go to a file. 16 bytes each.
    package var duplicateRowsInMemoryMax = 1 << 14
    /// Series, and blocks of up to 64 periods of a series, held in memory to find duplicates; rows of more go to sorted files. Up to 120 bytes each.
    package var duplicateKeysInMemoryMax = 1 << 13
    /// Values of attributes of series and groups held in memory to see that each has one; more go to sorted files. 16 bytes each, and the key once.
    package var relationshipValuesInMemoryMax = 1 << 15
    /// Most bytes that those files may take.
    package var spillBytesMax = 64 << 30
    /// Files merged at once; each holds a descriptor and a buffer.
    package var spillFilesMax = 64
    /// Faults of one series (or group) that may be open at once; past it they are reported in pieces.
    package var openFaultsMax = 64
    /// Distinct wrong codes per component for which the nearest right one is looked up, and whose wording is kept.
    package var advicePerComponentMax = 1_000
    /// Cells of a row that a finding carries for a report, beside those that are wrong.
    package var cellsPerFindingMax = 100
    /// Most cube regions of one constraint.
    package var constraintRegionsMax = 8_192

    /// Checks of one message that are kept for its next dataset of the same structure and action.
    package var checksPerMessageMax = 16

    package init() {}
}

/// Why checking could not go on. Problems in data are findings; this stops the work.
package struct CheckError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        /// The operating system refused a temporary file.
        case inputOutput
        /// A limit of `CheckLimits` was passed.
        case limitExceeded
    }
    package var code: Code
    /// What is wrong and how to mend it, for people.
    package var detail: String

    package init(_ code: Code, detail: String) {
        self.code = code
        self.detail = detail
    }

    package var description: String { "\(detail) [\(code.rawValue)]" }
}
