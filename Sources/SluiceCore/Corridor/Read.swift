package import SluiceKit

/// Opens a dataset file with a reader.
package typealias ReaderMaker = @Sendable (any ByteSource, ReadContext) throws(ReadError) -> any DatasetReader

/// The step that reads: passes every batch of every dataset to a visitor, in constant memory.
package struct Read {
    package let content: Content
    package let makeReader: ReaderMaker
    package let context: ReadContext

    package init(_ content: Content, makeReader: @escaping ReaderMaker, context: ReadContext) {
        self.content = content
        self.makeReader = makeReader
        self.context = context
    }

    /// What a dataset's visitor does: takes batches, then hears the end.
    package struct Visitor {
        package var batch: (Batch) throws -> Void
        package var end: (Batch) throws -> Void
        package init(batch: @escaping (Batch) throws -> Void, end: @escaping (Batch) throws -> Void = { _ in }) {
            self.batch = batch
            self.end = end
        }
    }

    /// Reads all datasets; `visit` is asked for a visitor at the beginning of each.
    /// - Returns: the number of datasets and the message's header.
    @discardableResult
    package func eachDataset(atMost datasetsMax: Int, _ visit: (DatasetDescription, Int) throws -> Visitor) throws -> (datasets: Int, header: MessageHeader) {
        let (reader, byteCount) = try open()
        var datasets = 0
        while let description = try next(reader) {
            datasets += 1
            guard datasets <= datasetsMax else { throw Refusal("read.limitExceeded", "the message holds more than \(datasetsMax) datasets") }
            let visitor = try visit(description, datasets)
            let batch = Batch(schema: description.schema, capacity: Batch.capacity(forBytes: byteCount), limits: context.limits)
            while try fill(batch, from: reader) > 0 {
                try visitor.batch(batch)
                batch.removeAllRows()
            }
            try visitor.end(batch)
        }
        guard datasets > 0 else { throw Refusal("read.empty", "the message holds no dataset") }
        return (datasets, reader.header)
    }

    /// Reads all datasets whole.
    package func eachTable(atMost datasetsMax: Int, rowsMax: Int, _ visit: (Table) throws -> Void) throws -> MessageHeader {
        let reader = try open().reader
        var datasets = 0
        while let description = try next(reader) {
            datasets += 1
            guard datasets <= datasetsMax else { throw Refusal("read.limitExceeded", "the message holds more than \(datasetsMax) datasets") }
            let table: Table
            do { table = try Table.reading(reader, description, rowsMax: rowsMax, limits: context.limits) } catch {
                throw error.inCorridor
            }
            try visit(table)
        }
        return reader.header
    }

    private func open() throws -> (reader: any DatasetReader, byteCount: Int?) {
        do throws(ReadError) {
            let source = try content.source()
            return (try makeReader(source, context), source.byteCountTotal)
        } catch {
            throw error.inCorridor
        }
    }

    private func next(_ reader: any DatasetReader) throws -> DatasetDescription? {
        do throws(ReadError) { return try reader.nextDataset() } catch { throw error.inCorridor }
    }

    private func fill(_ batch: Batch, from reader: any DatasetReader) throws -> Int {
        do throws(ReadError) { return try reader.read(into: batch) } catch { throw error.inCorridor }
    }
}
