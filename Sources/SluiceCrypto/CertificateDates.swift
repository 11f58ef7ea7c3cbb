package import SluiceKit

/// From when to when a certificate is valid, read from its bytes without building libcrypto's object of it, which costs more than a signature.
package struct CertificateDates: Hashable, Sendable {
    package let notBefore: Instant
    package let notAfter: Instant

    /// Nil where the bytes are not a certificate (RFC 5280, 4.1). Nothing else about it is checked.
    package init?(der: [UInt8]) {
        do throws(DERReader.Malformed) {
            var outer = DERReader(der)
            var certificate = DERReader(der, inside: try outer.read(DERTag.sequence))
            try outer.requireEnd()
            var signed = DERReader(der, inside: try certificate.read(DERTag.sequence))
            if signed.nextTag == DERTag.context(0) { _ = try signed.readAny() }
            _ = try signed.read(DERTag.integer)
            _ = try signed.read(DERTag.sequence)
            _ = try signed.read(DERTag.sequence)
            var validity = DERReader(der, inside: try signed.read(DERTag.sequence))
            let (first, last) = (try validity.readAny(), try validity.readAny())
            try validity.requireEnd()
            guard let notBefore = DERTime.instant(tag: first.tag, der[first.content]), let notAfter = DERTime.instant(tag: last.tag, der[last.content]) else {
                return nil
            }
            self.notBefore = notBefore
            self.notAfter = notAfter
        } catch {
            return nil
        }
    }

    /// Whether a signature made at this time was made within the validity; both ends count.
    package func contain(_ time: Instant) -> Bool { notBefore.seconds <= time.seconds && time.seconds <= notAfter.seconds }
}
