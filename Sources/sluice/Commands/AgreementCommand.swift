internal import ArgumentParser
internal import SluiceCore
internal import SluiceKit
internal import SluiceNode

struct AgreementCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agreement", abstract: "Data-sharing agreements.", subcommands: [Check.self, Explain.self, Diff.self])

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Look through a node's agreements for terms that can never be met, change nothing, or contradict one another.",
            discussion:
                "With --structure each agreement is also held against the structure of its dataflow. Exit code 1 when there is a remark, 2 when an agreement cannot be read."
        )

        @Argument(help: ArgumentHelp("Agreements; a folder stands for the .yaml files in it.", valueName: "agreement.yaml")) var agreements: [String]
        @Option(name: .long, help: ArgumentHelp("Structure message or folder; may be given more than once.", valueName: "structure.xml"))
        var structure: [String] = []
        @Flag(name: .long, help: "Print one JSON document.") var json = false

        func run() async throws {
            let structures = try Inputs.structures(structure)
            let read = try Agreements.paths(agreements).map(Agreements.open)
            guard !read.isEmpty else { throw Outcome.unusable("there is no .yaml file in \(agreements.joined(separator: ", "))") }
            if !structure.isEmpty {
                for agreement in read where structures.dataStructure(ofFlow: agreement.dataflow) == nil {
                    Terminal.note("\(agreement.name): \(agreement.dataflow) is not among the structures given; its terms were not held against it")
                }
            }
            let remarks = AgreementReview.remarks(on: read, today: .today, structures: structures)
            if json {
                let members = remarks.map { remark in
                    JSONValue.object([
                        JSONMember("severity", .string(remark.severity.rawValue)), JSONMember("code", .string(remark.code.rawValue)),
                        JSONMember("rule", .string(remark.rule)), JSONMember("words", .string(remark.words)),
                    ])
                }
                print(JSONValue.object([JSONMember("agreements", .integer(Int64(read.count))), JSONMember("remarks", .array(members))]).prettyText)
            } else {
                for remark in remarks { print(remark) }
                let found = remarks.isEmpty ? "nothing found" : "\(remarks.count) remark\(remarks.count == 1 ? "" : "s")"
                print("\(read.count) agreement\(read.count == 1 ? "" : "s"): \(found)")
            }
            if !remarks.isEmpty { throw Outcome.refused() }
        }
    }

    struct Diff: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what changes between two versions of an agreement, and whether more may travel by it.",
            discussion:
                "Each change is wider, narrower or other (neither, or only code lists and data could tell). Exit code 1 when a change is wider, so that nobody widens an agreement unawares."
        )

        @Argument(help: ArgumentHelp("The agreement as it was.", valueName: "old.yaml")) var old: String
        @Argument(help: ArgumentHelp("The agreement as it is to be.", valueName: "new.yaml")) var new: String
        @Flag(name: .long, help: "Print one JSON document.") var json = false

        func run() async throws {
            let (old, new) = (try Agreements.open(self.old), try Agreements.open(self.new))
            let changes = AgreementDifference.changes(from: old, to: new)
            if json {
                let members = changes.map { change in
                    JSONValue.object([
                        JSONMember("effect", .string(change.effect.rawValue)), JSONMember("term", .string(change.term)),
                        JSONMember("words", .string(change.words)),
                    ])
                }
                print(
                    JSONValue.object([
                        JSONMember("old", .string(old.name)), JSONMember("new", .string(new.name)), JSONMember("changes", .array(members)),
                    ]).prettyText)
            } else {
                print("\(old.name) to \(new.name)\(changes.isEmpty ? ": no term changes" : ":")")
                for change in changes { print("  \(change)") }
            }
            if !changes.isEmpty, old.name == new.name {
                Terminal.note("both are \(old.name): a changed term is a new version, and a partner tells them apart by their digest only")
            }
            if changes.contains(where: { $0.effect == .wider }) { throw Outcome.refused() }
        }
    }

    struct Explain: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what an agreement allows, and, for a file, why it would be permitted or refused today.",
            discussion:
                "Without FILE: every term in words. With FILE: each term, what it demands, what was found, and the decision. Exit code 1 when the decision is to refuse."
        )

        @Argument(help: ArgumentHelp("The agreement.", valueName: "agreement.yaml")) var agreement: String
        @Argument(help: ArgumentHelp("Data file to decide about.", valueName: "file")) var file: String?
        @Option(name: .long, help: ArgumentHelp("Structure message or folder, needed with FILE.", valueName: "structure.xml")) var structure: [String] = []
        @Option(name: .long, help: ArgumentHelp("Format of the file.", valueName: "format")) var from: String?
        @Option(name: .long, help: ArgumentHelp("Mapping of a plain CSV.", valueName: "mapping.yaml")) var mapping: String?
        @Option(name: .long, help: ArgumentHelp("Receiver to ask for; the agreement's first when left out.", valueName: "id")) var receiver: String?
        @Option(name: .long, help: ArgumentHelp("Purpose to ask for; the agreement's first when left out.", valueName: "purpose")) var purpose: String?
        @Flag(name: .long, help: "Ask as the receiver who takes in, not as the giver who sends.") var accept = false
        @Flag(name: .long, help: "Print one JSON document.") var json = false

        func run() async throws {
            let agreement = try Agreements.open(self.agreement)
            guard let file else {
                print(lines: Explanation.plan(agreement), permit: nil)
                return
            }
            guard !structure.isEmpty else { throw Outcome.unusable("name the structure message with --structure, so that the file can be read") }
            let findings = FindingTally()
            let context = ReadContext(structures: try Inputs.structures(structure), flow: agreement.dataflow, findings: findings)
            let source = try Inputs.repeatable(file, format: from, mapping: mapping)
            do {
                let question = try AgreementQuestion(self.agreement, receiver: receiver, purpose: purpose)
                let examined = try question.examine(source, context)
                var lines: [String] = []
                if let data = examined.tabulationData.map(JSONValue.object), let cells = data["cells"]?.integer {
                    lines.append("\(data["records"]?.integer ?? 0) records make a table of \(cells) cells, and that is what is decided about:")
                }
                var isPermit = true
                for summary in try examined.subject().summaries {
                    let request = AgreementRequest(
                        direction: accept ? .accept : .send, giver: agreement.giver, receiver: question.purpose.receiver.rawValue,
                        dataflow: agreement.dataflow,
                        purpose: question.purpose.purpose, today: .today,
                        summary: summary)
                    lines += Explanation.trace(request, under: [agreement])
                    isPermit = isPermit && Decide.run(request, under: [agreement]).isPermit
                }
                if findings.hasErrors {
                    lines.append("Before that, sluice check finds \(findings.errorCount) errors in the file: it would be refused for them.")
                }
                print(lines: lines, permit: isPermit && !findings.hasErrors)
                if !isPermit || findings.hasErrors { throw Outcome.refused() }
            } catch let refusal as Refusal {
                throw refusal.code.hasPrefix("read.") ? Outcome.unusable("\(file): \(refusal)") : Outcome.refused("REFUSED \(refusal)")
            }
        }

        private func print(lines: [String], permit: Bool?) {
            if json {
                let members = [JSONMember("agreement", .string(agreement)), JSONMember("lines", .array(lines.map { .string($0) }))]
                Swift.print(JSONValue.object(members + (permit.map { [JSONMember("permit", .bool($0))] } ?? [])).prettyText)
            } else {
                for line in lines { Swift.print(line) }
            }
        }
    }
}

extension CalendarDate {
    static var today: CalendarDate { CalendarDate(utc: SystemClock().now()) }
}

extension Agreements {
    /// Files as they are named; of a folder all .yaml files in it and below it.
    static func paths(_ named: [String]) throws -> [String] {
        do throws(ReadError) {
            var paths: [String] = []
            for path in named { paths += try FileTree.files(in: path, endings: [".yaml", ".yml"]) ?? [path] }
            return paths
        } catch { throw Outcome.unusable(error.detail) }
    }

    /// Loads an agreement for a command: what is wrong with it is exit code 2.
    static func open(_ path: String) throws -> Agreement {
        do { return try load(path) } catch { throw Outcome.unusable("\(error)") }
    }
}
