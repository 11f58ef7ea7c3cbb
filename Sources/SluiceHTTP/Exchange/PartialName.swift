package import SluiceCore
internal import SluiceKit

/// What the file of a partial upload is called: all that has to be known of it after a restart.
///
/// Neither a participant id, a UUID, a number, a digest nor a media type (RFC 6838, 4.2) can hold the mark between the parts.
package struct PartialName: Hashable, Sendable {
    package let key: ResumableUploads.Key
    package let announced: ResumableUploads.Announced
    /// Of the package's seal; a request that goes on does not say it again.
    package let mediaType: String

    private static let mark: Character = "~"

    init(_ key: ResumableUploads.Key, _ announced: ResumableUploads.Announced, mediaType: String) {
        self.key = key
        self.announced = announced
        self.mediaType = mediaType
    }

    var text: String {
        [key.sender.rawValue, key.exchangeID, "\(announced.bytes)", announced.sha256, mediaType.replacing("/", with: "\(Self.mark)")]
            .joined(separator: "\(Self.mark)")
    }

    /// nil for what no partial upload is called.
    init?(_ text: String) {
        let parts = text.split(separator: Self.mark, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 6, let sender = ParticipantID(parts[0]), UUIDv7(parts[1]) != nil, let bytes = Int(parts[2]), bytes > 0,
            SHA256Digest(hex: parts[3]) != nil
        else { return nil }
        self.init(.init(sender: sender, exchangeID: parts[1]), .init(bytes: bytes, sha256: parts[3]), mediaType: "\(parts[4])/\(parts[5])")
        // One upload has one spelling.
        guard self.text == text else { return nil }
    }
}
