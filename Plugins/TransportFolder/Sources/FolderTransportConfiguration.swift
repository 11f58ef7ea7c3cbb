/// What the transport needs to know.
public struct FolderTransportConfiguration: Sendable {
    /// The endings of packages' names, without the dot, by media type; one for each seal of the host.
    public var extensionByMediaType: [String: String]
    /// How long a file must have stayed as it is before it is taken; 0 takes it at first sight.
    public var quietMilliseconds = 2_000
    /// Largest receipt taken, in bytes.
    public var receiptBytesMax = 1 << 20

    public init(extensionByMediaType: [String: String]) { self.extensionByMediaType = extensionByMediaType }
}
