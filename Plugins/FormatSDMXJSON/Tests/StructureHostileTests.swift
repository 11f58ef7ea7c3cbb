import FormatSDMXJSON
import SluiceKit
import SluiceKitTesting
import Testing

private let format = SDMXJSONStructureFormat(.v20)

struct StructureHostileTests {
    @Test(arguments: [
        (#"{"data":{},"data":{}}"#, "\"data\" stands twice"), (#"{"data":{"codelists":[],"codelists":[]}}"#, "\"codelists\" stands twice"),
        (#"{"data":{"codelists":[{"id":"A","\u0069d":"B"}]}}"#, "\"id\" stands twice"),
        (#"{"data":{"codelists":[{"codes":[{"id":"A","id":"B"}]}]}}"#, "\"id\" stands twice"),
    ]) func refusesMembersThatStandTwice(text: String, words: String) {
        let error = format.read(text).error
        #expect(error?.code == .malformed && error?.detail.contains(words) == true && error?.line == 1, "\(String(describing: error))")
    }

    @Test func refusesDeepNesting() {
        for (open, close) in [("[", "]"), (#"{"level":"#, "}"), (#"{"categories":["#, "]}")] {
            let deep = String(repeating: open, count: 100_000) + "1" + String(repeating: close, count: 100_000)
            for text in [deep, #"{"data":{"categorySchemes":[\#(deep)]}}"#, #"{"data":{"x":\#(deep)}}"#, #"{"meta":\#(deep),"data":{}}"#] {
                #expect(format.read(text).error?.code == .limitExceeded)
            }
            #expect([.truncated, .limitExceeded].contains(format.read(String(repeating: open, count: 100_000)).error?.code))
        }
    }

    @Test func keepsToTheLimits() {
        var limits = ReadLimits()
        limits.structureBytesMax = 100
        #expect(format.read(#"{"data":{"codelists":[]},"meta":"\#(String(repeating: "x", count: 100))"}"#, limits: limits).error?.code == .limitExceeded)
        limits = ReadLimits()
        limits.valueBytesMax = 10
        #expect(format.read(#"{"data":{"codelists":[{"id":"A","agencyID":"T","name":"12345678901"}]}}"#, limits: limits).error?.code == .limitExceeded)
        let languages = (0..<2_000).map { #""a-\#($0)":"x""# }.joined(separator: ",")
        #expect(format.read(#"{"data":{"codelists":[{"id":"A","agencyID":"T","names":{\#(languages)}}]}}"#).error?.code == .limitExceeded)
    }

    /// Every value of a message that has every class, replaced by each kind of value in turn: nothing crashes, and whatever is read can be written.
    @Test func survivesWrongTypesEverywhere() throws {
        let whole = try JSONValue(parsing: everyClass())
        var count = 0
        func paths(_ value: JSONValue, _ path: [Int]) -> [[Int]] {
            let children = value.elements ?? value.members?.map(\.value) ?? []
            return [path] + children.enumerated().flatMap { paths($1, path + [$0]) }
        }
        func replaced(_ value: JSONValue, _ path: ArraySlice<Int>, by new: JSONValue) -> JSONValue {
            guard let first = path.first else { return new }
            switch value {
            case .array(var elements):
                elements[first] = replaced(elements[first], path.dropFirst(), by: new)
                return .array(elements)
            case .object(var members):
                members[first].value = replaced(members[first].value, path.dropFirst(), by: new)
                return .object(members)
            default: return value
            }
        }
        let kinds: [JSONValue] = [.null, .bool(true), .integer(-1), "", ["x", [:]], [:]]
        for (index, path) in paths(whole, []).enumerated() {
            let read = format.read(Array(replaced(whole, path[...], by: kinds[index % kinds.count]).compactText.utf8))
            guard read.error == nil else { continue }
            count += 1
            for version in [SDMXJSONStructureFormat.Version.v20, .v21] where index % 20 == 0 {
                let written = try SDMXJSONStructureFormat(version).write(read.set).bytes
                #expect(SDMXJSONStructureFormat(version).read(written).error == nil)
            }
        }
        #expect(count > 500)
    }

    @Test func survivesChangedAndCutMessages() throws {
        let whole = try everyClass()
        var seed: UInt64 = 11
        func random(_ bound: Int) -> Int {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(seed >> 33) % bound
        }
        for _ in 0..<300 {
            var changed = whole
            for _ in 0..<(1 + random(4)) { changed[random(changed.count)] = Array("{}[]\",:0a\\\u{0}".utf8)[random(11)] }
            _ = format.read(changed)
            let cut = Array(whole.prefix(random(whole.count - 4)))
            #expect(format.read(cut).error != nil, "seed 11: a message cut short is never whole")
            _ = format.recognises(cut)
        }
    }

    /// Ten times the codes take about ten times the time: each one below the one before, the worst for what looks for cycles.
    @Test func readsManyCodesInLinearTime() throws {
        func seconds(_ count: Int) -> Double {
            let codes = (0..<count).map { #"{"id":"C\#($0)","name":"Code","parent":"C\#(max(0, $0 - 1))"}"# }.joined(separator: ",")
            let text = Array(#"{"data":{"codelists":[{"id":"CL","agencyID":"T","name":"L","codes":[\#(codes)]}]}}"#.utf8)
            let clock = ContinuousClock()
            let elapsed = clock.measure { #expect(format.read(text).set.codelists.first?.codes.count == count) }
            return Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
        }
        let few = seconds(10_000)
        let many = seconds(100_000)
        // Quadratic time would be a hundredfold; the machine may be busy.
        #expect(many < few * 40, "\(few) s, \(many) s")
    }
}
