internal import SluiceYAML

/// Table tests of an agreement, from the file that lies beside it: what is asked, and what has to come of it.
package struct AgreementCases: Sendable {
    /// One question with its expected answer.
    package struct Case: Sendable {
        package var name: String
        package var line: Int
        package var direction: Agreement.Direction?
        package var giver: String?
        package var receiver: String?
        package var purpose: String?
        package var day: CalendarDate?
        package var channel: String?
        /// Dimension id → codes present, where there is no data.
        package var codes: [String: Set<String>] = [:]
        /// Attributes present, where there is no data.
        package var attributes: Set<String> = []
        package var observations: Int?
        package var data: Data?
        package var expected: Expectation
    }

    package enum Source: Hashable, Sendable {
        case text(String)
        /// Relative to the file of the cases.
        case file(String)
    }

    package struct Data: Hashable, Sendable {
        package var source: Source
        package var format: String?
        package var mapping: String?
    }

    package enum Expectation: Hashable, Sendable {
        /// `released` is a message of exactly what has to leave; `withheld` the number of cells that protection withholds.
        case permit(released: Source?, withheld: Int?)
        /// nil: whatever the reason.
        case refuse(code: String?)
    }

    /// Structure messages and folders, relative to the file.
    package var structures: [String]
    /// Other agreements that are in force as well, relative to the file.
    package var others: [String]
    package var cases: [Case]

    /// Most cases of a file.
    static let casesMax = 10_000

    package init(yaml: String, file: String) throws(AgreementError) {
        do throws(YAMLProblem) {
            let top = try YAMLValue(yaml: yaml, file: file).mapping("structures", "with", "cases")
            structures = try top.texts("structures")
            others = try top.texts("with")
            let items = try top.required("cases").list()
            guard !items.isEmpty, items.count <= Self.casesMax else {
                throw try top.required("cases").problem("from 1 to \(Self.casesMax) cases are expected here")
            }
            cases = []
            var names: Set<String> = []
            for item in items {
                let one = try Self.read(item)
                guard names.insert(one.name).inserted else { throw item.problem("two cases are called \"\(one.name)\"; give each a name of its own") }
                cases.append(one)
            }
        } catch {
            throw AgreementError(.valueInvalid, file: error.file, line: error.line, detail: error.detail)
        }
    }

    private static func read(_ value: YAMLValue) throws(YAMLProblem) -> Case {
        let map = try value.mapping(
            "name", "direction", "giver", "receiver", "purpose", "date", "channel", "codes", "attributes", "observations", "data", "file", "format", "mapping",
            "expect", "reason", "released", "releasedFile", "withheld")
        var one = Case(name: try map.text("name"), line: value.line, expected: try expectation(map))
        if let text = try map.optionalText("direction") {
            guard let direction = Agreement.Direction(rawValue: text) else { throw try map.required("direction").problem("send or accept is expected here") }
            one.direction = direction
        }
        one.giver = try map.optionalText("giver")
        one.receiver = try map.optionalText("receiver")
        one.purpose = try map.optionalText("purpose")
        one.channel = try map.optionalText("channel")
        if let text = try map.optionalText("date") {
            guard let day = CalendarDate(text) else { throw try map.required("date").problem("a day such as 2026-03-31 is expected here") }
            one.day = day
        }
        if let codes = map["codes"] {
            for (dimension, list) in try codes.entries() { one.codes[dimension] = Set(list.isList ? try list.texts() : [try list.text()]) }
        }
        one.attributes = Set(try map.texts("attributes"))
        if map["observations"] != nil { one.observations = try map.integer("observations", in: 0...1_000_000_000, default: 0) }
        if let source = try source(map, "data", "file") {
            guard map["codes"] == nil, map["attributes"] == nil, map["observations"] == nil else {
                throw value.problem(
                    "data say themselves which codes, attributes and how many observations they have; leave codes, attributes and observations out")
            }
            one.data = Data(source: source, format: try map.optionalText("format"), mapping: try map.optionalText("mapping"))
        }
        if case .permit(let released, let withheld) = one.expected, released != nil || withheld != nil, one.data == nil {
            throw value.problem("what is released or withheld is of data; give data or file")
        }
        return one
    }

    private static func expectation(_ map: YAMLMapping) throws(YAMLProblem) -> Expectation {
        let (released, reason) = (try source(map, "released", "releasedFile"), try map.optionalText("reason"))
        let withheld = map["withheld"] == nil ? nil : try map.integer("withheld", in: 0...1_000_000_000, default: 0)
        switch try map.text("expect") {
        case "permit":
            guard reason == nil else { throw try map.required("reason").problem("a permit has no reason; leave it out, or expect refuse") }
            return .permit(released: released, withheld: withheld)
        case "refuse":
            guard released == nil, withheld == nil else { throw try map.required("expect").problem("of what is refused nothing is released; expect permit") }
            return .refuse(code: reason)
        default: throw try map.required("expect").problem("permit or refuse is expected here")
        }
    }

    private static func source(_ map: YAMLMapping, _ inline: String, _ file: String) throws(YAMLProblem) -> Source? {
        let (text, path) = (try map.optionalText(inline), try map.optionalText(file))
        guard text == nil || path == nil else { throw try map.required(file).problem("\(inline) and \(file) are both given; keep one") }
        return text.map { .text($0) } ?? path.map { .file($0) }
    }
}
