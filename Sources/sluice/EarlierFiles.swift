internal import SluiceCore
internal import SluiceKit
internal import SluiceNode

/// Files of which a steward says that the receiver has them, against which a dataset is held as a node holds it against its register.
enum EarlierFiles {
    /// What they show, the oldest first.
    /// - Parameters:
    ///   - trial: of the release that is to be held against them.
    ///   - terms: what that release is obliged to.
    /// - Throws: `Outcome`, unusable, where the agreement does not look across releases, or a file cannot be read whole and without an error: what is left of
    ///   a damaged one would count as all that the receiver holds.
    static func figures(_ paths: [String], _ trial: Trial, terms: Obligations, context: ReadContext) throws -> [ReleasedFigures] {
        guard !paths.isEmpty else { return [] }
        guard terms.protection?.differencing != nil else {
            throw Outcome.unusable(
                "the agreement lets each release be judged alone, and so does a node under it; give it `protect: differencing`, or leave --earlier out")
        }
        var held: [ReleasedFigures] = []
        for (number, path) in paths.enumerated() {
            // In the order given; when each was sent nobody says.
            let time = trial.question.time.advanced(byMilliseconds: Int64(number - paths.count))
            var cellCount = 0
            try eachTable(of: path, trial, context) { table in
                let figures = try trial.figures(table, original: nil, terms, named: path, at: time)
                cellCount += figures.cellCount
                held.append(figures)
            }
            guard cellCount > 0 else { throw Outcome.unusable("\(path): there is no figure in it that the receiver could hold; name the file that was sent") }
        }
        return held
    }

    private static func eachTable(of path: String, _ trial: Trial, _ context: ReadContext, _ visit: (Table) throws -> Void) throws {
        let findings = FindingTally(samplesPerCodeMax: 1)
        var context = context
        context.findings = findings
        let source = try Inputs.repeatable(path, format: nil, mapping: nil)
        do {
            let examined = try trial.examine(.file(path: source.path), makeReader: source.makeReader, context: context)
            // A code that stands for warnings as well may have one of those as its sample.
            guard !findings.hasErrors else {
                let first = findings.samples.first { $0.severity == .error }.map { "; the first: \($0.message) [\($0.code)]" } ?? ""
                throw Outcome.unusable(
                    "\(path): sluice check finds \(findings.errorCount) errors in it, so nobody can say what the receiver holds\(first)")
            }
            guard !examined.isRecords else { throw Outcome.unusable("\(path): it holds records, and what is released are tables") }
            try examined.eachTable(limits: CorridorLimits(), silently: context, visit)
        } catch let refusal as Refusal where refusal.code.hasPrefix("read.") {
            throw refusal.outcome(of: path)
        }
    }
}
