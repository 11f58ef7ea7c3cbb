internal import NIOCore
internal import NIOSSL
package import SluiceCore
package import SluiceKit

/// How the exchange endpoint listens: mutual TLS 1.3, always.
package struct ExchangeListener: Sendable {
    package var host: String
    /// 0 lets the system choose.
    package var port: Int
    /// PEM: the node's own certificate first, then what leads to the authority.
    package var certificateChainPEM: [UInt8]
    /// PKCS#8, not encrypted.
    package var privateKeyDER: [UInt8]
    /// PEM: the authorities that issue the partners' certificates. No other is trusted, the system's least of all.
    package var clientAuthoritiesPath: String
    /// Who a client certificate (DER, already verified against the authorities) stands for: the participant named by its only common name.
    /// nil when it names nobody. Given by the node, so that one library alone reads certificates.
    package var peerOfCertificate: @Sendable (_ der: [UInt8]) -> Peer?

    /// Judges the signatures of requests and signs the answers; nil for neither.
    package var hop: (any HopGuard)?

    /// Witnesses partners' ledgers; nil where this node does not.
    package var witness: (any WitnessService)?

    /// Most connections at a time; further ones wait in the system's queue.
    package var connectionsMax = 256
    /// Longest request head in bytes.
    package var headerBytesMax = 16 << 10
    /// Longest silence on a connection while a request is being read, or between two.
    package var idleSecondsMax = 60
    /// Longest time for one body to arrive, however steadily it trickles.
    package var uploadSecondsMax = 3600
    /// How long a refused upload is still read away, so that the answer reaches the sender before the connection closes.
    package var refusalLingerSeconds = 3

    package init(
        host: String, port: Int, certificateChainPEM: [UInt8], privateKeyDER: [UInt8], clientAuthoritiesPath: String,
        peerOfCertificate: @escaping @Sendable (_ der: [UInt8]) -> Peer?
    ) {
        self.host = host
        self.port = port
        self.certificateChainPEM = certificateChainPEM
        self.privateKeyDER = privateKeyDER
        self.clientAuthoritiesPath = clientAuthoritiesPath
        self.peerOfCertificate = peerOfCertificate
    }
}

extension ExchangeListener {
    func tlsConfiguration() throws(ListenerError) -> TLSConfiguration {
        let chain: [NIOSSLCertificate]
        do {
            chain = try NIOSSLCertificate.fromPEMBytes(certificateChainPEM)
        } catch {
            throw ListenerError(.certificateUnusable, "the TLS certificate chain is not readable PEM")
        }
        let authorities: [NIOSSLCertificate]
        do {
            authorities = try NIOSSLCertificate.fromPEMFile(clientAuthoritiesPath)
        } catch {
            throw ListenerError(.authoritiesUnusable, "\(clientAuthoritiesPath) holds no readable PEM certificates of authorities")
        }
        let key: NIOSSLPrivateKey
        do {
            key = try NIOSSLPrivateKey(bytes: privateKeyDER, format: .der)
        } catch {
            throw ListenerError(.keyUnusable, "the TLS key is not readable PKCS#8")
        }
        // Without host names: a partner's client certificate names the participant, and partners call from anywhere.
        var tls = TLSConfiguration.makeServerConfigurationWithMTLS(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key), trustRoots: .certificates(authorities))
        tls.minimumTLSVersion = .tlsv13
        tls.applicationProtocols = ["http/1.1"]
        tls.sendCANameList = true
        // How long a partner may take to say goodbye when this node stops.
        tls.shutdownTimeout = .seconds(1)
        do {
            // The library builds this again when it binds; here it shows that key and certificate belong together.
            _ = try NIOSSLContext(configuration: tls)
        } catch {
            throw ListenerError(.keyUnusable, "the TLS key does not belong to the first certificate of its chain")
        }
        return tls
    }
}
