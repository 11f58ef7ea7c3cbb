/// The named limits of the gate across releases. Past one of them the release is refused, in words, unless it is said here that less is looked at.
public struct DifferencingLimits: Hashable, Sendable {
    /// Most earlier releases of one population and period that are held against a new one.
    public var releasesMax = 500
    /// Most cells of all releases of one period together, with those that an attacker adds.
    public var cellsMax = 1_000_000
    /// Most terms of all sums of one period together.
    public var termsMax = 16_000_000
    /// How many times a difference is itself summed over further dimensions; deeper ones are not looked at.
    public var depthMax = 3
    /// Most sums, and most unknown cells, of one connected part that is attacked by linear programs; memory grows with their product (8 bytes each).
    public var sumsOfPartMax = 1_500
    public var cellsOfPartMax = 6_000
    /// Most parts of one line of ages whose runs are all attacked one by one; of a longer one only what lies between two codes.
    public var runsOfLineMax = 24
    /// Most steps of all linear programs together.
    public var pivotsMax = 4_000_000
    /// Findings after which the attack stops; the release is refused with the first.
    public var findingsMax = 50
    /// Rounds of withholding and attacking anew in search of a treatment; past them, or with 0, none is proposed.
    public var treatmentRoundsMax = 12
    /// Wall-clock time for one release, its treatment included.
    public var deadline: Duration = .seconds(120)

    public init() {}

    /// As the budget of the linear programs takes them.
    var suppression: SuppressionLimits {
        var limits = SuppressionLimits()
        limits.pivotsMax = pivotsMax
        limits.deadline = deadline
        return limits
    }
}
