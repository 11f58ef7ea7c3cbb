import SluiceKit

/// The cells of several releases in one slice, and every sum between them that follows from what their codes contain.
///
/// Along one dimension, with all others fixed, the codes of all releases cut a line into its smallest parts; each cell is the sum of its parts.
/// A part that no release has as a cell (15 to 17 years, where one release cuts at 15 and another at 18) becomes a cell of its own, a region, and is
/// summed in turn along the other dimensions. What no two releases differ in makes no region, so the whole product of all parts is never built.
struct LinkedCells {
    typealias Key = [Int32]
    struct Sum {
        var total: Int32
        var parts: [Int32]
    }
    /// Where a cell stands in a release.
    struct Place: Hashable {
        var release: Int32
        var cell: Int32
    }

    private(set) var tables: [ExtentTable]
    private(set) var keys: [Key] = []
    /// Of each cell, the releases that have it, the oldest first; empty for a region.
    private(set) var places: [[Place]] = []
    private(set) var sums: [Sum] = []
    private(set) var termCount = 0
    /// Lines in which releases differ: the parts in order, and the cells that a release has.
    private(set) var mixedLines: [(slot: Int, parts: [Int32], members: [Int32])] = []
    private var numbers: [Key: Int32] = [:]
    private var depth: [UInt8] = []
    private let limits: DifferencingLimits

    /// - Parameters:
    ///   - releases: the oldest first.
    ///   - slice: only cells of it are taken.
    /// - Throws: `tooLarge`.
    init(_ releases: [ReleasedFigures], slice: ReleasedFigures.Slice, limits: DifferencingLimits) throws(ProtectionError) {
        self.limits = limits
        var names: [String] = []
        var dimensions: [String: [ReleasedFigures.Dimension]] = [:]
        for dimension in releases.flatMap(\.dimensions) {
            let name = "\(dimension.id) \(dimension.list)"
            if dimensions[name] == nil { names.append(name) }
            dimensions[name, default: []].append(dimension)
        }
        tables = names.map { ExtentTable(id: dimensions[$0]?.first?.id ?? "", dimensions[$0] ?? []) }
        for (number, release) in releases.enumerated() {
            let slots = release.dimensions.map { dimension in names.firstIndex(of: "\(dimension.id) \(dimension.list)") ?? 0 }
            let extents = zip(release.dimensions, slots).map { dimension, slot in dimension.codes.map { tables[slot].number(of: $0) } }
            let isWanted = release.slices.map { $0.matches(slice) }
            for cell in 0..<release.cellCount where isWanted[Int(release.sliceOfCell[cell])] {
                var key = Key(repeating: ExtentTable.all, count: tables.count)
                for (at, code) in release.codes(ofCell: cell).enumerated() { key[slots[at]] = extents[at][Int(code)] }
                let own = try add(key, depth: 0)
                places[Int(own)].append(Place(release: Int32(number), cell: Int32(cell)))
            }
        }
        try link()
    }

    var count: Int { keys.count }

    private mutating func add(_ key: Key, depth: UInt8) throws(ProtectionError) -> Int32 {
        if let known = numbers[key] { return known }
        guard keys.count < limits.cellsMax else {
            throw ProtectionError(
                .tooLarge,
                detail:
                    "this release and what the same people hold of its period make more than \(limits.cellsMax) cells; give fewer codes, or split the release by period or region"
            )
        }
        let number = Int32(keys.count)
        numbers[key] = number
        keys.append(key)
        places.append([])
        self.depth.append(depth)
        return number
    }

    // MARK: Lines

    private struct LineID: Hashable, Comparable {
        var slot: Int
        var others: Key
        static func < (left: LineID, right: LineID) -> Bool {
            left.slot != right.slot ? left.slot < right.slot : left.others.lexicographicallyPrecedes(right.others)
        }
    }
    private struct Cut {
        var sums: [Sum] = []
        var parts: [Int32] = []
        var isMixed = false
        var termCount: Int { sums.reduce(0) { $0 + $1.parts.count + 1 } }
    }

    private mutating func link() throws(ProtectionError) {
        var lines: [LineID: [Int32]] = [:]
        var changed: Set<LineID> = []
        var cuts: [LineID: Cut] = [:]
        func enter(_ cell: Int32, _ cells: LinkedCells) {
            guard cells.isNamed(cell) else { return }
            for slot in cells.tables.indices where cells.tables[slot].count > 1 {
                var others = cells.keys[Int(cell)]
                others[slot] = -1
                let line = LineID(slot: slot, others: others)
                lines[line, default: []].append(cell)
                if (lines[line]?.count ?? 0) > 1 { changed.insert(line) }
            }
        }
        for cell in keys.indices { enter(Int32(cell), self) }
        while !changed.isEmpty {
            let batch = changed.sorted()
            changed = []
            for line in batch {
                let before = keys.count
                termCount -= cuts[line]?.termCount ?? 0
                let cut = try self.cut(line, lines[line] ?? [], lines)
                cuts[line] = cut
                termCount += cut.termCount
                guard termCount <= limits.termsMax else {
                    throw ProtectionError(
                        .tooLarge,
                        detail:
                            "the sums that link this release with what the same people hold have more than \(limits.termsMax) terms; split the release by period or region"
                    )
                }
                for cell in before..<keys.count { enter(Int32(cell), self) }
                // Its own new parts are in it already.
                if keys.count > before { changed.remove(line) }
            }
        }
        for line in cuts.keys.sorted() {
            guard let cut = cuts[line] else { continue }
            sums += cut.sums
            if cut.isMixed { mixedLines.append((line.slot, cut.parts, (lines[line] ?? []).filter { !places[Int($0)].isEmpty })) }
        }
    }

    /// The smallest parts of a line, and its cells as sums of them.
    private mutating func cut(_ line: LineID, _ members: [Int32], _ lines: [LineID: [Int32]]) throws(ProtectionError) -> Cut {
        let parts = self.parts(of: line.slot, members)
        let deepest = members.reduce(0) { max($0, depth[Int($1)]) }
        let isOfOneRelease = Set(members.map { places[Int($0)].map(\.release) }).count == 1
        var cellOfPart: [Int32?] = []
        for extent in parts.extents {
            var key = line.others
            key[line.slot] = extent
            if let known = numbers[key] {
                cellOfPart.append(known)
            } else if Int(deepest) < limits.depthMax, !isOfOneRelease || meetsOthers(key, line.slot, lines) {
                cellOfPart.append(try add(key, depth: deepest + 1))
            } else {
                cellOfPart.append(nil)
            }
        }
        var cut = Cut(isMixed: !isOfOneRelease)
        for (at, member) in members.enumerated() {
            let own = parts.ofMember[at]
            if own.count == 1, cellOfPart[own[0]] == member { continue }
            var cells: [Int32] = []
            for part in own {
                if let cell = cellOfPart[part] { cells.append(cell); continue }
                // Nothing else speaks of this part: it stays a nameless rest.
                let rest = try add([-2, Int32(keys.count)], depth: .max)
                cellOfPart[part] = rest
                cells.append(rest)
            }
            cut.sums.append(Sum(total: member, parts: cells))
        }
        cut.parts = cellOfPart.compactMap(\.self)
        return cut
    }

    /// Whether a cell that no release has would be summed with others along another dimension.
    private func meetsOthers(_ key: Key, _ slot: Int, _ lines: [LineID: [Int32]]) -> Bool {
        for other in tables.indices where other != slot && tables[other].count > 1 {
            var others = key
            others[other] = -1
            if lines[LineID(slot: other, others: others)] != nil { return true }
        }
        return false
    }

    /// The classes of atoms that no member of the line tells apart, as extents, and of which each member consists.
    private mutating func parts(of slot: Int, _ members: [Int32]) -> (extents: [Int32], ofMember: [[Int]]) {
        var memberships: [Int32: [Int32]] = [:]
        for (at, member) in members.enumerated() {
            for atom in tables[slot].atoms[Int(keys[Int(member)][slot])] { memberships[atom, default: []].append(Int32(at)) }
        }
        var classOfSignature: [[Int32]: Int] = [:]
        var classes: [[Int32]] = []
        var ofMember: [[Int]] = Array(repeating: [], count: members.count)
        for atom in memberships.keys.sorted() {
            let signature = memberships[atom] ?? []
            if let known = classOfSignature[signature] {
                classes[known].append(atom)
            } else {
                classOfSignature[signature] = classes.count
                for at in signature { ofMember[Int(at)].append(classes.count) }
                classes.append([atom])
            }
        }
        return (classes.map { tables[slot].intern($0) }, ofMember)
    }

    // MARK: Regions that are asked for

    /// Adds a cell that is the sum of others, for its interval.
    mutating func addRegion(_ parts: [Int32], slot: Int) throws(ProtectionError) -> Int32? {
        var key = keys[Int(parts[0])]
        key[slot] = tables[slot].intern(parts.flatMap { tables[slot].atoms[Int(keys[Int($0)][slot])] }.sorted())
        guard numbers[key] == nil else { return nil }
        let region = try add(key, depth: .max)
        sums.append(Sum(total: region, parts: parts))
        return region
    }

    /// Whether a cell is in a place that words can say.
    func isNamed(_ cell: Int32) -> Bool { keys[Int(cell)].first != -2 }

    /// The place of a cell in words, without its value: `SEX F, AGE 15 to 17 years`; totals are left out.
    func words(_ cell: Int32) -> String {
        let key = keys[Int(cell)]
        let parts = tables.indices.filter { key[$0] != ExtentTable.all }.map { "\(tables[$0].id) \(tables[$0].words(key[$0]))" }
        return parts.isEmpty ? "everybody" : parts.joined(separator: ", ")
    }
}
