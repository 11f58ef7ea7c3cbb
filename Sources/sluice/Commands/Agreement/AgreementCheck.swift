internal import ArgumentParser
internal import SluiceCore
internal import SluiceKit
internal import SluiceNode

extension AgreementCommand {
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
}
