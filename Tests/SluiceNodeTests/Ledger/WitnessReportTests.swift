import SluiceCore
import SluiceKit
import SluiceLedger
import Testing

@Suite struct WitnessReportTests {
    @Test func aWitnessIsAskedAgainLongBeforeItsWordIsOld() {
        #expect(WitnessReport.freshSeconds == 4 * WitnessRound.refreshSeconds)
        let now = Instant(milliseconds: 1_796_000_000_000)
        let report = WitnessReport(
            origin: "o", madeAt: now, published: 0, quorum: 0, witnesses: [], covered: 0, isQuorumReached: false, logs: [], stopped: nil)
        #expect(report.isFresh(now.advanced(byMilliseconds: -1_000 * WitnessReport.freshSeconds)) && !report.isFresh(nil))
        #expect(!report.isFresh(now.advanced(byMilliseconds: -1_000 * (WitnessReport.freshSeconds + 1))))
    }
}
