internal import SluiceCore
package import SluiceKit

/// What stands between this node and a participant, step by step, in words that say how to mend it.
package struct Diagnosis: Sendable {
    package enum Verdict: String, Hashable, Sendable { case passed, warning, failed }

    package struct Finding: Hashable, Sendable {
        /// Stable: `participant`, `keys`, `agreement`, `structure`, `name`, `port`, `tls`, `certificate`, `answer`, `signature`, `folder`, `clock`, `format`, `queue`, `witness`.
        package var step: String
        package var verdict: Verdict
        package var words: String
    }

    package let participant: ParticipantID
    package private(set) var findings: [Finding] = []

    init(_ participant: ParticipantID) { self.participant = participant }

    package var isPassed: Bool { !findings.contains { $0.verdict == .failed } }

    mutating func note(_ step: String, _ verdict: Verdict, _ words: String) { findings.append(Finding(step: step, verdict: verdict, words: words)) }

    package var json: JSONValue {
        .object([
            JSONMember("participant", .string(participant.rawValue)), JSONMember("passed", .bool(isPassed)),
            JSONMember(
                "findings",
                .array(
                    findings.map {
                        .object([
                            JSONMember("step", .string($0.step)), JSONMember("verdict", .string($0.verdict.rawValue)), JSONMember("words", .string($0.words)),
                        ])
                    })),
        ])
    }
}
