import GRDB
import SluiceKit

/// What `read` hands to its body: one snapshot of the database.
struct SQLiteReader: SQLiteReading {
    let database: Database
}

/// The questions, shared by reader and writer. Every statement is prepared once per connection and walks an index.
protocol SQLiteReading: StoreReading {
    var database: Database { get }
}

extension SQLiteReading {
    func rows<Record>(_ sql: String, _ arguments: StatementArguments = StatementArguments(), _ decode: (Columns) throws -> Record) throws(StoreError)
        -> [Record]
    {
        try engine("reading") {
            let cursor = try Row.fetchCursor(database.cachedStatement(sql: sql), arguments: arguments)
            var records: [Record] = []
            while let row = try cursor.next() { records.append(try decode(Columns(row: row))) }
            return records
        }
    }

    func count(_ name: String) throws(StoreError) -> Int {
        try rows("SELECT count FROM tally WHERE name = ?", [name]) { try $0[0] as Int }.first ?? 0
    }

    func feedRuns(feed: String, limit: Int) throws -> [FeedRun] {
        try rows(
            """
            SELECT feed, scheduled_at, started_at, ended_at, outcome, exchange_id, detail FROM feed_run
            WHERE feed = ? ORDER BY scheduled_at DESC LIMIT ?
            """, [feed, max(0, limit)]
        ) { row in
            var run = try FeedRun(feed: row[0], scheduledAt: Instant(milliseconds: row[1]), startedAt: Instant(milliseconds: row[2]))
            run.endedAt = try (row[3] as Int64?).map(Instant.init(milliseconds:))
            run.outcome = try value(row[4], of: "feed_run.outcome")
            run.exchangeID = try row[5]
            run.detail = try row[6]
            return run
        }
    }

    /// The columns are STRICT, so a value has its type; a word that is none of ours is damage.
    func value<Word: RawRepresentable<String>>(_ text: String, of column: String) throws(StoreError) -> Word {
        guard let word = Word(rawValue: text) else { throw StoreError(.damaged, detail: "\(column) holds '\(text.prefix(40))', which is none of its words") }
        return word
    }
}

/// The columns of a row. The tables are STRICT, so a value is there and has its type; where not, the file is damaged, which must not end the process.
struct Columns {
    let row: Row

    subscript<Value: DatabaseValueConvertible & StatementColumnConvertible>(_ index: Int) -> Value {
        get throws(StoreError) {
            do { return try row.decode(Value.self, atIndex: index) } catch {
                let name = row.count > index ? Array(row.columnNames)[index] : "\(index)"
                throw StoreError(.damaged, detail: "column \(name) of a row holds no value of its type; restore the file from a backup")
            }
        }
    }
}

/// What a query asks of its rows: every condition has to hold.
struct Conditions {
    private(set) var all: [String]
    /// In the order of the question marks.
    private(set) var arguments = StatementArguments()

    init(_ fixed: String...) { all = fixed }

    /// - Parameter value: of the condition's question mark; nil asks nothing.
    mutating func add(_ condition: String, _ value: String?) {
        guard let value else { return }
        all.append(condition)
        arguments += [value]
    }
}
