/// What a code contains, so that cells of releases with other codes can be held against its cells.
public struct Extent: Hashable, Sendable {
    /// Everybody: a total.
    public var isAll: Bool
    /// Whole years of age; empty for a code that is no age.
    public var years: [YearSpan]
    /// Codes without parts of their own that it consists of; itself where it has none.
    public var leaves: [String]

    public init(isAll: Bool = false, years: [YearSpan] = [], leaves: [String] = []) {
        self.isAll = isAll
        self.years = years
        self.leaves = leaves
    }

    /// A total.
    public static let all = Extent(isAll: true)
    public static func leaf(_ code: String) -> Extent { Extent(leaves: [code]) }
    public static func years(_ from: Int, _ to: Int? = nil) -> Extent { Extent(years: [YearSpan(from: from, to: to ?? YearSpan.noEnd)]) }
}

/// Whole years of age, from the first up to the one after the last.
public struct YearSpan: Hashable, Sendable {
    public var from: Int
    /// The first year that is no more part of it; `noEnd` for "and over".
    public var to: Int

    /// Beyond every age.
    public static let noEnd = 1_000

    public init(from: Int, to: Int) {
        self.from = from
        self.to = to
    }

    /// Reads an age as SDMX code lists spell it (CL_AGE): `Y15`, `Y15T17`, `Y_LT15`, `Y_LE14`, `Y_GE65`, `Y_GT64`, and Eurostat's `Y15-17`; nil for anything else.
    public init?(ageCode code: String) {
        func number(_ text: Substring) -> Int? {
            guard (1...3).contains(text.utf8.count), text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
            return Int(text)
        }
        guard code.hasPrefix("Y") else { return nil }
        let rest = code.dropFirst()
        if rest.hasPrefix("_") {
            guard let years = number(rest.dropFirst(3)) else { return nil }
            switch rest.prefix(3) {
            case "_LT" where years > 0: self.init(from: 0, to: years)
            case "_LE" where years < Self.noEnd - 1: self.init(from: 0, to: years + 1)
            case "_GE": self.init(from: years, to: Self.noEnd)
            case "_GT" where years < Self.noEnd - 1: self.init(from: years + 1, to: Self.noEnd)
            default: return nil
            }
        } else if let split = rest.firstIndex(where: { $0 == "T" || $0 == "-" }) {
            guard let first = number(rest[..<split]), let last = number(rest[rest.index(after: split)...]), first <= last, last < Self.noEnd - 1 else {
                return nil
            }
            self.init(from: first, to: last + 1)
        } else {
            guard let year = number(rest), year < Self.noEnd - 1 else { return nil }
            self.init(from: year, to: year + 1)
        }
    }

    /// In words: `15 to 17 years`.
    public var words: String {
        if to == Self.noEnd { return from == 0 ? "all ages" : "\(from) years and over" }
        return to == from + 1 ? "\(from) years" : from == 0 ? "under \(to) years" : "\(from) to \(to - 1) years"
    }
}
