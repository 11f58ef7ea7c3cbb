internal import CLibcrypto
package import SluiceKit

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

    /// What it says of a certificate; nil where it is about others or not signed by the issuer. Whoever opens a seal asks the same.
    package func evidence(about certificate: Certificate, issuer: Certificate, at time: Instant) -> RevocationPolicy.Evidence? {
        do throws(CryptoError) {
            switch self {
            case .list(let der):
                guard Self.hasOneReading(der) else { return nil }
                return try RevocationPolicy.Evidence(RevocationList(der), about: certificate, issuer: issuer)
            case .answer(let der):
                guard sluice_pki_ocsp_is_der(der, der.count), let shape = try? OCSPShape(der) else { return nil }
                let request = try OCSPRequest(certificate, issuer: issuer, nonce: [])
                let answer = try OCSPAnswer(der, to: request, at: time)
                // The responder's certificate is covered only if the answer needs it.
                if let carried = shape.certificate, carried != issuer.der, (try? OCSPAnswer(shape.withoutCertificate, to: request, at: time)) != nil {
                    return nil
                }
                return RevocationPolicy.Evidence(answer)
            }
        } catch {
            return nil
        }
    }

    /// The algorithm beside a list's signature is the one under it: libcrypto does not compare them, and nothing covers the first.
    private static func hasOneReading(_ der: [UInt8]) -> Bool {
        do throws(DERReader.Malformed) {
            var outer = DERReader(der)
            var list = DERReader(der, inside: try outer.read(DERTag.sequence))
            try outer.requireEnd()
            var tbs = DERReader(der, inside: try list.read(DERTag.sequence))
            if tbs.nextTag == DERTag.integer { _ = try tbs.readAny() }
            let inner = try tbs.read(DERTag.sequence)
            let stated = try list.read(DERTag.sequence)
            let signature = try list.read(DERTag.bitString)
            try list.requireEnd()
            return der[inner.whole].elementsEqual(der[stated.whole]) && der[signature.content].first == 0
        } catch {
            return false
        }
    }

    /// As it stands in SignedData.
    var revocationInfoChoice: [UInt8] {
        switch self {
        case .list(let der): der
        case .answer(let der): DERWriter.element(DERTag.context(1), DERWriter.objectIdentifier(ObjectIdentifier.revocationOCSP), der)
        }
    }

    package var bytes: [UInt8] {
        switch self {
        case .list(let der), .answer(let der): der
        }
    }

    /// Whether it is judged with a responder's certificate, which ends before long, and then the value counts for nothing.
    package var hasResponder: Bool {
        if case .answer(let der) = self { (try? OCSPShape(der))?.certificate != nil } else { false }
    }

    var isAnswer: Bool {
        if case .answer = self { true } else { false }
    }
}
