extension ReleasedFigures {
    /// Largest form that is read back, in bytes.
    public static let formBytesMax = 512 << 20

    /// What is kept for as long as receivers may know it: everything but the truth.
    public var keptBytes: [UInt8] {
        var members = [
            JSONMember("form", .integer(1)), JSONMember("exchange", .string(exchangeID)), JSONMember("releasedAt", .integer(releasedAt.milliseconds)),
            JSONMember("population", .string(population)), JSONMember("dataflow", .string(dataflow)),
            JSONMember("holders", .array(holders.map { .string($0) })), JSONMember("isPublic", .bool(isPublic)),
            JSONMember("minimumCell", .integer(Int64(minimumCell))), JSONMember("safetyPercent", .integer(Int64(safetyPercent))),
            JSONMember("keepsIntervals", .bool(keepsIntervals)), JSONMember("isExact", .bool(isExact)), JSONMember("scale", .integer(Int64(scale))),
            JSONMember("dimensions", .array(dimensions.map(\.json))), JSONMember("slices", .array(slices.map(\.json))),
            JSONMember("sliceOfCell", .array(sliceOfCell.map { .integer(Int64($0)) })), JSONMember("codes", .array(codes.map { .integer(Int64($0)) })),
            JSONMember("shown", Self.json(shown)), JSONMember("unsafe", .array(isUnsafe.indices.filter { isUnsafe[$0] }.map { .integer(Int64($0)) })),
        ]
        switch scope {
        case nil: break
        case .receiver: members.append(JSONMember("scope", .string("receiver")))
        case .everybody: members.append(JSONMember("scope", .string("everybody")))
        case .coalition(let all): members.append(JSONMember("scope", .array(all.map { .string($0) })))
        }
        return Array(JSONValue.object(members).compactText.utf8)
    }

    /// What goes with the exchange's bodies; nil where there is none.
    public var truthBytes: [UInt8]? {
        truth.map { truth in
            Array(
                JSONValue.object([JSONMember("values", Self.json(truth.values)), JSONMember("contributors", Self.json(truth.contributors))]).compactText.utf8)
        }
    }

    /// Reads both parts back.
    /// - Parameter truth: nil once it was erased.
    public init(kept: [UInt8], truth: [UInt8]?) throws(JSONError) {
        func damaged(_ what: String) -> JSONError { JSONError(code: .syntax, detail: "an entry of the register of releases is damaged: \(what)") }
        let limits = JSONLimits(bytesMax: Self.formBytesMax, depthMax: 16)
        let json = try JSONValue(parsing: kept, limits: limits)
        guard json["form"]?.integer == 1, let exchange = json["exchange"]?.text, let time = json["releasedAt"]?.integer,
            let population = json["population"]?.text, let dataflow = json["dataflow"]?.text, let holders = json["holders"]?.texts,
            let isPublic = json["isPublic"]?.bool, let minimum = json["minimumCell"]?.integer, let safety = json["safetyPercent"]?.integer,
            let keeps = json["keepsIntervals"]?.bool, let isExact = json["isExact"]?.bool, let scale = json["scale"]?.integer,
            let dimensions = json["dimensions"]?.elements, let slices = json["slices"]?.elements, let sliceOfCell = json["sliceOfCell"]?.integers,
            let codes = json["codes"]?.integers, let shown = json["shown"]?.integersOrNull, let unsafe = json["unsafe"]?.integers
        else { throw damaged("a member is missing or of a form that this version does not know") }
        let read = (dimensions.compactMap(Dimension.init(json:)), slices.compactMap(Slice.init(json:)))
        guard read.0.count == dimensions.count, read.1.count == slices.count else { throw damaged("a dimension or a slice") }
        guard shown.count == sliceOfCell.count, codes.count == shown.count * dimensions.count, sliceOfCell.allSatisfy({ read.1.indices.contains(Int($0)) }),
            unsafe.allSatisfy({ shown.indices.contains(Int($0)) }),
            codes.indices.allSatisfy({ read.0[$0 % max(1, read.0.count)].codes.indices.contains(Int(codes[$0])) }),
            (0...ExactDecimal.scaleMax).contains(Int(scale))
        else { throw damaged("its cells do not fit its partition") }
        self.init(
            exchangeID: exchange, releasedAt: Instant(milliseconds: time), population: population, dataflow: dataflow, holders: holders, isPublic: isPublic,
            scope: json["scope"].flatMap { $0.text == "everybody" ? .everybody : $0.texts.map { .coalition($0) } ?? .receiver }, minimumCell: Int(minimum),
            safetyPercent: Int(safety), keepsIntervals: keeps, isExact: isExact, dimensions: read.0, slices: read.1, scale: Int(scale))
        let isUnsafe = Set(unsafe)
        for cell in shown.indices {
            let own = codes[cell * dimensions.count..<(cell + 1) * dimensions.count].map { UInt32($0) }
            append(slice: Int(sliceOfCell[cell]), codes: own, shown: shown[cell], isUnsafe: isUnsafe.contains(Int64(cell)))
        }
        guard let truth else { return }
        let second = try JSONValue(parsing: truth, limits: limits)
        guard let values = second["values"]?.integersOrNull, let contributors = second["contributors"]?.integersOrNull, values.count == shown.count,
            contributors.isEmpty || contributors.count == shown.count
        else { throw damaged("the withheld values") }
        self.truth = Truth(values: values, contributors: contributors)
    }

    private static func json(_ values: [Int64?]) -> JSONValue { .array(values.map { value in value.map { .integer($0) } ?? .null }) }
}

extension ReleasedFigures.Dimension {
    fileprivate var json: JSONValue {
        .object([
            JSONMember("id", .string(id)), JSONMember("list", .string(list)), JSONMember("isComplete", .bool(isComplete)),
            JSONMember(
                "codes",
                .array(
                    codes.map { code in
                        .object([
                            JSONMember("id", .string(code.id)), JSONMember("isAll", .bool(code.extent.isAll)),
                            JSONMember("years", .array(code.extent.years.flatMap { [.integer(Int64($0.from)), .integer(Int64($0.to))] })),
                            JSONMember("leaves", .array(code.extent.leaves.map { .string($0) })),
                        ])
                    })),
        ])
    }

    fileprivate init?(json: JSONValue) {
        guard let id = json["id"]?.text, let list = json["list"]?.text, let isComplete = json["isComplete"]?.bool, let elements = json["codes"]?.elements else {
            return nil
        }
        var codes: [ReleasedFigures.Code] = []
        for element in elements {
            guard let id = element["id"]?.text, let isAll = element["isAll"]?.bool, let years = element["years"]?.integers, years.count % 2 == 0,
                let leaves = element["leaves"]?.texts
            else { return nil }
            let spans = stride(from: 0, to: years.count, by: 2).map { YearSpan(from: Int(years[$0]), to: Int(years[$0 + 1])) }
            guard spans.allSatisfy({ $0.from >= 0 && $0.from < $0.to && $0.to <= YearSpan.noEnd }) else { return nil }
            codes.append(ReleasedFigures.Code(id, Extent(isAll: isAll, years: spans, leaves: leaves)))
        }
        self.init(id: id, list: list, codes: codes, isComplete: isComplete)
    }
}

extension ReleasedFigures.Slice {
    fileprivate var json: JSONValue {
        .object([JSONMember("period", .string(period)), JSONMember("text", .string(periodText)), JSONMember("labels", .array(labels.map { .string($0) }))])
    }

    fileprivate init?(json: JSONValue) {
        guard let period = json["period"]?.text, let text = json["text"]?.text, let labels = json["labels"]?.texts else { return nil }
        self.init(period: period, labels: labels, periodText: text)
    }
}

extension JSONValue {
    fileprivate var texts: [String]? {
        guard let elements else { return nil }
        let texts = elements.compactMap(\.text)
        return texts.count == elements.count ? texts : nil
    }
    fileprivate var integers: [Int64]? {
        guard let elements else { return nil }
        let integers = elements.compactMap(\.integer)
        return integers.count == elements.count ? integers : nil
    }
    fileprivate var integersOrNull: [Int64?]? {
        guard let elements else { return nil }
        var integers: [Int64?] = []
        integers.reserveCapacity(elements.count)
        for element in elements {
            if case .null = element { integers.append(nil) } else if let integer = element.integer { integers.append(integer) } else { return nil }
        }
        return integers
    }
}
