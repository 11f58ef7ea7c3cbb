import SluiceKit

/// Why a table could not be brought to the agreed depth. The release is refused.
package struct CoarsenError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable, CaseIterable {
        /// An observation has a code that is not granted, and the agreement does not say `outside: drop`.
        case codeNotGranted
        /// It cannot be told whether a broader code's observation contains the narrower ones.
        case ambiguous
        /// Observations in different units would be summed.
        case unitsDiffer
        /// A mandatory attribute has no one value for a sum.
        case attributeDiffers
        case measureNotNumeric
        /// Codes stand together that may not travel together.
        case combinationForbidden
        case periodTooRecent
        case observationsTooMany
        case keyDuplicate
        case tooLarge
    }
    package var code: Code
    package var detail: String

    package init(_ code: Code, detail: String) {
        self.code = code
        self.detail = detail
    }

    package var description: String { "\(detail) [\(code.rawValue)]" }
}

/// What coarsening did, as counts.
package struct CoarsenReport: Hashable, Sendable {
    package var observationsBefore = 0
    package var observationsAfter = 0
    /// Observations that went into a sum.
    package var summed = 0
    /// Narrower observations left out because the broader one was in the data already.
    package var superseded = 0
    /// Observations left out because their codes are not granted.
    package var leftOut = 0
    package var droppedAttributes: [String] = []

    package init() {}

    /// Of a table that is fit as it is.
    init(unchanged rows: Int, _ cube: CubeObligations) {
        observationsBefore = rows
        observationsAfter = rows
        droppedAttributes = cube.dropped.sorted()
    }
}
