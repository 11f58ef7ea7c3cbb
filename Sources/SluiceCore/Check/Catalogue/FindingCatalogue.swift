package import SluiceKit

/// Every code of finding there is, explained once: reports and `Docs/Checks.md` both show what stands here.
package enum FindingCatalogue {
    package struct Entry: Hashable, Sendable {
        package let code: FindingCode
        /// A few words for a heading.
        package let title: String
        /// The severity where no configuration says otherwise, in words where it depends.
        package let severity: String
        /// To what a finding belongs: an observation, a series, the message.
        package let owner: String
        package let what: String
        package let why: String
        package let example: String?
        package let mend: String
        /// Whether it protects the integrity of what is read, so that a configuration may raise its severity but not lower it.
        package let isFixed: Bool

        init(
            _ code: String, _ title: String, _ severity: String = "error", of owner: String, what: String, why: String, example: String? = nil, mend: String,
            isFixed: Bool = false
        ) {
            self.code = FindingCode(rawValue: code)
            self.title = title
            self.severity = severity
            self.owner = owner
            self.what = what
            self.why = why
            self.example = example
            self.mend = mend
            self.isFixed = isFixed
        }
    }

    package static let entries: [Entry] = ofCells + ofRows + ofMessages + ofReading + ofStructures

    private static let byCode: [FindingCode: Entry] = Dictionary(entries.map { ($0.code, $0) }, uniquingKeysWith: { first, _ in first })

    package static subscript(code: FindingCode) -> Entry? { byCode[code] }
}
