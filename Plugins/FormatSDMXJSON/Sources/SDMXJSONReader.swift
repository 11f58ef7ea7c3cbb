import SluiceKit

/// Reads SDMX-JSON data in two passes: the first keeps header, structures and dataset heads (`OutlineReader`), the second streams the observations.
///
/// What changes with every row goes without run-time access checks: nothing here calls out while it changes.
final class SDMXJSONReader: DatasetReader {
    /// Most keys remembered to tell that one stands twice in an object; behind that number duplicates are left to the checks of the rows.
    private static let keysRememberedMax = 1 << 20

    private enum State {
        /// No dataset, or its end has been reached.
        case outside
        case members
        case series
        case seriesMembers
        case emptySeries
        case observations
        /// The dataset's members have been read; what belongs to none of their rows follows: its own attributes, then the groups from a number on.
        case ownAttributes
        case leftGroups(Int)
    }

    private(set) var header = MessageHeader()
    private let source: any ByteSource
    private let version: SDMXJSONFormat.Version
    private let context: ReadContext
    private var outline: JSONOutline?
    /// Where no data structure is at hand: what the message says of each, by what its datasets refer to.
    private var madeSchemas: [String: DatasetSchema] = [:]
    private var scanner: JSONScanner
    @exclusivity(unchecked) private var state = State.outside
    @exclusivity(unchecked) private var datasetOrdinal = 0
    @exclusivity(unchecked) private var rowOrdinal = 0
    private var bindings: [String: MessageBinding] = [:]
    private var binding: MessageBinding?
    @exclusivity(unchecked) private var action = DatasetAction.information
    private var head = DatasetHead()
    @exclusivity(unchecked) private var groups: GroupTable?

    /// The position of the current row's value in each dimension's list, in the order of the keys.
    @exclusivity(unchecked) private var indexes: UnsafeMutablePointer<Int32> = .allocate(capacity: 1)
    /// The dataset has given a row of its series or observations.
    @exclusivity(unchecked) private var hasRows = false
    /// What is common to the rows of the dataset, and to those of the series.
    @exclusivity(unchecked) private var common: RowTemplate?
    @exclusivity(unchecked) private var seriesRow: RowTemplate?
    @exclusivity(unchecked) private var isInSeries = false
    private var seriesHasAttributes = false
    /// Rows of the series handed out in an earlier filling of the batch, and the first one in this.
    @exclusivity(unchecked) private var seriesRowCount = 0
    @exclusivity(unchecked) private var seriesFirstRow = 0
    @exclusivity(unchecked) private var seriesOrdinal: UInt32 = 0
    private var seriesKeys = HashSet64(countMax: SDMXJSONReader.keysRememberedMax)
    @exclusivity(unchecked) private var observationKeys = HashSet64(countMax: SDMXJSONReader.keysRememberedMax)
    /// For each value of the one dimension of observations, the series in which it was met last.
    @exclusivity(unchecked) private var observationStamps: [UInt32] = []

    init(_ source: any ByteSource, version: SDMXJSONFormat.Version, context: ReadContext) {
        self.source = source
        self.version = version
        self.context = context
        scanner = JSONScanner(source, limits: context.limits)
    }

    deinit {
        indexes.deallocate()
        seriesKeys.deallocate()
        observationKeys.deallocate()
    }

    // MARK: Datasets

    func nextDataset() throws(ReadError) -> DatasetDescription? {
        if outline == nil { try begin() }
        guard let outline, datasetOrdinal < outline.datasets.count else { return nil }
        if datasetOrdinal > 0 { try scanner.leave(toDepth: outline.isBare ? 2 : 3) }
        guard try scanner.next() == .objectStart else { throw scanner.malformed("the message changed between its two readings") }
        head = outline.datasets[datasetOrdinal]
        datasetOrdinal += 1
        rowOrdinal = 0
        state = .members
        return try beginDataset(outline)
    }

    private func begin() throws(ReadError) {
        guard source.canRewind else {
            throw ReadError(.inputOutput, detail: "SDMX-JSON has to be read twice and this input cannot be; write it into a file first")
        }
        var reader = OutlineReader(source, limits: context.limits, keepsCodeNames: makesSchemas)
        let outline = try reader.read()
        if let told = outline.version, told != version { throw refusal("it is SDMX-JSON \(told.rawValue); ask for sdmx-json-\(told.rawValue)") }
        if outline.version == nil, version == .v1, outline.hasStructures {
            throw refusal("it has “structures”, as SDMX-JSON 2.0 and 2.1; ask for sdmx-json-2.0 or sdmx-json-2.1")
        }
        self.outline = outline
        header = outline.header
        try source.rewind()
        scanner = JSONScanner(source, limits: context.limits)
        _ = try scanner.next()
        if !outline.isBare {
            try enter("data")
            guard try scanner.next() == .objectStart else { return }
        }
        try enter("dataSets")
        _ = try scanner.next()
    }

    private func refusal(_ detail: String) -> ReadError {
        ReadError(.unsupported, line: 1, byteOffset: 0, detail: "the message is not SDMX-JSON \(version.rawValue): \(detail)")
    }

    /// Moves to the value of a member of the object just opened; the first pass has seen that it is there.
    private func enter(_ name: String) throws(ReadError) {
        while try scanner.next() == .name {
            if scanner.text.elementsEqual(name.utf8) { return }
            try scanner.skipValue()
        }
    }

    private func beginDataset(_ outline: JSONOutline) throws(ReadError) -> DatasetDescription {
        let number = datasetOrdinal - 1
        // "If omitted, then the data in this dataSet are assumed to be described by the first structure" (field guide 2.x, "dataSet").
        let index = version == .v1 ? 0 : head.structure ?? outline.structures.firstIndex { $0.dataSets.contains(number) } ?? 0
        guard outline.structures.indices.contains(index) else {
            throw ReadError(
                .malformed, line: head.line,
                detail:
                    "dataset \(datasetOrdinal) refers to structure \(head.structure.map(String.init) ?? "none") and the message has \(outline.structures.count); write the position of its structure"
            )
        }
        let structure = outline.structures[index]
        let (reference, schema) = try resolve(head.references + structure.references, structure, outline)
        action = ActionName.meaning(head.unknownAction == nil ? head.action : .information, version)
        if let unknown = head.unknownAction {
            context.findings.add(
                Finding(
                    .actionUnknown, at: Position(line: head.line, dataset: datasetOrdinal), component: "action", offendingText: unknown,
                    message: "“\(unknown.prefix(64))” is no action; the dataset is read as information.",
                    advice: "Write Information, Append, Replace, Delete, or (in 2.1) Merge."))
        }
        let bindingKey = "\(index) \(reference)"
        let binding: MessageBinding
        if let known = bindings[bindingKey] {
            binding = known
        } else {
            binding = MessageBinding(structure, schema, context)
            bindings[bindingKey] = binding
            binding.reportComponents(action, dataset: datasetOrdinal)
            for component in structure.dimensions where component.level == .dataSet && component.values?.count != 1 {
                throw ReadError(
                    .malformed, line: head.line,
                    detail:
                        "dimension \(component.id) stands at dataset level with \(component.values?.count ?? 0) values; there it has exactly one: move it to the series or the observation"
                )
            }
        }
        self.binding = binding
        groups = head.groups.isEmpty ? nil : try GroupTable(head.groups, structure, observation: binding.observationDimensions)
        indexes.deallocate()
        indexes = .allocate(capacity: binding.dimensions.count + 1)
        indexes.initialize(repeating: 0, count: binding.dimensions.count + 1)
        common = nil
        seriesRow = nil
        seriesKeys.removeAll()
        observationKeys.removeAll()
        if binding.observationDimensions.count == 1 {
            observationStamps = Array(repeating: 0, count: binding.dimensions[binding.observationDimensions.lowerBound].values?.count ?? 0)
            seriesOrdinal = 0
        }
        let isSeries = binding.observationDimensions.count == 1 && !binding.seriesDimensions.isEmpty
        hasRows = false
        var description = DatasetDescription(
            schema: binding.schema, reference: reference, action: action,
            dimensionAtObservation: isSeries ? binding.dimensions[binding.observationDimensions.lowerBound].id : DatasetDescription.allDimensions)
        description.dates = head.dates
        return description
    }

    /// Without any data structure at hand the message's own words have to do.
    private var makesSchemas: Bool { context.structures.dataStructures.isEmpty && context.flow == nil }

    /// The reference that a dataset gives, a dataflow before all, and the schema it is read with.
    private func resolve(_ references: [ArtefactReference], _ described: MessageStructure, _ outline: JSONOutline) throws(ReadError) -> (
        ArtefactReference, DatasetSchema
    ) {
        let flow = references.first { $0.artefactClass == .dataflow }
        let structure = references.first { $0.artefactClass == .dataStructure }
        let position = Position(line: head.line, dataset: datasetOrdinal)
        let named = flow ?? references.first { $0.artefactClass == .provisionAgreement } ?? structure
        if makesSchemas {
            let schema = madeSchema(structure ?? named, flow, described, outline, position)
            return (named ?? schema.structure.reference, schema)
        }
        guard let reference = named else {
            let schema = try context.schema(for: nil, at: position)
            return (schema.flow ?? schema.structure.reference, schema)
        }
        // A message that names flow and structure can be read with the structure alone.
        if context.flow == nil, reference != structure, let structure, let known = context.structures.dataStructure(structure),
            flow.flatMap(context.structures.dataflow) == nil
        {
            return (reference, DatasetSchema(known, in: context.structures, flow: flow))
        }
        return (reference, try context.schema(for: reference, at: position))
    }

    /// The schema that the message's own structures describe, made once per structure.
    private func madeSchema(
        _ reference: ArtefactReference?, _ flow: ArtefactReference?, _ described: MessageStructure, _ outline: JSONOutline, _ position: Position
    ) -> DatasetSchema {
        let key = reference?.description ?? ""
        if let known = madeSchemas[key] { return known }
        let same = outline.structures.filter { other in
            reference.map { reference in other.references.contains(reference) } ?? other.references.isEmpty
        }
        let schema = MessageSchema.make(same.isEmpty ? [described] : same, reference, flow: flow)
        madeSchemas[key] = schema
        context.findings.add(
            Finding(
                .structureFromMessage, severity: .note, at: position, component: schema.structure.reference.description,
                message:
                    "\(schema.structure.reference) is not at hand; the data are read as the message itself describes them, with the codes that it lists.",
                advice: "Give the structure message that defines it to have codes, types and mandatory attributes checked."))
        return schema
    }

    // MARK: Rows

    func read(into batch: Batch) throws(ReadError) -> Int {
        guard isInside, let binding else { return 0 }
        binding.use(batch)
        try prepareTemplates(binding, batch)
        let before = batch.rowCount
        if isInSeries { seriesFirstRow = before }
        while !batch.isFull, isInside { try step(binding, batch) }
        if isInSeries { seriesRowCount += batch.rowCount - seriesFirstRow }
        return batch.rowCount - before
    }

    private var isInside: Bool {
        if case .outside = state { false } else { true }
    }

    /// Reads the next member, series or observation.
    private func step(_ binding: MessageBinding, _ batch: Batch) throws(ReadError) {
        switch state {
        case .outside: break
        case .ownAttributes: try appendOwnAttributes(binding, batch)
        case .leftGroups(let number): try appendLeftGroup(number, binding, batch)
        case .members:
            guard try scanner.next() == .name else {
                isInSeries = false
                state = .ownAttributes
                return
            }
            let isSeries = scanner.text.elementsEqual("series".utf8)
            guard isSeries || scanner.text.elementsEqual("observations".utf8) else { return try scanner.skipValue() }
            isInSeries = false
            if try scanner.next() == .objectStart { state = isSeries ? .series : .observations }
        case .series:
            guard try scanner.next() == .name else {
                state = .members
                return
            }
            try beginSeries(binding, batch)
        case .seriesMembers:
            guard try scanner.next() == .name else {
                if seriesRowCount + batch.rowCount - seriesFirstRow == 0 {
                    state = .emptySeries
                } else {
                    isInSeries = false
                    state = .series
                }
                return
            }
            if scanner.text.elementsEqual("attributes".utf8) { return try readSeriesAttributes(binding, batch) }
            guard scanner.text.elementsEqual("observations".utf8) else { return try scanner.skipValue() }
            if try scanner.next() == .objectStart { state = .observations }
        case .emptySeries:
            // A series without observations still carries its key and attributes (a partial key, or what a Delete runs over).
            for position in binding.observationDimensions { indexes[position] = IndexKey.leftOut }
            _ = try appendRow(binding, batch)
            isInSeries = false
            state = .series
        case .observations:
            guard try scanner.next() == .name else {
                state = isInSeries ? .seriesMembers : .members
                return
            }
            try readObservation(binding, batch)
        }
    }

    private func beginSeries(_ binding: MessageBinding, _ batch: Batch) throws(ReadError) {
        let isKey = IndexKey.parse(scanner.text, into: indexes + binding.seriesDimensions.lowerBound, count: binding.seriesDimensions.count)
        if !isKey { reportKey(binding.seriesDimensions.count) }
        if isKey, !seriesKeys.isFull, !seriesKeys.insert(hash(binding.seriesDimensions)) { reportDuplicate("series", binding) }
        guard isKey else { return try scanner.skipValue() }
        guard try scanner.next() == .objectStart else { throw scanner.malformed("a series is no object") }
        isInSeries = true
        seriesHasAttributes = false
        seriesRowCount = 0
        seriesFirstRow = batch.rowCount
        seriesOrdinal &+= 1
        state = .seriesMembers
        guard let common, let seriesRow else { return }
        seriesRow.copy(common)
        try setDimensions(binding.seriesDimensions, binding, batch) { (column, code) in seriesRow.set(column, .code(code)) }
        if !isDelete {
            try groups?.forEachMatch(indexes, ofSeries: true) { (group) throws(ReadError) in
                try setGroup(group, binding, batch) { (slot, cell) in slot.column.map { seriesRow.set($0, cell) } }
            }
        }
    }

    private func readSeriesAttributes(_ binding: MessageBinding, _ batch: Batch) throws(ReadError) {
        guard !seriesHasAttributes else { throw scanner.malformed("member “attributes” stands twice in a series; remove one of the two") }
        seriesHasAttributes = true
        guard seriesRowCount == 0 else {
            throw ReadError(
                .unsupported, line: scanner.line, byteOffset: scanner.byteOffset,
                detail: "the attributes of a series stand behind more than \(seriesRowCount) of its observations; write “attributes” before “observations”")
        }
        guard let seriesRow else { return }
        switch try scanner.next() {
        case .arrayStart: break
        case .null: return
        default: throw scanner.malformed("the attributes of a series are no array")
        }
        if isDelete { return try readDeletedSeriesAttributes(binding, batch) }
        var count = 0
        while true {
            let token = try scanner.next()
            if token == .arrayEnd { break }
            let value = try MessageValue(scanner, token)
            if count < binding.series.count, let column = binding.series[count].column {
                seriesRow.set(column, try binding.cell(binding.series[count], value, batch, place))
            }
            count += 1
        }
        if count > 0, action != .delete { try setDefaults(binding.series.dropFirst(count), binding, seriesRow) }
        // Observations that came before their series' attributes are still in this filling.
        for row in seriesFirstRow..<max(batch.rowCount, seriesFirstRow) { seriesRow.apply(to: row, only: binding.series.compactMap(\.column)) }
    }

    /// In a Delete the attributes of a series name what is taken from the series, not from its observations: a row of its own.
    private func readDeletedSeriesAttributes(_ binding: MessageBinding, _ batch: Batch) throws(ReadError) {
        var values: [MessageValue] = []
        while true {
            let token = try scanner.next()
            if token == .arrayEnd { break }
            values.append(try MessageValue(scanner, token))
        }
        guard values.contains(where: { !$0.isNone }) else { return }
        for position in binding.observationDimensions { indexes[position] = IndexKey.leftOut }
        let row = try appendRow(binding, batch)
        for (slot, value) in zip(binding.series, values) { binding.put(try binding.cell(slot, value, batch, place), slot, batch, row) }
    }

    // MARK: What belongs to part of the key

    private var isDelete: Bool { action == .delete }

    /// The dataset's own attributes, where no row carries them: there is none, or the dataset deletes.
    private func appendOwnAttributes(_ binding: MessageBinding, _ batch: Batch) throws(ReadError) {
        state = .leftGroups(0)
        let hasValues = head.attributes.contains { !$0.isNone }
        // A Delete without keys and attributes is one of all data ("whole datasets … can be deleted", field guide 2.1, "dataSet").
        let deletesAll = isDelete && !head.hasKeys && head.groups.isEmpty && !hasValues
        guard deletesAll || (hasValues && (isDelete || !hasRows)) else { return }
        let row = batch.appendRow(line: UInt64(truncatingIfNeeded: head.line))
        rowOrdinal += 1
        for (slot, value) in zip(binding.dataSet, head.attributes) { binding.put(try binding.cell(slot, value, batch, place), slot, batch, row) }
    }

    /// The next group whose partial key fits no row of the dataset.
    private func appendLeftGroup(_ number: Int, _ binding: MessageBinding, _ batch: Batch) throws(ReadError) {
        guard let groups, number < groups.groups.count else {
            state = .outside
            return
        }
        state = .leftGroups(number + 1)
        guard !groups.isUsed(number) else { return }
        let group = groups.groups[number]
        let row = batch.appendRow(line: UInt64(truncatingIfNeeded: group.line))
        rowOrdinal += 1
        for (position, index) in group.key.enumerated() {
            let dimension = groups.dimensionOrder[position]
            if index == IndexKey.switchedOff {
                if let column = binding.dimensions[dimension].column { batch.codes(column)[row] = try batch.dictionary(column).intern("~") }
            } else if index >= 0, try !binding.setDimension(dimension, index, batch, row) {
                binding.reportIndex(binding.dimensions[dimension], String(index), place)
            }
        }
        try setGroup(group, binding, batch) { (slot, cell) in binding.put(cell, slot, batch, row) }
    }

    private func readObservation(_ binding: MessageBinding, _ batch: Batch) throws(ReadError) {
        let range = isInSeries ? binding.observationDimensions : binding.seriesDimensions.lowerBound..<binding.dimensions.count
        guard IndexKey.parse(scanner.text, into: indexes + range.lowerBound, count: range.count) else {
            reportKey(range.count)
            return try scanner.skipValue()
        }
        let isRepeated = try isRepeated(range, binding)
        let row = try appendRow(binding, batch)
        if isRepeated { reportDuplicate("observation", binding) }
        try readValues(binding, batch, row)
    }

    /// Remembers the observation's key within its object and says whether it was there.
    private func isRepeated(_ range: Range<Int>, _ binding: MessageBinding) throws(ReadError) -> Bool {
        if isInSeries, range.count == 1 {
            let index = Int(indexes[range.lowerBound])
            guard index < observationStamps.count else { return false }
            defer { observationStamps[index] = seriesOrdinal }
            return observationStamps[index] == seriesOrdinal
        }
        guard !observationKeys.isFull else { return false }
        var hash = hash(range)
        if isInSeries { hash = HashSet64.mix(hash, seriesOrdinal) }
        return !observationKeys.insert(hash)
    }

    /// Adds a row with all that is known before its own array is read.
    private func appendRow(_ binding: MessageBinding, _ batch: Batch) throws(ReadError) -> Int {
        let row = batch.appendRow(line: UInt64(truncatingIfNeeded: scanner.line))
        rowOrdinal += 1
        hasRows = true
        if isInSeries {
            seriesRow?.apply(to: row)
            try setDimensions(binding.observationDimensions, binding, batch, row)
        } else {
            common?.apply(to: row)
            try setDimensions(binding.seriesDimensions.lowerBound..<binding.dimensions.count, binding, batch, row)
        }
        if let groups, !isDelete {
            for ofSeries in isInSeries ? [false] : [true, false] {
                try groups.forEachMatch(indexes, ofSeries: ofSeries) { (group) throws(ReadError) in
                    try setGroup(group, binding, batch) { (slot, cell) in binding.put(cell, slot, batch, row) }
                }
            }
        }
        return row
    }

    @inline(__always)
    private func setDimensions(_ range: Range<Int>, _ binding: MessageBinding, _ batch: Batch, _ row: Int) throws(ReadError) {
        for position in range where indexes[position] >= 0 {
            if try !binding.setDimension(position, indexes[position], batch, row) {
                binding.reportIndex(binding.dimensions[position], String(indexes[position]), place)
            }
        }
    }

    private func setDimensions(_ range: Range<Int>, _ binding: MessageBinding, _ batch: Batch, _ put: (Int, UInt32) -> Void) throws(ReadError) {
        for position in range {
            let slot = binding.dimensions[position]
            guard let column = slot.column, indexes[position] >= 0 else { continue }
            if let code = try binding.code(slot, indexes[position], column, batch) {
                put(column, code)
            } else {
                binding.reportIndex(slot, String(indexes[position]), place)
            }
        }
    }

    private func setGroup(_ group: DatasetHead.Group, _ binding: MessageBinding, _ batch: Batch, _ put: (MessageBinding.Slot, MessageBinding.Cell) -> Void)
        throws(ReadError)
    {
        var place = place
        place.line = group.line
        for (slot, value) in zip(binding.dimensionGroup, group.values) { put(slot, try binding.cell(slot, value, batch, place)) }
    }

    private func setDefaults(_ slots: ArraySlice<MessageBinding.Slot>, _ binding: MessageBinding, _ template: RowTemplate) throws(ReadError) {
        for slot in slots { if let column = slot.column, template.isAbsent(column) { template.set(column, try binding.defaultCell(slot, template.batch)) } }
    }

    /// Reads the measures and attributes of an observation into its row. What stands behind them are positions of annotations.
    @inline(__always)
    private func readValues(_ binding: MessageBinding, _ batch: Batch, _ row: Int) throws(ReadError) {
        switch try scanner.next() {
        case .null: return
        case .arrayStart: break
        default: throw scanner.malformed("the values of an observation are no array")
        }
        let slotCount = binding.observationTargets.count
        var count = 0
        while true {
            let token = try scanner.next()
            if token == .arrayEnd { break }
            if count < slotCount {
                try binding.setObservation(count, token, scanner, batch, row, place)
            } else if token == .objectStart || token == .arrayStart {
                try scanner.leave(toDepth: scanner.depth - 1)
            }
            count += 1
        }
        guard count > 0, count < slotCount, binding.hasObservationDefaults, action != .delete else { return }
        for slot in binding.observation[count...] where slot.defaultValue != nil {
            if let column = slot.column, batch.isAbsent(column, row) { binding.put(try binding.defaultCell(slot, batch), slot, batch, row) }
        }
    }

    // MARK: What rows have in common

    /// Makes the templates of the dataset, or carries them over to another batch.
    private func prepareTemplates(_ binding: MessageBinding, _ batch: Batch) throws(ReadError) {
        if let common, common.batch === batch { return }
        let fresh = RowTemplate(for: batch)
        try setDimensions(0..<binding.seriesDimensions.lowerBound, binding, batch) { (column, code) in fresh.set(column, .code(code)) }
        for (slot, value) in zip(binding.dataSet, isDelete ? [] : head.attributes) {
            if let column = slot.column { fresh.set(column, try binding.cell(slot, value, batch, place)) }
        }
        if !head.attributes.isEmpty, action != .delete { try setDefaults(binding.dataSet.dropFirst(head.attributes.count), binding, fresh) }
        let series = RowTemplate(for: batch)
        if let old = seriesRow { try series.carryOver(old) }
        common = fresh
        seriesRow = series
    }

    // MARK: Findings

    private var place: Position { Position(line: scanner.line, row: rowOrdinal, dataset: datasetOrdinal) }

    private func hash(_ range: Range<Int>) -> UInt64 {
        var hash: UInt64 = 0
        for position in range { hash = HashSet64.mix(hash, UInt32(bitPattern: indexes[position])) }
        return hash
    }

    private func reportKey(_ count: Int) {
        let text = String(decoding: scanner.text.prefix(128), as: UTF8.self)
        context.findings.add(
            Finding(
                .indexOutOfRange, at: place, offendingText: text,
                message: "The key “\(text)” is not made of \(count) positions, as the message's structure asks; what stands under it is left out.",
                advice: "Write one position per dimension of this level, with colons between them."))
    }

    private func reportDuplicate(_ what: String, _ binding: MessageBinding) {
        let text = String(decoding: scanner.text.prefix(128), as: UTF8.self)
        context.findings.add(
            Finding(
                .memberDuplicate, at: place, offendingText: text,
                message: "The key “\(text)” stands twice among the \(what == "series" ? "series" : "observations") of one object; both are read.",
                advice: "Remove one of the two: other programs read only the first, or only the last."))
    }
}
