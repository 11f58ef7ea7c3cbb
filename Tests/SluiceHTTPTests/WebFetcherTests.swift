import Foundation
import SluiceHTTP
import Testing

struct WebFetcherTests {
    /// A server that accepts one connection, says this, and then nothing more for as long as the test lasts.
    private final class StallingServer {
        let port: Int
        private let descriptor: Int32
        private let said: String

        init(saying said: String) throws {
            self.said = said
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let descriptor = descriptor
            let isListening = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, length) == 0 && listen(descriptor, 1) == 0 && getsockname(descriptor, $0, &length) == 0
                }
            }
            try #require(isListening)
            port = Int(UInt16(bigEndian: address.sin_port))
            Thread.detachNewThread { [said] in
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0 else { return }
                _ = said.withCString { send(connection, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
                var byte: UInt8 = 0
                while recv(connection, &byte, 1, 0) > 0 {}
                close(connection)
            }
        }

        deinit { close(descriptor) }
    }

    @Test(arguments: ["", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"])
    func aServerThatStallsIsGivenUp(said: String) async throws {
        let server = try StallingServer(saying: said)
        await #expect(throws: WebFetcher.Failure.self) {
            try await WebFetcher.fetch("http://127.0.0.1:\(server.port)/list", bytesMax: 1_000, secondsMax: 1)
        }
    }

    @Test func anAnswerThatIsTooLongIsRefused() async throws {
        let server = try StallingServer(saying: "HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + String(repeating: "x", count: 2_000))
        await #expect(throws: WebFetcher.Failure.self) {
            try await WebFetcher.fetch("http://127.0.0.1:\(server.port)/list", bytesMax: 1_000, secondsMax: 20)
        }
    }
}
