public import SluiceKit

/// The transport over HTTPS with certificates on both sides.
public enum HTTPTransportPlugin: Plugin {
    public static let descriptor = PluginDescriptor(
        name: "transport-http", kind: .transport, version: "1.0.0",
        description: "Delivers packages to a partner's exchange endpoint over HTTPS with certificates on both sides, and brings the signed receipt back.",
        configuration: [
            .init("authorities", .path, default: nil, "PEM file with the authorities that issue the partners' certificates; no other is trusted."),
            .init("connect_seconds_max", .integer, default: "10", "Longest time to reach a partner and agree on TLS."),
            .init(
                "silence_seconds_max", .integer, default: "300", "Longest time without a byte moving: the partner checks the whole dataset before it answers."),
            .init("delivery_seconds_max", .integer, default: "3600", "Longest time for one delivery, from the first byte to the receipt."),
            .init("receipt_bytes_max", .integer, default: "16777216", "Largest receipt taken, in bytes."),
            .init("partners_max", .integer, default: "256", "Partners to whom connections are kept at a time."),
        ],
        capabilities: [.streams, .needsNetwork, .acknowledges], provides: ["https"])
}
