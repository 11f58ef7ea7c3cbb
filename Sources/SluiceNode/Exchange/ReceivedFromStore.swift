internal import SluiceCore
internal import SluiceKit

/// What this node has received, as the corridor asks for it from a worker's thread.
struct ReceivedFromStore: ReceivedData {
    let store: any Store

    func terms(payloadSHA256: String, contentCode: String, atMost limit: Int) throws -> [ReceivedTerms] {
        let store = self.store
        let found = try Worker.wait {
            try await store.read { try $0.provenances(payloadSHA256: payloadSHA256, contentCode: contentCode, limit: limit) }
        }
        return try found.map { provenance throws(DocumentError) in try ReceivedTerms(provenance) }
    }
}
