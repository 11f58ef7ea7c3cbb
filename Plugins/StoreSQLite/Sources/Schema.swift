import GRDB
import SluiceKit

/// The tables, as steps with a name that are taken in order and never changed once released.
enum Schema {
    struct Step {
        var name: String
        var sql: String
    }

    static let steps = [
        Step(name: "exchanges", sql: exchanges),
        Step(name: "outbox", sql: outbox),
        Step(name: "ledger", sql: ledger),
        Step(name: "bus", sql: bus),
        Step(name: "feeds", sql: feeds),
        Step(name: "releases", sql: releases),
        Step(name: "provenance", sql: provenance),
        Step(name: "witness", sql: witness),
        Step(name: "ledger index", sql: ledgerIndex),
    ]

    /// `SLUC`, in the file's header: what `file(1)` and we tell our databases by.
    static let applicationID: Int32 = 0x534C_5543

    /// Brings the database to `steps`, all in one transaction.
    ///
    /// Not GRDB's `DatabaseMigrator`: it looks up what was applied before it takes the write lock, so that two processes
    /// that start on a new file both create the tables, and the second fails.
    /// - Throws: `schemaNewer` when the file has steps that we do not know.
    static func bringUpToDate(_ database: Database, path: String, steps: [Step] = steps, now: Instant) throws(StoreError) {
        try engine("preparing the tables of \(path)") {
            try database.inTransaction(.immediate) {
                try recognise(database, path: path)
                let applied = try String.fetchAll(database, sql: "SELECT name FROM schema_step ORDER BY position")
                guard applied.count <= steps.count, zip(applied, steps).allSatisfy({ $0 == $1.name }) else {
                    let unknown = applied.first { name in !steps.contains { $0.name == name } } ?? applied.last ?? ""
                    throw StoreError(
                        .schemaNewer,
                        detail:
                            "\(path) was written by a newer Sluice (step '\(unknown)' is unknown to \(sluiceVersion)); start that version or restore a backup")
                }
                for (position, step) in steps.enumerated().dropFirst(applied.count) {
                    try database.execute(sql: step.sql)
                    try database.execute(
                        sql: "INSERT INTO schema_step (position, name, applied_at) VALUES (?, ?, ?)", arguments: [position, step.name, now.milliseconds])
                }
                return .commit
            }
        }
    }

    private static func recognise(_ database: Database, path: String) throws {
        let found = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        if found == applicationID { return }
        let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema WHERE type = 'table'") ?? 0
        guard found == 0, tables == 0 else {
            throw StoreError(.cannotOpen, detail: "\(path) is the database of another program; name a file of Sluice's own")
        }
        try database.execute(sql: "PRAGMA application_id = \(applicationID)")
        try database.execute(sql: "CREATE TABLE schema_step (position INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, applied_at INTEGER NOT NULL) STRICT")
    }

    /// `tally` holds the counts that status pages ask for every few seconds; counting the rows would read the whole table each time.
    private static let exchanges = """
        CREATE TABLE tally (name TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE exchange (
            sender TEXT NOT NULL, id TEXT NOT NULL, direction TEXT NOT NULL, receiver TEXT NOT NULL, dataflow TEXT NOT NULL,
            agreement TEXT NOT NULL, purpose TEXT NOT NULL, state TEXT NOT NULL, reason_code TEXT NOT NULL, reason TEXT NOT NULL,
            observations INTEGER NOT NULL, bytes INTEGER NOT NULL, manifest_digest TEXT NOT NULL,
            package_digest TEXT NOT NULL, receipt_digest TEXT NOT NULL, seal TEXT NOT NULL, wrapped_key BLOB NOT NULL, retain_until INTEGER, is_erased INTEGER NOT NULL,
            findings_json TEXT NOT NULL,
            created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
            UNIQUE (sender, id)
        ) STRICT;
        CREATE INDEX exchange_by_id ON exchange (id);
        CREATE INDEX exchange_by_retention ON exchange (retain_until) WHERE retain_until IS NOT NULL;
        CREATE INDEX exchange_by_state ON exchange (state, id);
        CREATE INDEX exchange_by_direction ON exchange (direction, id);
        CREATE INDEX exchange_by_receiver ON exchange (receiver, id);
        CREATE INDEX exchange_by_lane ON exchange (dataflow, receiver, sender, state, id);
        CREATE INDEX exchange_by_dataflow ON exchange (dataflow, id);
        CREATE TRIGGER exchange_tally_insert AFTER INSERT ON exchange BEGIN
            INSERT INTO tally VALUES ('exchange/' || NEW.state, 1) ON CONFLICT (name) DO UPDATE SET count = count + 1;
        END;
        CREATE TRIGGER exchange_tally_update AFTER UPDATE OF state ON exchange WHEN OLD.state <> NEW.state BEGIN
            UPDATE tally SET count = count - 1 WHERE name = 'exchange/' || OLD.state;
            INSERT INTO tally VALUES ('exchange/' || NEW.state, 1) ON CONFLICT (name) DO UPDATE SET count = count + 1;
        END;
        CREATE TRIGGER exchange_tally_erased AFTER UPDATE OF is_erased ON exchange WHEN NEW.is_erased > OLD.is_erased BEGIN
            INSERT INTO tally VALUES ('erased', 1) ON CONFLICT (name) DO UPDATE SET count = count + 1;
        END;
        CREATE TABLE dataset (
            sender TEXT NOT NULL, exchange_id TEXT NOT NULL, dataflow TEXT NOT NULL, format TEXT NOT NULL, name TEXT NOT NULL, sha256 TEXT NOT NULL,
            observations INTEGER NOT NULL, bytes INTEGER NOT NULL, stored_at INTEGER NOT NULL,
            UNIQUE (sender, exchange_id), FOREIGN KEY (sender, exchange_id) REFERENCES exchange (sender, id)
        ) STRICT;
        CREATE TABLE body (
            sender TEXT NOT NULL, exchange_id TEXT NOT NULL, kind TEXT NOT NULL, file TEXT NOT NULL, bytes BLOB NOT NULL,
            UNIQUE (sender, exchange_id, kind), FOREIGN KEY (sender, exchange_id) REFERENCES exchange (sender, id)
        ) STRICT;
        CREATE TABLE refused_copy (
            sender TEXT NOT NULL, exchange_id TEXT NOT NULL, package_digest TEXT NOT NULL, code TEXT NOT NULL, receipt BLOB NOT NULL, seal TEXT NOT NULL,
            refused_at INTEGER NOT NULL,
            UNIQUE (sender, exchange_id, package_digest), FOREIGN KEY (sender, exchange_id) REFERENCES exchange (sender, id)
        ) STRICT;
        CREATE INDEX refused_copy_by_time ON refused_copy (refused_at);
        CREATE INDEX body_in_file ON body (file) WHERE file <> '';
        CREATE INDEX dataset_by_time ON dataset (stored_at);
        CREATE INDEX dataset_by_dataflow ON dataset (dataflow, stored_at);
        """

    /// Rows stay when the data go: a copy that somebody kept is known by them.
    private static let provenance = """
        CREATE TABLE provenance (
            sender TEXT NOT NULL, exchange_id TEXT NOT NULL, payload_sha256 TEXT NOT NULL, content_code TEXT NOT NULL, terms TEXT NOT NULL,
            stored_at INTEGER NOT NULL,
            UNIQUE (sender, exchange_id), FOREIGN KEY (sender, exchange_id) REFERENCES exchange (sender, id)
        ) STRICT;
        CREATE INDEX provenance_by_payload ON provenance (payload_sha256, stored_at, exchange_id);
        CREATE INDEX provenance_by_content ON provenance (content_code, stored_at, exchange_id) WHERE content_code <> '';
        """

    /// A lane is one (receiver, dataflow); `outbox_lane` leads to the head of each without touching what waits behind it.
    private static let outbox = """
        CREATE TABLE outbox (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT, exchange_id TEXT NOT NULL UNIQUE, receiver TEXT NOT NULL, dataflow TEXT NOT NULL,
            attempts INTEGER NOT NULL, next_attempt_at INTEGER NOT NULL, waiting_since INTEGER NOT NULL, claimed_until INTEGER,
            is_parked INTEGER NOT NULL, last_error TEXT NOT NULL
        ) STRICT;
        CREATE INDEX outbox_lane ON outbox (receiver, dataflow, sequence) WHERE is_parked = 0;
        CREATE TRIGGER outbox_tally_insert AFTER INSERT ON outbox BEGIN
            INSERT INTO tally VALUES ('outbox/' || NEW.is_parked, 1) ON CONFLICT (name) DO UPDATE SET count = count + 1;
        END;
        CREATE TRIGGER outbox_tally_update AFTER UPDATE OF is_parked ON outbox WHEN OLD.is_parked <> NEW.is_parked BEGIN
            UPDATE tally SET count = count - 1 WHERE name = 'outbox/' || OLD.is_parked;
            INSERT INTO tally VALUES ('outbox/' || NEW.is_parked, 1) ON CONFLICT (name) DO UPDATE SET count = count + 1;
        END;
        CREATE TRIGGER outbox_tally_delete AFTER DELETE ON outbox BEGIN
            UPDATE tally SET count = count - 1 WHERE name = 'outbox/' || OLD.is_parked;
        END;
        """

    /// The triggers stop a mistake of ours, not an attacker: whoever holds the file can drop them, and the Merkle tree shows it.
    private static let ledger = """
        CREATE TABLE ledger (position INTEGER PRIMARY KEY, subject TEXT NOT NULL, entry BLOB NOT NULL) STRICT;
        CREATE INDEX ledger_by_subject ON ledger (subject);
        CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
        CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
        CREATE TABLE ledger_head (only INTEGER PRIMARY KEY CHECK (only = 0), size INTEGER NOT NULL, root TEXT NOT NULL) STRICT;
        """

    /// Made of the entries after they were committed, and made again from them when it is lost (Docs/Decisions/0028). Clustered by term: a search reads the rows of
    /// what it asks for and no others.
    private static let ledgerIndex = """
        CREATE TABLE ledger_stretch (number INTEGER PRIMARY KEY, earliest INTEGER NOT NULL, latest INTEGER NOT NULL) STRICT;
        CREATE TABLE ledger_term (
            term INTEGER PRIMARY KEY, facet TEXT NOT NULL, value TEXT NOT NULL, entries INTEGER NOT NULL,
            UNIQUE (facet, value)
        ) STRICT;
        CREATE INDEX ledger_term_by_entries ON ledger_term (facet, entries);
        CREATE TABLE ledger_place (
            term INTEGER NOT NULL, stretch INTEGER NOT NULL, places BLOB NOT NULL,
            PRIMARY KEY (term, stretch)
        ) STRICT, WITHOUT ROWID;
        """

    /// A message goes away with its last delivery; nothing asks for it afterwards, and the ledger has the event.
    private static let bus = """
        CREATE TABLE message (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, order_key TEXT NOT NULL, body TEXT NOT NULL, published_at INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE subscription (name TEXT PRIMARY KEY, topic TEXT NOT NULL, is_prefix INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE delivery (
            subscription TEXT NOT NULL REFERENCES subscription (name), sequence INTEGER NOT NULL REFERENCES message (sequence), order_key TEXT NOT NULL,
            attempts INTEGER NOT NULL, next_attempt_at INTEGER NOT NULL, waiting_since INTEGER NOT NULL, is_parked INTEGER NOT NULL, last_error TEXT NOT NULL,
            PRIMARY KEY (subscription, sequence)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX delivery_by_message ON delivery (sequence);
        CREATE INDEX delivery_lane ON delivery (subscription, order_key, sequence) WHERE is_parked = 0;
        CREATE INDEX delivery_parked ON delivery (sequence, subscription) WHERE is_parked = 1;
        CREATE TRIGGER delivery_insert AFTER INSERT ON delivery BEGIN
            INSERT INTO tally VALUES ('delivery/' || NEW.subscription, 1) ON CONFLICT (name) DO UPDATE SET count = count + 1;
        END;
        CREATE TRIGGER delivery_delete AFTER DELETE ON delivery BEGIN
            UPDATE tally SET count = count - 1 WHERE name = 'delivery/' || OLD.subscription;
            DELETE FROM message WHERE sequence = OLD.sequence AND NOT EXISTS (SELECT 1 FROM delivery WHERE sequence = OLD.sequence);
        END;
        """

    private static let feeds = """
        CREATE TABLE feed_run (
            feed TEXT NOT NULL, scheduled_at INTEGER NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER, outcome TEXT NOT NULL,
            exchange_id TEXT NOT NULL, detail TEXT NOT NULL,
            PRIMARY KEY (feed, scheduled_at)
        ) STRICT, WITHOUT ROWID;
        """

    /// `release_period` has a row for each reference period of a release, so that those of one period are found without looking at the others.
    private static let releases = """
        CREATE TABLE release (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT, sender TEXT NOT NULL, exchange_id TEXT NOT NULL, dataset INTEGER NOT NULL,
            population TEXT NOT NULL, dataflow TEXT NOT NULL, receiver TEXT NOT NULL, is_public INTEGER NOT NULL, periods TEXT NOT NULL,
            cells INTEGER NOT NULL, withheld INTEGER NOT NULL, released_at INTEGER NOT NULL, figures BLOB NOT NULL, truth BLOB NOT NULL,
            UNIQUE (sender, exchange_id, dataset), FOREIGN KEY (sender, exchange_id) REFERENCES exchange (sender, id)
        ) STRICT;
        CREATE INDEX release_by_population ON release (population, sequence);
        CREATE TABLE release_period (
            population TEXT NOT NULL, period TEXT NOT NULL, sequence INTEGER NOT NULL REFERENCES release (sequence),
            PRIMARY KEY (population, period, sequence)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX release_period_of_release ON release_period (sequence);
        """

    /// Three small tables: a row for each log that is witnessed, for each witness of our own, and bounded evidence.
    private static let witness = """
        CREATE TABLE witnessed_head (
            origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root TEXT NOT NULL, note TEXT NOT NULL, witnessed_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE log_fork (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT, origin TEXT NOT NULL, size INTEGER NOT NULL, root TEXT NOT NULL, note TEXT NOT NULL, known_note TEXT NOT NULL,
            is_proven INTEGER NOT NULL, participant TEXT NOT NULL, found_at INTEGER NOT NULL,
            UNIQUE (origin, size, root, is_proven)
        ) STRICT;
        CREATE INDEX log_fork_by_origin ON log_fork (origin, sequence);
        CREATE TABLE cosigned_head (
            witness TEXT PRIMARY KEY, size INTEGER NOT NULL, root TEXT NOT NULL, cosigned_at INTEGER NOT NULL, problem TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
}
