package import SluiceCore
package import SluiceKit
internal import Synchronization

/// What the ledger knows of the statements about agreements, or participants: by their folder alone nobody could tell that the last ones were taken out of it.
package final class NotedStatements: Sendable {
    /// Of one of them.
    package struct About: Hashable, Sendable {
        /// SHA-256 (hex) of each statement, by its number.
        package var statements: [Int: String] = [:]
        /// Of an agreement, SHA-256 (hex) of the canonical form of each text that came by a signed package, and so is kept in the folder.
        package var texts: Set<String> = []

        package init() {}

        /// By the ledger's entries about it.
        package init(_ entries: [[UInt8]], of kind: LedgerEvent.Kind) {
            for entry in entries {
                guard let json = try? JSONValue(parsing: entry), json["type"]?.text == kind.rawValue, let data = json["data"],
                    let number = data["number"]?.integer, let statement = data["statement"]?.text
                else { continue }
                statements[Int(number)] = statement
                // An activation that ends an older version has an entry for that as well.
                if data["packageSHA256"] != nil, data["state"]?.text != AgreementRecord.State.ended.rawValue, let text = data["agreementSHA256"]?.text {
                    texts.insert(text)
                }
            }
        }
    }

    private let known = Mutex<[String: About]>([:])

    package init() {}

    package var ids: [String] { known.withLock { Array($0.keys) } }
    package subscript(_ id: String) -> About { known.withLock { $0[id] } ?? About() }
    package func replace(_ all: [String: About]) { known.withLock { $0 = all } }
}
