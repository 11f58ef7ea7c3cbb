internal import SluiceKit

/// Since when each entry of a folder has been as it is, so that what is still being written is left alone.
struct Sightings {
    private struct Sighting {
        var state: OpenFolder.State
        var since: ContinuousClock.Instant
    }
    private var known: [String: [FileName: Sighting]] = [:]

    /// Of these entries the ones that have stayed as they are for long enough. Others than these are forgotten.
    mutating func quiet(
        _ entries: [(name: FileName, state: OpenFolder.State)], in folder: String, for duration: Duration, at now: ContinuousClock.Instant
    ) -> Set<FileName> {
        let before = known[folder] ?? [:]
        var after: [FileName: Sighting] = [:]
        var quiet: Set<FileName> = []
        for (name, state) in entries {
            let sighting = before[name].flatMap { $0.state == state ? $0 : nil } ?? Sighting(state: state, since: now)
            after[name] = sighting
            if now - sighting.since >= duration { quiet.insert(name) }
        }
        known[folder] = after.isEmpty ? nil : after
        return quiet
    }
}
