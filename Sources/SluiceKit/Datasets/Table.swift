/// A dataset held whole in one batch, for steps that must see every cell at once (protection, tabulation).
public struct Table {
    public var description: DatasetDescription
    public let batch: Batch
    /// Of each row; nil where only the components of the table say it. It never leaves the node.
    public var contributions: CellContributions?

    public init(description: DatasetDescription, batch: Batch, contributions: CellContributions? = nil) {
        self.description = description
        self.batch = batch
        self.contributions = contributions
    }

    /// Reads the rest of the reader's current dataset.
    /// - Throws: `limitExceeded` past `rowsMax` rows.
    public static func reading(_ reader: any DatasetReader, _ description: DatasetDescription, rowsMax: Int, limits: ReadLimits = ReadLimits())
        throws(ReadError) -> Table
    {
        let batch = Batch(schema: description.schema, limits: limits)
        while try reader.read(into: batch) > 0 {
            guard batch.rowCount <= rowsMax else {
                throw ReadError(
                    .limitExceeded,
                    detail: "a dataset that has to be protected as a whole has more than \(rowsMax) observations; split it by period, or raise protectRowsMax")
            }
            guard batch.arenaByteCount < Batch.arenaBytesMax / 2 else {
                throw ReadError(
                    .limitExceeded,
                    detail: "a dataset that has to be protected as a whole holds more than \(Batch.arenaBytesMax / 2) bytes of text; split it by period")
            }
            if batch.isFull { batch.grow(toCapacity: batch.capacity * 2) }
        }
        return Table(description: description, batch: batch)
    }
}
