package import SluiceKit

/// What the agreements say of one dataset.
package enum Decision: Hashable, Sendable {
    /// One ground of a refusal.
    package struct Reason: Hashable, Sendable, CustomStringConvertible {
        package var code: ReasonCode
        /// The agreement and term that refuse, `AM-PERMITS 1.0 grant.dimensions.SEX`; empty where no agreement applies.
        package var rule: String
        /// What does not hold and how to mend it, in a data steward's words.
        package var words: String

        package init(_ code: ReasonCode, rule: String, words: String) {
            self.code = code
            self.rule = rule
            self.words = words
        }

        package var description: String { "\(rule.isEmpty ? "" : "\(rule): ")\(words) [\(code.rawValue)]" }
    }

    /// Stable codes for programs; Docs and messages to partners rely on them.
    package enum ReasonCode: String, Hashable, Sendable, CaseIterable {
        /// No agreement is for this giver, receiver and dataflow.
        case agreementNone = "agreement.none"
        /// An agreement forbids it, whatever others allow.
        case agreementForbids = "agreement.forbids"
        /// One that is about the data was stopped; it refuses whatever another one would permit.
        case agreementSuspended = "agreement.suspended"
        /// None that permits, and one that would be about the data is not in force yet, or any longer.
        case agreementDraft = "agreement.draft"
        case agreementEnded = "agreement.ended"
        /// What was said of an agreement cannot be told any more; nothing travels.
        case agreementUnknown = "agreement.unknown"
        case giverOther = "giver.other"
        case receiverOther = "receiver.other"
        case dataflowOther = "dataflow.other"
        case channelOther = "channel.other"
        /// The agreement names the transports that data may travel by, and which one it is nobody knows.
        case channelUnknown = "channel.unknown"
        case directionOther = "direction.other"
        case purposeMalformed = "purpose.malformed"
        case purposeOther = "purpose.other"
        case validityNotYet = "validity.not-yet"
        case validityExpired = "validity.expired"
        /// The dataset has a dimension that the agreement does not grant.
        case dimensionNotGranted = "dimension.not-granted"
        case codeNotGranted = "code.not-granted"
        /// Codes stand together that may not travel together.
        case combinationForbidden = "combination.forbidden"
        /// A period ended less long ago than the agreement demands.
        case periodTooRecent = "period.too-recent"
        /// When a period ends cannot be told from its text.
        case periodUnreadable = "period.unreadable"
        /// More observations than the agreement lets travel at once.
        case observationsTooMany = "observations.too-many"
        /// Rows speak of part of a key, and the agreement grants only some of what the rest of it may be.
        case keyPartial = "key.partial"
        /// Incoming data are deeper than the agreement allows.
        case codeTooDetailed = "code.too-detailed"
        /// Incoming data carry an attribute that should have been dropped.
        case componentNotDropped = "component.not-dropped"
        /// A term names something that the structure does not have.
        case termUnbound = "term.unbound"
        /// The code list that a term needs is not at hand.
        case codelistMissing = "codelist.missing"
        /// The data are records about single persons or events, and the agreement does not let them travel.
        case recordsNotAgreed = "agreement.records"
        /// Two agreements apply and cannot both be kept.
        case termsConflict = "terms.conflict"
    }

    case permit(Obligations)
    case refuse([Reason])

    package var isPermit: Bool { if case .permit = self { true } else { false } }
    package var obligations: Obligations? { if case .permit(let obligations) = self { obligations } else { nil } }
    package var reasons: [Reason] { if case .refuse(let reasons) = self { reasons } else { [] } }
}

/// One term looked at: what it demands, what was found, and why it fails if it does. Decision and explanation are made of these.
package struct Judgement: Hashable, Sendable {
    package var agreement: String
    /// Path of the term in the agreement.
    package var term: String
    package var demands: String
    package var found: String
    package var failure: Decision.Reason?
}
