internal import SluiceCore
internal import SluiceKit
internal import SluiceNode

/// What two versions of an agreement let leave of one file, held against each other.
struct DataChanges {
    private var differences: [ReleaseDifference] = []
    /// Why a version lets nothing leave; nil where it does.
    private let refusals: (old: Refusal?, new: Refusal?)
    private let receiver: String

    init(_ file: String, _ input: TrialInput, from old: Agreement, to new: Agreement) throws {
        let structures = try input.structures()
        // One question for both: the older version's own.
        var question = try input.question(old.isPermit ? old : new)
        receiver = question.receiver.rawValue
        let before = try Self.release(file, input, question, old, structures)
        if new.dataflow.version != question.flow.version, new.dataflow.accepts(question.flow) == false { question.flow = new.dataflow }
        let after = try Self.release(file, input, question, new, structures)
        refusals = (before.refusal, after.refusal)
        for place in before.sides.indices where place < after.sides.count {
            // Where a version makes no table of the records, the other one's structure says what would have been one.
            differences.append(ReleaseDifference((before.refusal == nil ? before : after).schema, from: before.sides[place], to: after.sides[place]))
        }
    }

    private static func release(
        _ file: String, _ input: TrialInput, _ question: Trial.Question, _ agreement: Agreement, _ structures: StructureSet
    ) throws -> (schema: DatasetSchema, sides: [ReleaseDifference.Side], refusal: Refusal?) {
        let trial = try input.trialOfRight(file, question, under: [agreement], structures: structures)
        var sides: [ReleaseDifference.Side] = []
        do {
            try trial.release { sides.append(.init(table: $0.released, cube: $0.obligations.cube)) }
            return (try trial.examined.subject().schema, sides, nil)
        } catch let refusal as Refusal {
            let subject = (try? trial.examined.subject()) ?? trial.examined.survey
            let nothing = ReleaseDifference.Side(table: nil, cube: CubeObligations())
            return (subject.schema, Array(repeating: nothing, count: subject.datasets), refusal)
        }
    }

    private func count(of change: ReleaseDifference.Change) -> Int { differences.reduce(0) { $0 + $1.count(of: change) } }
    var letsMoreThrough: Bool { ReleaseDifference.Change.allCases.contains { $0.isMore && count(of: $0) > 0 } }

    var lines: [String] {
        var lines = ["on these data, for \(receiver):"]
        if let refusal = refusals.old { lines.append("  the older version refuses them: \(refusal)") }
        if let refusal = refusals.new { lines.append("  the newer version refuses them: \(refusal)") }
        for change in ReleaseDifference.Change.allCases where count(of: change) > 0 { lines.append("  \(count(of: change)) observations \(change.words)") }
        lines.append("  \(differences.reduce(0) { $0 + $1.unchangedCount }) observations are the same")
        return lines
    }

    var json: JSONValue {
        var members = [JSONMember("receiver", .string(receiver))]
        members += ReleaseDifference.Change.allCases.map { JSONMember($0.rawValue, .integer(Int64(count(of: $0)))) }
        members.append(JSONMember("unchanged", .integer(Int64(differences.reduce(0) { $0 + $1.unchangedCount }))))
        if let refusal = refusals.old { members.append(JSONMember("oldRefuses", .string(refusal.code))) }
        if let refusal = refusals.new { members.append(JSONMember("newRefuses", .string(refusal.code))) }
        return .object(members)
    }

    /// Each change as a line of CSV: what it is, the key, and the values as each version releases them.
    func write(to path: String) throws {
        try Output.writing(to: path) { sink in
            let writer = ByteWriter(sink, bufferBytes: 64 << 10)
            for (number, difference) in differences.enumerated() {
                if number == 0 {
                    try Self.put(["CHANGE"] + difference.dimensions + difference.measures.map { "OLD_\($0)" } + difference.measures.map { "NEW_\($0)" }, writer)
                }
                for entry in difference.entries { try Self.put([entry.change.rawValue] + entry.key + entry.old + entry.new, writer) }
            }
            try writer.flush()
        }
    }

    private static func put(_ cells: [String], _ writer: ByteWriter) throws {
        let line = cells.map { cell in
            cell.contains { ",\"\n\r".contains($0) } ? "\"\(cell.replacing("\"", with: "\"\""))\"" : cell
        }
        var text = line.joined(separator: ",") + "\r\n"
        try text.withUTF8 { try writer.write(UnsafeRawBufferPointer($0)) }
    }
}
