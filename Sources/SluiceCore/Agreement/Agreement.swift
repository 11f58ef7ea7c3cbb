package import SluiceKit

/// A data-sharing agreement: who gives whom which dataflow, for what purpose, on what legal ground, from when to when, at which
/// depth, with which protections, kept how long, passed on to whom.
package struct Agreement: Hashable, Sendable {
    package enum Effect: String, Hashable, Sendable, CaseIterable {
        /// What it is about may travel as far as its terms allow.
        case permit
        /// What it is about does not travel, whatever other agreements allow. It has no grant, protection or obligations.
        case forbid
    }

    package enum Direction: String, Hashable, Sendable, CaseIterable { case send, accept }

    /// What is granted of one dimension.
    package struct DimensionGrant: Hashable, Sendable {
        /// Codes that may travel, after coarsening; nil means all.
        package var codes: Set<String>?
        /// Narrower code → broader code.
        package var coarsening: [String: String]
        /// Codes deeper in the code list than this travel as their ancestor at this level; the top is level 1.
        package var deepestLevel: Int?

        package init(codes: Set<String>? = nil, coarsening: [String: String] = [:], deepestLevel: Int? = nil) {
            self.codes = codes
            self.coarsening = coarsening
            self.deepestLevel = deepestLevel
        }

        /// The grant in one line, for people.
        var words: String {
            var text = codes.map { "only \(TermJudge.named($0))" } ?? "all codes"
            if let deepestLevel { text += ", no deeper than level \(deepestLevel)" }
            if !coarsening.isEmpty { text += ", summed to \(TermJudge.named(Set(coarsening.values)))" }
            return text
        }
    }

    package var id: String
    package var version: String
    package var effect: Effect
    /// The version of the same agreement that this one follows, and ends when two people activate it. A decision does not look at it.
    package var supersedes: String?
    package var title: String
    package var giver: String
    /// In an agreement that forbids, `all` alone means everybody.
    package var receivers: [String]
    package var dataflow: ArtefactReference
    package var directions: Set<Direction>
    /// Transports that it may travel by, as endpoints name them (`https`, `folder`); nil where any may.
    package var channels: Set<String>?
    /// In an agreement that forbids, `all` alone means any purpose.
    package var purposes: [String]
    package var legalBasis: String
    package var from: CalendarDate
    /// The last day on which it holds.
    package var until: CalendarDate
    package var dimensions: [String: DimensionGrant]
    package var outside: CubeObligations.Outside
    package var dropped: Set<String>
    /// How long ago a period has to have ended before its figures travel.
    package var timeLag: RetentionPeriod?
    /// Codes by dimension that may not travel together in one observation; each code stands for those below it in the code list too.
    package var forbidden: Set<[String: Set<String>]>
    /// Most observations of a dataset that may travel.
    package var observationsMax: Int?
    /// nil where the agreement says `protect: none`.
    package var protection: ProtectionObligations?
    package var handling: HandlingObligations
    /// Content alone, without comments and layout: what the digest is made of (SHA-256, by the caller).
    package var canonicalBytes: [UInt8]
    /// What may be made of record-level data; nil: it is refused.
    package var records: RecordsTerm? = nil

    /// `ID VERSION`, as decisions and packages name it.
    package var name: String { "\(id) \(version)" }
    package var isPermit: Bool { effect == .permit }

    /// What stands for everybody and for any purpose in an agreement that forbids.
    package static let all = "all"
    func isFor(receiver: String) -> Bool { receivers.contains(receiver) || (!isPermit && receivers == [Self.all]) }
    func isFor(purpose: String) -> Bool { purposes.contains(purpose) || (!isPermit && purposes == [Self.all]) }
}
