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
    /// Codes that may not stand together in one observation.
    public var forbidden: Set<ForbiddenCombination>
    /// Only observations of periods that ended by this second (from 1970-01-01T00:00:00Z) may travel; nil where any may.
    public var endedBy: Int64?
    /// Most observations of a dataset that may travel; nil where any number may.
    public var observationsMax: Int?

    public init(
        granted: [String: Set<String>] = [:], outside: Outside = .refuse, coarsening: [String: [String: String]] = [:], dropped: Set<String> = [],
        forbidden: Set<ForbiddenCombination> = [], endedBy: Int64? = nil, observationsMax: Int? = nil
    ) {
        self.granted = granted
        self.outside = outside
        self.coarsening = coarsening
        self.dropped = dropped
        self.forbidden = forbidden
        self.endedBy = endedBy
        self.observationsMax = observationsMax
    }

    /// True when a dataset passes as it is, observation by observation: its number was looked at when it was decided about.
    public var isEmpty: Bool { granted.isEmpty && coarsening.isEmpty && dropped.isEmpty && forbidden.isEmpty && endedBy == nil }
}

/// Codes of several dimensions that may not stand together in one observation.
public struct ForbiddenCombination: Hashable, Sendable {
    /// Dimension id → the codes as they would travel.
    public var codes: [String: Set<String>]
    /// Dimension id → the codes of the input that would travel as those under the agreement that forbids them. Another agreement that sums them to something
    /// else does not make them fit to travel.
    public var sources: [String: Set<String>]

    public init(codes: [String: Set<String>], sources: [String: Set<String>]) {
        self.codes = codes
        self.sources = sources
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
    /// Who is told of each release, in order: people or addresses.
    public var notify: [String]

    public init(
        retention: String? = nil, onwardTransfer: OnwardTransfer = .none, embargo: String? = nil, citation: String? = nil, fourEyes: Bool = false,
        notify: [String] = []
    ) {
        self.notify = notify
        self.retention = retention
        self.onwardTransfer = onwardTransfer
        self.embargo = embargo
        self.citation = citation
        self.fourEyes = fourEyes
    }
}
