import Foundation
import SluiceKit
import Testing

@testable import SluiceCore

@Suite struct DifferencingTermTests {
    private func agreement(_ term: String, id: String = "PERMITS") throws(AgreementError) -> Agreement {
        try AgreementReader.read(
            PermitsSample.yaml.replacingOccurrences(of: "method: suppression}", with: "method: suppression\(term)}")
                .replacingOccurrences(of: "agreement: PERMITS", with: "agreement: \(id)"), file: "a.yaml")
    }

    @Test func readsScopeAndPopulation() throws {
        #expect(try agreement("").protection?.differencing == nil)
        #expect(try agreement(", differencing: {scope: receiver}").protection?.differencing == .init(scope: .receiver))
        #expect(
            try agreement(", differencing: {scope: everybody, population: AM-PERMITS}").protection?.differencing
                == .init(scope: .everybody, population: "AM-PERMITS"))
        #expect(
            try agreement(", differencing: {scope: [UN.UNSD, AM.ARMSTAT]}").protection?.differencing == .init(scope: .coalition(["AM.ARMSTAT", "UN.UNSD"])))
    }

    @Test(arguments: [
        "{}", "{population: P}", "{scope: nobody}", "{scope: [AM.ARMSTAT]}", "{scope: [receiver, AM.ARMSTAT]}", "{scope: [AM.ARMSTAT, AM.ARMSTAT]}",
        "{scope: receiver, population: A B}", "{scope: receiver, populations: P}", "receiver", "[]", "{scope: {}}", "{scope: receiver, population: ''}",
    ])
    func refusesWhatItDoesNotUnderstandWhole(_ term: String) {
        #expect(throws: AgreementError.self, "\(term)") { try agreement(", differencing: \(term)") }
    }

    @Test func theWiderScopeWinsAndTwoPopulationsConflict() throws {
        let table = try PermitsSample.table(["_T _T 2026-01 40"])
        func merged(_ one: String, _ other: String) throws -> Decision {
            Decide.run(PermitsSample.request(table), under: [try agreement(one), try agreement(other, id: "OTHER")])
        }
        let receiver = ", differencing: {scope: receiver, population: P}"
        let coalition = ", differencing: {scope: [AM.ARMSTAT, UN.UNSD], population: P}"
        let everybody = ", differencing: {scope: everybody, population: P}"
        let pairs: [(String, String, ProtectionObligations.Differencing.Scope)] = [
            ("", receiver, .receiver), (receiver, coalition, .coalition(["AM.ARMSTAT", "UN.UNSD"])), (coalition, everybody, .everybody),
            (everybody, receiver, .everybody),
        ]
        for (one, other, scope) in pairs {
            for order in [(one, other), (other, one)] {
                let found = try merged(order.0, order.1).obligations?.protection?.differencing
                #expect(found == .init(scope: scope, population: "P"), "\(one) with \(other)")
            }
        }
        let conflict = try merged(receiver, ", differencing: {scope: receiver, population: Q}")
        #expect(conflict.reasons.contains { $0.code == .termsConflict && $0.rule.contains("differencing.population") }, "\(conflict)")
    }
}
