internal import SluiceKit

/// Code lists whose validity ended before the period of an observation (`validTo`, SDMX 2.1, section 2, `VersionableArtefact`).
///
/// Only the end is judged: an older period under a newer list is how back series are made, while a list that was given up before the period began
/// is mostly the wrong version.
struct ValidityRule {
    private struct Expiry {
        var column: Int
        var end: Int64
        var text: String
        var reference: ArtefactReference
    }
    private let expiries: [Expiry]
    let timeColumn: Int
    /// Per time code, one bit per expiry: ended before the period began.
    private var ended: ContiguousArray<UInt64> = []
    private(set) var restricts = false

    /// Most columns looked at; nobody has more code lists with an end.
    private static let columnsMax = 64

    /// Nil where no code list has an end, or there is no time.
    init?(_ schema: DatasetSchema) {
        guard let time = schema.timeDimension else { return nil }
        timeColumn = time
        expiries = Array(
            schema.components.enumerated().compactMap { column, component in
                guard component.storage == .coded, let codelist = component.codelist, let text = codelist.identity.validTo, let end = TimePeriod(text) else {
                    return nil
                }
                return Expiry(column: column, end: end.end, text: text, reference: codelist.reference)
            }.prefix(Self.columnsMax))
        if expiries.isEmpty { return nil }
    }

    mutating func extend(_ times: ValueDictionary) {
        while ended.count < times.count {
            var bits: UInt64 = 0
            if let period = TimePeriod(times.bytes(UInt32(truncatingIfNeeded: ended.count)), strictReportingYear: false) {
                for (bit, expiry) in expiries.enumerated() where period.start >= expiry.end { bits |= 1 << UInt64(bit) }
            }
            if bits != 0 { restricts = true }
            ended.append(bits)
        }
    }

    /// Whether every list was still valid, as far as the row has codes of it.
    @inline(__always)
    func fits(_ batch: Batch, _ row: Int) -> Bool {
        let time = batch.codes(timeColumn)[row]
        guard time != ValueDictionary.absent, ended[Int(time)] != 0 else { return true }
        return expired(batch, row).isEmpty
    }

    private func expired(_ batch: Batch, _ row: Int) -> [Expiry] {
        let time = batch.codes(timeColumn)[row]
        guard time != ValueDictionary.absent else { return [] }
        let bits = ended[Int(time)]
        return expiries.enumerated().filter { bits & (1 << UInt64($0)) != 0 && batch.codes($1.column)[row] != ValueDictionary.absent }.map(\.element)
    }

    func faults(_ batch: Batch, _ row: Int) -> [(column: Int, fault: ValueFault)] {
        expired(batch, row).map { expiry in
            (
                expiry.column,
                ValueFault(
                    .codeExpired, severity: .warning,
                    message: "\(batch.schema.components[expiry.column].id) uses \(expiry.reference), which was valid until \(expiry.text), for later periods.",
                    advice: "Ask the maintainer for the version of the list, or of the structure, that is valid now.")
            )
        }
    }
}
