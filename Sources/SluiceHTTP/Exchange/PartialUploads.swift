package import SluiceCore
package import SluiceKit
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#endif

/// Packages that arrive in pieces: the book of who may write where (`ResumableUploads`), and the files, which outlive the process.
///
/// All of it blocks for as long as the disk does; callers are on threads that may.
package final class PartialUploads: Sendable {
    /// One request's hold on the file of an upload.
    struct Arriving: Sendable {
        let name: PartialName
        let path: String
        let offset: Int
        fileprivate let writer: ResumableUploads.Writer
        fileprivate let file: PartialFile
    }

    enum Beginning: Sendable {
        case write(Arriving)
        case mismatch(offset: Int)
        case tooLarge
        case refused(retryAfterSeconds: Int)
    }

    /// Bytes between two syncs. A receiver that is killed without its disk loses no more; syncing oftener would only slow it down.
    static let syncBytes = 8 << 20

    private struct Active {
        var file: PartialFile
        var writer: ResumableUploads.Writer
        /// Closes the writer's connection.
        var close: @Sendable () -> Void
    }
    private struct State {
        var book: ResumableUploads
        var names: [ResumableUploads.Key: PartialName] = [:]
        var active: [ResumableUploads.Key: Active] = [:]
    }
    private let state: Mutex<State>
    private let directory: String
    private let clock: any WallClock
    private let synced: @Sendable () -> Void

    /// Finds what an earlier process left.
    /// - Parameters:
    ///   - directory: this one's alone; made where it is not there.
    ///   - synced: called after each sync, for drills.
    package init(
        directory: String, limits: ResumableUploads.Limits, clock: any WallClock, synced: @escaping @Sendable () -> Void = {}
    ) throws(RegularFile.Failure) {
        self.directory = directory
        self.clock = clock
        self.synced = synced
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST else { throw RegularFile.Failure(call: "mkdir", code: errno) }
        let found = try Self.found(in: directory)
        var state = State(
            book: ResumableUploads(limits, found: found.map { (key: $0.name.key, announced: $0.name.announced, offset: $0.bytes, touchedAt: $0.touchedAt) }))
        for one in found {
            if state.book.offset(of: one.name.key, one.name.announced) != nil {
                state.names[one.name.key] = one.name
            } else {
                // Longer than announced, or a second one of its exchange.
                unlink("\(directory)/\(one.name.text)")
            }
        }
        self.state = Mutex(state)
    }

    private static func found(in directory: String) throws(RegularFile.Failure) -> [(name: PartialName, bytes: Int, touchedAt: Instant)] {
        guard let folder = opendir(directory) else { throw RegularFile.Failure(call: "opendir", code: errno) }
        defer { closedir(folder) }
        var found: [(name: PartialName, bytes: Int, touchedAt: Instant)] = []
        while let entry = readdir(folder) {
            let text = withUnsafePointer(to: &entry.pointee.d_name) { $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) } }
            guard let name = PartialName(text) else { continue }
            let file: RegularFile
            do throws(RegularFile.Failure) {
                file = try RegularFile("\(directory)/\(text)", followsLinks: false)
            } catch  where error.isMissing {
                continue
            }
            // A process that was killed has written more than it synced: from here on it counts.
            try file.synchronize()
            found.append((name, file.byteCount, file.modifiedAt))
        }
        return found
    }

    /// How much there is of this announcement, on disk; nil when nothing was begun.
    ///
    /// Whoever asks means to go on: a request that is still writing, perhaps on a connection that has broken without our knowing, ends here,
    /// so that the offset stays what was told.
    func settledOffset(of key: ResumableUploads.Key, _ announced: ResumableUploads.Announced) -> Int? {
        let (offset, earlier) = state.withLock { state -> (Int?, Active?) in
            guard let known = state.book.offset(of: key, announced) else { return (nil, nil) }
            let earlier = state.active.removeValue(forKey: key)
            if let earlier {
                if let end = try? earlier.file.retire(earlier.writer) { _ = state.book.wrote(end - known, by: earlier.writer, at: clock.now()) }
                state.book.ended(earlier.writer)
            }
            return (state.book.offset(of: key, announced), earlier)
        }
        earlier?.close()
        return offset
    }

    /// A package from its first byte on, whatever is there.
    /// - Parameter close: ends the request's connection, once a later request takes over.
    func beginAnew(_ name: PartialName, close: @escaping @Sendable () -> Void) throws -> Beginning {
        try begin(name.key, name.announced, from: 0, anewAs: name, close: close)
    }

    /// What is missing of a package, if it is just that.
    func goOn(
        _ key: ResumableUploads.Key, _ announced: ResumableUploads.Announced, from offset: Int, close: @escaping @Sendable () -> Void
    ) throws -> Beginning {
        try begin(key, announced, from: offset, anewAs: nil, close: close)
    }

    private func begin(
        _ key: ResumableUploads.Key, _ announced: ResumableUploads.Announced, from offset: Int, anewAs new: PartialName?, close: @escaping @Sendable () -> Void
    ) throws -> Beginning {
        let (beginning, earlier) = try state.withLock { state throws -> (Beginning, Active?) in
            let known = state.book.offset(of: key, announced)
            if new == nil, known != offset { return (.mismatch(offset: known ?? 0), nil) }
            let earlier = state.active[key]
            switch state.book.begin(key, announced, from: offset, at: clock.now()) {
            case .mismatch(let offset): return (.mismatch(offset: offset), nil)
            case .tooLarge: return (.tooLarge, nil)
            case .refused(let seconds): return (.refused(retryAfterSeconds: seconds), nil)
            case .write(let writer, _, _):
                do {
                    let arriving = try takeHold(new, key, writer, from: offset, &state)
                    state.active[key] = Active(file: arriving.file, writer: writer, close: close)
                    return (.write(arriving), earlier)
                } catch {
                    // What was there already waits for a better moment.
                    if new == nil { state.book.ended(writer) } else { forget(key, announced, &state) }
                    throw error
                }
            }
        }
        earlier?.close()
        return beginning
    }

    private func takeHold(
        _ new: PartialName?, _ key: ResumableUploads.Key, _ writer: ResumableUploads.Writer, from offset: Int, _ state: inout State
    ) throws(RegularFile.Failure) -> Arriving {
        if let new {
            if let old = state.names[key] { unlink(path(old)) }
            state.names[key] = new
            let file = try PartialFile(path(new), isNew: true, writer: writer, from: 0)
            // An offset that was told counts after a loss of power too.
            try FolderEntries.synchronize(directory)
            return Arriving(name: new, path: path(new), offset: 0, writer: writer, file: file)
        }
        guard let name = state.names[key] else { throw RegularFile.Failure(call: "open", code: ENOENT) }
        if let file = state.active[key]?.file {
            try file.hand(to: writer, from: offset)
            return Arriving(name: name, path: path(name), offset: offset, writer: writer, file: file)
        }
        let file = try PartialFile(path(name), isNew: false, writer: writer, from: offset)
        return Arriving(name: name, path: path(name), offset: offset, writer: writer, file: file)
    }

    func append(_ bytes: UnsafeRawBufferPointer, to arriving: Arriving) throws { try arriving.file.append(bytes, by: arriving.writer) }

    /// Puts on disk what came, and counts it.
    func synchronize(_ arriving: Arriving) throws -> ResumableUploads.Step {
        let end = try arriving.file.synchronize(by: arriving.writer)
        let step = state.withLock { state -> ResumableUploads.Step in
            // Whoever asked in between has counted it, and ended this writer.
            guard let known = state.book.offset(of: arriving.name.key, arriving.name.announced) else { return .stop }
            return state.book.wrote(end - known, by: arriving.writer, at: clock.now())
        }
        if end > arriving.offset { synced() }
        return step
    }

    /// The request is over; what is on disk waits for the next.
    func ended(_ arriving: Arriving) {
        state.withLock { state in
            state.book.ended(arriving.writer)
            if state.active[arriving.name.key]?.writer == arriving.writer { state.active[arriving.name.key] = nil }
        }
    }

    /// Nothing of it is wanted any more. Another announcement under the same key stays.
    func finish(_ name: PartialName) { state.withLock { forget(name.key, name.announced, &$0) } }

    /// Forgets what nobody went on with in time.
    package func expire() {
        state.withLock { state in
            for key in state.book.expire(at: clock.now()) {
                if let name = state.names.removeValue(forKey: key) { unlink(path(name)) }
            }
        }
    }

    private func forget(_ key: ResumableUploads.Key, _ announced: ResumableUploads.Announced, _ state: inout State) {
        state.book.finish(key, announced)
        guard let name = state.names[key], name.announced == announced else { return }
        state.names[key] = nil
        state.active[key] = nil
        unlink(path(name))
    }

    private func path(_ name: PartialName) -> String { "\(directory)/\(name.text)" }
}
