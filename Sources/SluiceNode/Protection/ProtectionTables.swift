package import SluiceKit

/// Tables that protections look things up in (perturbation tables), by the names that agreements use.
///
/// They are read once, when the node starts: a file that changes under a running node would make the same cell come out in two ways.
package enum ProtectionTables {
    /// Largest file, in bytes.
    package static let bytesMax = 16 << 20

    /// - Throws: `NodeError` when a file is not there, cannot be read, or is too large.
    package static func load(_ paths: [String: String]) throws -> [String: Content] {
        var tables: [String: Content] = [:]
        for (name, path) in paths.sorted(by: { $0.key < $1.key }) {
            do throws(ReadError) {
                tables[name] = .bytes(try FileByteSource.contents(of: path, bytesMax: bytesMax))
            } catch {
                throw NodeError("the protection table \(name): \(error.detail)")
            }
        }
        return tables
    }

    /// Whether a name may stand in a configuration or an agreement.
    package static func isName(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || [0x2D, 0x2E, 0x5F].contains(byte)
            }
    }
}
