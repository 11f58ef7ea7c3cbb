internal import Foundation
internal import SluiceKit

/// What the exchange list is asked for, from the query of its address.
struct ConsoleQuery: Hashable {
    var state: ExchangeState?
    var direction: ExchangeRecord.Direction?
    var participant: String?
    var dataflow: String?
    var before: String?
    /// What was asked for and not understood, in words; the list then shows nothing rather than something else.
    var mistakes: [String] = []

    static let valueBytesMax = 256

    init() {}

    init(_ query: String) {
        for (name, value) in FormFields.pairs(query) where !value.isEmpty {
            // Mistakes are shown on a page, where a control character is no text.
            guard !EscapedText.hasControl(name), !EscapedText.hasControl(value) else {
                mistakes.append("A filter has a control character in it.")
                continue
            }
            guard value.utf8.count <= Self.valueBytesMax else {
                mistakes.append("The value of “\(name.prefix(40))” is too long.")
                continue
            }
            switch name {
            case "state":
                state = ExchangeState(rawValue: value)
                if state == nil { mistakes.append("There is no state “\(value)”.") }
            case "direction":
                direction = ExchangeRecord.Direction(rawValue: value)
                if direction == nil { mistakes.append("The direction is “in” or “out”, not “\(value)”.") }
            case "participant":
                participant = ParticipantID(value)?.rawValue
                if participant == nil { mistakes.append("“\(value)” is no participant id, which looks like AM.ARMSTAT.") }
            case "dataflow": dataflow = value
            case "before":
                before = UUIDv7(value) == nil ? nil : value
                if before == nil { mistakes.append("Pages begin before the id of an exchange, not “\(value)”.") }
            default: mistakes.append("There is no filter “\(name.prefix(40))”.")
            }
        }
    }

    func filter(limit: Int) -> ExchangeFilter {
        ExchangeFilter(state: state, direction: direction, participant: participant, dataflow: dataflow, before: before, limit: limit)
    }

    /// The address of the list with this query; `/console` alone when nothing is asked for.
    var address: String {
        let parts = [("state", state?.rawValue), ("direction", direction?.rawValue), ("participant", participant), ("dataflow", dataflow), ("before", before)]
            .compactMap { name, value in value.map { "\(name)=\(Self.percentEncoded($0))" } }
        return parts.isEmpty ? "/console" : "/console?" + parts.joined(separator: "&")
    }

    /// Nothing in particular is asked for.
    var isEverything: Bool { address == "/console" && mistakes.isEmpty }

    func with(_ change: (inout ConsoleQuery) -> Void) -> ConsoleQuery {
        var copy = self
        copy.mistakes = []
        change(&copy)
        return copy
    }

    /// RFC 3986, section 2.3: everything but the unreserved characters, so that it fits a path segment and a query alike.
    static func percentEncoded(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"))
            ?? ""
    }
}
