import Foundation
import Synchronization

/// A public server as the tests need it: answers each request, by HTTP/1.1 on loopback, with what a closure makes of its path and body.
final class ScriptedServer: Sendable {
    let port: Int
    private let descriptor: Int32
    private let requests = Mutex<[String]>([])

    struct CannotListen: Error {}

    /// - Parameter answer: the body of a 200; nil answers 404.
    init(_ answer: @escaping @Sendable (_ path: String, _ body: [UInt8]) -> [UInt8]?) throws {
        port = try FreePorts.find(1)[0]
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        address.sin_port = UInt16(port).bigEndian
        let isBound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 }
        }
        guard isBound, listen(descriptor, 16) == 0 else { throw CannotListen() }
        Thread.detachNewThread { [self] in
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0 else { return }
                serve(connection, answer)
                close(connection)
            }
        }
    }

    /// `METHOD path` of each request so far.
    var asked: [String] { requests.withLock { $0 } }

    func stop() {
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
    }

    private func serve(_ connection: Int32, _ answer: (String, [UInt8]) -> [UInt8]?) {
        var received: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16_384)
        while true {
            if let request = Self.parse(received) {
                requests.withLock { $0.append("\(request.method) \(request.path)") }
                let body = answer(request.path, request.body)
                let head = "HTTP/1.1 \(body == nil ? "404 Not Found" : "200 OK")\r\nContent-Length: \(body?.count ?? 0)\r\nConnection: close\r\n\r\n"
                let bytes = Array(head.utf8) + (body ?? [])
                var sent = 0
                while sent < bytes.count {
                    let count = bytes[sent...].withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                    guard count > 0 else { return }
                    sent += count
                }
                return
            }
            let count = recv(connection, &piece, piece.count, 0)
            guard count > 0 else { return }
            received += piece[..<count]
        }
    }

    /// nil as long as the request is not whole.
    private static func parse(_ bytes: [UInt8]) -> (method: String, path: String, body: [UInt8])? {
        guard let end = bytes.indices.first(where: { bytes[$0...].starts(with: "\r\n\r\n".utf8) }) else { return nil }
        let lines = String(decoding: bytes[..<end], as: UTF8.self).components(separatedBy: "\r\n")
        let words = lines[0].split(separator: " ")
        let length = lines.first { $0.lowercased().hasPrefix("content-length:") }.flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
        let body = Array(bytes[(end + 4)...])
        guard words.count >= 2, body.count >= length else { return nil }
        return (String(words[0]), String(words[1]), body)
    }
}
