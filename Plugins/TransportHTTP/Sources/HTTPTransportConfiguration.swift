public import SluiceKit

/// What the transport needs to know; the limits have defaults that suit packages of several hundred megabytes.
public struct HTTPTransportConfiguration: Sendable {
    /// PEM: this node's own certificate first, then what leads to its authority. The partner sees it as ours.
    public var certificateChainPEM: [UInt8]
    /// PKCS#8, not encrypted.
    public var privateKeyDER: [UInt8]
    /// PEM: the only authorities trusted; the system's list is not consulted.
    public var authoritiesPath: String
    /// The participant that a certificate (DER, already verified) names by its only common name; nil when it names nobody.
    /// Given by the host, so that one library alone reads certificates.
    public var participantOfCertificate: @Sendable (_ der: [UInt8]) -> ParticipantID?
    /// Signs requests and judges the signatures of answers; nil for neither. Given by the host, which has the keys.
    package var hop: (any HopGuard)?

    /// Longest time to reach a partner and agree on TLS.
    public var connectSecondsMax = 10
    /// Longest time without a byte moving. It covers the partner's checking of the whole dataset, which comes before its answer.
    public var silenceSecondsMax = 300
    /// Longest time for one delivery, from the first byte to the receipt.
    public var deliverySecondsMax = 3600
    /// Longest time for a receiver to say how much of a package it has.
    public var askSecondsMax = 30
    /// Largest receipt taken, in bytes.
    public var receiptBytesMax = 16 << 20
    /// Connections to one partner at a time; further deliveries wait for one.
    public var connectionsPerPartnerMax = 64
    /// Partners to whom connections are kept at a time; the one longest unused makes room.
    public var partnersMax = 256

    public init(
        certificateChainPEM: [UInt8], privateKeyDER: [UInt8], authoritiesPath: String,
        participantOfCertificate: @escaping @Sendable (_ der: [UInt8]) -> ParticipantID?
    ) {
        self.certificateChainPEM = certificateChainPEM
        self.privateKeyDER = privateKeyDER
        self.authoritiesPath = authoritiesPath
        self.participantOfCertificate = participantOfCertificate
    }
}
