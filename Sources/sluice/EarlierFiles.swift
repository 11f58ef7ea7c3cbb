internal import SluiceCore
internal import SluiceKit
internal import SluiceNode

/// Files of which a steward says that the receiver has them, against which a dataset is held as a node holds it against its register.
struct EarlierFiles {
    private let question: Trial.Question
    private let held: [ReleasedFigures]

    /// - Parameters:
    ///   - trial: of the release that is to be held against them.
    ///   - terms: what that release is obliged to.
    /// - Throws: `Outcome`, unusable, where a file cannot be read whole and without an error: what is left of a damaged one would count as all that the receiver
    ///   holds.
    init(_ paths: [String], _ trial: Trial, terms: Obligations, context: ReadContext) throws {
        question = trial.question
        var held: [ReleasedFigures] = []
        for (number, path) in paths.enumerated() {
            // In the order given; when each was sent nobody says.
            let time = SystemClock().now().advanced(byMilliseconds: Int64(number - paths.count))
            var cellCount = 0
            try Self.eachTable(of: path, trial, context) { table in
                let figures = try Self.figures(Figures(table, original: nil, obligations: terms), trial.question, named: path, at: time)
                cellCount += figures.cellCount
                held.append(figures)
            }
            guard cellCount > 0 else { throw Outcome.unusable("\(path): there is no figure in it that the receiver could hold; name the file that was sent") }
        }
        self.held = held
    }

    private static func eachTable(of path: String, _ trial: Trial, _ context: ReadContext, _ visit: (Table) throws -> Void) throws {
        let findings = FindingTally(samplesPerCodeMax: 1)
        var context = context
        context.findings = findings
        let source = try Inputs.repeatable(path, format: nil, mapping: nil)
        do {
            let examined = try trial.examine(.file(path: source.path), makeReader: source.makeReader, context: context)
            if let first = findings.samples.first(where: { $0.severity == .error }) {
                throw Outcome.unusable(
                    "\(path): sluice check finds \(findings.errorCount) errors in it, so nobody can say what the receiver holds; the first: \(first.message) [\(first.code)]"
                )
            }
            guard !examined.isRecords else { throw Outcome.unusable("\(path): it holds records, and what is released are tables") }
            try examined.eachTable(limits: CorridorLimits(), silently: context, visit)
        } catch let refusal as Refusal where refusal.code.hasPrefix("read.") {
            throw refusal.outcome(of: path)
        }
    }

    /// - Throws: `Refusal` when the files and the table together tell too much.
    func examine(_ dataset: Trial.Dataset) throws {
        let figures = try Self.figures(
            Figures(dataset.released, original: dataset.coarsened, obligations: dataset.obligations), question, named: "", at: SystemClock().now())
        let related = held.filter { !Set($0.periods).isDisjoint(with: figures.periods) }
        do throws(ProtectionError) { _ = try BuiltinPlugins.differencing.audit(figures, against: related) } catch {
            throw Refusal("protect.\(error.code.rawValue)", error.detail)
        }
    }

    private static func figures(_ figures: Figures, _ question: Trial.Question, named name: String, at time: Instant) throws -> ReleasedFigures {
        do throws(ProtectionError) {
            return try figures.make(
                exchangeID: name, releasedAt: time, population: Compare.population(of: question.flow), dataflow: question.flow,
                receiver: question.receiver.rawValue)
        } catch {
            throw Refusal("protect.\(error.code.rawValue)", error.detail)
        }
    }
}
