/// The named limits of the protection of records. Past one of them the release is refused; nothing leaves half protected.
public struct RecordLimits: Hashable, Sendable {
    /// Most records of one table.
    public var recordsMax = 5_000_000
    /// Most quasi-identifiers; the patterns in which they may be withheld double with each.
    public var quasiIdentifiersMax = 16
    /// Most combinations of generalisation levels.
    public var latticeNodesMax = 50_000
    /// Most of them that are looked at.
    public var nodesTriedMax = 2_000
    /// Most patterns in which quasi-identifiers are withheld; where there are more, those that withhold fewest, and all together.
    public var patternsMax = 256
    /// Most patterns in which quasi-identifiers may be absent from the records that leave, missing or withheld: the gate holds each against all records.
    public var absentPatternsMax = 2_048
    /// Rounds of withholding and judging anew.
    public var roundsMax = 10
    /// Deepest code list.
    public var levelsMax = 64
    /// Wall-clock time for one table.
    public var deadline: Duration = .seconds(300)

    public init() {}
}
