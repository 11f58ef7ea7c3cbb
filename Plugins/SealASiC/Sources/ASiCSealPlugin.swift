public import SluiceKit

/// The plugin that brings `ASiCSeal`.
public enum ASiCSealPlugin: Plugin {
    /// What the node knows of this plugin before it runs.
    public static var descriptor: PluginDescriptor {
        PluginDescriptor(
            name: "SealASiC", kind: .seal, version: "1.0.0",
            description:
                "Packages as ASiC-E containers with CAdES signatures, time stamps and counter-signatures (ETSI EN 319 162-1, EN 319 122-1), verifiable with openssl",
            configuration: [
                .init(
                    "compressionLevel", .integer, default: "\(ASiCSeal.compressionLevelDefault)",
                    "How hard to compress, from 0 (not at all) and 1 (fast) to 9 (small)")
            ],
            capabilities: [.streams, .reads, .writes], provides: ["asic-e"])
    }
}
