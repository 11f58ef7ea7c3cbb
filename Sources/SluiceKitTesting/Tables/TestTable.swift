package import SluiceKit

/// A small cube for tests: code lists with parents, observations, and the status attributes of the demo's structures.
package struct TestTable {
    package struct TestDimension {
        package var id: String
        package var codes: [(id: String, parent: String?)]
        package var isTime = false
        package var hasCodelist = true
        /// False for a structure that names its code list without bringing it.
        package var isListAtHand = true

        package init(id: String, codes: [(id: String, parent: String?)], isTime: Bool = false, hasCodelist: Bool = true, isListAtHand: Bool = true) {
            self.id = id
            self.codes = codes
            self.isTime = isTime
            self.hasCodelist = hasCodelist
            self.isListAtHand = isListAtHand
        }
    }
    package struct TestAttribute {
        package var id: String
        package var isMandatory = false
        package var codes: [String]?
        package var relationship: AttributeRelationship

        package init(id: String, isMandatory: Bool = false, codes: [String]? = nil, relationship: AttributeRelationship = .observation) {
            self.id = id
            self.isMandatory = isMandatory
            self.codes = codes
            self.relationship = relationship
        }
    }
    package var dimensions: [TestDimension]
    package var attributes: [TestAttribute] = [
        TestAttribute(id: "OBS_STATUS", isMandatory: true, codes: ["A", "E", "M", "Q"]), TestAttribute(id: "CONF_STATUS", codes: ["A", "C", "D", "F", "N"]),
    ]
    package var measures = ["OBS_VALUE"]
    package var version = "1.0"
    /// Codes, value, and attributes by id.
    package var rows: [(key: [String], value: String?, attributes: [String: String])] = []

    package init(dimensions: [TestDimension]) { self.dimensions = dimensions }

    package mutating func add(_ key: [String], _ value: String?, _ attributes: [String: String] = ["OBS_STATUS": "A"]) { rows.append((key, value, attributes)) }
    package mutating func add(_ key: [String], _ value: Int) { add(key, String(value)) }

    package var table: Table {
        var structures = StructureSet()
        func reference(_ id: String) -> ArtefactReference { ArtefactReference(.codelist, agency: "TEST", id: "CL_" + id, version: "1.0") }
        for dimension in dimensions where dimension.hasCodelist && dimension.isListAtHand && !dimension.isTime {
            structures.add(
                Codelist(
                    identity: ArtefactIdentity(agency: "TEST", id: "CL_" + dimension.id), codes: dimension.codes.map { Code(id: $0.id, parent: $0.parent) }))
        }
        for attribute in attributes {
            if let codes = attribute.codes {
                structures.add(Codelist(identity: ArtefactIdentity(agency: "TEST", id: "CL_" + attribute.id), codes: codes.map { Code(id: $0) }))
            }
        }
        let structure = DataStructure(
            identity: ArtefactIdentity(agency: "TEST", id: "CUBE", version: version),
            dimensions: dimensions.map { dimension in
                Dimension(
                    id: dimension.id, kind: dimension.isTime ? .time : .regular,
                    representation: dimension.isTime || !dimension.hasCodelist ? nil : Representation(enumeration: reference(dimension.id)))
            },
            measures: measures.map { Measure(id: $0) },
            attributes: attributes.map {
                Attribute(
                    id: $0.id, representation: $0.codes == nil ? nil : Representation(enumeration: reference($0.id)), isMandatory: $0.isMandatory,
                    relationship: $0.relationship)
            })
        let schema = DatasetSchema(structure, in: structures)
        let batch = Batch(schema: schema, capacity: max(1, rows.count))
        func set(_ column: Int, _ row: Int, _ text: String) {
            var copy = text
            copy.withUTF8 { bytes in do { try batch.set(column, row, UnsafeRawBufferPointer(bytes)) } catch { fatalError("test data") } }
        }
        for row in rows {
            let at = batch.appendRow()
            for (column, code) in row.key.enumerated() { set(column, at, code) }
            if let value = row.value, let column = schema.index(of: measures[0]) { set(column, at, value) }
            for (id, text) in row.attributes { if let column = schema.index(of: id) { set(column, at, text) } }
        }
        return Table(description: DatasetDescription(schema: schema, reference: structure.reference), batch: batch)
    }

    /// Marked confidential by the source (CONF_STATUS A and D), with a value and without; one count is free (F). No sums, so that nothing else is withheld.
    /// - Parameters:
    ///   - codes: of CONF_STATUS.
    ///   - ofSeries: whether that is an attribute of the series.
    ///   - unreported: OBS_STATUS where there is no value.
    package static func marked(_ codes: [String], isMandatory: Bool = false, ofSeries: Bool = false, unreported: String) -> TestTable {
        var source = TestTable(dimensions: [
            .init(id: "SEX", codes: [("F", nil), ("M", nil), ("X", nil)]), .init(id: "TIME_PERIOD", codes: [], isTime: true),
        ])
        source.attributes[1] = .init(id: "CONF_STATUS", isMandatory: isMandatory, codes: codes, relationship: ofSeries ? .dimensions(["SEX"]) : .observation)
        source.add(["F", "2026"], "40", ["OBS_STATUS": "A", "CONF_STATUS": "A"])
        source.add(["F", "2027"], nil, ["OBS_STATUS": unreported, "CONF_STATUS": "A"])
        source.add(["M", "2026"], "10", ["OBS_STATUS": "A", "CONF_STATUS": "F"])
        source.add(["X", "2026"], nil, ["OBS_STATUS": unreported, "CONF_STATUS": "D"])
        return source
    }

    /// Every margin of leaf counts, for dimensions whose code lists are trees.
    package static func cube(_ dimensions: [TestDimension], leaves: [[String]: Int]) -> TestTable {
        var result = TestTable(dimensions: dimensions)
        let margins = Margins(dimensions)
        var sums: [[String]: Int] = [:]
        for (key, count) in leaves { for above in margins.keys(from: key) { sums[above, default: 0] += count } }
        for key in sums.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) { result.add(key, sums[key] ?? 0) }
        return result
    }
}

/// Where a figure of the lowest level is summed into.
package struct Margins {
    private let parents: [[String: String?]]

    package init(_ dimensions: [TestTable.TestDimension]) {
        parents = dimensions.map { Dictionary(uniqueKeysWithValues: $0.codes.map { ($0.id, $0.parent) }) }
    }

    /// The key itself, and every one above it.
    package func keys(from key: [String]) -> [[String]] {
        var found: [[String]] = [[]]
        for (at, code) in key.enumerated() {
            var chain: [String] = []
            var current: String? = code
            while let here = current {
                chain.append(here)
                current = parents[at][here] ?? nil
            }
            found = found.flatMap { prefix in chain.map { prefix + [$0] } }
        }
        return found
    }
}

extension Table {
    /// Each observation as its components joined by spaces.
    package var lines: [String] {
        (0..<batch.rowCount).map { row in batch.schema.components.indices.map { batch.string($0, row) ?? "-" }.joined(separator: " ") }
    }
}
