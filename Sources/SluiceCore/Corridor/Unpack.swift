package import SluiceKit

/// The step that opens: a package's covered files, in memory where they are few bytes, else in a folder.
package struct Unpack {
    package let tools: CorridorTools

    private let trust: any EvidenceVerifier

    /// - Parameter trust: whom to believe; those the node believes now where nil.
    package init(_ tools: CorridorTools, trust: (any EvidenceVerifier)? = nil) {
        self.tools = tools
        self.trust = trust ?? tools.trust
    }

    /// - Parameters:
    ///   - seal: the package's own.
    ///   - time: when certificates must be valid.
    ///   - directory: takes the covered files when they do not fit into memory; the caller removes it.
    /// - Throws: `Refusal` with the seal's own code (`seal.digestMismatch`); `OwnTrouble`.
    package func open(_ package: Content, sealedWith seal: any Seal, at time: Instant, spillingInto directory: String) throws -> OpenedPackage {
        do throws(PackageError) {
            if case .bytes = package {
                do throws(PackageError) {
                    return try seal.open(package, trust: trust, at: time, limits: tools.limits.package, extractingInto: .memory)
                } catch {
                    // A small package may hold much: what memory has no room for goes to the folder, and meets the package's own limits there.
                    guard error.code == .limitExceeded else { throw error }
                }
            }
            return try seal.open(package, trust: trust, at: time, limits: tools.limits.package, extractingInto: .directory(path: directory))
        } catch {
            throw error.inCorridor
        }
    }
}
