internal import ArgumentParser
internal import SluiceCore
internal import SluiceKit
internal import SluiceNode

/// What `tabulate` and `protect` take: a file, the agreement that it is brought under, and where the result goes.
struct AgreedFile: ParsableArguments {
    @Argument(help: ArgumentHelp("Data file, of a table or of records that the agreement's `records` names.", valueName: "in")) var input: String
    @Argument(help: ArgumentHelp("File to write; - is standard output.", valueName: "out")) var output: String
    @Option(name: .long, help: ArgumentHelp("The agreement.", valueName: "agreement.yaml")) var agreement: String
    @OptionGroup var structures: StructureOptions
    @Option(name: .long, help: ArgumentHelp("Format of the input; told from its beginning when left out.", valueName: "format")) var from: String?
    @Option(name: .long, help: ArgumentHelp("Format to write; told from the file's ending when left out.", valueName: "format")) var to: String?
    @Option(name: .long, help: ArgumentHelp("Mapping of a plain CSV.", valueName: "mapping.yaml")) var mapping: String?

    /// Brings the input under the agreement; what is wrong with the data is told on standard error.
    /// - Parameters:
    ///   - isQuiet: what is wrong is counted alone.
    ///   - body: takes the trial, how its input is read, and the format to write.
    /// - Throws: `Outcome`, also for what `body` refuses.
    func bring(isQuiet: Bool = false, with means: Means = { _ in .ofCommand }, _ body: (Trial, ReadContext, any DataFormat) throws -> Void) throws {
        let agreement = try Agreements.open(self.agreement)
        let question = try Trial.Question(of: agreement)
        let means = try means(question)
        let writer = ByteWriter(FileByteSink(descriptor: 2, closing: false), bufferBytes: 8 << 10)
        let findings = FindingTally(
            samplesPerCodeMax: 1, passingTo: isQuiet ? nil : FindingReport(to: writer, json: false, showsAll: false))
        var context = try structures.context(findings: findings)
        if context.flow == nil { context.flow = agreement.dataflow }
        let target = try Inputs.outputFormat(named: to, path: output)
        let source = try Inputs.repeatable(input, format: from, mapping: mapping)
        do {
            let trial = try Trial(
                .file(path: source.path), makeReader: source.makeReader, context: context, question, under: StandingAgreements(inForce: [agreement]),
                with: means)
            try writer.flush()
            guard !findings.hasErrors else { throw Outcome.refused("\(findings.errorCount) errors were found in the data; nothing was written") }
            try body(trial, context, target)
        } catch let refusal as Refusal { throw refusal.outcome(of: input) }
    }

    /// What a question may draw on.
    typealias Means = (Trial.Question) throws -> Trial.Means
}
