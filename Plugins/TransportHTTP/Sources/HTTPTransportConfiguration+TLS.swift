internal import NIOCore
internal import NIOSSL
internal import SluiceKit

extension HTTPTransportConfiguration {
    /// TLS 1.3, our certificate, and no trust but in the configured authorities; the library checks the host's name too.
    func tlsConfiguration() throws(TransportError) -> TLSConfiguration {
        let chain: [NIOSSLCertificate]
        do {
            chain = try NIOSSLCertificate.fromPEMBytes(certificateChainPEM)
        } catch {
            throw TransportError(.inputOutput, detail: "the TLS certificate chain is not readable PEM")
        }
        let trusted: [NIOSSLCertificate]
        do {
            trusted = try NIOSSLCertificate.fromPEMFile(authoritiesPath)
        } catch {
            throw TransportError(.inputOutput, detail: "\(authoritiesPath) holds no readable PEM certificates of authorities")
        }
        let key: NIOSSLPrivateKey
        do {
            key = try NIOSSLPrivateKey(bytes: privateKeyDER, format: .der)
        } catch {
            throw TransportError(.inputOutput, detail: "the TLS key is not readable PKCS#8")
        }
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv13
        tls.certificateVerification = .fullVerification
        tls.trustRoots = .certificates(trusted)
        tls.certificateChain = chain.map { .certificate($0) }
        tls.privateKey = .privateKey(key)
        tls.shutdownTimeout = .seconds(1)
        do {
            _ = try NIOSSLContext(configuration: tls)
        } catch {
            throw TransportError(
                .inputOutput, detail: "the TLS key does not belong to the first certificate of its chain")
        }
        return tls
    }
}
