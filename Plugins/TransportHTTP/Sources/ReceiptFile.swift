internal import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOPosix
internal import SluiceKit

/// Takes a receipt from the wire into a file of its own. It has its final name only when it is whole and on disk.
struct ReceiptFile {
    let path: String
    private let partPath: String

    /// - Throws: nothing yet; the file is made when the first bytes are there.
    init(directory: String, exchangeID: String) throws {
        // Two deliveries of one exchange may overlap after a takeover; each keeps its own answer.
        path = "\(directory)/receipt-\(exchangeID)-\(UUID().uuidString.lowercased()).asice"
        partPath = path + ".part"
    }

    func receive(_ body: HTTPClientResponse.Body, byteCountMax: Int) async throws -> String {
        let pool = NIOThreadPool.singleton
        do {
            let file = try await pool.runIfActive { [partPath] in try NewFile(partPath) }
            var received = 0
            for try await piece in body {
                received += piece.readableBytes
                guard received <= byteCountMax else {
                    throw TransportError(.answerMalformed, detail: "the receipt is larger than \(byteCountMax) bytes")
                }
                try await pool.runIfActive { try piece.withUnsafeReadableBytes { try file.append($0) } }
            }
            guard received > 0 else { throw TransportError(.answerMalformed, detail: "the answer announces a receipt and holds nothing") }
            try await pool.runIfActive { [path] in try file.keep(as: path) }
            return path
        } catch let failure as RegularFile.Failure {
            throw TransportError(.inputOutput, detail: "cannot \(failure.call) the receipt \(path): \(failure)")
        }
    }
}
