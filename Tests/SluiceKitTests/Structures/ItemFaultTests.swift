import SluiceKit
import Testing

@Suite
struct ItemFaultTests {
    private func faults(_ codes: [Code], isPartial: Bool = false) -> FindingTally {
        let findings = FindingTally()
        Codelist(identity: ArtefactIdentity(agency: "A", id: "CL"), codes: codes, isPartial: isPartial).reportFaults(to: findings)
        return findings
    }

    @Test func namesIdsGivenTwice() { #expect(faults([Code(id: "A"), Code(id: "B"), Code(id: "A")]).countByCode == [.itemDuplicate: 1]) }

    @Test func namesParentsThatAreNotThere() {
        #expect(faults([Code(id: "A", parent: "X")]).countByCode == [.parentUnknown: 1])
        #expect(faults([Code(id: "A", parent: "X")], isPartial: true).count == 0)
    }

    @Test func namesCirclesOnce() {
        let circle = faults([Code(id: "A", parent: "B"), Code(id: "B", parent: "C"), Code(id: "C", parent: "A"), Code(id: "D", parent: "A")])
        #expect(circle.countByCode == [.parentCycle: 1])
        #expect(faults([Code(id: "A", parent: "A")]).countByCode == [.parentCycle: 1])
    }

    @Test func aLongChainOfCodesIsLookedThroughOnce() {
        let count = 200_000
        let codes = (0..<count).map { Code(id: String($0), parent: $0 + 1 < count ? String($0 + 1) : nil) }
        #expect(faults(codes).count == 0)
    }
}
