import SluiceKit

/// Reads SDMX-JSON data in two passes: the first keeps header, structures and dataset heads (`OutlineReader`), the second streams the observations.
///
/// What changes with every row goes without run-time access checks: nothing here calls out while it changes.
final class SDMXJSONReader: DatasetReader {
    /// Most keys remembered to tell that one stands twice in an object; behind that number duplicates are left to the checks of the rows.
    private static let keysRememberedMax = 1 << 20

    enum State {
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
    let context: ReadContext
    var outline: JSONOutline?
    /// Where no data structure is at hand: what the message says of each, by what its datasets refer to.
    var madeSchemas: [String: DatasetSchema] = [:]
    var scanner: JSONScanner
    @exclusivity(unchecked) var state = State.outside
    @exclusivity(unchecked) var datasetOrdinal = 0
    @exclusivity(unchecked) var rowOrdinal = 0
    private var bindings: [String: MessageBinding] = [:]
    var binding: MessageBinding?
    @exclusivity(unchecked) var action = DatasetAction.information
    var head = DatasetHead()
    @exclusivity(unchecked) var groups: GroupTable?

    /// The position of the current row's value in each dimension's list, in the order of the keys.
    @exclusivity(unchecked) var indexes: UnsafeMutablePointer<Int32> = .allocate(capacity: 1)
    /// The dataset has given a row of its series or observations.
    @exclusivity(unchecked) var hasRows = false
    /// What is common to the rows of the dataset, and to those of the series.
    @exclusivity(unchecked) var common: RowTemplate?
    @exclusivity(unchecked) var seriesRow: RowTemplate?
    @exclusivity(unchecked) var isInSeries = false
    var seriesHasAttributes = false
    /// Rows of the series handed out in an earlier filling of the batch, and the first one in this.
    @exclusivity(unchecked) var seriesRowCount = 0
    @exclusivity(unchecked) var seriesFirstRow = 0
    @exclusivity(unchecked) var seriesOrdinal: UInt32 = 0
    var seriesKeys = HashSet64(countMax: SDMXJSONReader.keysRememberedMax)
    @exclusivity(unchecked) var observationKeys = HashSet64(countMax: SDMXJSONReader.keysRememberedMax)
    /// For each value of the one dimension of observations, the series in which it was met last.
    @exclusivity(unchecked) var observationStamps: [UInt32] = []

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
        let scanner = self.scanner
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
            let isSeries = scanner.textIs("series")
            guard isSeries || scanner.textIs("observations") else { return try scanner.skipValue() }
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
            if scanner.textIs("attributes") { return try readSeriesAttributes(binding, batch) }
            guard scanner.textIs("observations") else { return try scanner.skipValue() }
            if try scanner.next() == .objectStart { state = .observations }
        case .emptySeries:
            // A series without observations still carries its key and attributes (a partial key, or what a Delete runs over).
            for position in binding.observationDimensions { indexes[position] = IndexKey.leftOut }
            _ = try appendRow(binding, batch)
            isInSeries = false
            state = .series
        case .observations:
            if try !readObservations(binding, batch) { state = isInSeries ? .seriesMembers : .members }
        }
    }
}
