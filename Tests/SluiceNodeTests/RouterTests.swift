import SluiceKit
import Testing

@testable import SluiceNode

@Suite struct RouterTests {
    /// A route that runs twice must send once: the id is a function of the message.
    @Test func aRoutesExchangeIDIsAFunctionOfItsMessage() throws {
        let digest = String(repeating: "0123456789abcdef", count: 4)
        let id = Router.uuid(like: "01a2018a-f597-796e-b636-0ca395e95868", from: digest)
        #expect(id == Router.uuid(like: "01a2018a-f597-796e-b636-0ca395e95868", from: digest))
        #expect(id != Router.uuid(like: "01a2018a-f597-796e-b636-0ca395e95868", from: String(digest.reversed())))
        let parsed = try #require(UUIDv7(id), "\(id) is no UUIDv7")
        #expect(parsed.description == id)
    }
}
