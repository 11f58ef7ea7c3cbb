package import SluiceKit

extension CheckReport {
    /// The report as one JSON document, for programs.
    package var json: JSONValue {
        var members = [JSONMember("file", .string(file)), JSONMember("format", .string(format))]
        func text(_ name: String, _ value: String?) { if let value { members.append(JSONMember(name, .string(value))) } }
        func number(_ name: String, _ value: Int) { members.append(JSONMember(name, .integer(Int64(value)))) }
        members.append(JSONMember("structures", .array(structures.map { .string($0) })))
        text("checkedAt", checkedAt)
        number("datasets", datasets)
        number("observations", observations)
        number("errors", count(.error))
        number("warnings", count(.warning))
        number("notes", count(.note))
        text("stopped", stopped)
        if !severities.isEmpty {
            members.append(
                JSONMember(
                    "severities",
                    .object(severities.levels.sorted { $0.key.rawValue < $1.key.rawValue }.map { JSONMember($0.key.rawValue, .string($0.value.rawValue)) })))
        }
        members.append(JSONMember("groups", .array(groups.map(Self.json))))
        return .object(members)
    }

    private static func json(_ group: Group) -> JSONValue {
        var members = [
            JSONMember("code", .string(group.code.rawValue)), JSONMember("severity", .string(group.count.severity.rawValue)),
            JSONMember("findings", .integer(Int64(group.count.findings))), JSONMember("observations", .integer(Int64(group.count.observations))),
        ]
        if let entry = group.entry {
            members += [
                JSONMember("title", .string(entry.title)), JSONMember("what", .string(entry.what)), JSONMember("why", .string(entry.why)),
                JSONMember("mend", .string(entry.mend)),
            ]
        }
        members.append(JSONMember("first", .array(group.first.map(\.json))))
        return .object(members)
    }
}
