import SluiceKit

extension ObligationMerge {
    static func stricter(_ one: HandlingObligations, _ other: HandlingObligations) -> HandlingObligations {
        var result = one
        result.retention = [one.retention, other.retention].compactMap { $0 }.min {
            (RetentionPeriod($0)?.approximateDays ?? 0, $0) < (RetentionPeriod($1)?.approximateDays ?? 0, $1)
        }
        switch (one.onwardTransfer, other.onwardTransfer) {
        case (.none, _), (_, .none): result.onwardTransfer = .none
        case (.public, let narrower), (let narrower, .public): result.onwardTransfer = narrower
        case (.to(let left), .to(let right)):
            let both = left.filter(right.contains)
            result.onwardTransfer = both.isEmpty ? .none : .to(both)
        }
        result.embargo = [one.embargo, other.embargo].compactMap { $0 }.max()
        if let citation = other.citation, citation != one.citation { result.citation = one.citation.map { "\($0); \(citation)" } ?? citation }
        result.notify = Set(one.notify).union(other.notify).sorted()
        result.fourEyes = one.fourEyes || other.fourEyes
        return result
    }
}
