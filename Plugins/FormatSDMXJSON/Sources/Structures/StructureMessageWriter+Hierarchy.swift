import SluiceKit

extension StructureMessageWriter {
    func write(_ hierarchy: Hierarchy) throws(Unwritable) {
        json.beginObject()
        try writeIdentity(hierarchy)
        json.bool("hasFormalLevels", hierarchy.tree.hasFormalLevels)
        guard hierarchy.tree.levels.count <= Self.levelsMax else { throw Unwritable("it has more than \(Self.levelsMax) levels") }
        for level in hierarchy.tree.levels {
            guard SchemaPattern.isID(level.id) else { throw Unwritable("the schema does not let the id of the level \(level.id.prefix(60)) through") }
            // Each level stands in the one above it.
            json.beginObject("level")
            json.text("id", level.id)
            writeText("name", "names", level.names, orElse: level.id)
            writeText("description", "descriptions", level.descriptions)
            writeSupplement(level.supplement) { ObjectReference(hierarchy.reference, item: level.id, itemClass: "Level").urn }
            if let format = level.codingFormat {
                json.beginObject("codingFormat")
                writeCodingFormat(format)
                json.endObject()
            }
        }
        for _ in hierarchy.tree.levels { json.endObject() }
        try write(hierarchy.tree.codes, of: hierarchy, path: "", depth: 0)
        json.endObject()
    }

    /// The format of codes on a level: three types, whole numbers from 1 on.
    private func writeCodingFormat(_ format: TextFormat) {
        var coded = format
        if let type = format.type, ![.alpha, .alphaNumeric, .numeric].contains(type) {
            lost("the data type \(type.rawValue) of a level")
            coded.type = nil
        }
        if format.timeInterval ?? format.startTime ?? format.endTime != nil {
            lost("the times of a level's format")
            (coded.timeInterval, coded.startTime, coded.endTime) = (nil, nil, nil)
        }
        func positive(_ text: String?, _ name: String) -> String? {
            guard let text else { return nil }
            if let number = Int(text), number >= 1 { return text }
            lost("\(name) \(text) of a level's format")
            return nil
        }
        coded.startValue = positive(format.startValue, "startValue")
        coded.endValue = positive(format.endValue, "endValue")
        coded.minValue = positive(format.minValue, "minValue")
        coded.maxValue = positive(format.maxValue, "maxValue")
        writeCodedFormat(coded)
    }

    private func write(_ codes: [HierarchicalCode], of hierarchy: Hierarchy, path: String, depth: Int) throws(Unwritable) {
        guard !codes.isEmpty else { return }
        guard depth < Self.levelsMax else { throw Unwritable("its codes have more than \(Self.levelsMax) levels") }
        json.beginArray("hierarchicalCodes")
        for code in codes {
            guard SchemaPattern.isID(code.id) else { throw Unwritable("the schema does not let the id \(code.id.prefix(60)) of a hierarchical code through") }
            guard let reference = code.code, let item = reference.item, SchemaPattern.isID(item) else {
                throw Unwritable("the hierarchical code \(code.id) names no code by URN")
            }
            let list = try urn(reference.artefact, "code list", .codelist)
            let path = path.isEmpty ? code.id : "\(path).\(code.id)"
            json.newLine()
            json.beginObject()
            json.text("id", code.id)
            json.text("code", list.replacing("codelist.Codelist=", with: "codelist.Code=") + "." + item)
            if let level = code.level {
                guard SchemaPattern.isID(level) else { throw Unwritable("the schema does not let the level of the code \(code.id) through") }
                json.text("level", level)
            }
            writeDateTime("validFrom", code.validFrom)
            writeDateTime("validTo", code.validTo)
            if code.version != nil { lost("the versions of hierarchical codes", isRemark: true) }
            writeSupplement(code.supplement) { ObjectReference(hierarchy.reference, item: path, itemClass: "HierarchicalCode").urn }
            try write(code.children, of: hierarchy, path: path, depth: depth + 1)
            json.endObject()
        }
        json.endArray()
    }

    func write(_ association: HierarchyAssociation) throws(Unwritable) {
        json.beginObject()
        try writeIdentity(association)
        if let hierarchy = association.hierarchy { json.text("linkedHierarchy", try urn(hierarchy, "hierarchy", .hierarchy)) }
        if let object = association.object { json.text("linkedObject", try urn(object, "linked object")) }
        if let context = association.context { json.text("contextObject", try urn(context, "context")) }
        json.endObject()
    }
}
