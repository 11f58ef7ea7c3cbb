internal import CLibcrypto

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// A passphrase or a PIN, wiped from memory with its last reference. It never prints itself.
///
/// `@unchecked Sendable`: the bytes are not changed after they are made, until nobody holds them any more.
package final class Passphrase: @unchecked Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    /// Where a configuration says that it is; the passphrase itself never stands there.
    package enum Source: Hashable, Sendable {
        /// A file of mode 0600; one line feed at its end is no part of it.
        case file(String)
        /// The name of an environment variable.
        case environment(String)
    }

    package static let bytesMax = 1024
    /// Fewest bytes of a passphrase that new keys are encrypted with, and people are known by.
    package static let newBytesMin = 12

    private let bytes: UnsafeMutableBufferPointer<UInt8>

    /// - Throws: `passphraseMissing` where there is nothing; `limitExceeded`; what stands against reading the file.
    package init(_ source: Source) throws(CryptoError) {
        var text: [UInt8]
        let place: String
        switch source {
        case .file(let path):
            place = path
            text = try BoundedFile.load(path, secret: true)
        case .environment(let name):
            place = "the environment variable \(name)"
            guard let value = getenv(name) else {
                throw CryptoError(.passphraseMissing, "\(place) is not set; set it for this process, or name a file of mode 0600 instead")
            }
            text = Array(UnsafeBufferPointer(start: UnsafeRawPointer(value).assumingMemoryBound(to: UInt8.self), count: strlen(value)))
        }
        defer { Libcrypto.wipe(&text) }
        var count = text.count
        if count > 0, text[count - 1] == 10 { count -= 1 }
        if count > 0, text[count - 1] == 13 { count -= 1 }
        guard count > 0 else { throw CryptoError(.passphraseMissing, "\(place) is empty; it must hold the passphrase in one line") }
        guard count <= Self.bytesMax, !text[..<count].contains(10), !text[..<count].contains(0) else {
            throw CryptoError(.limitExceeded, "\(place) holds more than one line, a zero byte, or more than \(Self.bytesMax) bytes: this is no passphrase")
        }
        bytes = .allocate(capacity: count)
        _ = bytes.initialize(from: text[..<count])
    }

    /// For a passphrase that a person typed.
    package init(bytes text: [UInt8]) throws(CryptoError) {
        guard !text.isEmpty, text.count <= Self.bytesMax, !text.contains(0) else {
            throw CryptoError(.passphraseMissing, "a passphrase has from 1 to \(Self.bytesMax) bytes, none of them zero")
        }
        bytes = .allocate(capacity: text.count)
        _ = bytes.initialize(from: text)
    }

    deinit {
        sluice_pki_wipe(bytes.baseAddress, bytes.count)
        bytes.deallocate()
    }

    package var isLongEnoughForNew: Bool { bytes.count >= Self.newBytesMin }

    func withBytes<Result>(_ body: (UnsafePointer<UInt8>, Int) -> Result) -> Result? {
        guard let start = bytes.baseAddress else { return nil }
        return body(start, bytes.count)
    }

    /// As a C string; passphrases have no zero byte.
    func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: bytes.count + 1) { buffer in
            for (index, byte) in bytes.enumerated() { buffer.initializeElement(at: index, to: CChar(bitPattern: byte)) }
            buffer.initializeElement(at: bytes.count, to: 0)
            defer { sluice_pki_wipe(buffer.baseAddress, buffer.count) }
            guard let start = buffer.baseAddress else { preconditionFailure("an allocation of at least one byte has an address") }
            return body(UnsafePointer(start))
        }
    }

    package var description: String { "Passphrase" }
    package var debugDescription: String { description }
}
