import SluiceKit
import SluiceKitTesting
import Testing

@testable import SluiceCore

/// A code of observations that spelling does not change, and content does.
@Suite struct ContentCodeTests {
    private struct PlainHash: Hashing {
        func sha256(_ bytes: [UInt8]) -> SHA256Digest { SHA256Digest(hex: String(repeating: "0", count: 64))! }
        func sha256(fileAt path: String) throws -> SHA256Digest { sha256([]) }
        /// Told apart by its bytes, which is all that is asked here.
        func code(_ bytes: [UInt8], key: [UInt8]) -> SHA256Digest {
            let tail = Array((key + bytes).suffix(32))
            return SHA256Digest(hex: Hexadecimal.encode(Array(repeating: 0, count: 32 - tail.count) + tail))!
        }
    }

    private func code(_ tables: [[String]], key: [UInt8] = [1, 2, 3]) throws -> String {
        var content = ContentCode(key: key)
        for lines in tables {
            let table = try PermitsSample.table(lines)
            content.begin(table.batch.schema)
            content.add(table.batch)
        }
        return content.code(PlainHash(), key: key)
    }

    private let lines = ["M RU 2026-01 10", "F RU 2026-01 5", "_T GE 2026-02 2.50", "F FR 2026-02 -"]

    @Test func orderSplittingAndSpellingDoNotChangeIt() throws {
        let code = try code([lines])
        #expect(code == (try self.code([lines.reversed()])))
        #expect(code == (try self.code([Array(lines[..<2]), Array(lines[2...])])), "two datasets with the same observations")
        #expect(code == (try self.code([["M RU 2026-01 10.0", "F RU 2026-01 +5", "_T GE 2026-02 2.5", "F FR 2026-02 -"]])))
        #expect(code == (try self.code([lines.map { $0 + " COMMENT_OBS=x" }])), "attributes are not part of it")
    }

    @Test func contentAndKeyChangeIt() throws {
        var seen: Set = [try code([lines]), try code([lines], key: [1, 2, 4])]
        for other in [
            Array(lines.dropLast()), lines + ["M DE 2026-01 1"], lines + [lines[0]], ["M RU 2026-01 11"] + lines.dropFirst(),
            ["F RU 2026-01 10", "M RU 2026-01 5"] + lines.dropFirst(2),
            ["M RU 2026-01 -"] + lines.dropFirst(), ["M RU 2026-01 -10"] + lines.dropFirst(),
        ] { #expect(seen.insert(try code([other])).inserted, "\(other)") }
        #expect(try code([]) == "" && code([[]]) == "", "nothing is everybody's")
    }

    @Test func randomTablesCollideNever() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededGenerator(seed: seed)
        var seen: [String: [String]] = [:]
        for _ in 0..<400 {
            let rows = Set(
                (0..<Int(random.next() % 4 + 1)).map { _ in
                    "\(["M", "F", "_T"][Int(random.next() % 3)]) \(["RU", "GE", "FR"][Int(random.next() % 3)]) 2026-0\(random.next() % 9 + 1) \(random.next() % 5)"
                }
            ).sorted()
            let code = try code([rows])
            if let other = seen[code] { #expect(other == rows, "seed \(seed)") }
            seen[code] = rows
        }
    }
}
