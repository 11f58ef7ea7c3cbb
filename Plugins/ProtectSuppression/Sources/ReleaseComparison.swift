import SluiceKit

/// Compares a table about to leave with its original, observation by observation.
struct ReleaseComparison {
    /// Of each row of the original.
    private(set) var isHidden: [Bool]

    /// - Throws: `auditNotClean` when an observation is missing, added or changed, or when a hidden one is not marked or says more than it may.
    init(_ released: Table, _ original: Table, _ observations: Observations, _ obligations: ProtectionObligations) throws(ProtectionError) {
        let old = original.batch
        let new = released.batch
        guard new.rowCount == old.rowCount, new.schema.components.map(\.id) == old.schema.components.map(\.id) else {
            throw Self.failure("it has \(new.rowCount) observations where the original has \(old.rowCount), or other components")
        }
        isHidden = Array(repeating: false, count: old.rowCount)
        let oldOrder = KeySpace.rowsByKey(old)
        let newOrder = KeySpace.rowsByKey(new)
        let isAnyConstant = old.schema.attributes.map { ReleasedTable.isConstant(old, $0) }
        for (oldRow, newRow) in zip(oldOrder, newOrder) {
            for column in old.schema.dimensions where !Self.isSame(old.cell(column, oldRow), new.cell(column, newRow)) {
                throw Self.failure("an observation has a key that the original does not have")
            }
            if obligations.neutralStatus { try Self.checkReason(new, newRow, observations.marks, oldRow) }
            for column in observations.contributors.columns where !new.isAbsent(column, newRow) {
                if obligations.mode == .flagged, column == observations.contributors.frequencyColumn { continue }
                throw Self.failure("\(new.schema.components[column].id) still tells of contributors")
            }
            let isShown = new.cell(observations.measure, newRow).map { !$0.isEmpty && !$0.elementsEqual("NaN".utf8) } ?? false
            guard observations.values[oldRow] != nil else {
                guard !isShown else { throw Self.failure("an observation has a value that the original does not have") }
                continue
            }
            if obligations.mode == .flagged {
                guard isShown else { throw Self.failure("a value is missing, though the agreement asks for flags") }
                isHidden[oldRow] =
                    new.schema.index(of: ConfidentialityMarks.component).flatMap { new.string($0, newRow) }.map(ConfidentialityMarks.declaredCodes.contains)
                    ?? false
                continue
            }
            if isShown {
                guard Self.isSameNumber(old.cell(observations.measure, oldRow), new.cell(observations.measure, newRow)) else {
                    throw Self.failure("a value differs from the original")
                }
                continue
            }
            isHidden[oldRow] = true
            try checkHiddenRow(new, newRow, isAnyConstant, isNeutral: obligations.neutralStatus)
        }
    }

    /// What the source marked does not say why.
    static func checkReason(_ new: Batch, _ newRow: Int, _ marks: ConfidentialityMarks, _ oldRow: Int) throws(ProtectionError) {
        guard let column = marks.column, marks.isDeclared[oldRow], let text = new.string(column, newRow), !text.isEmpty else { return }
        guard text == marks.neutralText else { throw failure("an observation that the source marked confidential says why") }
    }

    private func checkHiddenRow(_ new: Batch, _ row: Int, _ isConstant: [Bool], isNeutral: Bool) throws(ProtectionError) {
        let schema = new.schema
        var isMarked = false
        for (position, column) in schema.attributes.enumerated() {
            guard case .attribute(.observation) = schema.components[column].role, let text = new.string(column, row), !text.isEmpty else { continue }
            switch schema.components[column].id {
            case "OBS_STATUS" where text == ReleasedTable.suppressedStatus: isMarked = true
            case ConfidentialityMarks.component:
                let isCode = ConfidentialityMarks.declaredCodes.contains(text)
                guard !isNeutral || !isCode || text == ConfidentialityMarks.neutralCode else { throw Self.failure("a withheld observation says why it is") }
                isMarked = isMarked || isCode
            default:
                guard isConstant[position] else { throw Self.failure("a withheld observation still says its \(schema.components[column].id)") }
            }
        }
        guard isMarked else { throw Self.failure("a withheld observation is not marked as such") }
    }

    private static func failure(_ what: String) -> ProtectionError {
        ProtectionError(.auditNotClean, detail: "the table to be released did not pass the gate: \(what). Nothing was released")
    }

    static func isSame(_ left: UnsafeRawBufferPointer?, _ right: UnsafeRawBufferPointer?) -> Bool {
        guard let left, let right else { return left == nil && right == nil }
        return left.elementsEqual(right)
    }

    /// A format may spell a number in another way on its own (`2.50`, `2.5`).
    static func isSameNumber(_ left: UnsafeRawBufferPointer?, _ right: UnsafeRawBufferPointer?) -> Bool {
        if isSame(left, right) { return true }
        guard let left, let right, let one = ExactDecimal(left), let other = ExactDecimal(right) else { return false }
        return one == other
    }
}
