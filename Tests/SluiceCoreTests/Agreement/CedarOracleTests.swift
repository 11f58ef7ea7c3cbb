import Foundation
import SluiceKit
import SluiceKitTesting
import Testing

@testable import SluiceCore

/// Decisions are those of Cedar, on random agreements and requests. Each agreement is a permit for its scope, and a forbid for what is in its scope and not in its grant;
/// an agreement that forbids is a forbid for its scope.
@Suite struct CedarOracleTests {
    private static let flows = ["AM.MOI:DF_PERMITS", "AM.MOI:DF_VISAS"]
    private static let participants = ["AM.ARMSTAT", "UN.UNSD", "UN.IOM"]
    private static let purposes = ["official-statistics", "sdg-reporting", "research"]
    private static let periods = ["2025-11", "2025-12", "2026-01", "2026-02"]
    /// The day after each period's last, in days since 1970.
    private static let ends = [20_423, 20_454, 20_485, 20_513]

    private struct Policy {
        var agreement: Agreement
        var cedar: String
    }

    private static func list(_ words: some Sequence<String>) -> String { "[" + words.map { "\"\($0)\"" }.joined(separator: ", ") + "]" }

    private static func policy(_ id: String, _ random: inout SeededGenerator) throws -> Policy {
        func some(_ words: [String]) -> [String] {
            let kept = words.filter { _ in Bool.random(using: &random) }
            return kept.isEmpty ? [words[0]] : kept
        }
        let isForbid = Int.random(in: 0..<5, using: &random) == 0
        let flow = flows.randomElement(using: &random)!
        let version = Bool.random(using: &random) ? "1.0" : nil
        var receivers = some(participants)
        var used = some(purposes)
        if isForbid, Bool.random(using: &random) { receivers = ["all"] }
        if isForbid, Bool.random(using: &random) { used = ["all"] }
        let direction = ["both", "send", "accept"].randomElement(using: &random)!
        let channels = Bool.random(using: &random) ? nil : some(["https", "folder"])
        let from = ["2025-01-01", "2026-03-01"].randomElement(using: &random)!
        let until = ["2026-03-31", "2027-12-31"].randomElement(using: &random)!
        var yaml = """
            agreement: \(id)
            version: "1.0"
            title: Random
            effect: \(isForbid ? "forbid" : "permit")
            giver: AM.MOI
            receivers: \(list(receivers))
            dataflow: \(flow)\(version.map { "(\($0))" } ?? "")
            direction: \(direction)
            purpose: \(list(used))
            legalBasis: Law
            validity: {from: \(from), until: \(until)}

            """
        if let channels { yaml += "channel: \(list(channels))\n" }

        var scope = ["principal == Participant::\"AM.MOI\"", "resource == Dataflow::\"\(flow)\""]
        if let version { scope.append("context.version == \"\(version)\"") }
        if receivers != ["all"] { scope.append("\(list(receivers)).contains(context.receiver)") }
        if used != ["all"] { scope.append("\(list(used)).contains(context.purpose)") }
        if direction != "both" { scope.append("action == Action::\"\(direction)\"") }
        if let channels {
            let named = "\(list(channels)).contains(context.channel)"
            scope.append(isForbid ? "(context.channel == \"\" || \(named))" : named)
        }
        scope.append("context.today >= \(from.filter(\.isNumber)) && context.today <= \(until.filter(\.isNumber))")
        let isInScope = scope.joined(separator: " && ")
        guard !isForbid else {
            return Policy(agreement: try AgreementReader.read(yaml), cedar: "forbid(principal, action, resource) when { \(isInScope) };\n")
        }

        let sex = Int.random(in: 0..<3, using: &random) > 0 ? nil : some(["_T", "M", "F"])
        let citizenship = Int.random(in: 0..<3, using: &random) > 0 ? nil : some(PermitsSample.citizenship.map(\.0))
        let isNever = Int.random(in: 0..<3, using: &random) == 0
        let (neverSex, neverCitizenship) = (some(["M", "F"]), some(["GE", "DE", "NO"]))
        let lag = [nil, nil, 30, 60].randomElement(using: &random)!
        let most = [nil, nil, 4].randomElement(using: &random)!
        yaml += """
            grant:
              dimensions:
                SEX: \(sex.map { "{codes: \(list($0))}" } ?? "all")
                CITIZENSHIP: \(citizenship.map { "{codes: \(list($0))}" } ?? "all")
                TIME_PERIOD: all

            """
        var terms: [String] = []
        if let sex { terms.append("\(list(sex)).containsAll(context.sex)") }
        if let citizenship { terms.append("\(list(citizenship)).containsAll(context.citizenship)") }
        if isNever {
            yaml += "  forbidden: [{SEX: \(list(neverSex)), CITIZENSHIP: \(list(neverCitizenship))}]\n"
            // Certain from the codes alone: all of one dimension, and some of the other.
            let (s, c) = (list(neverSex), list(neverCitizenship))
            terms.append(
                "!((\(s).containsAll(context.sex) && \(c).containsAny(context.citizenship)) || (\(s).containsAny(context.sex) && \(c).containsAll(context.citizenship)))"
            )
        }
        if let lag {
            yaml += "  timeLag: P\(lag)D\n"
            terms.append("context.youngest <= context.day - \(lag)")
        }
        if let most {
            yaml += "limits: {observationsMax: \(most)}\n"
            terms.append("context.observations <= \(most)")
        }
        yaml += "protect: none\nobligations: {retention: unlimited, onwardTransfer: public}\n"
        var cedar = "permit(principal, action, resource) when { \(isInScope) };\n"
        if !terms.isEmpty { cedar += "forbid(principal, action, resource) when { \(isInScope) && !(\(terms.joined(separator: " && "))) };\n" }
        return Policy(agreement: try AgreementReader.read(yaml), cedar: cedar)
    }

    private static func request(_ schema: DatasetSchema, _ random: inout SeededGenerator) -> (ours: AgreementRequest, cedar: [String: Any]) {
        func pick<Value>(_ values: [Value]) -> Value { values.randomElement(using: &random)! }
        func some(_ words: [String]) -> Set<String> { Set((0..<pick([1, 1, 2])).map { _ in pick(words) }) }
        let (sex, citizenship) = (some(["_T", "M", "F"]), some(PermitsSample.citizenship.map(\.0)))
        let places = Set([Int.random(in: 0..<periods.count, using: &random), Int.random(in: 0..<periods.count, using: &random)])
        let (flow, version, channel) = (pick(flows), pick(["1.0", "1.0", "2.0"]), pick(["https", "folder", nil]))
        let (year, month, day) = pick([(2026, 2, 15), (2026, 3, 20), (2026, 4, 20)])
        let rows = pick([1, 3, 5])
        var reference = ArtefactReference(.dataflow, short: flow)!
        reference.version = version
        var request = AgreementRequest(
            direction: pick([.send, .accept]), giver: pick(["AM.MOI", "AM.MOI", "AM.MOI", "AM.NSS"]), receiver: pick(participants), dataflow: reference,
            purpose: pick(purposes), today: CalendarDate(year: year, month: month, day: day)!,
            summary: DatasetSummary(
                schema, codes: ["SEX": sex, "CITIZENSHIP": citizenship, "TIME_PERIOD": Set(places.map { periods[$0] })], rowCount: rows))
        request.channel = channel
        let context: [String: Any] = [
            "receiver": request.receiver, "purpose": request.purpose, "version": version, "channel": channel ?? "", "today": year * 10_000 + month * 100 + day,
            "day": Int(CalendarDays.days(year, month, day)), "youngest": places.map { ends[$0] }.max()!, "observations": rows, "sex": sex.sorted(),
            "citizenship": citizenship.sorted(),
        ]
        return (
            request,
            [
                "principal": "Participant::\"\(request.giver)\"", "action": "Action::\"\(request.direction.rawValue)\"", "resource": "Dataflow::\"\(flow)\"",
                "context": context,
            ]
        )
    }

    @Test(.enabled(if: PythonOracle.isThere)) func decidesAsCedarDoesOnAHundredThousandRequests() throws {
        var random = SeededGenerator.announced(for: "decidesAsCedarDoesOnAHundredThousandRequests")
        let schema = PermitsSample.schema()
        var batches: [[String: Any]] = []
        var ours: [[Bool]] = []
        var forbidden = 0
        for _ in 0..<250 {
            let policies = try (0..<Int.random(in: 1...5, using: &random)).map { try Self.policy("A\($0)", &random) }
            // As a node decides.
            let standing = StandingAgreements(inForce: policies.map(\.agreement))
            var requests: [[String: Any]] = []
            var decisions: [Bool] = []
            for _ in 0..<400 {
                let (request, cedar) = Self.request(schema, &random)
                let decision = standing.decision(request, Decide.run(request, under: standing))
                decisions.append(decision.isPermit)
                forbidden += decision.reasons.first?.code == .agreementForbids ? 1 : 0
                requests.append(cedar)
            }
            batches.append(["policies": policies.map(\.cedar).joined(), "requests": requests])
            ours.append(decisions)
        }
        let output = try PythonOracle.run(
            """
            import cedarpy, json
            for batch in json.load(open("batches.json")):
                results = cedarpy.is_authorized_batch(batch["requests"], batch["policies"], [])
                for result in results:
                    assert not result.diagnostics.errors, result.diagnostics.errors
                print("".join("1" if result.allowed else "0" for result in results))
            """, files: ["batches.json": try JSONSerialization.data(withJSONObject: batches)])
        let theirs = output.split(separator: "\n").map { $0.map { $0 == "1" } }
        #expect(theirs.count == ours.count)
        for (number, (mine, cedar)) in zip(ours, theirs).enumerated() {
            for (place, (one, other)) in zip(mine, cedar).enumerated() where one != other {
                let batch = batches[number]
                Issue.record("ours \(one), Cedar \(other): \((batch["requests"] as? [Any])?[place] ?? "")\n\(batch["policies"] ?? "")")
                return
            }
        }
        let permitted = ours.joined().count { $0 }
        print("\(ours.joined().count) requests, \(permitted) permitted, \(forbidden) forbidden")
        #expect(permitted > 500 && forbidden > 1_000, "\(permitted) permitted, \(forbidden) forbidden")
    }

    /// The decisions of a corpus, made there by Cedar and by OPA, whose requests carry what our agreements oblige: as codes of a dataset.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["SLUICE_CORPUS"] != nil)) func decidesAsTheCorpusSays() throws {
        let corpus = try #require(ProcessInfo.processInfo.environment["SLUICE_CORPUS"])
        let lines = try String(contentsOfFile: "\(corpus)/disclosure/expected/policy_decisions.csv", encoding: .utf8).split(whereSeparator: \.isNewline)
        let structure = DataStructure(
            identity: ArtefactIdentity(agency: "UN", id: "REQUESTS"),
            dimensions: ["MIN_CELL", "GEO_LEVEL", "MICRODATA", "DIMS"].map { Dimension(id: $0, representation: Representation()) },
            measures: [Measure(id: "OBS_VALUE")], attributes: [])
        let schema = DatasetSchema(structure, in: StructureSet())
        func agreement(_ id: String, _ receiver: String, _ purposes: String, _ dimensions: String) throws -> Agreement {
            try AgreementReader.read(
                """
                agreement: \(id)
                version: "1.0"
                title: Of the corpus
                giver: AM.ARMSTAT
                receiver: \(receiver)
                dataflow: UN:SDG_10_7
                purpose: \(purposes)
                legalBasis: Law
                validity: {from: 2026-01-01, until: 2026-12-31}
                grant:
                  dimensions: \(dimensions)
                  forbidden: [{DIMS: [NATIONALITY+ASYLUM_STATUS], MIN_CELL: ["3", "10"]}]
                protect: none
                obligations: {retention: unlimited, onwardTransfer: none}
                """)
        }
        let agreements = [
            try agreement(
                "IOM", "UN.IOM", "sdg-reporting", "{MIN_CELL: {codes: [10, 20]}, GEO_LEVEL: {codes: [1]}, MICRODATA: {codes: [\"False\"]}, DIMS: all}"),
            try agreement("UNSD", "UN.UNSD", "[sdg-reporting, research]", "{MIN_CELL: all, GEO_LEVEL: all, MICRODATA: all, DIMS: all}"),
        ]
        var compared = 0
        for line in lines.dropFirst() {
            let cells = line.split(separator: ",").map(String.init)
            var request = PermitsSample.request(try PermitsSample.table(["M GE 2026-01 7"]))
            request.giver = "AM.ARMSTAT"
            request.receiver = "UN.\(cells[0])"
            request.dataflow = ArtefactReference(.dataflow, agency: "UN", id: cells[1], version: "1.0")
            request.purpose = cells[2]
            request.summary = DatasetSummary(
                schema, codes: ["MIN_CELL": [cells[3]], "GEO_LEVEL": [cells[4]], "MICRODATA": [cells[5]], "DIMS": [cells[6]]], rowCount: 1)
            #expect(Decide.run(request, under: agreements).isPermit == (cells[7] == "True"), "\(line)")
            compared += 1
        }
        #expect(compared == 288)
    }
}
