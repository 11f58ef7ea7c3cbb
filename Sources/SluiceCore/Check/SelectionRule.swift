internal import SluiceKit

/// Which values of one component a cube region selects, with narrower codes where the value cascades, and by time range.
struct SelectionRule {
    private let isIncluded: Bool
    private let values: Set<String>
    private let isOpen: Bool
    private let earliest: Int64?
    private let latest: Int64?
    private let hasRange: Bool
    /// A few of the values, for advice.
    let examples: String

    init(_ selection: ComponentSelection, codelist: Codelist?) {
        isIncluded = selection.isIncluded
        var values = Set(selection.values.map(\.id))
        let cascading = Set(selection.values.filter(\.cascades).map(\.id))
        values.subtract(selection.values.filter { $0.cascade == .withoutRoot }.map(\.id))
        if !cascading.isEmpty, let codelist { values.formUnion(Self.narrower(than: cascading, in: codelist)) }
        self.values = values
        var earliest: Int64?
        var latest: Int64?
        if let range = selection.timeRange {
            if let start = range.start.flatMap({ TimePeriod($0) }) { earliest = range.startIsInclusive ? start.start : start.end }
            if let end = range.end.flatMap({ TimePeriod($0) }) { latest = range.endIsInclusive ? end.end : end.start }
        }
        self.earliest = earliest
        self.latest = latest
        hasRange = selection.timeRange != nil
        // Neither values nor a range: any value is selected (SDMX 2.1, `CubeRegionKeyType`).
        isOpen = selection.values.isEmpty && selection.timeRange == nil
        var words = selection.values.prefix(6).map {
            $0.cascade == .no ? $0.id : ($0.cascade == .withRoot ? "\($0.id) and its narrower codes" : "the narrower codes of \($0.id)")
        }.joined(separator: ", ")
        if selection.values.count > 6 { words += ", … (\(selection.values.count))" }
        if let range = selection.timeRange {
            words += (words.isEmpty ? "" : ", ") + [range.start.map { "from \($0)" }, range.end.map { "to \($0)" }].compactMap(\.self).joined(separator: " ")
        }
        examples = selection.isIncluded ? words : "anything but \(words)"
    }

    func selects(_ text: String) -> Bool {
        if isOpen { return isIncluded }
        return (values.contains(text) || isInRange(text)) == isIncluded
    }

    private func isInRange(_ text: String) -> Bool {
        guard hasRange, let period = TimePeriod(text, strictReportingYear: false) else { return false }
        return (earliest.map { period.start >= $0 } ?? true) && (latest.map { period.end <= $0 } ?? true)
    }

    /// All codes below the given ones. Each code is settled once, and a list whose parents run in a circle ends too.
    private static func narrower(than roots: Set<String>, in codelist: Codelist) -> Set<String> {
        var isBelow: [String: Bool] = [:]
        for code in codelist.codes {
            var path: [String] = []
            var visited: Set<String> = []
            var current: Code? = code
            var answer = false
            while let step = current, visited.insert(step.id).inserted {
                if let known = isBelow[step.id] {
                    answer = known
                    break
                }
                path.append(step.id)
                guard let parent = step.parent else { break }
                if roots.contains(parent) {
                    answer = true
                    break
                }
                current = codelist[parent]
            }
            for id in path { isBelow[id] = answer }
        }
        return Set(isBelow.filter(\.value).keys)
    }
}
