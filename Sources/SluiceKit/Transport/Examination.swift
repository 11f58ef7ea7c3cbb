/// What a transport finds on the way to a partner, step by step, when nothing is delivered. Steps after one that failed are not tried.
public struct Examination: Sendable {
    public struct Step: Hashable, Sendable {
        /// Stable: `endpoint`, `name`, `port`, `tls`, `answer`, `signature`, `folder`.
        public var name: String
        public var isPassed: Bool
        /// What was found, and how to mend it where it failed.
        public var words: String

        public init(_ name: String, isPassed: Bool, _ words: String) {
            self.name = name
            self.isPassed = isPassed
            self.words = words
        }
    }

    public var steps: [Step] = []
    /// The certificate (DER) that the endpoint shows, trusted or not.
    public var certificateDER: [UInt8]?
    /// What the partner says of itself, as it came; nil where there was no such answer.
    public var greeting: [UInt8]?

    public init() {}

    public var isPassed: Bool { steps.allSatisfy(\.isPassed) }
}

extension Transport {
    /// A transport that has nothing to look at on the way.
    public func examine(_ endpoint: Endpoint) async -> Examination { Examination() }
}
