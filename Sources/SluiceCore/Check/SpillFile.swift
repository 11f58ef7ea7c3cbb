internal import Glibc

/// A temporary file of 32-bit words: written once, then read from its start. It has no name, so nothing is left behind whatever happens.
final class SpillFile {
    static let bufferWords = 4 << 10
    private let descriptor: Int32
    private var buffer: UnsafeMutableBufferPointer<UInt32>
    private var used = 0
    private var position = 0
    private(set) var wordCount = 0
    private var readOffset = 0
    private var readCount = 0

    init(directory: String) throws(CheckError) {
        var template = Array("\(directory)/sluice-check-XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        guard descriptor >= 0 else {
            throw CheckError(
                .inputOutput, detail: "cannot create a temporary file in \(directory): \(String(cString: strerror(errno))); name a folder that can be written")
        }
        unlink(template)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        buffer = .allocate(capacity: Self.bufferWords)
    }

    deinit {
        close(descriptor)
        buffer.deallocate()
    }

    func append(_ words: UnsafeBufferPointer<UInt32>) throws(CheckError) {
        var rest = words[...]
        while !rest.isEmpty {
            if used == buffer.count { try flush() }
            let count = min(rest.count, buffer.count - used)
            _ = UnsafeMutableBufferPointer(rebasing: buffer[used..<(used + count)]).update(fromContentsOf: rest.prefix(count))
            used += count
            rest = rest.dropFirst(count)
        }
        wordCount += words.count
    }

    /// Reading starts at the first word; what is appended later goes to the end.
    func rewind() throws(CheckError) {
        try flush()
        (position, readOffset, readCount) = (0, 0, 0)
    }

    private func flush() throws(CheckError) {
        let bytes = UnsafeRawBufferPointer(start: buffer.baseAddress, count: used * 4)
        var offset = 0
        while offset < bytes.count, let base = bytes.baseAddress {
            let count = write(descriptor, base + offset, bytes.count - offset)
            if count >= 0 { offset += count } else if errno != EINTR { throw Self.failure("write") }
        }
        used = 0
    }

    /// Fills `record` with the next words; false at the end.
    func read(into record: UnsafeMutableBufferPointer<UInt32>) throws(CheckError) -> Bool {
        for index in record.indices {
            if readOffset == readCount {
                try fill()
                if readCount == 0 { return false }
            }
            record[index] = buffer[readOffset]
            readOffset += 1
        }
        return true
    }

    private func fill() throws(CheckError) {
        let bytes = UnsafeMutableRawBufferPointer(buffer)
        var got = 0
        while got < bytes.count, let base = bytes.baseAddress {
            let count = pread(descriptor, base + got, bytes.count - got, off_t(position + got))
            if count == 0 { break }
            if count > 0 { got += count } else if errno != EINTR { throw Self.failure("read") }
        }
        position += got
        (readOffset, readCount) = (0, got / 4)
    }

    private static func failure(_ verb: String) -> CheckError {
        CheckError(
            .inputOutput,
            detail:
                "cannot \(verb) a temporary file of the check: \(String(cString: strerror(errno))); see that the disk of the temporary folder has room"
        )
    }
}
