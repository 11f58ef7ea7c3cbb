import SluiceKit

/// Connects the components of a message's structure with the columns of a batch: what an index or a value means there.
final class MessageBinding {
    /// One component of the message.
    struct Slot {
        let id: String
        /// Its column; nil when the data structure has no such component.
        let column: Int?
        let isCoded: Bool
        let values: ValueList?
        let defaultValue: String?
        /// For each listed value its code in the batch, or `unresolved`.
        fileprivate let codes: UnsafeMutablePointer<UInt32>
    }
    /// What most cells need of a slot; nothing in it is counted, so that a loop over cells touches no reference.
    struct Target {
        let column: Int
        /// How many values are listed; 0 where the datasets hold the values themselves.
        let valueCount: Int32
        let isKnown: Bool
        let isCoded: Bool
        let codes: UnsafeMutablePointer<UInt32>

        fileprivate init(_ slot: Slot) {
            column = slot.column ?? 0
            valueCount = Int32(truncatingIfNeeded: slot.values?.count ?? 0)
            isKnown = slot.column != nil
            isCoded = slot.isCoded
            codes = slot.codes
        }
    }

    /// A listed value that has not been met yet.
    private static let unresolved = UInt32.max - 1

    let structure: MessageStructure
    let schema: DatasetSchema
    /// Dimensions in the order of the keys: dataset, series, observation.
    let dimensions: [Slot]
    let seriesDimensions: Range<Int>
    let observationDimensions: Range<Int>
    /// What the arrays of a dataset, a partial key, a series and an observation hold, in this order.
    let dataSet: [Slot]
    let dimensionGroup: [Slot]
    let series: [Slot]
    let observation: [Slot]
    let hasObservationDefaults: Bool
    /// `dimensions` and `observation` once more, for the loops.
    let dimensionTargets: UnsafeMutableBufferPointer<Target>
    let observationTargets: UnsafeMutableBufferPointer<Target>
    private let context: ReadContext
    private var batch: Batch?

    init(_ structure: MessageStructure, _ schema: DatasetSchema, _ context: ReadContext) {
        self.structure = structure
        self.schema = schema
        self.context = context
        func slots(_ components: [MessageComponent]) -> [Slot] {
            components.map { component in
                let column = schema.index(of: component.id)
                return Slot(
                    id: component.id, column: column, isCoded: column.map { schema.components[$0].storage == .coded } ?? false, values: component.values,
                    defaultValue: component.defaultValue, codes: .allocate(capacity: max(component.values?.count ?? 0, 1)))
            }
        }
        func attributes(_ level: MessageComponent.Level) -> [MessageComponent] { structure.attributes.filter { $0.level == level } }
        dimensions = slots(structure.dimensions)
        seriesDimensions = structure.dimensions(.series)
        observationDimensions = structure.dimensions(.observation)
        dataSet = slots(attributes(.dataSet))
        dimensionGroup = slots(attributes(.dimensionGroup))
        series = slots(attributes(.series))
        // The working group's own samples leave out `measures` and still begin each observation with the value, as SDMX-JSON 1.0 does.
        let implied = ImpliedMeasure.id(in: schema).map { [MessageComponent(id: $0, level: .observation)] } ?? []
        observation = slots((structure.measures ?? implied) + attributes(.observation))
        dimensionTargets = .allocate(capacity: dimensions.count)
        _ = dimensionTargets.initialize(from: dimensions.map(Target.init))
        observationTargets = .allocate(capacity: observation.count)
        _ = observationTargets.initialize(from: observation.map(Target.init))
        hasObservationDefaults = observation.contains { $0.defaultValue != nil }
    }

    deinit {
        for slot in dimensions + dataSet + dimensionGroup + series + observation { slot.codes.deallocate() }
        dimensionTargets.deallocate()
        observationTargets.deallocate()
    }

    /// Codes belong to one batch's dictionaries; another batch begins anew.
    func use(_ batch: Batch) {
        guard self.batch !== batch else { return }
        self.batch = batch
        for slot in dimensions + dataSet + dimensionGroup + series + observation {
            slot.codes.initialize(repeating: Self.unresolved, count: max(slot.values?.count ?? 0, 1))
        }
    }

    /// Reports components of the message that the data structure has not, and dimensions that the message has not.
    func reportComponents(_ action: DatasetAction, dataset: Int) {
        for slot in dimensions + dataSet + dimensionGroup + series + observation where slot.column == nil {
            context.findings.add(
                Finding(
                    .componentUnknown, severity: .warning, at: Position(dataset: dataset), component: slot.id, offendingText: slot.id,
                    message: "\(slot.id) is no component of data structure \(schema.structure.reference); its values are not kept.",
                    advice: "Correct the component's id, or give the data structure that has it."))
        }
        guard action != .delete else { return }
        for column in schema.dimensions where !dimensions.contains(where: { $0.column == column }) {
            let id = schema.components[column].id
            context.findings.add(
                Finding(
                    .dimensionMissing, at: Position(dataset: dataset), component: id, message: "The message's structure has no dimension \(id).",
                    advice: "Add \(id) to the message's dimensions, at dataset level where it has one value."))
        }
    }

    // MARK: Cells

    /// The code of a listed value in the batch; absent for a listed null, nil when there is no such value.
    @inline(__always)
    func code(_ slot: Slot, _ index: Int32, _ column: Int, _ batch: Batch) throws(ReadError) -> UInt32? {
        guard let values = slot.values, index >= 0, Int(index) < values.count else { return nil }
        let code = slot.codes[Int(index)]
        if code != Self.unresolved { return code }
        return try resolve(slot, values, Int(index), column, batch)
    }

    private func resolve(_ slot: Slot, _ values: ValueList, _ index: Int, _ column: Int, _ batch: Batch) throws(ReadError) -> UInt32 {
        var code = ValueDictionary.absent
        if !values.isNone(index) {
            code = try values.with(index) { (bytes) throws(ReadError) in
                // An empty dimension value is how a dimension that is left out (a partial key) is listed.
                bytes.isEmpty && schema.components[column].isDimension ? ValueDictionary.absent : try batch.dictionary(column).intern(bytes)
            }
        }
        slot.codes[index] = code
        return code
    }

    /// What a value becomes in a batch.
    enum Cell {
        case absent
        case code(UInt32)
        case text([UInt8])
    }

    /// The column of a dimension and the code of its value there; nil where the value has not been met, or does not exist.
    @inline(__always)
    func knownCode(_ position: Int, _ index: Int32) -> (column: Int, code: UInt32)? {
        let target = dimensionTargets[position]
        guard target.isKnown, index < target.valueCount, target.codes[Int(index)] != Self.unresolved else { return nil }
        return (target.column, target.codes[Int(index)])
    }

    /// Puts the value of a dimension into a cell of the row; false when there is no such value.
    @inline(__always)
    func setDimension(_ position: Int, _ index: Int32, _ batch: Batch, _ row: Int) throws(ReadError) -> Bool {
        if let known = knownCode(position, index) {
            batch.codes(known.column)[row] = known.code
            return true
        }
        let target = dimensionTargets[position]
        guard target.isKnown else { return true }
        guard index < target.valueCount else { return false }
        if let code = try self.code(dimensions[position], index, target.column, batch) {
            batch.codes(target.column)[row] = code
        }
        return true
    }

    /// Puts the listed value at `index`, or the number itself where nothing is listed, into a cell of the row.
    @inline(__always)
    func setObservation(_ position: Int, _ index: Int32, _ batch: Batch, _ row: Int, _ place: @autoclosure () -> Position) throws(ReadError) {
        let target = observationTargets[position]
        guard target.isKnown else { return }
        if target.isCoded, index < target.valueCount, target.codes[Int(index)] < Self.unresolved {
            batch.codes(target.column)[row] = target.codes[Int(index)]
        } else {
            put(try cell(observation[position], .number(String(index)), batch, place()), observation[position], batch, row)
        }
    }

    /// Puts the token's value, that of an observation's measure or attribute, into a cell of the row.
    @inline(__always)
    func setObservation(
        _ position: Int, _ token: JSONScanner.Token, _ scanner: JSONScanner, _ batch: Batch, _ row: Int, _ place: @autoclosure () -> Position
    ) throws(ReadError) {
        let target = observationTargets[position]
        if token == .null || (!target.isKnown && token != .objectStart && token != .arrayStart) { return }
        if token == .string, scanner.holdsMark { throw scanner.marked() }
        if token == .number, target.valueCount > 0 {
            var index: Int32 = -1
            if target.isCoded, IndexKey.parse(scanner.text, into: &index, count: 1), index < target.valueCount, target.codes[Int(index)] < Self.unresolved {
                batch.codes(target.column)[row] = target.codes[Int(index)]
                return
            }
        } else if token == .number || token == .string, target.valueCount == 0 {
            if target.isCoded {
                batch.codes(target.column)[row] = try batch.dictionary(target.column).intern(scanner.text)
            } else {
                batch.spans(target.column)[row] = batch.store(scanner.text)
            }
            return
        }
        put(try cell(observation[position], try MessageValue(scanner, token), batch, place()), observation[position], batch, row)
    }

    func put(_ cell: Cell, _ slot: Slot, _ batch: Batch, _ row: Int) {
        guard let column = slot.column else { return }
        switch cell {
        case .absent: break
        case .code(let code): batch.codes(column)[row] = code
        case .text(let bytes): bytes.withUnsafeBytes { batch.spans(column)[row] = batch.store($0) }
        }
    }

    /// What a value that was kept becomes in the batch; reports what it cannot become.
    func cell(_ slot: Slot, _ value: MessageValue, _ batch: Batch, _ place: @autoclosure () -> Position) throws(ReadError) -> Cell {
        guard let column = slot.column else { return .absent }
        if case .number(let text) = value, let values = slot.values, slot.isCoded {
            guard let index = Int32(text), index >= 0, Int(index) < values.count else {
                reportIndex(slot, text, place())
                return .absent
            }
            return try code(slot, index, column, batch).map { $0 == ValueDictionary.absent ? .absent : .code($0) } ?? .absent
        }
        let text = try value.cell { (value) throws(ReadError) in self.text(slot, value, place) }
        return try text.map { (text) throws(ReadError) in try cell(text, slot, column, batch) } ?? .absent
    }

    /// The text of a number or string: what it points at, where values are listed, else itself.
    private func text(_ slot: Slot, _ value: MessageValue, _ place: () -> Position) -> String? {
        guard let text = value.scalar else { return nil }
        guard let values = slot.values else { return text }
        if case .number = value, let index = Int(text), index >= 0, index < values.count { return values.isNone(index) ? nil : values.text(index) }
        // 2.1, "Data type conversions": the two spellings of a value that is missing on purpose.
        if case .text = value, text == "NaN" || text == "#N/A" { return text }
        reportIndex(slot, text, place())
        return nil
    }

    private func cell(_ text: String, _ slot: Slot, _ column: Int, _ batch: Batch) throws(ReadError) -> Cell {
        slot.isCoded ? .code(try batch.dictionary(column).intern(text)) : .text(Array(text.utf8))
    }

    /// What stands for an attribute that was left out at the end of an array.
    func defaultCell(_ slot: Slot, _ batch: Batch) throws(ReadError) -> Cell {
        guard let text = slot.defaultValue, let column = slot.column else { return .absent }
        return try cell(text, slot, column, batch)
    }

    // MARK: Findings

    func reportIndex(_ slot: Slot, _ text: String, _ place: Position) {
        context.findings.add(
            Finding(
                .indexOutOfRange, at: place, component: slot.id, offendingText: text,
                message: "“\(text.prefix(64))” is no position in the \(slot.values?.count ?? 0) values listed for \(slot.id); the cell is left out.",
                advice: "Write positions from 0 on, or list the missing value."))
    }
}
