extension Finding {
    /// The finding as a JSON object; what is not known is left out.
    public var json: JSONValue {
        var members = [JSONMember("code", .string(code.rawValue)), JSONMember("severity", .string(severity.rawValue))]
        func add(_ name: String, _ count: Int) { if count > 0 { members.append(JSONMember(name, .integer(Int64(count)))) } }
        func add(_ name: String, _ text: String?) { if let text { members.append(JSONMember(name, .string(text))) } }
        add("line", position.line)
        add("column", position.column)
        add("row", position.row)
        add("dataset", position.dataset)
        add("seriesKey", seriesKey)
        add("timePeriod", timePeriod)
        add("component", component)
        add("text", offendingText)
        add("observations", observations)
        add("message", message)
        add("advice", advice)
        if !cells.isEmpty {
            members.append(
                JSONMember(
                    "cells",
                    .array(
                        cells.map { cell in
                            .object(
                                [JSONMember("component", .string(cell.component)), JSONMember("text", .string(cell.text))]
                                    + (cell.isMarked ? [JSONMember("isMarked", .bool(true))] : []))
                        })))
        }
        return .object(members)
    }
}
