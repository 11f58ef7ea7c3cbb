public import SluiceKit

/// The plugin that brings `JWSSeal`.
public enum JWSSealPlugin: Plugin {
    /// What the node knows of this plugin before it runs.
    public static var descriptor: PluginDescriptor {
        PluginDescriptor(
            name: "SealJWS", kind: .seal, version: "1.0.0",
            description: "Packages with a JSON manifest and one detached JWS (ES256, RFC 7515, RFC 7797, JAdES B-B), verifiable with any JOSE library",
            configuration: [
                .init("compressionLevel", .integer, default: "\(JWSSeal.compressionLevelDefault)", "How hard to compress, from 1 (fast) to 9 (small)")
            ],
            capabilities: [.streams, .reads, .writes], provides: ["jws"])
    }
}
