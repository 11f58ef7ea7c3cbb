internal import SluiceCore
internal import SluiceKit
internal import SluiceNode

/// What came of one case of an agreement's tests.
struct CaseOutcome {
    var name: String
    var line: Int
    var isAsExpected: Bool
    var expected: String
    /// What was found, a line each; empty where it is as expected.
    var found: [String]
}

/// Puts the cases of an agreement's tests to it. Data take the corridor's own steps.
struct AgreementBench {
    private let agreement: Agreement
    private let others: [Agreement]
    private let structures: StructureSet
    private let folder: String

    /// - Parameter file: the file of the tests; what it names is relative to its folder.
    init(_ agreement: Agreement, _ tests: AgreementCases, besides file: String) throws {
        self.agreement = agreement
        folder = file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
        let folder = self.folder
        others = try tests.others.map { try Agreements.open(Self.path($0, in: folder)) }
        structures = try Inputs.structures(tests.structures.map { Self.path($0, in: folder) })
    }

    private static func path(_ path: String, in folder: String) -> String { path.hasPrefix("/") ? path : folder + path }

    func run(_ one: AgreementCases.Case) -> CaseOutcome {
        var outcome = CaseOutcome(name: one.name, line: one.line, isAsExpected: true, expected: Self.words(one.expected), found: [])
        do {
            outcome.found = try one.data.map { try differences(one, $0) } ?? differences(one)
        } catch let refusal as Refusal where refusal.code.hasPrefix("read.") {
            // No agreement was asked.
            outcome.found = ["it could not be run: \(refusal)"]
        } catch let refusal as Refusal {
            outcome.found = Self.differences(one.expected, refusedFor: [refusal.code], words: [refusal.detail])
        } catch let problem as Outcome {
            outcome.found = ["it could not be run: \(problem.message)"]
        } catch { outcome.found = ["it could not be run: \(error)"] }
        outcome.isAsExpected = outcome.found.isEmpty
        return outcome
    }

    private static func words(_ expected: AgreementCases.Expectation) -> String {
        switch expected {
        case .refuse(let code): "refuse\(code.map { " for \($0)" } ?? "")"
        case .permit(let released, let withheld):
            "permit\(released == nil ? "" : ", and exactly the data given")\(withheld.map { ", with \($0) cells withheld" } ?? "")"
        }
    }

    private static func differences(_ expected: AgreementCases.Expectation, refusedFor codes: [String], words: [String]) -> [String] {
        if case .refuse(let code) = expected, code.map(codes.contains) ?? true { return [] }
        return ["refuse for \(codes.joined(separator: ", "))"] + words
    }

    // MARK: Without data

    private func differences(_ one: AgreementCases.Case) throws -> [String] {
        guard let structure = structures.dataStructure(ofFlow: agreement.dataflow) else {
            throw Outcome.unusable("\(agreement.dataflow) is not among the structures; name its structure message under structures")
        }
        let schema = DatasetSchema(structure, in: structures, flow: agreement.dataflow)
        for id in one.codes.keys where !(schema.index(of: id).map { schema.components[$0].isDimension } ?? false) {
            throw Outcome.unusable("codes names \(id), which is no dimension of \(structure.reference)")
        }
        let rows = one.observations ?? max(1, one.codes.values.map(\.count).max() ?? 0)
        let summary = DatasetSummary(schema, codes: one.codes, attributes: one.attributes, rowCount: rows)
        let request = AgreementRequest(
            direction: direction(one), giver: one.giver ?? agreement.giver, receiver: one.receiver ?? agreement.receivers.first ?? "",
            dataflow: agreement.dataflow, purpose: one.purpose ?? agreement.purposes.first ?? "", today: one.day ?? agreement.from, channel: one.channel,
            summary: summary)
        switch Decide.run(request, under: [agreement] + others) {
        case .refuse(let reasons):
            return Self.differences(one.expected, refusedFor: reasons.map(\.code.rawValue), words: reasons.map(\.words))
        case .permit(let obligations):
            if case .permit = one.expected { return [] }
            return ["permit under \(obligations.agreements.joined(separator: ", "))"]
        }
    }

    private func direction(_ one: AgreementCases.Case) -> Agreement.Direction { one.direction ?? (agreement.directions.contains(.send) ? .send : .accept) }

    // MARK: With data

    private func differences(_ one: AgreementCases.Case, _ data: AgreementCases.Data) throws -> [String] {
        guard let giver = ParticipantID(one.giver ?? agreement.giver), let receiver = ParticipantID(one.receiver ?? agreement.receivers.first ?? "") else {
            throw Outcome.unusable("giver and receiver have to be participants, such as AM.MOI")
        }
        let day = one.day ?? agreement.from
        var question = Trial.Question(
            giver: giver, receiver: receiver, flow: agreement.dataflow, purpose: one.purpose ?? agreement.purposes.first ?? "",
            time: Instant(rfc3339: "\(day)T12:00:00Z") ?? SystemClock().now(), channel: one.channel)
        question.direction = direction(one)
        let findings = FindingTally()
        let read = try self.read(data.source, format: data.format, mapping: data.mapping, findings)
        let trial = try Trial(
            read.content, makeReader: read.makeReader, context: read.context, question, under: [agreement] + others, with: .ofCommand)
        guard !findings.hasErrors else { return [Self.words(findings, in: "the data")] }
        let ruling = try trial.ruling()
        guard ruling.isPermit else {
            let reasons = ruling.decisions.flatMap(\.reasons)
            return Self.differences(one.expected, refusedFor: reasons.map(\.code.rawValue), words: reasons.map(\.words))
        }
        var withheldCount: Int64 = 0
        var released: [Table] = []
        try trial.release { dataset in
            withheldCount += (dataset.report?["primary"]?.integer ?? 0) + (dataset.report?["secondary"]?.integer ?? 0)
            released.append(dataset.released)
        }
        guard case .permit(let expected, let withheld) = one.expected else {
            return ["permit under \(ruling.agreementName)"]
        }
        var lines: [String] = []
        if let withheld, Int64(withheld) != withheldCount { lines.append("\(withheldCount) cells withheld") }
        if let expected { lines += try compare(released, with: expected) }
        return lines
    }

    private static func words(_ findings: FindingTally, in what: String) -> String {
        let first = findings.samples.first { $0.severity == .error }
        return "\(findings.errorCount) errors in \(what); the first: \(first.map { "\($0.message) [\($0.code.rawValue)]" } ?? "")"
    }

    private func read(_ source: AgreementCases.Source, format: String?, mapping: String?, _ findings: any FindingSink) throws -> Read {
        let context = ReadContext(structures: structures, flow: agreement.dataflow, findings: findings)
        switch source {
        case .file(let name):
            let source = try Inputs.repeatable(Self.path(name, in: folder), format: format, mapping: mapping.map { Self.path($0, in: folder) })
            return Read(.file(path: source.path), makeReader: source.makeReader, context: context)
        case .text(let text):
            let bytes = Array(text.utf8)
            if let mapping { return Read(.bytes(bytes), makeReader: try Mappings.reader(Self.path(mapping, in: folder)).makeReader, context: context) }
            let format = try Inputs.format(named: format, for: bytes, of: "data")
            return Read(
                .bytes(bytes), makeReader: { (source, context) throws(ReadError) in try format.reader(of: source, in: context) }, context: context)
        }
    }

    /// Observations that are there and not expected, or expected and not there. Attributes count that the expected data have anywhere.
    private func compare(_ released: [Table], with expected: AgreementCases.Source) throws -> [String] {
        var wanted: [Table] = []
        let findings = FindingTally()
        _ = try read(expected, format: nil, mapping: nil, findings).eachTable(
            atMost: CorridorLimits().datasetsMax, rowsMax: CorridorLimits().protectRowsMax
        ) { wanted.append($0) }
        // A row that cannot be read would be one that is not expected.
        guard !findings.hasErrors else { return [Self.words(findings, in: "the expected data")] }
        guard let schema = wanted.first?.batch.schema else { return ["the expected data hold no dataset"] }
        let columns = schema.components.indices.filter { column in
            !schema.components[column].isAttribute || wanted.contains { table in (0..<table.batch.rowCount).contains { !table.batch.isAbsent(column, $0) } }
        }
        func lines(_ tables: [Table]) -> [String: Int] {
            var lines: [String: Int] = [:]
            for table in tables {
                for row in 0..<table.batch.rowCount {
                    lines[columns.map { "\(schema.components[$0].id)=\(table.batch.string($0, row) ?? "")" }.joined(separator: " "), default: 0] += 1
                }
            }
            return lines
        }
        let (found, expected) = (lines(released), lines(wanted))
        let missing = expected.filter { $0.value > found[$0.key] ?? 0 }.keys.sorted()
        let surplus = found.filter { $0.value > expected[$0.key] ?? 0 }.keys.sorted()
        guard !missing.isEmpty || !surplus.isEmpty else { return [] }
        return ["other data (- expected and not released, + released and not expected):"] + missing.map { "- \($0)" } + surplus.map { "+ \($0)" }
    }
}
