internal import SluiceCore
internal import SluiceCrypto
internal import SluiceKit
internal import SluiceLedger

/// Where the self check stands, in a file beside the store: it has to be told where the store cannot be read, and a node that is started anew goes on where it was.
struct SelfCheckFile: Sendable {
    /// What is kept.
    struct State: Hashable, Sendable {
        var begunAt: Instant?
        var roundStartedAt: Instant?
        /// The bundle that comes next in the round.
        var bundle: UInt64 = 0
        var lastRound: SelfCheckStatus.Round?
        var damage = ""
        /// Where the damage is: a bundle, or a superseded tile where it is none.
        var damagedBundle: UInt64?
    }

    /// A few hundred bytes, and the words of one damage.
    static let bytesMax = 1 << 16

    let path: String

    /// nil where there is none, or none that can be read: then it begins anew.
    func load() -> State? {
        guard Folders.exists(path), let bytes = try? FileByteSource.contents(of: path, bytesMax: Self.bytesMax), let json = try? JSONValue(parsing: bytes)
        else { return nil }
        func time(_ value: JSONValue?) -> Instant? { value?.integer.map(Instant.init(milliseconds:)) }
        func number(_ value: JSONValue?) -> UInt64? { value?.integer.flatMap { $0 >= 0 ? UInt64($0) : nil } }
        var state = State()
        state.begunAt = time(json["begunAt"])
        state.roundStartedAt = time(json["roundStartedAt"])
        state.bundle = number(json["bundle"]) ?? 0
        if let round = json["lastRound"], let start = time(round["startedAt"]), let end = time(round["endedAt"]), let entries = round["entries"]?.integer {
            state.lastRound = SelfCheckStatus.Round(startedAt: start, endedAt: end, entries: entries)
        }
        state.damage = json["damage"]?.text ?? ""
        state.damagedBundle = number(json["damagedBundle"])
        return state
    }

    func save(_ state: State) throws {
        func time(_ name: String, _ instant: Instant?) -> [JSONMember] { instant.map { [JSONMember(name, .integer($0.milliseconds))] } ?? [] }
        var members = time("begunAt", state.begunAt) + time("roundStartedAt", state.roundStartedAt)
        members.append(JSONMember("bundle", .integer(Int64(clamping: state.bundle))))
        if let round = state.lastRound {
            members.append(
                JSONMember(
                    "lastRound",
                    .object(time("startedAt", round.startedAt) + time("endedAt", round.endedAt) + [JSONMember("entries", .integer(round.entries))])))
        }
        if !state.damage.isEmpty { members.append(JSONMember("damage", .string(state.damage))) }
        if let bundle = state.damagedBundle { members.append(JSONMember("damagedBundle", .integer(Int64(clamping: bundle)))) }
        try BoundedFile.replace(path, with: Array((JSONValue.object(members).compactText + "\n").utf8), mode: 0o600)
    }
}
