internal import Foundation

/// One finding of an exchange, read from the record's JSON.
///
/// The members are those of `Finding.json`. The JSON was written for people by whatever version recorded it: what this one does not know it shows as it stands.
struct FindingView {
    var severity: String
    var tone: String
    var code: String
    var place: String
    var message: String
    var advice: String
    var count: String

    static let shownMax = 200

    static func all(json: String) -> [FindingView] {
        guard let any = try? JSONSerialization.jsonObject(with: Data(json.utf8), options: [.fragmentsAllowed]) else {
            return json.isEmpty ? [] : [FindingView(asItStands: json)]
        }
        guard let list = any as? [Any] else { return [FindingView(asItStands: json)] }
        return list.prefix(shownMax).map { item in
            guard let object = item as? [String: Any], object["code"] is String || object["message"] is String else {
                return FindingView(asItStands: JSONText.pretty(item))
            }
            return FindingView(object)
        }
    }

    private init(asItStands text: String) {
        (severity, tone, code, place, advice, count) = ("", "waiting", "", "", "", "")
        message = text
    }

    private init(_ object: [String: Any]) {
        func text(_ names: String...) -> String {
            for name in names {
                if let text = object[name] as? String { return text }
                if let number = object[name] as? NSNumber { return number.stringValue }
            }
            return ""
        }
        severity = text("severity")
        tone = severity == "error" ? "bad" : "waiting"
        code = text("code")
        message = text("message")
        advice = text("advice")
        count = text("observations", "count")
        let position = object["position"] as? [String: Any] ?? object
        var places: [String] = []
        for (name, word) in [("line", "line"), ("column", "column"), ("row", "row")] {
            if let number = position[name] as? NSNumber, number.int64Value > 0 { places.append("\(word) \(number.stringValue)") }
        }
        for name in ["seriesKey", "timePeriod", "component"] where !text(name).isEmpty { places.append(text(name)) }
        if !text("text").isEmpty { places.append("“\(text("text"))”") }
        place = places.joined(separator: ", ")
    }
}
