import Foundation
import SluiceKit
import Testing

@testable import SluiceCore

@Suite struct RoundingTermsTests {
    private func read(_ protect: String) throws(AgreementError) -> ProtectionObligations? {
        try AgreementReader.read(
            PermitsSample.yaml.replacingOccurrences(of: "protect: {minimumCell: 5, method: suppression}", with: "protect: {\(protect)}"), file: "a.yaml"
        ).protection
    }

    private func detail(_ protect: String) -> String? {
        do throws(AgreementError) {
            _ = try read(protect)
            return nil
        } catch {
            return error.detail
        }
    }

    @Test func readsWhatEachMethodNeeds() throws {
        for method in ["controlled-rounding", "random-rounding"] {
            let rounding = try #require(try read("method: \(method), rounding: {base: 5}"))
            #expect(rounding.method == method && rounding.rounding == .init(base: 5) && rounding.rules.isEmpty)
        }
        let cellKey = try #require(try read("method: cell-key, minimumCell: 10, cellKey: {table: ons-10-5, component: CELL_KEY}"))
        #expect(cellKey.cellKey == .init(table: "ons-10-5", component: "CELL_KEY") && cellKey.rules.minimumCell == 10)
        #expect(try read("method: cell-key, cellKey: {table: T}")?.cellKey == .init(table: "T"))
    }

    @Test(arguments: [
        ("method: controlled-rounding", "needs a base"), ("method: random-rounding, minimumCell: 5", "needs a base"),
        ("method: cell-key", "needs a perturbation table"), ("method: cell-key, minimumCell: 5", "needs a perturbation table"),
        ("method: suppression, minimumCell: 5, rounding: {base: 5}", "belongs to controlled-rounding"),
        ("method: suppression, minimumCell: 5, cellKey: {table: T}", "belongs to the method cell-key"),
        ("method: cell-key, cellKey: {table: T}, rounding: {base: 5}", "belongs to controlled-rounding"),
        ("method: random-rounding, rounding: {base: 5}, cellKey: {table: T}", "belongs to the method cell-key"),
        ("method: random-rounding, rounding: {base: 1}", "from 2 to 10000"), ("method: random-rounding, rounding: {base: -5}", "from 2 to 10000"),
        ("method: random-rounding, rounding: {base: five}", "from 2 to 10000"), ("method: random-rounding, rounding: {}", "base is missing"),
        ("method: random-rounding, rounding: 5", "has to be a mapping"), ("method: random-rounding, rounding: {base: 5, seed: 1}", "is not a term"),
        ("method: controlled-rounding, minimumCell: 5, rounding: {base: 3}", "at least 5"), ("method: cell-key, cellKey: {component: K}", "table is missing"),
        ("method: cell-key, cellKey: {table: [a, b]}", "has to be a text"),
    ])
    func refusesAMethodWithoutItsParametersOrWithThoseOfAnother(_ protect: String, _ words: String) {
        #expect(detail(protect)?.contains(words) == true, "\(protect): \(detail(protect) ?? "was read")")
    }
}
