internal import SluiceCore
internal import SluiceKit
internal import SluiceNode

/// Files of which a steward says that the receiver has them, against which a dataset is held as a node holds it against its register.
struct EarlierFiles {
    private let question: Examine.Purpose
    private let held: [ReleasedFigures]

    /// Most observations of one file.
    private static let rowsMax = CorridorLimits().protectRowsMax

    init(_ paths: [String], question: Examine.Purpose, obligations: [Obligations], context: ReadContext) throws {
        self.question = question
        var context = context
        if context.flow == nil { context.flow = question.flow }
        var held: [ReleasedFigures] = []
        for (number, path) in paths.enumerated() {
            let source = try Inputs.repeatable(path, format: nil, mapping: nil)
            let read = Read(.file(path: source.path), makeReader: source.makeReader, context: context)
            do {
                _ = try read.eachTable(atMost: CorridorLimits().datasetsMax, rowsMax: Self.rowsMax) { table in
                    guard let terms = obligations.first else { return }
                    // In the order given; when each was sent nobody says.
                    let time = SystemClock().now().advanced(byMilliseconds: Int64(number - paths.count))
                    held.append(try Self.figures(Figures(table, original: nil, obligations: terms), question, named: path, at: time))
                }
            } catch let refusal as Refusal where refusal.code.hasPrefix("read.") {
                throw Outcome.unusable("\(path): \(refusal)")
            }
        }
        self.held = held
    }

    /// - Throws: `Refusal` when the files and the table together tell too much.
    func examine(_ table: Table, original: Table, _ obligations: Obligations) throws {
        guard !held.isEmpty else { return }
        let figures = try Self.figures(Figures(table, original: original, obligations: obligations), question, named: "", at: SystemClock().now())
        let related = held.filter { !Set($0.periods).isDisjoint(with: figures.periods) }
        do throws(ProtectionError) { _ = try BuiltinPlugins.differencing.audit(figures, against: related) } catch {
            throw Refusal("protect.\(error.code.rawValue)", error.detail)
        }
    }

    private static func figures(_ figures: Figures, _ question: Examine.Purpose, named name: String, at time: Instant) throws -> ReleasedFigures {
        do throws(ProtectionError) {
            return try figures.make(
                exchangeID: name, releasedAt: time, population: Compare.population(of: question.flow), dataflow: question.flow,
                receiver: question.receiver.rawValue)
        } catch {
            throw Refusal("protect.\(error.code.rawValue)", error.detail)
        }
    }
}
