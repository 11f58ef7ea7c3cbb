import SluiceHTTP
import Testing

struct DescriptorBudgetTests {
    @Test(arguments: [
        // limit, taken, connections of partners and of our own people
        (1_048_576, 27, 256, 64), (1_024, 27, 256, 64), (256, 27, 124, 41), (96, 27, 34, 11), (48, 20, 2, 2), (16, 12, 2, 2),
    ])
    func connectionsLeaveRoomForFiles(limit: Int, taken: Int, exchange: Int, inspection: Int) {
        let connections = DescriptorBudget(limit: limit, taken: taken).connections(exchange: 256, inspection: 64)
        #expect(connections == (exchange, inspection))
    }

    @Test func thisProcessIsLookedAt() {
        let budget = DescriptorBudget.raised()
        #expect(budget.taken >= 3 && budget.limit >= budget.taken)
    }
}
