package import SluiceCore
package import SluiceCrypto
package import SluiceKit

/// The directory's view of certificates, by libcrypto.
package struct NodeCertificates: CertificateReading {
    package init() {}

    package func certificates(pem: String, countMax: Int) throws(DirectoryError) -> [CertificateFacts] {
        let bytes = Array(pem.utf8)
        guard bytes.count <= DirectoryLimits.documentBytesMax else {
            throw DirectoryError(.limitExceeded, "more than \(DirectoryLimits.documentBytesMax) bytes of certificates")
        }
        do {
            var facts: [CertificateFacts] = []
            for block in try PEMBlock.all(bytes, named: "the certificate text", countMax: countMax) {
                guard block.label == "CERTIFICATE" else {
                    throw DirectoryError(
                        .certificateInvalid, "a block \(block.label) stands here; only certificates do, and never a private key: if it was one, replace it")
                }
                facts.append(Self.facts(try Certificate(der: block.der)))
            }
            guard !facts.isEmpty else { throw DirectoryError(.certificateInvalid, "no certificate stands here: expected -----BEGIN CERTIFICATE-----") }
            return facts
        } catch let error as CryptoError {
            throw DirectoryError(error.code == .limitExceeded ? .limitExceeded : .certificateInvalid, error.detail)
        } catch let error as DirectoryError {
            throw error
        } catch {
            throw DirectoryError(.certificateInvalid, "\(error)")
        }
    }

    package static func facts(_ certificate: Certificate) -> CertificateFacts {
        let uses = certificate.uses
        return CertificateFacts(
            der: certificate.der, sha256: certificate.sha256, publicKeySHA256: certificate.publicKeySHA256 ?? certificate.sha256, subject: certificate.subject,
            issuer: certificate.issuer, serial: certificate.serial, notBefore: certificate.notBefore, notAfter: certificate.notAfter,
            participant: certificate.participant, isP256: certificate.isP256, isForSealing: uses.isForSealing, isForTLS: uses.isForTLS,
            isAuthority: certificate.isAuthority)
    }

    package func pem(_ certificate: CertificateFacts) -> String {
        (try? Certificate(der: certificate.der)).map { String(decoding: $0.pem, as: UTF8.self) } ?? ""
    }

    package func isIssued(
        _ certificate: CertificateFacts, through intermediates: [[UInt8]], by authority: CertificateFacts, for use: CertificateUse, at time: Instant
    ) -> Bool {
        // Chains are short; a heap of certificates is an attempt to make us search.
        guard intermediates.count <= 8 else { return false }
        do {
            let trust = try TrustStore(authorities: [Certificate(der: authority.der)])
            var between: [Certificate] = []
            for der in intermediates { between.append(try Certificate(der: der)) }
            let leaf = try Certificate(der: certificate.der)
            for purpose in use == .sealing ? [TrustStore.Purpose.sealing] : [.tlsServer, .tlsClient] {
                try trust.check(leaf, intermediates: between, for: purpose, at: time)
            }
            return true
        } catch {
            return false
        }
    }
}
