/// A regular expression of XML Schema, matched in time proportional to text × pattern whatever the text (Thompson's construction).
///
/// Understood: literals, `.`, classes with ranges and negation, `\d \D \w \W \s \S` and escaped characters, groups, `|`, `? * +` and `{n,m}`.
/// Everything else (back references, look-around, `\p{…}`, class subtraction) is refused when compiling, and the facet is then not checked.
struct TextPattern {
    /// Most states of a compiled pattern: `{n,m}` is unrolled, so a short pattern may ask for many.
    static let statesMax = 4_096
    /// Deepest nesting of groups.
    static let depthMax = 32

    private struct CharacterClass {
        var ranges: [ClosedRange<UInt32>] = []
        var isNegated = false
        func contains(_ scalar: UInt32) -> Bool { ranges.contains { $0.contains(scalar) } != isNegated }
    }
    private enum State {
        case take(Int, next: Int)
        case split(Int, Int)
        case match
    }
    private indirect enum Node {
        case empty
        case one(Int)
        case sequence([Node])
        case either([Node])
        case times(Node, min: Int, max: Int?)
    }

    private var classes: [CharacterClass] = []
    private var states: [State] = []
    private var start = 0
    private var compileSteps = 0

    /// Nil when the pattern uses what is not understood, or is too large.
    init?(_ pattern: String) {
        var scalars = Array(pattern.unicodeScalars)
        // XML Schema patterns are anchored; people write the anchors all the same.
        if scalars.first == "^" { scalars.removeFirst() }
        if scalars.last == "$", scalars.dropLast().last != "\\" { scalars.removeLast() }
        var offset = 0
        guard let node = alternatives(scalars, &offset, depth: 0), offset == scalars.count else { return nil }
        states.append(.match)
        guard let first = compile(node, to: 0) else { return nil }
        start = first
    }

    /// Whether the whole text matches.
    func matches(_ text: String) -> Bool {
        var current: [Int] = []
        var next: [Int] = []
        var mark = [Int](repeating: -1, count: states.count)
        var stack: [Int] = []
        func add(_ state: Int, to list: inout [Int], step: Int) {
            stack.append(state)
            while let state = stack.popLast() {
                guard mark[state] != step else { continue }
                mark[state] = step
                if case .split(let a, let b) = states[state] {
                    stack.append(b)
                    stack.append(a)
                } else {
                    list.append(state)
                }
            }
        }
        add(start, to: &current, step: 0)
        var step = 0
        for scalar in text.unicodeScalars {
            step += 1
            next.removeAll(keepingCapacity: true)
            for state in current {
                if case .take(let index, let target) = states[state], classes[index].contains(scalar.value) { add(target, to: &next, step: step) }
            }
            swap(&current, &next)
            if current.isEmpty { return false }
        }
        return current.contains { if case .match = states[$0] { true } else { false } }
    }

    // MARK: Reading the pattern

    private mutating func alternatives(_ text: [Unicode.Scalar], _ offset: inout Int, depth: Int) -> Node? {
        guard depth < Self.depthMax else { return nil }
        var branches: [Node] = []
        while true {
            var parts: [Node] = []
            while offset < text.count, text[offset] != "|", text[offset] != ")" {
                guard let part = quantified(text, &offset, depth: depth) else { return nil }
                parts.append(part)
            }
            branches.append(parts.isEmpty ? .empty : .sequence(parts))
            guard offset < text.count, text[offset] == "|" else { break }
            offset += 1
        }
        return branches.count == 1 ? branches[0] : .either(branches)
    }

    private mutating func quantified(_ text: [Unicode.Scalar], _ offset: inout Int, depth: Int) -> Node? {
        guard let atom = atom(text, &offset, depth: depth) else { return nil }
        guard offset < text.count else { return atom }
        var node = atom
        switch text[offset] {
        case "?": node = .times(atom, min: 0, max: 1)
        case "*": node = .times(atom, min: 0, max: nil)
        case "+": node = .times(atom, min: 1, max: nil)
        case "{":
            guard let close = text[offset...].firstIndex(of: "}") else { return nil }
            let bounds = String(String.UnicodeScalarView(text[(offset + 1)..<close])).split(separator: ",", omittingEmptySubsequences: false)
            guard let low = bounds.first.flatMap({ Int($0) }), low >= 0, low <= Self.statesMax, bounds.count <= 2 else { return nil }
            var high: Int? = low
            if bounds.count == 2 { high = bounds[1].isEmpty ? nil : Int(bounds[1]) }
            if bounds.count == 2, !bounds[1].isEmpty, high == nil { return nil }
            if let high, high < low || high > Self.statesMax { return nil }
            node = .times(atom, min: low, max: high)
            offset = close
        default: return atom
        }
        offset += 1
        // `??`, `*+` and the like are no XML Schema.
        if offset < text.count, "?*+{".unicodeScalars.contains(text[offset]) { return nil }
        return node
    }

    private mutating func atom(_ text: [Unicode.Scalar], _ offset: inout Int, depth: Int) -> Node? {
        let scalar = text[offset]
        offset += 1
        switch scalar {
        case "(":
            if offset + 1 < text.count, text[offset] == "?" {
                guard text[offset + 1] == ":" else { return nil }
                offset += 2
            }
            guard let inner = alternatives(text, &offset, depth: depth + 1), offset < text.count, text[offset] == ")" else { return nil }
            offset += 1
            return inner
        case "[": return characterClass(text, &offset).map { add($0) }
        case ".": return add(CharacterClass(ranges: [10...10, 13...13], isNegated: true))
        case "\\": return escaped(text, &offset).map { add($0) }
        case "?", "*", "+", "{", "}", "]", "^", "$": return nil
        default: return add(CharacterClass(ranges: [scalar.value...scalar.value]))
        }
    }

    private mutating func add(_ characters: CharacterClass) -> Node {
        classes.append(characters)
        return .one(classes.count - 1)
    }

    private func escaped(_ text: [Unicode.Scalar], _ offset: inout Int) -> CharacterClass? {
        guard offset < text.count else { return nil }
        let scalar = text[offset]
        offset += 1
        let digit: [ClosedRange<UInt32>] = [48...57]
        let word: [ClosedRange<UInt32>] = [
            48...57, 65...90, 95...95, 97...122, 0xAA...0xAA, 0xB5...0xB5, 0xBA...0xBA, 0xC0...0xD6, 0xD8...0xF6, 0xF8...0x10FFFF,
        ]
        let space: [ClosedRange<UInt32>] = [9...10, 13...13, 32...32]
        switch scalar {
        case "d", "D": return CharacterClass(ranges: digit, isNegated: scalar == "D")
        case "w", "W": return CharacterClass(ranges: word, isNegated: scalar == "W")
        case "s", "S": return CharacterClass(ranges: space, isNegated: scalar == "S")
        case "n": return CharacterClass(ranges: [10...10])
        case "r": return CharacterClass(ranges: [13...13])
        case "t": return CharacterClass(ranges: [9...9])
        case "\\", "|", ".", "?", "*", "+", "(", ")", "{", "}", "[", "]", "-", "^", "$", "/": return CharacterClass(ranges: [scalar.value...scalar.value])
        default: return nil
        }
    }

    private func characterClass(_ text: [Unicode.Scalar], _ offset: inout Int) -> CharacterClass? {
        var result = CharacterClass()
        if offset < text.count, text[offset] == "^" {
            result.isNegated = true
            offset += 1
        }
        while offset < text.count, text[offset] != "]" {
            let scalar = text[offset]
            offset += 1
            if scalar == "[" { return nil }
            if scalar == "-", offset < text.count, text[offset] == "[" { return nil }
            var low = scalar.value
            if scalar == "\\" {
                guard let escape = escaped(text, &offset), !escape.isNegated else { return nil }
                guard escape.ranges.count == 1, escape.ranges[0].count == 1 else {
                    result.ranges += escape.ranges
                    continue
                }
                low = escape.ranges[0].lowerBound
            }
            guard offset + 1 < text.count, text[offset] == "-", text[offset + 1] != "]" else {
                result.ranges.append(low...low)
                continue
            }
            offset += 1
            var high = text[offset].value
            offset += 1
            if high == UInt32(UInt8(ascii: "\\")) {
                guard let escape = escaped(text, &offset), escape.ranges.count == 1, escape.ranges[0].count == 1 else { return nil }
                high = escape.ranges[0].lowerBound
            }
            guard high >= low else { return nil }
            result.ranges.append(low...high)
        }
        guard offset < text.count, !result.ranges.isEmpty else { return nil }
        offset += 1
        return result
    }

    // MARK: Building the states, from the end backwards

    private mutating func compile(_ node: Node, to next: Int) -> Int? {
        // Counted apart from states: an empty group repeated adds none, yet nests as deep as one likes.
        compileSteps += 1
        guard states.count < Self.statesMax, compileSteps < 4 * Self.statesMax else { return nil }
        switch node {
        case .empty: return next
        case .one(let index): return append(.take(index, next: next))
        case .sequence(let parts):
            var target = next
            for part in parts.reversed() {
                guard let first = compile(part, to: target) else { return nil }
                target = first
            }
            return target
        case .either(let branches):
            guard var first = compile(branches[branches.count - 1], to: next) else { return nil }
            for branch in branches.dropLast().reversed() {
                guard let entry = compile(branch, to: next), let split = append(.split(entry, first)) else { return nil }
                first = split
            }
            return first
        case .times(let inner, let low, let high):
            var target = next
            if let high {
                for _ in low..<max(low, high) {
                    guard let entry = compile(inner, to: target), let split = append(.split(entry, next)) else { return nil }
                    target = split
                }
            } else {
                guard let loop = append(.split(next, next)), let entry = compile(inner, to: loop) else { return nil }
                states[loop] = .split(entry, next)
                target = loop
            }
            for _ in 0..<low {
                guard let entry = compile(inner, to: target) else { return nil }
                target = entry
            }
            return target
        }
    }

    private mutating func append(_ state: State) -> Int? {
        guard states.count < Self.statesMax else { return nil }
        states.append(state)
        return states.count - 1
    }
}
