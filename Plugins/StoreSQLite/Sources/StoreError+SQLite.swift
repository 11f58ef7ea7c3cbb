import GRDB
import SluiceKit

extension StoreError {
    /// Keeps the engine's extended code and its own words.
    init(_ error: any Error, doing what: String) {
        if let error = error as? StoreError {
            self = error
            return
        }
        guard let error = error as? DatabaseError else {
            self.init(.failed, detail: "\(what): \(error)")
            return
        }
        let engineCode = Int(error.extendedResultCode.rawValue)
        let words = "\(what): \(error.message ?? "no message") (SQLite \(engineCode))"
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(.busy, engineCode: engineCode, detail: "\(words); another process holds the database, try again")
        case .SQLITE_FULL:
            self.init(.full, engineCode: engineCode, detail: "\(words); free space on its disk")
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            self.init(.damaged, engineCode: engineCode, detail: "\(words); restore the file from a backup")
        case .SQLITE_CONSTRAINT:
            self.init(error.extendedResultCode == .SQLITE_CONSTRAINT_FOREIGNKEY ? .notFound : .conflict, engineCode: engineCode, detail: words)
        case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_READONLY, .SQLITE_AUTH:
            self.init(.cannotOpen, engineCode: engineCode, detail: "\(words); check the folder's owner and mode")
        default:
            self.init(.failed, engineCode: engineCode, detail: words)
        }
    }
}

/// Runs engine calls; whatever they throw leaves as a `StoreError`.
func engine<Result>(_ what: String, _ work: () throws -> Result) throws(StoreError) -> Result {
    do { return try work() } catch { throw StoreError(error, doing: what) }
}
