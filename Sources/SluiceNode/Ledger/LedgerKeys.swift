internal import SluiceKit
package import SluiceLedger

/// Public keys that a configuration names: written out, or in a file.
package enum LedgerKeys {
    /// Largest key file, in bytes.
    private static let bytesMax = 4_096

    /// A log's.
    package static func log(_ reference: NodeConfiguration.KeyReference) throws -> VerifierKey {
        let text = try text(reference)
        do { return try VerifierKey(text: text) } catch { throw NodeError("\(reference.text.prefix(120)): \(error)") }
    }

    /// A witness's.
    package static func witness(_ reference: NodeConfiguration.KeyReference) throws -> CosignerKey {
        let text = try text(reference)
        do { return try CosignerKey(text: text) } catch { throw NodeError("\(reference.text.prefix(120)): \(error)") }
    }

    /// The key this node cosigns with.
    static func own(_ path: String) throws -> WitnessKey {
        do { return try WitnessKey(text: contents(of: path)) } catch let error as LedgerError { throw NodeError("\(path): \(error)") }
    }

    /// The verifier key of the node's own log.
    package static func ownLog(_ path: String) throws -> String {
        do { return try LedgerKey(text: contents(of: path)).verifier.text } catch let error as LedgerError { throw NodeError("\(path): \(error)") }
    }

    private static func text(_ reference: NodeConfiguration.KeyReference) throws -> String {
        // A path is looked for first: a key's name may hold slashes, and base 64 too.
        if Folders.exists(reference.path) { return try contents(of: reference.path) }
        guard reference.text.contains("+") else { throw NodeError("there is no file \(reference.path), and \"\(reference.text.prefix(120))\" is no key") }
        return reference.text
    }

    private static func contents(of path: String) throws -> String {
        let bytes: [UInt8]
        do throws(ReadError) { bytes = try FileByteSource.contents(of: path, bytesMax: bytesMax) } catch { throw NodeError(error.detail) }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw NodeError("the key file \(path) is not text") }
        return text.trimmingASCIIWhitespace
    }
}

extension NodeConfiguration {
    /// With every key that stands in a file read.
    func readingLedgerKeys() throws -> NodeConfiguration {
        var configuration = self
        var owners: [String: String] = [ledgerOrigin: "this node"]
        for index in partners.indices {
            guard let reference = partners[index].ledgerKey else { continue }
            let key = try LedgerKeys.log(reference)
            if let owner = owners.updateValue("\(partners[index].id)", forKey: key.name) {
                throw NodeError("the ledger key of \(partners[index].id) has the name \(key.name), which is that of \(owner)'s ledger; ask for its own key")
            }
            configuration.partners[index].ledgerKey = KeyReference(text: key.text, path: "")
        }
        return configuration
    }

    /// Who cosigns this node's ledger, with their keys; nil where nobody does.
    func witnessPolicy() throws -> WitnessPolicy? {
        guard !witnesses.isEmpty else { return nil }
        let keys = try witnesses.map { try LedgerKeys.witness($0.key) }
        do { return try WitnessPolicy(witnesses: keys, quorum: witnessQuorum) } catch { throw NodeError("ledger.witnesses: \(error)") }
    }
}
