internal import SluiceKit

/// One content constraint against rows: cube regions as bit masks per distinct code, key sets as hash tables (SDMX 2.1, section 6, §10).
///
/// A row is allowed when it lies in at least one included region (where there is any) and in no excluded one, and likewise for key sets.
final class ConstraintRule {
    /// What a row breaks: which columns, and what to say.
    struct Breach {
        /// The columns to blame; the first one is named as the component.
        var columns: [Int]
        var fault: ValueFault
    }

    let constraint: DataConstraint
    private let schema: DatasetSchema
    /// Constrained columns, coded ones only.
    let columns: [Int]
    private let regions: [CubeRegion]
    private let wordsPerMask: Int
    private var included: [UInt64]
    private var excluded: [UInt64]
    private let hasIncluded: Bool
    /// Per constrained column, per code: one bit per region that the code is in.
    private var masks: [ContiguousArray<UInt64>]
    private var absentMasks: [[UInt64]]
    /// Per constrained column: the regions that select values of it.
    private var named: [[UInt64]]
    private var selections: [[SelectionRule?]]
    /// Per constrained column, per code: whether it is wrong for another reason.
    private var areWrong: [ContiguousArray<Bool>]
    private let keySetPositions: [Int]
    private let keySets: [KeySetRule]
    /// What could not be checked, in words.
    private(set) var unchecked: [String] = []
    private var lastCodes: [UInt32]
    private var lastIsAllowed = true
    /// The codes that were worded last, and how: consecutive rows mostly break a constraint in the same way.
    private var wordedCodes: [UInt32] = []
    private var worded: [Breach] = []
    private var hasLast = false

    init(_ constraint: DataConstraint, schema: DatasetSchema, limits: CheckLimits) {
        self.constraint = constraint
        self.schema = schema
        var regions = constraint.cubeRegions
        if regions.count > limits.constraintRegionsMax {
            unchecked.append("its \(regions.count) regions are more than constraintRegionsMax (\(limits.constraintRegionsMax))")
            regions = []
        }
        self.regions = regions
        wordsPerMask = max(1, (regions.count + 63) / 64)
        included = [UInt64](repeating: 0, count: wordsPerMask)
        excluded = included
        for (index, region) in regions.enumerated() {
            if region.isIncluded { included[index / 64] |= 1 << UInt64(index % 64) } else { excluded[index / 64] |= 1 << UInt64(index % 64) }
        }
        hasIncluded = regions.contains(where: \.isIncluded)
        var wanted = Set<Int>()
        var missing = Set<String>()
        for id in regions.flatMap({ $0.selections.map(\.component) }) + constraint.keySets.flatMap({ $0.keys.flatMap(\.keys) }) {
            guard let column = schema.index(of: id), schema.components[column].storage == .coded else {
                missing.insert(id)
                continue
            }
            wanted.insert(column)
        }
        for id in missing.sorted() { unchecked.append("it names \(id), which \(schema.index(of: id) == nil ? "the structure does not have" : "has no codes")") }
        columns = wanted.sorted()
        var absentMasks: [[UInt64]] = []
        var selections: [[SelectionRule?]] = []
        var named: [[UInt64]] = []
        for column in columns {
            let id = schema.components[column].id
            var absent = included
            var naming = [UInt64](repeating: 0, count: wordsPerMask)
            selections.append(
                regions.enumerated().map { index, region in
                    guard let selection = region.selections.first(where: { $0.component == id }) else {
                        absent[index / 64] |= 1 << UInt64(index % 64)
                        return nil
                    }
                    naming[index / 64] |= 1 << UInt64(index % 64)
                    return SelectionRule(selection, codelist: schema.components[column].codelist)
                })
            absentMasks.append(absent)
            named.append(naming)
        }
        self.absentMasks = absentMasks
        self.named = named
        self.selections = selections
        masks = columns.map { _ in [] }
        areWrong = columns.map { _ in [] }
        let keySets = constraint.keySets.map { KeySetRule($0, schema: schema) }
        self.keySets = keySets
        let columns = columns
        keySetPositions = columns.indices.filter { position in keySets.contains { $0.columns.contains(columns[position]) } }
        lastCodes = columns.map { _ in ValueDictionary.absent }
    }

    /// Judges the codes that have come since. A code that is wrong anyway is treated as absent: one fault, one finding.
    func extend(_ batch: Batch, _ judges: [CodeJudge?]) {
        for (position, column) in columns.enumerated() {
            let dictionary = batch.dictionary(column)
            var code = areWrong[position].count
            while code < dictionary.count {
                let bytes = dictionary.bytes(UInt32(truncatingIfNeeded: code))
                let isWrong = judges[column]?.verdicts[code] != .fine || Lexical.isMissingMark(bytes)
                areWrong[position].append(isWrong)
                if isWrong {
                    masks[position].append(contentsOf: absentMasks[position])
                } else {
                    let text = String(decoding: bytes, as: UTF8.self)
                    for word in 0..<wordsPerMask {
                        var mask: UInt64 = 0
                        for index in (word * 64)..<min(regions.count, word * 64 + 64) where selections[position][index]?.selects(text) ?? true {
                            mask |= 1 << UInt64(index % 64)
                        }
                        masks[position].append(mask)
                    }
                }
                code += 1
            }
        }
        for keySet in keySets { keySet.extend(batch) }
    }

    /// Whether the row is allowed. Rows that repeat the constrained codes of the row before cost a comparison only.
    func allows(_ batch: Batch, _ row: Int) -> Bool {
        var isSame = hasLast
        for (position, column) in columns.enumerated() {
            let code = batch.codes(column)[row]
            if lastCodes[position] != code {
                isSame = false
                lastCodes[position] = code
            }
        }
        if !isSame {
            hasLast = true
            lastIsAllowed = regionsAllow() && keySetsAllow(batch, row)
        }
        return lastIsAllowed
    }

    private func word(_ position: Int, _ code: UInt32, _ word: Int) -> UInt64 {
        code == ValueDictionary.absent ? absentMasks[position][word] : masks[position][Int(code) * wordsPerMask + word]
    }

    private func regionsAllow() -> Bool {
        guard !regions.isEmpty else { return true }
        var isIncluded = !hasIncluded
        for word in 0..<wordsPerMask {
            var all = UInt64.max
            for position in columns.indices { all &= self.word(position, lastCodes[position], word) }
            if all & excluded[word] != 0 { return false }
            if all & included[word] != 0 { isIncluded = true }
        }
        return isIncluded
    }

    private func keySetsAllow(_ batch: Batch, _ row: Int) -> Bool {
        // A key with a hole or a wrong code in it is reported for that, not for being unlisted.
        for position in keySetPositions where lastCodes[position] == ValueDictionary.absent || areWrong[position][Int(lastCodes[position])] { return true }
        var isIncluded = true
        for keySet in keySets {
            if keySet.isIncluded {
                if keySet.contains(batch, row) { return keySetsExcludeNothing(batch, row) }
                isIncluded = false
            }
        }
        return isIncluded && keySetsExcludeNothing(batch, row)
    }

    private func keySetsExcludeNothing(_ batch: Batch, _ row: Int) -> Bool {
        !keySets.contains { !$0.isIncluded && $0.contains(batch, row) }
    }

    /// Why the constraint does not bind a row whose period lies outside its validity; nil where it does. Whether `validFrom` and `validTo` speak of
    /// periods or of the day of sending SDMX leaves open, so a breach there is a warning only.
    func notInForce(_ batch: Batch, _ row: Int) -> String? {
        let (from, to) = (constraint.identity.validFrom, constraint.identity.validTo)
        guard from != nil || to != nil, let time = schema.timeDimension, let period = batch.string(time, row).flatMap({ TimePeriod($0) }) else { return nil }
        let begins = from.flatMap { TimePeriod($0) }?.start
        let ends = to.flatMap { TimePeriod($0) }?.end
        guard begins.map({ period.end <= $0 }) ?? false || ends.map({ period.start >= $0 }) ?? false else { return nil }
        return "The constraint is valid \([from.map { "from \($0)" }, to.map { "to \($0)" }].compactMap(\.self).joined(separator: " ")) only."
    }

    // MARK: Saying what is broken

    /// Why a row is not allowed. Asked only for rows that are not.
    func breach(_ batch: Batch, _ row: Int) -> [Breach] {
        _ = allows(batch, row)
        if wordedCodes != lastCodes {
            worded = makeBreaches(batch, row)
            wordedCodes = lastCodes
        }
        return worded
    }

    private func makeBreaches(_ batch: Batch, _ row: Int) -> [Breach] {
        let name = constraint.identity.names.text().map { "\(constraint.reference) (\($0))" } ?? "\(constraint.reference)"
        if !regionsAllow() { return regionBreaches(batch, name) }
        let involved = Array(Set(keySets.flatMap(\.columns))).sorted()
        let isListed = !keySets.contains { $0.isIncluded } || keySets.contains { $0.isIncluded && $0.contains(batch, row) }
        return [
            Breach(
                columns: involved,
                fault: ValueFault(
                    .constraintViolated,
                    message:
                        "The key \(combination(batch, involved)) is \(isListed ? "among those that constraint \(name) excludes" : "not among those that constraint \(name) allows").",
                    advice: "Correct the codes, or ask the maintainer of the constraint to change it."))
        ]
    }

    private func regionBreaches(_ batch: Batch, _ name: String) -> [Breach] {
        if let region = regions.indices.first(where: { !regions[$0].isIncluded && isIn($0) }) {
            let blamed = columns.indices.filter { selections[$0][region] != nil }.map { columns[$0] }
            return [
                Breach(
                    columns: blamed,
                    fault: ValueFault(
                        .constraintViolated, message: "\(combination(batch, blamed)) is excluded by constraint \(name).",
                        advice: "Leave such rows out, or ask the maintainer of the constraint to change it."))
            ]
        }
        // A code that no included region takes is wrong by itself.
        let alone = columns.indices.filter { position in !(0..<wordsPerMask).contains { word(position, lastCodes[position], $0) & included[$0] != 0 } }
        if !alone.isEmpty {
            return alone.map { position in
                let text = text(batch, position)
                let allowed = selections[position].compactMap { $0?.examples }.first ?? ""
                return Breach(
                    columns: [columns[position]],
                    fault: ValueFault(
                        .constraintViolated, message: "\(schema.components[columns[position]].id) is \(quoted(text)), which constraint \(name) does not allow.",
                        advice: allowed.isEmpty ? "Use a code that the constraint allows." : "Use one of the codes that the constraint allows: \(allowed)."))
            }
        }
        // Otherwise the combination is wrong: name what keeps the row out of the nearest region among those that take its rarest code, since that is what
        // the row is about (an indicator's, mostly).
        let rarest = rarestPosition()
        var nearest: (region: Int, misses: [Int])?
        for index in 0..<wordsPerMask {
            var rest = word(rarest, lastCodes[rarest], index) & included[index]
            while rest != 0 {
                let bit: UInt64 = rest & (~rest &+ 1)
                rest ^= bit
                let misses = columns.indices.filter { word($0, lastCodes[$0], index) & bit == 0 }
                if misses.count < nearest?.misses.count ?? .max { nearest = (index * 64 + bit.trailingZeroBitCount, misses) }
            }
        }
        guard let nearest else { return [] }
        // The code that chose the region takes part in the fault, so it helps to decide to whom the fault belongs; the first to mend is named.
        let involved = nearest.misses.map { columns[$0] } + (nearest.misses.contains(rarest) ? [] : [columns[rarest]])
        let wanted = nearest.misses.map { "\(schema.components[columns[$0]].id) in \(selections[$0][nearest.region]?.examples ?? "")" }.joined(
            separator: " and ")
        return [
            Breach(
                columns: involved,
                fault: ValueFault(
                    .constraintViolated,
                    message: "\(combination(batch, nearest.misses.map { columns[$0] })) does not go with the rest of the key under constraint \(name).",
                    advice: "The nearest combination that is allowed has \(wanted)."))
        ]
    }

    /// The position whose code the fewest regions take, not counting those that say nothing of its component; of equals the one regions name first.
    private func rarestPosition() -> Int {
        let order = (regions.first?.selections ?? []).map(\.component)
        func rank(_ position: Int) -> (Int, Int) {
            let taking = (0..<wordsPerMask).reduce(0) { $0 + (word(position, lastCodes[position], $1) & included[$1] & named[position][$1]).nonzeroBitCount }
            return (taking == 0 ? .max : taking, order.firstIndex(of: schema.components[columns[position]].id) ?? .max)
        }
        return columns.indices.min { rank($0) < rank($1) } ?? 0
    }

    private func isIn(_ region: Int) -> Bool {
        columns.indices.allSatisfy { word($0, lastCodes[$0], region / 64) & (1 << UInt64(region % 64)) != 0 }
    }

    private func text(_ batch: Batch, _ position: Int) -> String {
        lastCodes[position] == ValueDictionary.absent ? "" : batch.dictionary(columns[position]).string(lastCodes[position])
    }

    private func combination(_ batch: Batch, _ involved: [Int]) -> String {
        involved.prefix(20).compactMap { column in
            columns.firstIndex(of: column).map { "\(schema.components[column].id)=\(text(batch, $0))" }
        }.joined(separator: ", ")
    }
}
