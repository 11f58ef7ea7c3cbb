import Foundation

/// A folder that goes away with the last reference to it.
public final class TemporaryFolder: Sendable {
    public let path: String

    /// - Parameter name: a beginning for the folder's name, to know it by when a test was killed.
    public init(_ name: String = "sluice") throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("\(name)-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of a file in the folder; the file need not exist.
    public func file(_ name: String) -> String { path + "/" + name }
}
