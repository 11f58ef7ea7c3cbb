import GRDB
import SluiceKit

extension SQLiteReading {
    func witnessedHead(origin: String) throws -> WitnessedHead? {
        try rows("SELECT origin, size, root, note, witnessed_at FROM witnessed_head WHERE origin = ?", [origin], witnessedHead).first
    }

    func witnessedHeads(limit: Int) throws -> [WitnessedHead] {
        try rows("SELECT origin, size, root, note, witnessed_at FROM witnessed_head WHERE origin > '' ORDER BY origin LIMIT ?", [max(0, limit)], witnessedHead)
    }

    private func witnessedHead(_ row: Columns) throws -> WitnessedHead {
        try WitnessedHead(origin: row[0], size: row[1], root: row[2], note: row[3], witnessedAt: Instant(milliseconds: row[4]))
    }

    func logForks(origin: String?, limit: Int) throws -> [LogFork] {
        let columns = "SELECT origin, size, root, note, known_note, is_proven, participant, found_at FROM log_fork"
        if let origin { return try rows("\(columns) WHERE origin = ? ORDER BY sequence LIMIT ?", [origin, max(0, limit)], logFork) }
        return try rows("\(columns) WHERE sequence > 0 ORDER BY sequence LIMIT ?", [max(0, limit)], logFork)
    }

    private func logFork(_ row: Columns) throws -> LogFork {
        try LogFork(
            origin: row[0], size: row[1], root: row[2], note: row[3], knownNote: row[4], isProven: row[5], participant: row[6],
            foundAt: Instant(milliseconds: row[7]))
    }

    func cosignedHeads() throws -> [CosignedHead] {
        try rows("SELECT witness, size, root, cosigned_at, problem FROM cosigned_head WHERE witness > '' ORDER BY witness") { row in
            try CosignedHead(witness: row[0], size: row[1], root: row[2], cosignedAt: Instant(milliseconds: row[3]), problem: row[4])
        }
    }
}

extension SQLiteWriter {
    func setWitnessedHead(_ head: WitnessedHead) throws {
        if let known = try witnessedHead(origin: head.origin), head.size < known.size || (head.size == known.size && head.root != known.root) {
            throw StoreError(
                .conflict,
                detail:
                    "a head of \(head.origin) of size \(head.size) and root \(head.root) contradicts the one cosigned, size \(known.size) and root \(known.root)"
            )
        }
        try execute(
            """
            INSERT INTO witnessed_head (origin, size, root, note, witnessed_at) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (origin) DO UPDATE SET size = excluded.size, root = excluded.root, note = excluded.note, witnessed_at = excluded.witnessed_at
            """, [head.origin, head.size, head.root, head.note, head.witnessedAt.milliseconds])
    }

    @discardableResult
    func insert(_ fork: LogFork) throws -> Bool {
        try execute(
            """
            INSERT INTO log_fork (origin, size, root, note, known_note, is_proven, participant, found_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (origin, size, root, is_proven) DO NOTHING
            """,
            [fork.origin, fork.size, fork.root, fork.note, fork.knownNote, fork.isProven, fork.participant, fork.foundAt.milliseconds]) > 0
    }

    func setCosignedHead(_ head: CosignedHead) throws {
        try execute(
            """
            INSERT INTO cosigned_head (witness, size, root, cosigned_at, problem) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (witness) DO UPDATE SET size = excluded.size, root = excluded.root, cosigned_at = excluded.cosigned_at, problem = excluded.problem
            """, [head.witness, head.size, head.root, head.cosignedAt.milliseconds, head.problem])
    }
}
