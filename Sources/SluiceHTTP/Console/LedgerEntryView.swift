internal import Foundation

/// One entry of the ledger: the envelope's type and time, and its data set out for reading.
struct LedgerEntryView {
    var index: String
    var type: String
    var time: String
    var data: String
    /// Covered by a checkpoint that anyone can fetch.
    var isPublished: Bool

    init(index: Int64, bytes: [UInt8], publishedSize: Int64) {
        self.index = grouped(index)
        isPublished = index < publishedSize
        let object = (try? JSONSerialization.jsonObject(with: Data(bytes))) as? [String: Any]
        type = object?["type"] as? String ?? "—"
        time = object?["time"] as? String ?? "—"
        data = object.map { JSONText.pretty($0["data"] ?? $0) } ?? String(decoding: bytes, as: UTF8.self)
    }
}

enum JSONText {
    /// Indented, members in order, slashes plain.
    static func pretty(_ value: Any) -> String {
        guard let data = try? JSONSerialization.data(withJSONObject: value, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes, .fragmentsAllowed])
        else {
            return String(describing: value)
        }
        return String(decoding: data, as: UTF8.self)
    }
}
