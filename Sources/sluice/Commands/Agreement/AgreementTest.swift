internal import ArgumentParser
internal import SluiceCore
internal import SluiceKit
internal import SluiceNode

extension AgreementCommand {
    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run the table tests that lie beside agreements (NAME.tests.yaml).",
            discussion:
                "Each case asks a question (receiver, purpose, date, codes or data) and says what has to come of it: permit or refuse, with a reason code or the very data that leave. Exit code 1 when a case fails, 2 when there is nothing to run, or there are cases without their agreement."
        )

        @Argument(help: ArgumentHelp("Agreements; a folder stands for the .yaml files in it that have tests.", valueName: "agreement.yaml"))
        var agreements: [String]
        @Flag(name: .long, help: "Print one JSON document.") var json = false

        func run() async throws {
            var outcomes: [(agreement: Agreement, file: String, cases: [CaseOutcome])] = []
            let paths = try Agreements.paths(agreements)
            let known = Set(paths.map(Self.testsFile))
            if let orphan = try Agreements.testsFiles(agreements).first(where: { !known.contains($0) }) {
                throw Outcome.unusable(
                    "the cases of \(orphan) would not be run: no agreement among those given has them beside it; NAME\(Agreements.testsEnding) is of NAME.yaml")
            }
            for path in paths {
                let file = Self.testsFile(of: path)
                guard let tests = try Self.read(file, isNamed: agreements.contains(path)) else { continue }
                let agreement = try Agreements.open(path)
                let bench = try AgreementBench(agreement, tests, besides: file)
                outcomes.append((agreement, file, tests.cases.map(bench.run)))
            }
            guard !outcomes.isEmpty else {
                throw Outcome.unusable(
                    "none of the agreements in \(agreements.joined(separator: ", ")) has tests beside it (\(Self.testsFile(of: "NAME.yaml")))")
            }
            json ? tellJSON(outcomes) : tell(outcomes)
            if outcomes.contains(where: { $0.cases.contains { !$0.isAsExpected } }) { throw Outcome.refused() }
        }

        private static func testsFile(of path: String) -> String {
            let ending = [".yaml", ".yml"].first { path.hasSuffix($0) } ?? ""
            return path.dropLast(ending.count) + Agreements.testsEnding
        }

        /// nil where a folder's agreement has no tests.
        private static func read(_ file: String, isNamed: Bool) throws -> AgreementCases? {
            let bytes: [UInt8]
            do { bytes = try FileByteSource.contents(of: file, bytesMax: Agreements.fileBytesMax) } catch {
                guard isNamed || Folders.exists(file) else { return nil }
                throw Outcome.unusable(error.detail)
            }
            guard let text = String(validating: bytes, as: UTF8.self) else { throw Outcome.unusable("\(file) is not UTF-8; save it as UTF-8") }
            do { return try AgreementCases(yaml: text, file: file) } catch { throw Outcome.unusable("\(error)") }
        }

        private func tell(_ outcomes: [(agreement: Agreement, file: String, cases: [CaseOutcome])]) {
            for (agreement, file, cases) in outcomes {
                print("\(agreement.name), \(file):")
                for one in cases {
                    print("  \(one.isAsExpected ? "ok   " : "FAILS")  \(one.name)")
                    guard !one.isAsExpected else { continue }
                    print("    \(file):\(one.line)")
                    print("    expected  \(one.expected)")
                    for (number, line) in one.found.enumerated() { print(number == 0 ? "    found     \(line)" : "              \(line)") }
                }
            }
            let all = outcomes.flatMap(\.cases)
            let failed = all.count { !$0.isAsExpected }
            print(failed == 0 ? "\(all.count) cases, all as expected" : "\(failed) of \(all.count) cases fail")
        }

        private func tellJSON(_ outcomes: [(agreement: Agreement, file: String, cases: [CaseOutcome])]) {
            let members = outcomes.flatMap { agreement, file, cases in
                cases.map { one in
                    JSONValue.object([
                        JSONMember("agreement", .string(agreement.name)), JSONMember("file", .string(file)), JSONMember("line", .integer(Int64(one.line))),
                        JSONMember("name", .string(one.name)), JSONMember("asExpected", .bool(one.isAsExpected)), JSONMember("expected", .string(one.expected)),
                        JSONMember("found", .array(one.found.map { .string($0) })),
                    ])
                }
            }
            print(JSONValue.object([JSONMember("cases", .array(members))]).prettyText)
        }
    }
}
