import SluiceKit

/// Names each cell by what it is, and not by where it stands: the data structure without its version, and the codes by the ids of their dimensions.
///
/// Orders of rows and dimensions, formats, dataflows, releases and versions change nothing in it, so that a cell always rounds the same way:
/// releases side by side tell no more than one of them.
struct CellIdentity {
    private let batch: Batch
    private let prefix: [UInt8]
    /// Columns of the dimensions in the order of their ids, and each id as it stands in the message.
    private let dimensions: [(column: Int, id: [UInt8])]

    init(_ table: Table) {
        batch = table.batch
        let schema = table.batch.schema
        var prefix: [UInt8] = []
        Self.append(Array(schema.structure.identity.agency.utf8), to: &prefix)
        Self.append(Array(schema.structure.identity.id.utf8), to: &prefix)
        self.prefix = prefix
        dimensions = schema.dimensions.map { ($0, Array(schema.components[$0].id.utf8)) }.sorted { $0.1.lexicographicallyPrecedes($1.1) }
            .map { column, id in
                var field: [UInt8] = []
                Self.append(id, to: &field)
                return (column, field)
            }
    }

    /// Every field after its length, so that no two cells share a message.
    func message(ofRow row: Int) -> [UInt8] {
        var message = prefix
        message.reserveCapacity(prefix.count + dimensions.count * 24)
        for (column, id) in dimensions {
            message += id
            Self.append(batch.cell(column, row).map(Array.init) ?? [], to: &message)
        }
        return message
    }

    private static func append(_ field: [UInt8], to message: inout [UInt8]) {
        let count = UInt32(truncatingIfNeeded: field.count)
        for shift in [24, 16, 8, 0] { message.append(UInt8(truncatingIfNeeded: count >> UInt32(shift))) }
        message += field
    }
}
