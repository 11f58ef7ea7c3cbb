/// What a permit obliges: the terms of every agreement that permitted, each at its most protective.
///
/// The corridor carries them out in this order: coarsening, observations outside the grant, dropped attributes, protection.
public struct Obligations: Hashable, Sendable {
    /// The agreements that permitted, as `ID VERSION`, in order of id.
    public var agreements: [String]
    public var cube: CubeObligations
    /// nil where every agreement says `protect: none`.
    public var protection: ProtectionObligations?
    public var handling: HandlingObligations

    public init(
        agreements: [String], cube: CubeObligations = CubeObligations(), protection: ProtectionObligations? = nil,
        handling: HandlingObligations = HandlingObligations()
    ) {
        self.agreements = agreements
        self.cube = cube
        self.protection = protection
        self.handling = handling
    }
}

/// Which part of the cube may travel, and at which depth.
public struct CubeObligations: Hashable, Sendable {
    /// What happens to an observation whose code is not granted.
    public enum Outside: String, Hashable, Sendable, CaseIterable {
        /// The whole dataset is refused: the default.
        case refuse
        /// The observation stays behind, and the report counts it.
        case drop
    }
    /// Dimension id → codes that may travel, after coarsening; a dimension without an entry is granted whole.
    public var granted: [String: Set<String>]
    public var outside: Outside
    /// Dimension id → (narrower code → broader code); a code that is not named stays.
    public var coarsening: [String: [String: String]]
    /// Attributes that do not travel.
    public var dropped: Set<String>

    public init(granted: [String: Set<String>] = [:], outside: Outside = .refuse, coarsening: [String: [String: String]] = [:], dropped: Set<String> = []) {
        self.granted = granted
        self.outside = outside
        self.coarsening = coarsening
        self.dropped = dropped
    }

    /// True when a dataset passes as it is.
    public var isEmpty: Bool { granted.isEmpty && coarsening.isEmpty && dropped.isEmpty }
}

/// The parameters of disclosure control. Confidential: they stay with the giver and in its ledger, and never travel with the data.
public struct ProtectionObligations: Hashable, Sendable {
    /// What the receiver gets to see of an unsafe cell.
    public enum Mode: String, Hashable, Sendable, CaseIterable {
        /// Nothing: the value is absent and marked `OBS_STATUS=Q`.
        case withheld
        /// The value with a confidentiality status, for a receiver who protects it in turn.
        case flagged
    }
    /// What withholding one more cell costs.
    public enum Cost: String, Hashable, Sendable, CaseIterable {
        /// Every cell the same: fewest cells withheld.
        case one
        /// The cell's value: totals and large cells stay published as long as possible.
        case value
    }
    /// How a dimension adds up, where the code list does not say so.
    public enum Totals: Hashable, Sendable {
        /// This code is the total of all codes that have no parent.
        case code(String)
        /// These sums and no others, whatever the code list says.
        case parts([Breakdown])
        /// The dimension's codes do not add up to one another (indicators, units).
        case none
    }
    /// One sum: `total` is all of `parts` together.
    public struct Breakdown: Hashable, Sendable {
        public var total: String
        public var parts: [String]
        public init(total: String, parts: [String]) {
            self.total = total
            self.parts = parts
        }
    }

    /// The name of the protection that has to be applied, as its plugin registers it.
    public var method: String
    /// A cell with 0 < frequency < `minimumCell` is unsafe.
    public var minimumCell: Int
    /// Width of the protection interval to either side, in percent of the cell's value; at least 1 in any case.
    public var safetyPercent: Int
    public var mode: Mode
    /// The component that counts contributors; nil means that the measure itself is a count.
    public var frequencyComponent: String?
    /// Dimension id → how it adds up.
    public var totals: [String: Totals]
    /// Say `C` for every withheld cell instead of the reason, which tells an attacker something.
    public var neutralStatus: Bool
    public var cost: Cost

    public init(
        method: String = "suppression", minimumCell: Int, safetyPercent: Int = 0, mode: Mode = .withheld, frequencyComponent: String? = nil,
        totals: [String: Totals] = [:], neutralStatus: Bool = true, cost: Cost = .value
    ) {
        self.method = method
        self.minimumCell = minimumCell
        self.safetyPercent = safetyPercent
        self.mode = mode
        self.frequencyComponent = frequencyComponent
        self.totals = totals
        self.neutralStatus = neutralStatus
        self.cost = cost
    }
}

/// What the receiver owes once it has the data.
public struct HandlingObligations: Hashable, Sendable {
    public enum OnwardTransfer: Hashable, Sendable {
        case none
        /// Only these participants.
        case to([String])
        /// Anybody: the figures are public.
        case `public`
    }
    /// ISO 8601 duration (`P5Y`); nil means without a limit.
    public var retention: String?
    public var onwardTransfer: OnwardTransfer
    /// ISO 8601 instant before which the data may not be shown to anyone else.
    public var embargo: String?
    /// How the source is to be named.
    public var citation: String?
    /// A second person has to approve the release.
    public var fourEyes: Bool

    public init(retention: String? = nil, onwardTransfer: OnwardTransfer = .none, embargo: String? = nil, citation: String? = nil, fourEyes: Bool = false) {
        self.retention = retention
        self.onwardTransfer = onwardTransfer
        self.embargo = embargo
        self.citation = citation
        self.fourEyes = fourEyes
    }
}
