import GRDB
import SluiceKit

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The file under the store: made with the owner's rights only, and looked at for damage before anything is read from it.
struct DatabaseFile {
    let path: String

    /// - Throws: `cannotOpen` when nothing can be there.
    init(path: String) throws(StoreError) {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw StoreError(.cannotOpen, detail: "the database path is empty or holds a zero byte; name a file")
        }
        // SQLite reads `:memory:` and `file:…` as something else than a file's name.
        self.path = path.hasPrefix("/") ? path : "./\(path)"
    }

    /// Makes the file when it is not there. SQLite gives its log and its index of the log the mode of this file.
    func prepare() throws(StoreError) {
        let created = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if created >= 0 {
            close(created)
            // Else a power cut may take away the name of a file whose bytes are on disk.
            do throws(RegularFile.Failure) { return try FolderEntries.synchronize(FolderEntries.parent(of: path)) } catch {
                throw StoreError(.cannotOpen, engineCode: Int(error.code), detail: "cannot sync the folder of \(path): \(error)")
            }
        }
        guard errno == EEXIST else { throw failure("cannot create") }
        var status = stat()
        guard stat(path, &status) == 0 else { throw failure("cannot read") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw StoreError(.cannotOpen, detail: "\(path) is not a file") }
        for suffix in ["", "-wal", "-shm"] where stat(path + suffix, &status) == 0 && status.st_mode & 0o077 != 0 {
            guard chmod(path + suffix, 0o600) == 0 else { throw failure("cannot take away others' rights to", suffix: suffix) }
        }
    }

    /// Finds a file that is not a database, cut short, or with broken pages. `quick_check` reads every page, so a large file is looked at by its edges only:
    /// the first and the last row of each table, which is where a cut or an overwritten header shows.
    func checkForDamage(_ database: Database, wholeUpTo bytesMax: Int) throws(StoreError) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw failure("cannot read") }
        let complaint = try engine("checking \(path) for damage") { () -> String? in
            if Int(status.st_size) <= bytesMax {
                let answer = try String.fetchOne(database, sql: "PRAGMA quick_check(1)")
                return answer == "ok" ? nil : answer ?? "no answer"
            }
            let tables = "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'"
            for table in try Row.fetchAll(database, sql: tables) {
                let name = (table[0] as String).quotedDatabaseIdentifier
                _ = try Row.fetchOne(database, sql: "SELECT * FROM \(name) LIMIT 1")
                let isWithoutRowID: Bool = table[1]
                if !isWithoutRowID { _ = try Row.fetchOne(database, sql: "SELECT * FROM \(name) ORDER BY rowid DESC LIMIT 1") }
            }
            return nil
        }
        if let complaint { throw StoreError(.damaged, detail: "\(path) is damaged: \(complaint); restore it from a backup") }
    }

    private func failure(_ what: String, suffix: String = "") -> StoreError {
        let code = errno
        return StoreError(code == ENOSPC ? .full : .cannotOpen, engineCode: Int(code), detail: "\(what) \(path)\(suffix): \(String(cString: strerror(code)))")
    }
}
