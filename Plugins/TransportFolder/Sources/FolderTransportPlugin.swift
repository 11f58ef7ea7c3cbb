public import SluiceKit

/// The transport by folders that somebody carries.
public enum FolderTransportPlugin: Plugin {
    public static let descriptor = PluginDescriptor(
        name: "transport-folder", kind: .transport, version: "1.0.0",
        description: "Lays packages and receipts into a folder, and takes them from another, that a share, SFTP or a carried medium links with the partner's.",
        configuration: [
            .init(
                "quiet_milliseconds", .integer, default: "2000",
                "How long a file must have stayed as it is before it is taken; 0 where the carrier renames whole files into place."),
            .init("receipt_bytes_max", .integer, default: "1048576", "Largest receipt taken, in bytes."),
        ],
        capabilities: [.streams], provides: [FolderTransport.scheme])
}
