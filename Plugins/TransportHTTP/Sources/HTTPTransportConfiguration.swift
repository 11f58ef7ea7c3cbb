public import SluiceKit

/// What the transport needs to know; the limits have defaults that suit packages of several hundred megabytes.
public struct HTTPTransportConfiguration: Sendable {
    /// PEM: this node's own certificate first, then what leads to its authority. The partner sees it as ours.
    public var certificateChainPath: String
    /// PEM, unencrypted.
    public var privateKeyPath: String
    /// PEM: the only authorities trusted; the system's list is not consulted.
    public var authoritiesPath: String
    /// The participant that a certificate (DER, already verified) names by its only common name; nil when it names nobody.
    /// Given by the host, so that one library alone reads certificates.
    public var participantOfCertificate: @Sendable (_ der: [UInt8]) -> ParticipantID?

    /// Longest time to reach a partner and agree on TLS.
    public var connectSecondsMax = 10
    /// Longest time without a byte moving. It covers the partner's checking of the whole dataset, which comes before its answer.
    public var silenceSecondsMax = 300
    /// Longest time for one delivery, from the first byte to the receipt.
    public var deliverySecondsMax = 3600
    /// Largest receipt taken, in bytes.
    public var receiptBytesMax = 16 << 20
    /// Partners to whom connections are kept at a time; the one longest unused makes room.
    public var partnersMax = 256

    public init(
        certificateChainPath: String, privateKeyPath: String, authoritiesPath: String,
        participantOfCertificate: @escaping @Sendable (_ der: [UInt8]) -> ParticipantID?
    ) {
        self.certificateChainPath = certificateChainPath
        self.privateKeyPath = privateKeyPath
        self.authoritiesPath = authoritiesPath
        self.participantOfCertificate = participantOfCertificate
    }
}
