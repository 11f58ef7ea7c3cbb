import SluiceYAML
import Testing

@Suite struct StrictYAMLTests {
    static func problem(_ yaml: String) -> YAMLProblem? {
        do {
            _ = try YAMLValue(yaml: yaml, file: "x.yaml").mapping("name", "other")
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        ("name: a\nname: b", YAMLProblem.Code.keyDuplicate), ("nmae: a", .keyUnknown), ("name: &x a", .forbidden), ("name: &x a\nother: *x", .forbidden),
        ("<<: {name: a}", .forbidden), ("name: [", .malformed), ("- a", .malformed), ("", .malformed), ("name: \u{0}", .malformed),
        ("name: a\n---\nname: b", .malformed),
    ])
    func saysWhatIsWrong(_ yaml: String, _ code: YAMLProblem.Code) throws {
        let problem = try #require(Self.problem(yaml), "\(yaml) was taken")
        #expect(problem.code == code, "\(problem)")
        #expect(problem.file == "x.yaml" && problem.line >= 1)
    }

    @Test func refusesWhatWouldExhaustTheParser() throws {
        #expect(Self.problem("name: " + String(repeating: "[", count: 100_000))?.code == .limitExceeded)
        var bomb = "a0: &a0 x\n"
        for level in 1...40 { bomb += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        #expect(Self.problem(bomb)?.code == .forbidden)
        var indented = ""
        for level in 0..<2_000 { indented += String(repeating: " ", count: level) + "a:\n" }
        #expect(Self.problem(indented)?.code == .limitExceeded)
    }

    @Test func readsTypedValues() throws {
        let value = try YAMLValue(yaml: "name: 7\nother: [a, true]", file: "x.yaml").mapping("name", "other")
        #expect(try value.integer("name", in: 0...9, default: 1) == 7)
        #expect(throws: YAMLProblem.self) { try value.integer("name", in: 0...6, default: 1) }
        #expect(try value.texts("other") == ["a", "true"])
        #expect(try value.text("missing", default: "d") == "d")
        #expect(throws: YAMLProblem.self) { try value.text("missing") }
    }
}
