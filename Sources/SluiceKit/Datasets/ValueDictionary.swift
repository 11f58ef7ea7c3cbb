#if canImport(Glibc)
    public import Glibc
#endif

/// The distinct values of one coded column: bytes to code and back. Codes count from 0 in order of first appearance and never change.
///
/// Its storage is touched for every cell, so it goes without run-time access checks: nothing here calls out while it changes.
///
/// Bytes stay where they are for the dictionary's life, so a slice handed out remains valid. Not shared between tasks.
public final class ValueDictionary {
    /// The code that stands for "no value".
    public static let absent = UInt32.max

    @usableFromInline struct Entry {
        @usableFromInline let start: UnsafePointer<UInt8>
        @usableFromInline let count: Int
        @usableFromInline let hash: UInt64
    }

    @exclusivity(unchecked) @usableFromInline var entries: UnsafeMutablePointer<Entry>
    @usableFromInline var entryCapacity = 64
    @exclusivity(unchecked) public private(set) var count = 0
    @exclusivity(unchecked) @usableFromInline var slots: UnsafeMutablePointer<UInt32>
    @exclusivity(unchecked) @usableFromInline var slotMask = 127
    /// The code interned last: consecutive rows mostly repeat it.
    @exclusivity(unchecked) @usableFromInline var last = ValueDictionary.absent
    private var chunks: [UnsafeMutablePointer<UInt8>] = []
    private var chunkFree = 0
    private var chunkNext: UnsafeMutablePointer<UInt8>?
    public private(set) var byteCount = 0
    private let entriesMax: Int
    private let bytesMax: Int

    public init(limits: ReadLimits = ReadLimits()) {
        entries = .allocate(capacity: entryCapacity)
        slots = .allocate(capacity: slotMask + 1)
        slots.initialize(repeating: Self.absent, count: slotMask + 1)
        entriesMax = limits.dictionaryEntriesMax
        bytesMax = limits.dictionaryBytesMax
    }

    deinit {
        entries.deallocate()
        slots.deallocate()
        for chunk in chunks { chunk.deallocate() }
    }

    /// The code of `bytes`, a new one at their first appearance.
    /// - Throws: `ReadError.limitExceeded` when the dictionary would grow past its limits.
    @inlinable public func intern(_ bytes: UnsafeRawBufferPointer) throws(ReadError) -> UInt32 {
        if last != Self.absent, equals(last, bytes) { return last }
        let hash = Self.hash(bytes)
        var slot = Int(truncatingIfNeeded: hash) & slotMask
        while slots[slot] != Self.absent {
            let code = slots[slot]
            if entries[Int(code)].hash == hash, equals(code, bytes) {
                last = code
                return code
            }
            slot = (slot + 1) & slotMask
        }
        last = try insert(bytes, hash: hash, slot: slot)
        return last
    }

    /// The code of `bytes` if they have appeared, else `absent`. Never throws, for hot paths that intern only what this does not know.
    @inlinable public func known(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        if last != Self.absent, equals(last, bytes) { return last }
        let hash = Self.hash(bytes)
        var slot = Int(truncatingIfNeeded: hash) & slotMask
        while slots[slot] != Self.absent {
            let code = slots[slot]
            if entries[Int(code)].hash == hash, equals(code, bytes) {
                last = code
                return code
            }
            slot = (slot + 1) & slotMask
        }
        return Self.absent
    }

    public func intern(_ text: String) throws(ReadError) -> UInt32 {
        let bytes = Array(text.utf8)
        var result: Result<UInt32, ReadError> = .success(Self.absent)
        bytes.withUnsafeBytes { buffer in
            do throws(ReadError) { result = .success(try intern(buffer)) } catch { result = .failure(error) }
        }
        return try result.get()
    }

    /// The code of `text` if it has appeared.
    public func code(of text: String) -> UInt32? {
        let bytes = Array(text.utf8)
        return bytes.withUnsafeBytes { buffer in
            let hash = Self.hash(buffer)
            var slot = Int(truncatingIfNeeded: hash) & slotMask
            while slots[slot] != Self.absent {
                if entries[Int(slots[slot])].hash == hash, equals(slots[slot], buffer) { return slots[slot] }
                slot = (slot + 1) & slotMask
            }
            return nil
        }
    }

    /// The bytes of a code that `intern` returned.
    @inlinable public func bytes(_ code: UInt32) -> UnsafeRawBufferPointer {
        let entry = entries[Int(code)]
        return UnsafeRawBufferPointer(start: entry.start, count: entry.count)
    }

    public func string(_ code: UInt32) -> String { String(decoding: bytes(code), as: UTF8.self) }

    @inlinable func equals(_ code: UInt32, _ bytes: UnsafeRawBufferPointer) -> Bool {
        let entry = entries[Int(code)]
        guard entry.count == bytes.count else { return false }
        guard let other = bytes.baseAddress else { return true }
        let own = UnsafeRawPointer(entry.start)
        let count = entry.count
        // Codes are short: two overlapping loads compare up to 16 bytes without a call.
        if count >= 8 {
            if count > 16 { return memcmp(own, other, count) == 0 }
            let first = own.loadUnaligned(as: UInt64.self) ^ other.loadUnaligned(as: UInt64.self)
            let last = own.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self) ^ other.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
            return first | last == 0
        }
        if count >= 4 {
            let first = own.loadUnaligned(as: UInt32.self) ^ other.loadUnaligned(as: UInt32.self)
            let last = own.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self) ^ other.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self)
            return first | last == 0
        }
        for offset in 0..<count where own.load(fromByteOffset: offset, as: UInt8.self) != other.load(fromByteOffset: offset, as: UInt8.self) { return false }
        return true
    }

    /// FNV-1a over eight bytes at a time, finished by a multiply-xorshift; not keyed, since the limits bound what a hostile input can make of it.
    @inlinable static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ UInt64(truncatingIfNeeded: bytes.count)
        var offset = 0
        while offset + 8 <= bytes.count {
            hash = (hash ^ bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) &* 0x9e37_79b9_7f4a_7c15
            hash ^= hash >> 29
            offset += 8
        }
        while offset < bytes.count {
            hash = (hash ^ UInt64(bytes[offset])) &* 0x0000_0100_0000_01b3
            offset += 1
        }
        hash = (hash ^ (hash >> 32)) &* 0xd6e8_feb8_6659_fd93
        return hash ^ (hash >> 32)
    }

    @usableFromInline func insert(_ bytes: UnsafeRawBufferPointer, hash: UInt64, slot: Int) throws(ReadError) -> UInt32 {
        guard count < entriesMax, byteCount + bytes.count <= bytesMax else {
            throw ReadError(
                .limitExceeded,
                detail:
                    "one component has more than \(entriesMax) distinct values or \(bytesMax) bytes of them; check that the column is a coded one, or raise dictionaryEntriesMax / dictionaryBytesMax"
            )
        }
        if count == entryCapacity {
            let grown = UnsafeMutablePointer<Entry>.allocate(capacity: entryCapacity * 2)
            grown.moveInitialize(from: entries, count: count)
            entries.deallocate()
            entries = grown
            entryCapacity *= 2
        }
        if bytes.count > chunkFree || chunkNext == nil {
            // Most components have few values; a dictionary of many doubles to what makes allocations rare.
            let size = max(min(64 << 10, 1024 << min(chunks.count, 6)), bytes.count)
            let chunk = UnsafeMutablePointer<UInt8>.allocate(capacity: size)
            chunks.append(chunk)
            chunkNext = chunk
            chunkFree = size
        }
        let start = chunkNext!
        if !bytes.isEmpty { memcpy(start, bytes.baseAddress!, bytes.count) }
        chunkNext = start + bytes.count
        chunkFree -= bytes.count
        byteCount += bytes.count
        let code = UInt32(count)
        (entries + count).initialize(to: Entry(start: start, count: bytes.count, hash: hash))
        count += 1
        slots[slot] = code
        if count * 2 > slotMask { growSlots() }
        return code
    }

    private func growSlots() {
        slots.deallocate()
        slotMask = (slotMask + 1) * 2 - 1
        slots = .allocate(capacity: slotMask + 1)
        slots.initialize(repeating: Self.absent, count: slotMask + 1)
        for code in 0..<count {
            var slot = Int(truncatingIfNeeded: entries[code].hash) & slotMask
            while slots[slot] != Self.absent { slot = (slot + 1) & slotMask }
            slots[slot] = UInt32(code)
        }
    }
}
