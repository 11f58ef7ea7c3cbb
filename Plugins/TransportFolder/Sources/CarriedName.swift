internal import SluiceKit

/// What a name says of its file (Docs/ExchangeProtocol.md, "By folders").
enum CarriedName: Hashable {
    /// `{sequence, 12 digits}.{exchange id}.asice`, or the ending of another seal.
    case package(exchangeID: String, mediaType: String)
    /// `{exchange id}.receipt.{first 16 digits of its SHA-256}.asice`.
    case receipt(exchangeID: String, digest: String, mediaType: String)
    /// `{exchange id}.problem.json`.
    case problem

    static let sequenceDigits = 12
    static let digestDigits = 16

    /// nil for a name that the protocol does not have.
    init?(_ name: FileName, extensionByMediaType: [String: String]) {
        guard let text = String(validating: name.bytes, as: UTF8.self) else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        let mediaType = extensionByMediaType.first { $0.value == parts.last }?.key
        if parts.count == 3, parts[0].utf8.count == Self.sequenceDigits, parts[0].utf8.allSatisfy(Self.isDigit), UUIDv7(parts[1]) != nil, let mediaType {
            self = .package(exchangeID: parts[1], mediaType: mediaType)
        } else if parts.count == 4, UUIDv7(parts[0]) != nil, parts[1] == "receipt", parts[2].utf8.count == Self.digestDigits,
            parts[2].utf8.allSatisfy({ Self.isDigit($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0) }), let mediaType
        {
            self = .receipt(exchangeID: parts[0], digest: parts[2], mediaType: mediaType)
        } else if parts.count == 3, UUIDv7(parts[0]) != nil, parts[1] == "problem", parts[2] == "json" {
            self = .problem
        } else {
            return nil
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    static func package(sequence: Int64, exchangeID: String, ending: String) -> FileName {
        let digits = String(max(0, sequence))
        return FileName(String(repeating: "0", count: max(0, sequenceDigits - digits.count)) + "\(digits).\(exchangeID).\(ending)")
    }

    static func receipt(exchangeID: String, digest: SHA256Digest, ending: String) -> FileName {
        FileName("\(exchangeID).receipt.\(digest.hex.prefix(digestDigits)).\(ending)")
    }

    static func problem(exchangeID: String) -> FileName { FileName("\(exchangeID).problem.json") }
}
