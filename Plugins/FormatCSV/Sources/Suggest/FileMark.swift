/// What a file's name says of the table: `indicator_1-5-2-a.csv` is of 1.5.2.
struct FileMark {
    let words: [String]
    private let parts: [String]
    /// The longest run of short parts with a number, for settling between codes: "1.5.2".
    var text: String?

    private static let partsMax = 32

    init(_ file: String) {
        let name = file.split(separator: "/").last.map(String.init) ?? file
        let stem = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
        words = Array(file.split { "/.- ".contains($0) }.map(String.init).prefix(Self.partsMax)) + [stem]
        parts = Array(stem.lowercased().split { "-_. ".contains($0) }.map(String.init).prefix(Self.partsMax))
        text = nil
        let runs = parts.split { $0.utf8.count > 3 || !($0.utf8.allSatisfy { $0 &- 48 < 10 } || $0.utf8.count == 1) }
        if let run = runs.first(where: { $0.count >= 2 && $0.first.map { Int($0) != nil } == true }) { text = run.prefix(3).joined(separator: ".") }
    }

    /// The mark that the file's name bears, among those there are.
    func text(among marks: [String: [Int]]) -> (mark: String, isWhole: Bool)? {
        for length in stride(from: min(parts.count, 5), to: 0, by: -1) {
            for start in 0...(parts.count - length) {
                let text = parts[start..<(start + length)].joined(separator: ".")
                if marks[text] != nil, length > 1 { return (text, start + length == parts.count) }
            }
        }
        return nil
    }
}
