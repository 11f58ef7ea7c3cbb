/// The named limits of the rounding methods. Past one of them the release is refused, except where a limit says otherwise.
public struct RoundingLimits: Hashable, Sendable {
    /// Most observations of one table.
    public var cellsMax = 5_000_000
    /// Most cells of a table whose sums have to hold (controlled rounding).
    public var sumCellsMax = 200_000
    /// Most terms of all sums together.
    public var termsMax = 8_000_000
    /// Most sums in one connected part of the table; memory grows with its square (8 bytes each).
    public var equationsOfPartMax = 6_000
    /// Most pivots of all linear programs together.
    public var pivotsMax = 2_000_000
    /// Pivots of one part after its first rounding was found; then the best one so far is taken, and the report says by how much it may miss the least.
    public var improvementPivotsMax = 20_000
    /// Pivots of one part without a rounding to the nearest multiples; then cells may move one base further.
    public var searchPivotsMax = 40_000
    /// Greatest base.
    public var baseMax = 10_000
    /// Largest file of a perturbation table, in bytes.
    public var tableBytesMax = 16 << 20
    /// Wall-clock time for one table.
    public var deadline: Duration = .seconds(300)

    public init() {}
}
