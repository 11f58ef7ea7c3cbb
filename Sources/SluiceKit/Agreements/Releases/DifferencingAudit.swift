/// The gate that holds a release against everything that the same people hold already.
///
/// Pure: the same releases give the same answer.
public protocol DifferencingAudit: Sendable {
    /// Attacks the union of a release, as read back from its bytes, and of earlier ones.
    /// - Parameter held: all earlier releases of the same population and of a period of this one, to whomever, the oldest first. Whose knowledge is taken
    ///   together follows from their holders and scopes.
    /// - Throws: `differencing`, with which releases, which region and what could be computed, never a value, and a treatment where one was found;
    ///   `tooLarge` and `deadline` past a limit.
    func audit(_ release: ReleasedFigures, against held: [ReleasedFigures]) throws(ProtectionError) -> DifferencingReport
}

/// What the gate looked at, as counts.
public struct DifferencingReport: Hashable, Sendable {
    /// Earlier releases that were taken into account.
    public var releases = 0
    /// Sums that link their cells.
    public var equations = 0
    /// Regions that no release shows by itself.
    public var regions = 0
    /// Intervals that were computed by linear programs.
    public var intervals = 0
    /// Sums that do not hold between releases, because one of them was corrected or is of another state of the register; they were left out.
    public var contradictions = 0

    public init() {}
}
