import SluiceKit

/// What an authority says of its certificates, carried inside a signature so that it can be judged without the network (CAdES level B-LT).
package enum RevocationValue: Hashable, Sendable {
    /// A certificate revocation list, DER (RFC 5280, 5).
    case list([UInt8])
    /// The answer of a responder, DER: an OCSPResponse (RFC 6960, 4.2.1).
    case answer([UInt8])

    /// One RevocationInfoChoice of SignedData (RFC 5652, 10.2.1); answers as RFC 5940 puts them there.
    init(_ element: DERReader.Element, _ bytes: [UInt8]) throws {
        switch element.tag {
        case DERTag.sequence: self = .list(Array(bytes[element.whole]))
        case DERTag.context(1):
            var other = DERReader(bytes, inside: element)
            guard bytes[try other.read(DERTag.objectIdentifier).content].elementsEqual(ObjectIdentifier.revocationOCSP) else {
                throw PackageError(.signatureProfile, "the signature carries revocation information of an unknown kind")
            }
            self = .answer(Array(bytes[try other.read(DERTag.sequence).whole]))
            try other.requireEnd()
        default: throw DERReader.Malformed(offset: element.whole.lowerBound)
        }
    }

    /// As it stands in SignedData.
    var revocationInfoChoice: [UInt8] {
        switch self {
        case .list(let der): der
        case .answer(let der): DERWriter.element(DERTag.context(1), DERWriter.objectIdentifier(ObjectIdentifier.revocationOCSP), der)
        }
    }

    var isAnswer: Bool {
        if case .answer = self { true } else { false }
    }
}
