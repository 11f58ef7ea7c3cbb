package import SluiceCore
internal import SluiceKit

/// Agreements from files.
package enum Agreements {
    /// Largest agreement file, in bytes.
    package static let fileBytesMax = 1 << 20

    /// - Throws: `NodeError` with file, line, what is wrong and the nearest known term.
    package static func load(_ path: String) throws -> Agreement {
        do {
            let bytes = try FileByteSource.contents(of: path, bytesMax: fileBytesMax)
            guard let text = String(validating: bytes, as: UTF8.self) else { throw NodeError("\(path) is not UTF-8; save it as UTF-8") }
            return try AgreementReader.read(text, file: path)
        } catch let error as AgreementError {
            throw NodeError("\(error)")
        } catch let error as ReadError {
            throw NodeError(error.detail)
        }
    }
}
