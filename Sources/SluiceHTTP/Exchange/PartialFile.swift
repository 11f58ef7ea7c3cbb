internal import SluiceCore
internal import SluiceKit
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#endif

/// The file of a partial upload while somebody writes to it: one writer at a time, which a later request replaces between two writes.
final class PartialFile: Sendable {
    /// A later request writes now.
    struct TakenOver: Error, Hashable {}

    private struct State {
        /// nil once it has been retired.
        var writer: ResumableUploads.Writer?
        /// Where the next byte goes.
        var end: Int
        /// Whether bytes were written since the last time all was on disk.
        var isUnsynced = false
    }
    private let descriptor: Int32
    private let state: Mutex<State>

    /// Opens the file, empty and new or as it is.
    init(_ path: String, isNew: Bool, writer: ResumableUploads.Writer, from offset: Int) throws(RegularFile.Failure) {
        descriptor = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC | (isNew ? O_CREAT | O_EXCL : 0), 0o600)
        guard descriptor >= 0 else { throw RegularFile.Failure(call: "open", code: errno) }
        state = Mutex(State(writer: writer, end: offset))
        try hand(to: writer, from: offset)
    }

    deinit { close(descriptor) }

    /// Ends the writer before; returns when its last write is over. What it wrote beyond the offset goes.
    func hand(to writer: ResumableUploads.Writer, from offset: Int) throws(RegularFile.Failure) {
        try state.withLock { state throws(RegularFile.Failure) in
            state = State(writer: writer, end: offset)
            guard ftruncate(descriptor, off_t(offset)) == 0 else { throw RegularFile.Failure(call: "ftruncate", code: errno) }
        }
    }

    func append(_ bytes: UnsafeRawBufferPointer, by writer: ResumableUploads.Writer) throws {
        try state.withLock { state in
            guard state.writer == writer else { throw TakenOver() }
            var rest = bytes
            while !rest.isEmpty {
                let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(state.end))
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw RegularFile.Failure(call: "pwrite", code: errno) }
                state.end += count
                state.isUnsynced = true
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
        }
    }

    /// Puts what was written on disk; returns how many bytes of the package are there.
    func synchronize(by writer: ResumableUploads.Writer) throws -> Int { try state.withLock { try synchronize(&$0, by: writer) } }

    /// The same, and ends the writer: it writes no more.
    func retire(_ writer: ResumableUploads.Writer) throws -> Int {
        try state.withLock { state in
            defer { state.writer = nil }
            return try synchronize(&state, by: writer)
        }
    }

    private func synchronize(_ state: inout State, by writer: ResumableUploads.Writer) throws -> Int {
        guard state.writer == writer else { throw TakenOver() }
        if state.isUnsynced, fdatasync(descriptor) != 0 { throw RegularFile.Failure(call: "fdatasync", code: errno) }
        state.isUnsynced = false
        return state.end
    }
}
