/// ES256 (RFC 7518, 3.4): ECDSA on P-256 over SHA-256, the signature being r and s as 32 bytes each, big-endian (IEEE P1363).
///
/// libcrypto and certificates write the same two numbers as DER, which has a length of its own for every pair; here there is one spelling.
package enum ES256 {
    /// The name in a header's `alg`.
    package static let name = "ES256"
    package static let signatureBytes = 64

    /// The order of P-256's group (FIPS 186-5; SEC 2, 2.4.2): r and s lie between 1 and this, exclusive.
    private static let order: [UInt8] = [
        0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ]

    /// The DER form (SEC 1, C.5) of a raw signature; nil for another length and for numbers that no signature has.
    package static func der(_ raw: [UInt8]) -> [UInt8]? {
        guard raw.count == signatureBytes, let r = integer(raw[..<32]), let s = integer(raw[32...]) else { return nil }
        return [DERTag.sequence, UInt8(r.count + s.count)] + r + s
    }

    /// An INTEGER in its shortest form; nil outside 1..<order.
    private static func integer(_ number: ArraySlice<UInt8>) -> [UInt8]? {
        let digits = number.drop { $0 == 0 }
        guard let first = digits.first, number.lexicographicallyPrecedes(order) else { return nil }
        // A set top bit would mean a negative number.
        let content = first >= 0x80 ? [0] + digits : Array(digits)
        return [DERTag.integer, UInt8(content.count)] + content
    }

    /// The raw form of a DER signature; nil where it is not one of two numbers in their range.
    package static func raw(_ der: [UInt8]) -> [UInt8]? {
        do throws(DERReader.Malformed) {
            var outer = DERReader(der)
            var numbers = DERReader(der, inside: try outer.read(DERTag.sequence))
            try outer.requireEnd()
            let r = try numbers.read(DERTag.integer)
            let s = try numbers.read(DERTag.integer)
            try numbers.requireEnd()
            let raw = [r, s].flatMap { number in
                let digits = der[number.content].drop { $0 == 0 }
                return [UInt8](repeating: 0, count: max(0, 32 - digits.count)) + digits
            }
            // Back again, so that only the shortest spelling of numbers in range passes.
            return Self.der(raw) == der ? raw : nil
        } catch {
            return nil
        }
    }
}

extension PrivateKey {
    /// The ES256 signature over the bytes, 64 bytes.
    package func es256(over content: [UInt8]) throws(CryptoError) -> [UInt8] {
        guard let raw = ES256.raw(try sign(content)) else { throw CryptoError(.signingFailed, "the key gave something other than an ECDSA signature on P-256") }
        return raw
    }
}

extension PublicKey {
    /// Whether this is the ES256 signature over the bytes; false too for another length and for r or s outside their range.
    package func verifiesES256(_ signature: [UInt8], over content: [UInt8]) -> Bool {
        guard let der = ES256.der(signature) else { return false }
        return verifies(der, over: content)
    }
}
