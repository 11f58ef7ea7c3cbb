internal import CLibcrypto

/// What every wrapper needs of the shim: its buffers as arrays, its errors as text.
enum Libcrypto {
    /// Calls a function that fills a buffer; nil when it reports failure. The buffer is freed either way.
    static func bytes(_ fill: (inout sluice_pki_buffer) -> Bool) -> [UInt8]? {
        var buffer = sluice_pki_buffer()
        defer { sluice_pki_buffer_free(&buffer) }
        guard fill(&buffer), let start = buffer.bytes else { return nil }
        return Array(UnsafeBufferPointer(start: start, count: buffer.count))
    }

    /// As `bytes`, for text that is UTF-8; nil too where it is not.
    static func text(_ fill: (inout sluice_pki_buffer) -> Bool) -> String? {
        guard let bytes = bytes(fill) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    /// libcrypto's own words about what just failed on this thread, in front of a dash; empty when it had none.
    static func lastWords() -> String {
        let capacity = 1024
        let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { buffer -> String in
            guard let start = buffer.baseAddress else { return "" }
            sluice_pki_take_error(start, capacity)
            return String(cString: start)
        }
        return text.isEmpty ? "" : " (libcrypto: \(text))"
    }

    /// Overwrites a secret, which the compiler cannot leave out as it could a loop over bytes that nobody reads again.
    static func wipe(_ bytes: inout [UInt8]) { bytes.withUnsafeMutableBytes { sluice_pki_wipe($0.baseAddress, $0.count) } }

    /// Calls a function with an array of C pointers to objects that stay alive for the call.
    static func withPointers<Result>(_ certificates: [Certificate], _ body: (UnsafePointer<OpaquePointer>?, Int) -> Result) -> Result {
        let pointers = certificates.map(\.pointer)
        return withExtendedLifetime(certificates) {
            pointers.withUnsafeBufferPointer { body($0.baseAddress, $0.count) }
        }
    }
}
