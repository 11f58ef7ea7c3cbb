import SluiceKit

/// One dimension over several releases: the smallest parts that their codes tell apart (atoms), and every extent as a set of them.
///
/// Extents have numbers; number 0 is everybody. Equal sets have one number, whatever they are called.
struct ExtentTable {
    let id: String
    /// Of each extent, its atoms, ascending.
    private(set) var atoms: [[Int32]] = []
    /// Of each extent, the code that stands for it; empty where it is a difference.
    private(set) var names: [String] = []
    private var numbers: [[Int32]: Int32] = [:]
    /// Of each atom, the ages in it, or the codes.
    private let yearsOfAtom: [YearSpan?]
    private let leavesOfAtom: [[String]]

    static let all: Int32 = 0

    var count: Int { atoms.count }
    /// Whether its atoms have an order in which neighbours make sense together.
    var isOfAges: Bool { yearsOfAtom.contains { $0 != nil } }

    /// - Parameter dimensions: of the same id and list, one for each release that has it.
    init(id: String, _ dimensions: [ReleasedFigures.Dimension]) {
        self.id = id
        let parts = Self.parts(dimensions)
        var extents: [(name: String, extent: Extent)] = []
        var place: [Extent: Int] = [:]
        var placeOfCode: [ReleasedFigures.Code: Int] = [:]
        for code in dimensions.flatMap(\.codes) where placeOfCode[code] == nil {
            var extent = Extent(isAll: code.extent.isAll, years: code.extent.years, leaves: Self.expanded(code.extent.leaves, parts))
            if !extent.isAll, extent.years.isEmpty, extent.leaves.isEmpty { extent.leaves = [code.id] }
            if place[extent] == nil {
                place[extent] = extents.count
                extents.append((code.id, extent))
            }
            placeOfCode[code] = place[extent]
        }
        // Elements: spans between cuts of age, leaves, and the rest of a list that nobody has shown whole.
        var cuts: Set<Int> = []
        for span in extents.flatMap(\.extent.years) { cuts.formUnion([span.from, span.to]) }
        let isOfAges = !cuts.isEmpty
        if isOfAges { cuts.formUnion([0, YearSpan.noEnd]) }
        let ordered = cuts.sorted()
        let spans = zip(ordered, ordered.dropFirst()).map { YearSpan(from: $0, to: $1) }
        let leaves = Set(extents.flatMap(\.extent.leaves)).sorted()
        let hasRest = !isOfAges && !dimensions.contains(where: \.isComplete)
        let elementCount = spans.count + leaves.count + (hasRest ? 1 : 0)
        var members: [[Int32]] = Array(repeating: [], count: elementCount)
        let leafNumber = Dictionary(uniqueKeysWithValues: leaves.enumerated().map { ($1, spans.count + $0) })
        for (number, entry) in extents.enumerated() {
            if entry.extent.isAll {
                for element in members.indices { members[element].append(Int32(number)) }
                continue
            }
            for (element, span) in spans.enumerated() where entry.extent.years.contains(where: { $0.from <= span.from && span.to <= $0.to }) {
                members[element].append(Int32(number))
            }
            for leaf in entry.extent.leaves { if let element = leafNumber[leaf] { members[element].append(Int32(number)) } }
        }
        var atomOfMembers: [[Int32]: Int] = [:]
        var years: [YearSpan?] = []
        var leavesOfAtom: [[String]] = []
        var atomsOfExtent: [[Int32]] = Array(repeating: [], count: extents.count)
        for element in 0..<elementCount {
            let span = element < spans.count ? spans[element] : nil
            let leaf = element >= spans.count && element < spans.count + leaves.count ? leaves[element - spans.count] : nil
            if let known = atomOfMembers[members[element]] {
                if let leaf { leavesOfAtom[known].append(leaf) }
                if let span, let other = years[known], other.to == span.from { years[known] = YearSpan(from: other.from, to: span.to) }
                continue
            }
            let atom = years.count
            atomOfMembers[members[element]] = atom
            years.append(span)
            leavesOfAtom.append(leaf.map { [$0] } ?? [])
            for number in members[element] { atomsOfExtent[Int(number)].append(Int32(atom)) }
        }
        if years.isEmpty {
            years = [nil]
            leavesOfAtom = [[]]
        }
        yearsOfAtom = years
        self.leavesOfAtom = leavesOfAtom
        _ = intern((0..<Int32(years.count)).map { $0 })
        for (entry, own) in zip(extents, atomsOfExtent) {
            let number = Int(intern(own))
            if names[number].isEmpty { names[number] = entry.name }
        }
        if names[0].isEmpty { names[0] = "all" }
        numberOfCode = placeOfCode.compactMapValues { numbers[atomsOfExtent[$0]] }
    }
    private var numberOfCode: [ReleasedFigures.Code: Int32] = [:]

    /// The extent of a code of one of the releases.
    func number(of code: ReleasedFigures.Code) -> Int32 { numberOfCode[code] ?? Self.all }

    mutating func intern(_ atoms: [Int32]) -> Int32 {
        if let known = numbers[atoms] { return known }
        let number = Int32(self.atoms.count)
        self.atoms.append(atoms)
        names.append("")
        numbers[atoms] = number
        return number
    }

    func contains(_ outer: Int32, _ inner: Int32) -> Bool {
        let outer = atoms[Int(outer)]
        let inner = atoms[Int(inner)]
        guard inner.count < outer.count else { return false }
        var at = 0
        for atom in inner {
            while at < outer.count, outer[at] < atom { at += 1 }
            guard at < outer.count, outer[at] == atom else { return false }
        }
        return true
    }

    /// What an extent is, for people: its code, the ages in it, or the codes of which it consists.
    func words(_ number: Int32) -> String {
        if number == Self.all { return names[0] }
        if !names[Int(number)].isEmpty { return names[Int(number)] }
        let own = atoms[Int(number)]
        var spans: [YearSpan] = []
        for span in own.compactMap({ yearsOfAtom[Int($0)] }) {
            if let last = spans.last, last.to == span.from { spans[spans.count - 1].to = span.to } else { spans.append(span) }
        }
        let codes = own.flatMap { leavesOfAtom[Int($0)] }
        let hasRest = own.contains { yearsOfAtom[Int($0)] == nil && leavesOfAtom[Int($0)].isEmpty }
        var words = spans.map(\.words) + codes.prefix(4)
        if codes.count > 4 { words.append("\(codes.count - 4) more codes") }
        if hasRest { words.append("those in no code that was given") }
        return words.joined(separator: " + ")
    }

    /// Codes that some release says consist of others.
    private static func parts(_ dimensions: [ReleasedFigures.Dimension]) -> [String: [String]] {
        var parts: [String: [String]] = [:]
        for code in dimensions.flatMap(\.codes) where !code.extent.isAll && !code.extent.leaves.isEmpty && code.extent.leaves != [code.id] {
            parts[code.id] = code.extent.leaves
        }
        return parts
    }

    /// A code that had no parts in one version of its list and has in another is its parts.
    private static func expanded(_ leaves: [String], _ parts: [String: [String]]) -> [String] {
        guard leaves.contains(where: { parts[$0] != nil }) else { return leaves }
        var result: Set<String> = []
        var seen: Set<String> = []
        var open = leaves
        while let leaf = open.popLast() {
            guard seen.insert(leaf).inserted else { continue }
            if let below = parts[leaf] { open += below } else { result.insert(leaf) }
        }
        return result.isEmpty ? leaves : result.sorted()
    }
}
