import SluiceKit

/// Reads one structure message into the model.
///
/// The members of all versions are taken side by side: registries send 3.0 artefacts in messages that name the schema 1.0. What the message has and
/// the model has not is named in a finding, once per artefact and member.
final class StructureMessageReader {
    let text: MessageText
    let limits: ReadLimits
    let findings: any FindingSink
    private(set) var version: SDMXJSONStructureFormat.Version
    /// The language of texts that do not name one: the first of `contentLanguages`.
    private(set) var mainLanguage = "en"
    /// The artefact at hand, for findings.
    var artefact = "message"
    /// Where the artefact, or the item of a long list, at hand begins.
    var offset = 0
    private var reported: Set<String> = []
    /// The address of the schema that the message names.
    private var schema: String?
    var structures = StructureSet()

    /// Lists of this many bytes or more are parsed element by element.
    static let longListBytes = 16 << 10

    init(_ text: MessageText, version: SDMXJSONStructureFormat.Version, limits: ReadLimits, findings: any FindingSink) {
        self.text = text
        self.version = version
        self.limits = limits
        self.findings = findings
    }

    // MARK: The message

    func read() throws(ReadError) -> StructureSet {
        let whole = try text.whole()
        guard text.isObject(whole) else { throw ReadError(.unsupported, detail: "a structure message is a JSON object; this is something else") }
        let members = try text.members(whole)
        for member in members {
            switch member.name {
            case "$schema": if let address = try text.value(member.range).text { noteSchema(address) }
            case "meta": try readMeta(member.range)
            case "errors": try readErrors(member.range)
            case "data": break
            default:
                offset = member.range.lowerBound
                _ = try text.value(member.range)
                notKept(member.name, in: "message")
            }
        }
        guard let data = members.first(where: { $0.name == "data" }), !(try isNull(data.range)) else {
            guard members.contains(where: { $0.name == "meta" || $0.name == "errors" }) else {
                throw ReadError(
                    .unsupported,
                    detail: "this is no SDMX-JSON structure message: it has no data, but \(members.prefix(5).map(\.name).joined(separator: ", "))")
            }
            return structures
        }
        guard text.isObject(data.range) else {
            _ = try text.value(data.range)
            throw ReadError(.malformed, line: text.line(at: data.range.lowerBound), detail: "data has to be an object that holds the artefacts")
        }
        try readData(try text.members(data.range))
        return structures
    }

    private func readData(_ members: [MessageText.Member]) throws(ReadError) {
        if !members.contains(where: { StructureMember.isKnown($0.name) }) {
            let names = Set(members.map(\.name))
            if names.contains("dataSets") || names.contains("structure") {
                throw ReadError(.unsupported, detail: "this is an SDMX-JSON data message, not a structure message")
            }
            if names.contains("metadataSets") { throw ReadError(.unsupported, detail: "this is an SDMX-JSON metadata message, not a structure message") }
            if let schema, schema.hasSuffix("data-schema.json") {
                throw ReadError(.unsupported, detail: "this message has no artefacts, and names the schema of another kind of message, \(schema.prefix(200))")
            }
        }
        for member in members {
            artefact = "message"
            offset = member.range.lowerBound
            reported = []
            if try isNull(member.range) { continue }
            let typed = StructureMember.typed[member.name]
            let raw = StructureMember.raw[member.name]
            guard typed != nil || raw != nil else {
                _ = try text.value(member.range)
                notKept(member.name, in: "data")
                continue
            }
            guard text.isArray(member.range) else {
                wrongType(member.name, in: "data", wanted: "a list", found: try text.value(member.range))
                continue
            }
            try text.forEachElement(member.range) { (range) throws(ReadError) in
                begin(at: range.lowerBound, artefact: member.name)
                guard text.isObject(range) else {
                    wrongType(member.name, in: "data", wanted: "an artefact", found: try text.value(range))
                    return
                }
                if let typed { try readArtefact(typed, member.name, range) } else if let raw { try readRaw(raw, member.name, range) }
            }
        }
    }

    private func isNull(_ range: Range<Int>) throws(ReadError) -> Bool {
        guard text.bytes[range.lowerBound] == UInt8(ascii: "n") else { return false }
        _ = try text.value(range)
        return true
    }

    private func begin(at offset: Int, artefact name: String) {
        self.offset = offset
        artefact = name
        reported = []
    }

    private func readMeta(_ range: Range<Int>) throws(ReadError) {
        let meta = try text.value(range)
        if let address = meta["schema"]?.text { noteSchema(address) }
        if let first = meta["contentLanguages"]?.elements?.lazy.compactMap(\.text).first, !first.isEmpty { mainLanguage = first }
    }

    private func noteSchema(_ address: String) {
        schema = address
        if let named = StructureMember.version(ofSchema: address) { version = named }
    }

    /// What a service says went wrong: the message may then be less than was asked for.
    private func readErrors(_ range: Range<Int>) throws(ReadError) {
        offset = range.lowerBound
        for error in try text.value(range).elements ?? [] {
            let words = [error["code"]?.compactText, error["title"]?.text, error["detail"]?.text].compactMap { $0 }.joined(separator: ": ")
            findings.add(
                Finding(
                    .structureFault, severity: .warning, at: position, component: "errors", offendingText: words,
                    message: "The service that sent the structures reports: \(words.prefix(200)).",
                    advice: "Check that all structures asked for are there, or ask again."))
        }
    }

    // MARK: Artefacts

    /// The artefact at `range`, its long lists not yet parsed.
    private func artefactObject(_ range: Range<Int>) throws(ReadError) -> StructureObject {
        var members: [JSONMember] = []
        var lists: [MessageText.Member] = []
        for member in try text.members(range) {
            if member.range.count >= Self.longListBytes, text.isArray(member.range) {
                lists.append(member)
            } else {
                members.append(JSONMember(member.name, try text.value(member.range)))
            }
        }
        return StructureObject(members, lists: lists, kind: "artefact", reader: self)
    }

    private func readArtefact(_ artefactClass: ArtefactClass, _ name: String, _ range: Range<Int>) throws(ReadError) {
        var object = try artefactObject(range)
        guard let identity = try readIdentity(&object, artefactClass) else { return }
        let addition: StructureSet.Addition
        switch artefactClass {
        case .codelist: addition = structures.add(try readCodelist(&object, identity, from: name))
        case .valueList: addition = structures.add(try readValueList(&object, identity))
        case .conceptScheme: addition = structures.add(try readConceptScheme(&object, identity))
        case .categoryScheme: addition = structures.add(try readCategoryScheme(&object, identity))
        case .categorisation: addition = structures.add(try readCategorisation(&object, identity))
        case .agencyScheme, .dataProviderScheme, .dataConsumerScheme, .metadataProviderScheme, .organisationUnitScheme:
            addition = structures.add(try readOrganisationScheme(&object, identity, artefactClass))
        case .dataStructure: addition = structures.add(try readDataStructure(&object, identity))
        case .metadataStructure: addition = structures.add(try readMetadataStructure(&object, identity))
        case .dataflow: addition = structures.add(try readDataflow(&object, identity))
        case .metadataflow: addition = structures.add(try readMetadataflow(&object, identity))
        case .provisionAgreement, .metadataProvisionAgreement:
            addition = structures.add(try readProvisionAgreement(&object, identity, isMetadata: artefactClass == .metadataProvisionAgreement))
        case .dataConstraint: addition = structures.add(try readConstraint(&object, identity))
        case .hierarchy: addition = structures.add(try readHierarchy(&object, identity))
        case .hierarchicalCodelist: addition = structures.add(try readHierarchicalCodelist(&object, identity))
        case .hierarchyAssociation: addition = structures.add(try readHierarchyAssociation(&object, identity))
        case .structureMap: addition = structures.add(try readStructureMap(&object, identity))
        case .representationMap: addition = structures.add(try readRepresentationMap(&object, identity))
        case .conceptSchemeMap, .categorySchemeMap, .organisationSchemeMap, .reportingTaxonomyMap:
            addition = structures.add(try readItemSchemeMap(&object, identity, artefactClass))
        default: return
        }
        // Registries write `isPartial: false` for classes that cannot be partial.
        try object.ignoreFalse("isPartial")
        object.finish()
        judge(addition, at: range.lowerBound)
    }

    private func readRaw(_ artefactClass: ArtefactClass?, _ name: String, _ range: Range<Int>) throws(ReadError) {
        var object = try artefactObject(range)
        var identity: ArtefactIdentity?
        if let artefactClass {
            identity = try readIdentity(&object, artefactClass)
            guard identity != nil else { return }
        }
        // 3.0 artefacts do turn up in messages that call themselves 1.0.
        let is10 = version == .v10 && !StructureMember.since20.contains(name)
        let format = SDMXJSONStructureFormat(is10 ? .v10 : version == .v21 || StructureMember.only21.contains(name) ? .v21 : .v20)
        let raw = RawPart(formatID: format.id, name: name, text: try text.value(range).compactText)
        judge(structures.add(OtherArtefact(identity: identity, artefactClass: artefactClass, raw: raw)), at: range.lowerBound)
    }

    private func judge(_ addition: StructureSet.Addition, at offset: Int) {
        guard case .conflict(let reference) = addition else { return }
        findings.add(.artefactConflict(reference, from: nil, at: Position(line: text.line(at: offset))))
    }

    // MARK: Findings

    var position: Position { Position(line: text.line(at: offset)) }

    /// An object, or a finding where something else stands.
    func object(_ value: JSONValue, _ kind: StaticString, name: String) -> StructureObject? {
        if case .object(let members) = value { return StructureObject(members, kind: kind, reader: self) }
        if case .null = value { return nil }
        wrongType(name, in: kind, wanted: "an object", found: value)
        return nil
    }

    func wrongType(_ name: String, in kind: StaticString, wanted: String, found: JSONValue, isUsed: Bool = false) {
        let what =
            switch found {
            case .null: "null"
            case .bool: "true or false"
            case .integer, .number: "a number"
            case .string: "a text"
            case .array: "a list"
            case .object: "an object"
            }
        guard isUsed ? reported.insert("\(kind).\(name)!").inserted : true else { return }
        findings.add(
            Finding(
                .structureFault, severity: isUsed ? .warning : .error, at: position, component: artefact, offendingText: String(found.compactText.prefix(200)),
                message: "In the \(artefact), \(name) of \(kind) is \(what), where \(wanted) should stand\(isUsed ? "" : "; it is left out").",
                advice: "Write it as the SDMX-JSON schema asks."))
    }

    /// A fault of the artefact at hand; `part` is left out.
    func fault(_ message: String, text: String? = nil, severity: Finding.Severity = .error, advice: String) {
        findings.add(
            Finding(
                .structureFault, severity: severity, at: position, component: artefact, offendingText: text, message: "In the \(artefact), \(message).",
                advice: advice))
    }

    /// A member that the model has no place for, named once per artefact. Extensions (`x-…`) are remarks by definition (field guide, "Extending").
    func notKept(_ name: String, in kind: StaticString, isRemark: Bool = false) {
        guard reported.insert("\(kind).\(name)").inserted else { return }
        findings.add(
            Finding(
                .structureNotKept, severity: isRemark || name.hasPrefix("x-") ? .note : .warning, at: position, component: artefact, offendingText: name,
                message: "In the \(artefact), \(name) of \(kind) is not kept.", advice: "Keep the original message if it is needed."))
    }
}
