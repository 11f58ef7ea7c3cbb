import SluiceKit

/// Holds a release against what each group of people already holds whose knowledge its agreement, or that of an earlier release, wants taken together.
struct DifferencingGate: DifferencingAudit {
    let limits: DifferencingLimits

    func audit(_ release: ReleasedFigures, against held: [ReleasedFigures]) throws(ProtectionError) -> DifferencingReport {
        // The first release too: no later one could be held against it.
        for one in [release] + held { try refuseUnreadableAges(one, isEarlier: one.exchangeID != release.exchangeID) }
        guard !held.isEmpty else { return DifferencingReport() }
        guard held.count <= limits.releasesMax else {
            throw ProtectionError(
                .tooLarge,
                detail:
                    "there are \(held.count) earlier releases of this population and period, and at most \(limits.releasesMax) are held against a new one, so that no further one can be judged; release fewer corrections and versions of a period"
            )
        }
        let budget = WorkBudget(limits.suppression)
        let outcome = try attack(release, held, budget)
        guard let first = outcome.findings.first else { return outcome.report }
        let treatment = Treatment(self, release, held, budget).find(outcome.findings.map(\.finding))
        throw ProtectionError(.differencing, detail: words(first, outcome.findings, release, held, treatment))
    }

    /// Codes of an age that say nothing of years: not known, not applicable, none of the others.
    private static let codesWithoutAge: Set<String> = ["_U", "UNK", "Y_UNK", "_Z", "_O", "NRP"]

    /// An age code whose years cannot be read would be taken for people whom no other code contains.
    private func refuseUnreadableAges(_ release: ReleasedFigures, isEarlier: Bool) throws(ProtectionError) {
        for (at, dimension) in release.dimensions.enumerated() where dimension.list == ReleasedFigures.Dimension.ages {
            let isUnreadable = dimension.codes.map { code in
                let unread = code.extent.years.isEmpty && code.extent.leaves.isEmpty ? [code.id] : code.extent.leaves
                return !code.extent.isAll && !Self.codesWithoutAge.isSuperset(of: unread)
            }
            guard isUnreadable.contains(true) else { continue }
            let used = Set((0..<release.cellCount).map { Int(release.codes(ofCell: $0).dropFirst(at).first ?? 0) })
            let codes = used.sorted().filter { isUnreadable[$0] }.map { dimension.codes[$0].id }
            guard !codes.isEmpty else { continue }
            let named = codes.prefix(5).joined(separator: ", ") + (codes.count > 5 ? " and \(codes.count - 5) more" : "")
            throw ProtectionError(
                .unsupported,
                detail: isEarlier
                    ? "which ages \(named) of \(dimension.id) are, in the earlier exchange \(release.exchangeID), cannot be read, so that nothing can be held against it; give this release under another population (protect.differencing), if it is about other people"
                    : "which ages \(named) of \(dimension.id) are cannot be read, so that the release cannot be held against others; spell ages as Y15, Y15T64, Y_LT15 or Y_GE65, or say in the agreement of which such codes they consist (protect.totals)"
            )
        }
    }

    struct Found {
        var finding: LinkedAttack.Finding
        var slice: ReleasedFigures.Slice
        /// Who would know it; empty for anybody.
        var group: [String]
    }

    /// Attacks every slice by every group.
    func attack(_ release: ReleasedFigures, _ held: [ReleasedFigures], _ budget: WorkBudget) throws(ProtectionError) -> (
        findings: [Found], report: DifferencingReport
    ) {
        var findings: [Found] = []
        var report = DifferencingReport()
        for group in HolderGroup.all(release, held) {
            for slice in release.slices {
                let positions = group.releases.filter { held[$0].slices.contains { $0.matches(slice) } }
                guard !positions.isEmpty else { continue }
                let known = positions.map { held[$0] }
                let attack = try LinkedAttack(release, known, slice: slice, limits: limits, budget: budget)
                report.add(attack.report)
                func note(_ found: [LinkedAttack.Finding], _ at: (Int) -> Int?) {
                    for var finding in found {
                        finding.releases = finding.releases.compactMap(at)
                        findings.append(Found(finding: finding, slice: slice, group: group.names))
                    }
                }
                note(attack.findings) { positions[$0] }
                // An earlier version that was corrected says nothing of the present truth, but what it withheld is still of somebody: it is completed
                // with what was shown since.
                for corrected in attack.correctedReleases() {
                    guard let last = corrected.completing[known.count], !last.isEmpty else { continue }
                    var before = [known[corrected.release]]
                    for (later, cells) in corrected.completing.sorted(by: { $0.key < $1.key }) where later < known.count {
                        before.append(known[later].keeping(cells.contains))
                    }
                    let old = try LinkedAttack(release.keeping(last.contains), before, slice: slice, limits: limits, budget: budget)
                    report.add(old.report)
                    let kept = last.sorted()
                    note(
                        old.findings.map { finding in
                            var finding = finding
                            finding.cells = finding.cells.map { kept[$0] }
                            return finding
                        }
                    ) { $0 == 0 ? positions[corrected.release] : nil }
                }
                if findings.count >= limits.findingsMax { return (findings, report) }
            }
        }
        return (findings, report)
    }

    // MARK: Words

    private func words(_ first: Found, _ all: [Found], _ release: ReleasedFigures, _ held: [ReleasedFigures], _ treatment: String?) -> String {
        let finding = first.finding
        let who = first.group.isEmpty ? "everybody together" : first.group.joined(separator: " and ")
        let earlier = finding.releases.suffix(3).map { "exchange \(held[$0].exchangeID) of \(held[$0].releasedAt.rfc3339.prefix(10))" }
        let sources = earlier.isEmpty ? "what was released before" : earlier.joined(separator: ", ")
        let place = ([finding.place] + first.slice.labels + (first.slice.periodText.isEmpty ? [] : [first.slice.periodText])).joined(separator: ", ")
        var text = "together with \(sources), \(who) could "
        text += finding.isExact ? "compute exactly " : "narrow down too far "
        text += finding.isWithheld ? "the withheld figure of \(place)" : "how many there are of \(place), which is a region that no release shows"
        if let between = finding.between { text += " (the difference between \(between.outer) and \(between.inner) in \(between.dimension))" }
        text += "; this may concern too few people to be told"
        if all.count > 1 { text += ". \(all.count)\(all.count >= limits.findingsMax ? " or more" : "") such findings in all" }
        text +=
            ". "
            + (treatment.map { "What would be safe: \($0)" } ?? "No safe treatment was found; use the codes of the earlier release, or leave the dimension out")
        return text
    }
}

extension DifferencingReport {
    mutating func add(_ other: DifferencingReport) {
        releases = max(releases, other.releases)
        equations += other.equations
        regions += other.regions
        intervals += other.intervals
        contradictions += other.contradictions
    }
}

/// People whose knowledge is taken together, and what they hold.
struct HolderGroup: Hashable {
    /// Empty for everybody.
    var names: [String]
    /// Positions among the earlier releases, the oldest first.
    var releases: [Int]

    /// Every group that the new release or an earlier one asks to be looked at, and that gets to see the new one.
    static func all(_ release: ReleasedFigures, _ held: [ReleasedFigures]) -> [HolderGroup] {
        var wanted: [Set<String>?] = []
        func want(_ group: Set<String>?) { if !wanted.contains(group) { wanted.append(group) } }
        var receivers = release.holders
        // What is public is added to what anybody holds.
        if release.isPublic { receivers += held.flatMap(\.holders).filter { !receivers.contains($0) } }
        for holder in receivers {
            switch release.scope {
            case nil, .receiver: want([holder])
            case .coalition(let all): want(Set(all + [holder]))
            case .everybody: want(nil)
            }
        }
        for earlier in held {
            switch earlier.scope {
            case .everybody: want(nil)
            case .coalition(let all) where release.isPublic || !Set(all + earlier.holders).isDisjoint(with: release.holders):
                want(Set(all + earlier.holders))
            default: break
            }
        }
        var groups: [HolderGroup] = []
        for group in wanted {
            let known = held.indices.filter { at in group.map { held[at].isPublic || !$0.isDisjoint(with: held[at].holders) } ?? true }
            let found = HolderGroup(names: group?.sorted() ?? [], releases: known)
            if !known.isEmpty, !groups.contains(where: { $0.releases == known }) { groups.append(found) }
        }
        return groups
    }
}
