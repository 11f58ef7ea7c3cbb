internal import ArgumentParser
internal import SluiceCore
internal import SluiceKit
internal import SluiceNode

struct ProtectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "protect",
        abstract: "Show exactly what an agreement would let leave of a dataset: coarsened, protected, audited.",
        discussion:
            "The agreement's own giver, receiver, dataflow and first purpose are taken for the question. Exit code 1 when it refuses or the table cannot be made safe."
    )

    @OptionGroup var file: AgreedFile
    @OptionGroup var means: ProtectionMeans
    @Option(
        name: .long, parsing: .upToNextOption,
        help: ArgumentHelp("Files that the receiver has already, the oldest first: `differencing` holds the result against them.", valueName: "file"))
    var earlier: [String] = []
    @Flag(name: .long, help: "Print a JSON report on standard error.") var json = false

    func run() async throws {
        try file.bring(isQuiet: json, with: { try means.lent(to: $0) }) { trial, context, target in
            let terms = try trial.ruling().obligationsOrRefusal()[0]
            if !json, let counts = trial.examined.tabulationCounts { Terminal.note("\(counts.records) records make \(counts.cells) cells") }
            let held = try EarlierFiles.figures(earlier, trial, terms: terms, context: context)
            var reports: [JSONValue] = []
            var words: [[String]] = []
            try Output.writingTables(to: file.output, as: target, message: "PROTECTED") { put in
                try trial.release(after: held) { dataset in
                    if let report = dataset.report {
                        reports.append(report)
                        words.append(dataset.words)
                    }
                    try put(dataset.released)
                }
            }
            tell(reports, words)
        }
    }

    private func tell(_ reports: [JSONValue], _ words: [[String]]) {
        if json {
            Terminal.note(JSONValue.object([JSONMember("protections", .array(reports))]).compactText)
            return
        }
        for (report, words) in zip(reports, words) {
            func count(_ name: String) -> Int64 { report[name]?.integer ?? 0 }
            Terminal.note(
                "\(count("observationsBefore")) observations in, \(count("observationsAfter")) out, \(count("summed")) summed into broader codes, \(count("superseded")) already contained in broader ones, \(count("leftOut")) left out as not granted"
            )
            for sentence in words { Terminal.note(sentence) }
            if words.isEmpty, report["primary"] != nil {
                Terminal.note(
                    "\(count("primary")) cells withheld because they are too small, \(count("secondary")) more so that nobody can recompute those; \(count("audited")) cells audited over \(count("equations")) sums"
                )
                if let width = report["narrowestWidth"]?.text { Terminal.note("the narrowest interval an attacker can find is \(width) wide") }
            }
        }
    }
}
