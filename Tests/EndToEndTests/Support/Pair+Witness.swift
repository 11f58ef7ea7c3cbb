import Foundation

extension Pair {
    /// Two nodes, each the other's witness.
    static func witnessing() throws -> Pair {
        let pair = try Pair()
        for (site, other) in [(pair.sender, pair.receiver), (pair.receiver, pair.sender)] {
            var text = try String(contentsOfFile: site.configuration, encoding: .utf8)
            text = text.replacingOccurrences(of: "ledgerKey: keys/ledger.key", with: "ledgerKey: keys/ledger.key, witnessKey: keys/witness.key")
            text = text.replacingOccurrences(of: "format: sdmx-ml-2.1,", with: "format: sdmx-ml-2.1, ledgerKey: \(other.folder)/ledger.vkey,")
            text += "\nledger: {witnesses: [{participant: \(other.id), key: \(other.folder)/witness.vkey}]}\n"
            try Data(text.utf8).write(to: URL(fileURLWithPath: site.configuration))
        }
        return pair
    }
}
