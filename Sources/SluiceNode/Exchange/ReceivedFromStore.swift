internal import SluiceCore
internal import SluiceKit

/// What this node has received, as the corridor asks for it from a worker's thread.
struct ReceivedFromStore: ReceivedData {
    let store: any Store

    func isEmpty() throws -> Bool {
        let store = self.store
        return try !Worker.wait { try await store.read { try $0.hasProvenances() } }
    }

    func terms(payloadSHA256: String, contentCode: String) throws -> [ReceivedTerms] {
        let store = self.store
        let found = try Worker.wait {
            try await store.read { try $0.provenances(payloadSHA256: payloadSHA256, contentCode: contentCode, limit: OutboundCorridor.receivedMax) }
        }
        return try found.map { provenance throws(DocumentError) in try ReceivedTerms(provenance) }
    }
}
