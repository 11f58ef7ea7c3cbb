public import SluiceKit

/// A mapping that was guessed from tables and a structure, for somebody to review: what is active loads and works, what is not sure stands as a comment.
public struct MappingProposal: Sendable {
    /// The structure, or the flow that was asked for.
    public let reference: ArtefactReference
    /// What was looked at, for people.
    public let name: String
    /// It is for the tables of a folder.
    public let isFolder: Bool
    public let options: SuggestionOptions
    public let tables: [TablePlacement]

    /// Components in the structure's order.
    let components: [String]
    /// "No breakdown" and what else is assumed of components without a value.
    let defaults: [(component: String, guess: CodeGuess)]
    /// The measure's status where its cell is empty.
    let emptyStatus: (component: String, guess: CodeGuess)?
    let measure: String?
    let powerComponent: String?
    let powers: Set<String>?
    /// Where a component has no code yet: the first codes of its list.
    let examples: [String: String]

    /// Proposes a mapping for a file (`-` is standard input) or a folder of tables.
    ///
    /// Reads every table once. A table that cannot be read is named in the proposal; the others are judged.
    /// - Throws: `structureUnknown` when the structure is not at hand or not the only one; `inputOutput` when nothing can be read; `unsupported` when a
    ///   constant names no component or code.
    public init(for path: String, in context: ReadContext, options: SuggestionOptions = SuggestionOptions()) throws(ReadError) {
        let schema = try context.schema(for: nil)
        let placer = TablePlacer(schema, options: options)
        try placer.checkConstants()
        var profiles: [TableProfile] = []
        let isFolder = path != "-" && TableFolder.isFolder(path)
        let name: String
        if isFolder {
            let folder = try TableFolder(path)
            name = "\(folder.files.count) tables"
            for file in folder.files {
                do { profiles.append(TableProfile(try folder.source(of: file), file: file, limits: context.limits)) } catch {
                    var failed = TableProfile(file: file)
                    failed.failure = error.description
                    profiles.append(failed)
                }
            }
        } else {
            let file = path == "-" ? "standard input" : String(path.split(separator: "/").last ?? Substring(path))
            name = file
            profiles = [TableProfile(try FileByteSource(path: path), file: file, limits: context.limits)]
        }
        self.init(profiles, placer, name: name, isFolder: isFolder, reference: context.flow ?? schema.flow ?? schema.structure.reference)
    }

    init(_ profiles: [TableProfile], _ placer: TablePlacer, name: String, isFolder: Bool, reference: ArtefactReference) {
        self.name = name
        self.isFolder = isFolder
        self.reference = reference
        options = placer.options
        tables = profiles.map(placer.place)
        components = placer.schema.components.map(\.id)
        let given = Set(options.constants.map(\.component))
        var defaults: [(component: String, guess: CodeGuess)] = []
        var emptyStatus: (component: String, guess: CodeGuess)?
        var examples: [String: String] = [:]
        for (index, entry) in placer.entries.enumerated() where !given.contains(entry.component.id) {
            let id = entry.component.id
            if let assumed = placer.assumption(index) {
                defaults.append((id, assumed))
            } else if entry.component.isDimension, let total = entry.index.total {
                defaults.append((id, CodeGuess(code: total, name: entry.index.name(of: total) ?? "", confidence: 90, method: .assumed, detail: "")))
            }
            if let meaning = entry.meaning, let known = Synonyms.known.emptyMeasures[meaning], let name = entry.index.name(of: known.code),
                LabelText(name).key == known.name
            {
                emptyStatus = (id, CodeGuess(code: known.code, name: name, confidence: 90, method: .assumed, detail: ""))
            }
            if (1...Self.exampleCodesMax).contains(entry.index.count) {
                examples[id] = entry.index.firstCodes.map { "\($0.id) (\($0.name))" }.joined(separator: ", ")
            }
        }
        self.defaults = defaults
        self.emptyStatus = emptyStatus
        self.examples = examples
        measure = placer.measureEntry.map { placer.entries[$0].component.id }
        powerComponent = placer.entry("UNIT_MULT").map { placer.entries[$0].component.id }
        powers = placer.entry("UNIT_MULT").flatMap { index in
            placer.entries[index].index.isEmpty ? nil : Set((-30...30).map(String.init).filter(placer.entries[index].index.contains))
        }
    }

    /// Code lists up to this length are written out where a component has no code yet.
    private static let exampleCodesMax = 8

    /// Every table could not be read, or not be mapped.
    public var isUseless: Bool { tables.allSatisfy { $0.failure != nil } }

    /// A confidence as people write it: 0.95.
    static func text(_ confidence: Int) -> String { confidence >= 100 ? "1.00" : "0." + (confidence < 10 ? "0" : "") + "\(confidence)" }
}

extension TablePlacer {
    /// A constant of the caller names a component, and a code of its list.
    func checkConstants() throws(ReadError) {
        var seen = Set<String>()
        for (component, value) in options.constants {
            guard let index = schema.index(of: component) else {
                let near = Nearest.text(to: component, among: schema.components.map(\.id)).map { "; did you mean \($0)?" } ?? ""
                throw ReadError(
                    .unsupported, detail: "the constant \(component)=\(value) names a component that \(schema.structure.reference) does not have\(near)")
            }
            guard seen.insert(component).inserted else { throw ReadError(.unsupported, detail: "the constant \(component) is given twice; keep one") }
            guard entries[index].index.isEmpty || entries[index].index.contains(value) else {
                let codes = schema.components[index].codelist?.codes ?? []
                let near = Nearest.text(to: value, among: codes.map(\.id)).map { "; did you mean \($0)?" } ?? ""
                throw ReadError(.unsupported, detail: "the constant \(component)=\(value) is no code of its code list\(near)")
            }
        }
    }
}
