internal import SluiceKit

/// Which kinds of period fit which frequency (`CL_FREQ` of the cross-domain code lists).
struct FrequencyRule {
    let frequencyColumn: Int
    let timeColumn: Int
    /// One bit per granularity: what the frequency code allows; all ones where it is not known.
    private var allowed: ContiguousArray<UInt16> = []
    /// The bit of the time code's granularity; all ones where it is no period, which is another finding.
    private var bits: ContiguousArray<UInt16> = []
    /// False while no frequency seen so far restricts anything.
    private(set) var restricts = false
    private let strictReportingYear: Bool

    init?(_ schema: DatasetSchema, strictReportingYear: Bool) {
        guard let time = schema.timeDimension, let frequency = ["FREQ", "FREQUENCY"].lazy.compactMap({ schema.index(of: $0) }).first,
            schema.components[frequency].isDimension
        else { return nil }
        timeColumn = time
        frequencyColumn = frequency
        self.strictReportingYear = strictReportingYear
    }

    mutating func extend(_ frequencies: ValueDictionary, _ times: ValueDictionary) {
        while allowed.count < frequencies.count {
            let mask = Self.allowed(frequencies.bytes(UInt32(truncatingIfNeeded: allowed.count)))
            if mask != .max { restricts = true }
            allowed.append(mask)
        }
        while bits.count < times.count {
            let period = TimePeriod(times.bytes(UInt32(truncatingIfNeeded: bits.count)), strictReportingYear: strictReportingYear)
            bits.append(period.map { Self.bit($0.granularity) } ?? .max)
        }
    }

    @inline(__always)
    func fits(_ frequency: UInt32, _ time: UInt32) -> Bool {
        frequency == ValueDictionary.absent || time == ValueDictionary.absent || allowed[Int(frequency)] & bits[Int(time)] != 0
    }

    /// Lends the question of `fits` with its tables at hand, for a loop over many rows.
    @inline(__always)
    func withTables<Answer>(_ body: ((UInt32, UInt32) -> Bool) -> Answer) -> Answer {
        allowed.withUnsafeBufferPointer { allowed in
            bits.withUnsafeBufferPointer { bits in
                body { $0 == ValueDictionary.absent || $1 == ValueDictionary.absent || allowed[Int($0)] & bits[Int($1)] != 0 }
            }
        }
    }

    private static func bit(_ granularity: TimePeriod.Granularity) -> UInt16 { 1 << UInt16(granularity.rawValue) }

    private static func allowed(_ code: UnsafeRawBufferPointer) -> UInt16 {
        // A multiple (`A5`, `M2`) may be written as a range or by its first period: not judged.
        guard code.count == 1 else { return .max }
        let kinds: [TimePeriod.Granularity]
        switch code[0] {
        case UInt8(ascii: "A"): kinds = [.gregorianYear, .reportingYear]
        case UInt8(ascii: "S"): kinds = [.reportingSemester]
        case UInt8(ascii: "T"): kinds = [.reportingTrimester]
        case UInt8(ascii: "Q"): kinds = [.reportingQuarter]
        case UInt8(ascii: "M"): kinds = [.gregorianMonth, .reportingMonth]
        case UInt8(ascii: "W"): kinds = [.reportingWeek]
        case UInt8(ascii: "D"), UInt8(ascii: "B"): kinds = [.gregorianDay, .reportingDay]
        default: return .max
        }
        return kinds.reduce(bit(.range)) { $0 | bit($1) }
    }

    static func example(_ frequency: String) -> String {
        switch frequency {
        case "A": "a year such as 2024"
        case "S": "a half-year such as 2024-S1"
        case "T": "a third of a year such as 2024-T1"
        case "Q": "a quarter such as 2024-Q1"
        case "M": "a month such as 2024-03"
        case "W": "a week such as 2024-W09"
        default: "a day such as 2024-03-31"
        }
    }
}
