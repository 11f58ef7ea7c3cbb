internal import Foundation
internal import SluiceKit

/// One entry of the ledger: the envelope's type and time, what it says in words, and its data set out for reading.
struct LedgerEntryView {
    var index: String
    var type: String
    var time: String
    var data: String
    /// Covered by a checkpoint that anyone can fetch.
    var isPublished: Bool
    var address: String
    /// Its place among the entries of its exchange.
    var number = ""
    var word: String
    var course: EntryWords.Course
    var outcome: String
    var tone: String
    var facts: [FactView]

    init(index: Int64, bytes: [UInt8], publishedSize: Int64, isOutgoing: Bool = true, number: Int = 0) {
        self.index = grouped(index)
        self.number = String(number)
        isPublished = index < publishedSize
        address = "/console/ledger/\(index)"
        let object = (try? JSONSerialization.jsonObject(with: Data(bytes))) as? [String: Any]
        type = object?["type"] as? String ?? "—"
        time = object?["time"] as? String ?? "—"
        data = object.map { JSONText.pretty($0["data"] ?? $0) } ?? String(decoding: bytes, as: UTF8.self)
        let json = (try? JSONValue(parsing: bytes))?["data"]
        facts = json.map(EntryWords.facts) ?? []
        outcome = json?["outcome"]?.text ?? ""
        tone = EntryWords.tone(outcome: outcome, type: type)
        (word, course) = EntryWords.words(of: type, isOutgoing: isOutgoing)
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
