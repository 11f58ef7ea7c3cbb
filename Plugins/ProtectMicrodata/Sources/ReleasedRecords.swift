import SluiceKit

/// Writes the table that leaves: in fresh storage, in an order made of what is released alone.
///
/// Rows come out by their new key. Where a record gets a number of this release, the number follows from the order of everything else in the row, so that it
/// says nothing of where the record stood. Dictionaries and texts are filled in that order, so they hold nothing else.
struct ReleasedRecords {
    /// By column; nil where nothing is released, or a number that follows from the order.
    private var columns: [Variable?]
    private let plan: RecordPlan
    private let original: Table

    /// - Parameters:
    ///   - quasi: by the order of the plan, values of the ladder's dictionary, absent where withheld.
    init(_ original: Table, _ plan: RecordPlan, quasi: [Variable], sensitive: [Variable], pseudonyms: [Variable]) throws(ProtectionError) {
        self.plan = plan
        self.original = original
        columns = Array(repeating: nil, count: plan.schema.components.count)
        for variable in quasi + sensitive + pseudonyms { columns[variable.column] = variable }
        for column in plan.others { columns[column] = try Variable(original.batch, column) }
    }

    /// - Parameter kept: of each record of the original, whether it leaves.
    func table(keeping kept: [Bool], _ deadline: Deadline) throws(ProtectionError) -> Table {
        let order = try inOrder(kept.indices.filter { kept[$0] }, deadline)
        let schema = plan.schema
        let batch = Batch(schema: schema, capacity: max(1, order.count))
        for _ in order { _ = batch.appendRow() }
        for column in schema.components.indices {
            try deadline.check()
            do throws(ReadError) {
                if plan.numbered.contains(column) {
                    try number(column, of: batch)
                } else if let variable = columns[column] {
                    try write(variable, order, into: batch)
                }
            } catch {
                throw ProtectionError(.tooLarge, detail: error.detail)
            }
        }
        guard Records.hasDistinctKeys(batch) else {
            throw ProtectionError(
                .keyDuplicate,
                detail: "once generalised, two records would have the same key; give the structure a dimension that is each record's own id, and replace that")
        }
        try checkRelationships(batch, deadline)
        return Table(description: original.description, batch: batch)
    }

    private func write(_ variable: Variable, _ order: [Int], into batch: Batch) throws(ReadError) {
        let column = variable.column
        if batch.isCoded[column] {
            let target = batch.dictionary(column)
            let codes = batch.codes(column)
            var known = [UInt32](repeating: ValueDictionary.absent, count: variable.dictionary.count)
            for (row, record) in order.enumerated() {
                let code = variable.codes[record]
                guard code != ValueDictionary.absent else { continue }
                if known[Int(code)] == ValueDictionary.absent { known[Int(code)] = try target.intern(variable.dictionary.bytes(code)) }
                codes[row] = known[Int(code)]
            }
        } else {
            let spans = batch.spans(column)
            var known = [Batch.Span](repeating: .absent, count: variable.dictionary.count)
            for (row, record) in order.enumerated() {
                let code = variable.codes[record]
                guard code != ValueDictionary.absent else { continue }
                if known[Int(code)].isAbsent { known[Int(code)] = batch.store(variable.dictionary.bytes(code)) }
                spans[row] = known[Int(code)]
            }
        }
    }

    /// Records by their released values: dimensions first, then everything else; by counting, so that the time grows with the records alone.
    private func inOrder(_ kept: [Int], _ deadline: Deadline) throws(ProtectionError) -> [Int] {
        var order = kept
        let schema = plan.schema
        let significant = Array(schema.dimensions) + schema.components.indices.filter { !schema.dimensions.contains($0) }
        for column in significant.reversed() {
            guard let variable = columns[column], variable.dictionary.count > 0 else { continue }
            try deadline.check()
            let ranks = variable.ranks
            let last = ranks.count
            var begins = [Int](repeating: 0, count: last + 2)
            for record in order {
                let code = variable.codes[record]
                begins[(code == ValueDictionary.absent ? last : Int(ranks[Int(code)])) + 1] += 1
            }
            for at in 1..<begins.count { begins[at] += begins[at - 1] }
            var next = order
            for record in order {
                let code = variable.codes[record]
                let rank = code == ValueDictionary.absent ? last : Int(ranks[Int(code)])
                next[begins[rank]] = record
                begins[rank] += 1
            }
            order = next
        }
        return order
    }

    /// Numbers of one length, from 1 in the order of the rows.
    private func number(_ column: Int, of batch: Batch) throws(ReadError) {
        let width = RecordNumber.width(plan.schema.components[column], recordCount: batch.rowCount)
        for row in 0..<batch.rowCount {
            let text = RecordNumber.text(row + 1, width: width)
            var result: Result<UInt32, ReadError> = .success(ValueDictionary.absent)
            text.withUnsafeBytes { bytes in
                do throws(ReadError) { result = .success(try batch.dictionary(column).intern(bytes)) } catch { result = .failure(error) }
            }
            batch.codes(column)[row] = try result.get()
        }
    }

    /// An attribute of part of the key has one value for that part; formats write it once.
    private func checkRelationships(_ batch: Batch, _ deadline: Deadline) throws(ProtectionError) {
        let schema = batch.schema
        for column in schema.attributes {
            try deadline.check()
            let dimensions: [String]
            switch schema.components[column].role {
            case .attribute(.dimensions(let ids)): dimensions = ids
            case .attribute(.dataset): dimensions = []
            case .attribute(.group): dimensions = schema.groupDimensions(of: column) ?? []
            default: continue
            }
            guard columns[column] != nil, !Records.isConstant(batch, column) else { continue }
            let digits = dimensions.compactMap(schema.index(of:)).map { dimension in
                Grouping.Digit(
                    codes: Array(UnsafeBufferPointer(start: batch.codes(dimension), count: batch.rowCount)), map: nil,
                    width: batch.dictionary(dimension).count + 1)
            }
            let grouping = Grouping(digits, recordCount: batch.rowCount)
            let values = batch.codes(column)
            var first = [UInt32?](repeating: nil, count: grouping.count)
            for row in 0..<batch.rowCount {
                let group = Int(grouping.classes[row])
                let value = values[row]
                guard let known = first[group] else {
                    first[group] = value
                    continue
                }
                guard known == value else {
                    throw ProtectionError(
                        .markingImpossible,
                        detail:
                            "\(schema.components[column].id) belongs to more than one record (\(dimensions.joined(separator: ", "))), and differs between them once they are protected; make it an attribute of the observation in the structure"
                    )
                }
            }
        }
    }
}

/// The number that an identifying dimension gets in place of its value.
enum RecordNumber {
    /// - Throws: `markingImpossible` where the structure has no room for numbers.
    static func check(_ component: Component, _ structure: DataStructure, recordCount: Int) throws(ProtectionError) {
        let format = component.textFormat
        let isTyped: Bool
        switch format?.type {
        case nil, .string?, .alphaNumeric?, .numeric?, .bigInteger?, .integer?, .long?, .count?: isTyped = true
        default: isTyped = false
        }
        guard isTyped, component.codelistReference == nil, component.role != .timeDimension, format?.pattern == nil, format?.minValue == nil,
            format?.maxValue == nil,
            width(component, recordCount: recordCount) <= format?.maxLength ?? .max
        else {
            throw ProtectionError(
                .markingImpossible,
                detail:
                    "\(component.id) is an identifier that may not travel, and \(structure.reference) has no room for a number in its place (\(recordCount) records); make it a String"
            )
        }
    }

    static func width(_ component: Component, recordCount: Int) -> Int {
        max("\(max(1, recordCount))".utf8.count, min(component.textFormat?.minLength ?? 1, 64))
    }

    static func text(_ number: Int, width: Int) -> [UInt8] {
        var text = [UInt8](repeating: UInt8(ascii: "0"), count: width)
        var rest = number
        var at = width - 1
        while rest > 0 {
            text[at] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
            at -= 1
        }
        return text
    }
}
