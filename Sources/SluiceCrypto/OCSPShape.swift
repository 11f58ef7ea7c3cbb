/// An OCSP answer taken apart (RFC 6960, 4.2.1), to see that nothing in it is without a signature over it.
struct OCSPShape {
    /// The one certificate beside the answer, the responder's or the issuer's.
    let certificate: [UInt8]?
    /// The same answer without that certificate: it is outside of what is signed.
    let withoutCertificate: [UInt8]

    init(_ der: [UInt8]) throws(DERReader.Malformed) {
        var outer = DERReader(der)
        var response = DERReader(der, inside: try outer.read(DERTag.sequence))
        try outer.requireEnd()
        let status = try response.read(0x0a)
        var explicit = DERReader(der, inside: try response.read(DERTag.context(0)))
        try response.requireEnd()
        var typed = DERReader(der, inside: try explicit.read(DERTag.sequence))
        try explicit.requireEnd()
        let type = try typed.read(DERTag.objectIdentifier)
        var octets = DERReader(der, inside: try typed.read(DERTag.octetString))
        try typed.requireEnd()
        var basic = DERReader(der, inside: try octets.read(DERTag.sequence))
        try octets.requireEnd()
        let signed = try basic.read(DERTag.sequence)
        let algorithm = try basic.read(DERTag.sequence)
        let signature = try basic.read(DERTag.bitString)
        let parts = try DERReader(der).elements(of: algorithm)
        // No parameters but NULL: they stand beside the signature, and libcrypto does not look at them.
        guard der[type.content].elementsEqual(ObjectIdentifier.basicOCSP), der[signature.content].first == 0,
            parts.count == 1 || (parts.count == 2 && parts[1].tag == DERTag.null && parts[1].content.isEmpty)
        else { throw DERReader.Malformed(offset: algorithm.whole.lowerBound) }
        if basic.isAtEnd {
            certificate = nil
        } else {
            var explicitList = DERReader(der, inside: try basic.read(DERTag.context(0)))
            let certificates = try DERReader(der).elements(of: explicitList.read(DERTag.sequence))
            try explicitList.requireEnd()
            guard certificates.count == 1 else { throw DERReader.Malformed(offset: signature.whole.upperBound) }
            certificate = Array(der[certificates[0].whole])
        }
        try basic.requireEnd()
        let bare = DERWriter.sequence(Array(der[signed.whole]), Array(der[algorithm.whole]), Array(der[signature.whole]))
        withoutCertificate = DERWriter.sequence(
            Array(der[status.whole]),
            DERWriter.element(DERTag.context(0), DERWriter.sequence(Array(der[type.whole]), DERWriter.octetString(bare))))
    }
}
