internal import SluiceKit

/// The dataset a row is of, and what that dataset does.
struct Origin: Hashable {
    var dataset: Int
    var action: DatasetAction

    init(dataset: Int, action: DatasetAction) {
        self.dataset = dataset
        self.action = action
    }

    private static let actions: [DatasetAction] = [.append, .replace, .delete, .information, .merge]

    init(packed: UInt32) {
        dataset = Int(packed >> 3)
        action = Self.actions[min(Int(packed & 7), Self.actions.count - 1)]
    }

    /// One word that sorts by dataset.
    var packed: UInt32 { UInt32(truncatingIfNeeded: dataset) << 3 | UInt32(truncatingIfNeeded: Self.actions.firstIndex(of: action) ?? 0) }
}

/// A key that came before.
struct Duplicate {
    var origin: Origin
    var row: UInt64
    var line: UInt64
    var firstOrigin: Origin
    var firstRow: UInt64
    var firstLine: UInt64
    /// Whether the measures have the same decimal values.
    var valuesAgree: Bool
    /// The message's codes of the dimensions in key order.
    var key: UnsafeBufferPointer<UInt32>

    init(_ record: UnsafeBufferPointer<UInt32>) {
        func wide(_ offset: Int) -> UInt64 { UInt64(record[offset]) << 32 | UInt64(record[offset + 1]) }
        origin = Origin(packed: record[0])
        (row, line) = (wide(1), wide(3))
        firstOrigin = Origin(packed: record[5])
        (firstRow, firstLine) = (wide(6), wide(8))
        valuesAgree = record[10] == 1
        key = UnsafeBufferPointer(rebasing: record[DuplicateCheck.foundWords...])
    }
}

extension DuplicateCheck {
    /// The duplicate in words.
    func report(_ duplicate: Duplicate, into findings: any FindingSink) {
        let fault = fault(duplicate)
        let detail = findings.detail(for: fault.code)
        guard detail != .count else { return findings.count(fault.code, fault.severity, observations: 1) }
        let texts = duplicate.key.enumerated().map { keys.text($0, $1) }
        var finding = Finding(
            fault.code, severity: fault.severity,
            at: Position(line: Int(truncatingIfNeeded: duplicate.line), row: Int(truncatingIfNeeded: duplicate.row), dataset: duplicate.origin.dataset),
            seriesKey: schema.seriesDimensions.map { texts[$0 - schema.dimensions.lowerBound] }.joined(separator: "."),
            timePeriod: schema.timeDimension.map { texts[$0 - schema.dimensions.lowerBound] }, message: fault.message, advice: fault.advice)
        if detail == .cells {
            finding.cells = schema.dimensions.map {
                Finding.Cell(component: schema.components[$0].id, text: texts[$0 - schema.dimensions.lowerBound], isMarked: true)
            }
        }
        findings.add(finding)
    }

    private func fault(_ duplicate: Duplicate) -> ValueFault {
        var first = duplicate.firstLine > 0 ? "line \(duplicate.firstLine)" : "observation \(duplicate.firstRow)"
        let agreement = duplicate.valuesAgree ? "with the same value" : "with another value"
        guard duplicate.origin != duplicate.firstOrigin else {
            return ValueFault(
                .keyDuplicate, message: "This observation was given before, in \(first), \(agreement).",
                advice: duplicate.valuesAgree ? "Leave one of the two out." : "Find out which value is right and leave the other out.")
        }
        let (action, firstAction) = (duplicate.origin.action, duplicate.firstOrigin.action)
        first += " of dataset \(duplicate.firstOrigin.dataset) (\(firstAction.rawValue))"
        if action == .delete {
            return ValueFault(
                .actionConflict, severity: .warning, message: "The message deletes here what it gives in \(first).",
                advice: "Put the deletion before the data, or leave one of the two out.")
        }
        // SDMX 3.1 has the datasets of a message processed in their order; 2.1 has no order, and its Append does not touch what is there.
        let hasOrder = standard != .v2_1
        if action != firstAction {
            return ValueFault(
                .actionConflict, severity: .warning,
                message: "This observation is given as \(action.rawValue) and, in \(first), \(agreement).",
                advice: hasOrder ? "The later dataset counts: see that this is meant, or leave one out." : "Give each observation in one dataset only.")
        }
        return ValueFault(
            .keyRepeated, severity: hasOrder || duplicate.valuesAgree ? .warning : .error,
            message: "This observation was given before, in \(first), \(agreement).",
            advice: hasOrder ? "The later dataset counts: see that this is meant, or leave one out." : "Give each observation in one dataset only.")
    }
}
