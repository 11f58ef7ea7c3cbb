/// The named limits of suppression. Past one of them the release is refused; nothing leaves half protected.
public struct SuppressionLimits: Hashable, Sendable {
    /// Most observations of one table.
    public var cellsMax = 200_000
    /// Most terms of all sums together.
    public var termsMax = 8_000_000
    /// Most sums in one connected part of the table that withheld cells may take part in; memory grows with its square (8 bytes each).
    public var equationsOfPartMax = 6_000
    /// Most pivots of all linear programs together.
    public var pivotsMax = 4_000_000
    /// Pivots spent on withholding fewer cells once the table is safe.
    public var improvementPivotsMax = 60_000
    /// Rounds of protect, audit and repair.
    public var roundsMax = 20
    /// Wall-clock time for one table.
    public var deadline: Duration = .seconds(300)

    public init() {}
}
