/// The named limits of suppression. Past one of them the release is refused; nothing leaves half protected.
public struct SuppressionLimits: Hashable, Sendable {
    /// Most observations of one table; one of 899,669 was seen to end within `deadline` (Docs/Performance.md).
    public var cellsMax = 1_000_000
    /// Most terms of all sums together.
    public var termsMax = 40_000_000
    /// Most sums that one linear program may take into its basis; memory grows with its square (8 bytes each).
    public var equationsOfPartMax = 6_000
    /// Most pivots of all linear programs together.
    public var pivotsMax = 200_000_000
    /// Most pivots of one program that an unsafe cell's protection, or the proof of it, hangs on.
    public var programPivotsMax = 50_000
    /// Pivots spent on withholding fewer cells once the table is safe; those in a large basis count as several (`WorkBudget.effort`).
    public var improvementPivotsMax = 400_000
    /// Searches for a pattern that start differently, of which the cheapest counts.
    public var startsMax = 4
    /// Most cells of a table that is searched more than once.
    public var startsCellsMax = 5_000
    /// Pivots, counted in the same way, spent on the narrowest interval, once every cell is proven safe; past it the report says "at least".
    /// Also those of one end of the interval of a cell that has no proof; past it an unsafe cell counts as not safe, a further one as not computed.
    public var intervalPivotsMax = 400_000
    /// Rounds of protect, audit and repair.
    public var roundsMax = 20
    /// Wall-clock time for one table.
    public var deadline: Duration = .seconds(3_600)

    public init() {}

    /// Coarsening solves no programs, so that its tables may be larger.
    static var ofCoarsening: SuppressionLimits {
        var limits = SuppressionLimits()
        limits.cellsMax = 2_000_000
        return limits
    }
}
