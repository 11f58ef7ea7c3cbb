import SluiceCrypto
import SluiceKit
import SluiceKitTesting
import Testing

@testable import SluiceNode

struct StorageKeyTests {
    let digits = String(repeating: "0123456789abcdef", count: 4)
    let storage: StorageKey

    init() throws {
        let folder = try TemporaryFolder()
        try BoundedFile.store(Array((digits + "\n").utf8), to: folder.file("storage.key"), mode: 0o600)
        storage = try StorageKey(path: folder.file("storage.key"))
    }

    private func record(_ wrapped: [UInt8], sender: String = "AM.MOI", id: String = "0198") -> ExchangeRecord {
        var record = ExchangeRecord(
            id: id, direction: .incoming, sender: sender, receiver: "AM.ARMSTAT", dataflow: "", state: .received, createdAt: Instant(milliseconds: 0))
        record.wrappedKey = wrapped
        return record
    }

    @Test func keyOpensForItsExchangeOnly() throws {
        let (key, wrapped) = try storage.makeKey(sender: "AM.MOI", exchangeID: "0198")
        #expect(try storage.key(of: record(wrapped)).inputKey == key.inputKey)
        #expect(throws: CryptoError.self) { try storage.key(of: record(wrapped, sender: "AM.CBA")) }
        #expect(throws: CryptoError.self) { try storage.key(of: record(wrapped, id: "0199")) }
        #expect(throws: CryptoError.self) { try storage.key(of: record(wrapped, sender: "AM.MOI 0198", id: "")) }
        #expect(throws: NodeError.self) { try storage.key(of: record([])) }
    }

    /// One AES-GCM key over the keys of all exchanges would repeat a nonce one day.
    @Test func eachExchangesKeyIsWrappedUnderAKeyOfItsOwn() throws {
        let (key, wrapped) = try storage.makeKey(sender: "AM.MOI", exchangeID: "0198")
        func inputKey(_ wrappingKey: [UInt8], _ label: String) throws -> [UInt8] {
            HMACSHA256.code(key: try SegmentedCipher(key: wrappingKey, label: label).open(wrapped), message: Array("input".utf8)).bytes
        }
        let bytes = try #require(SHA256Digest(hex: digits)).bytes
        let label = "sluice exchange key 6 AM.MOI 0198"
        #expect(try inputKey(HMACSHA256.code(key: bytes, message: Array(label.utf8)).bytes, label) == key.inputKey)
        for label in [label, "key AM.MOI 0198"] { #expect(throws: CryptoError.self) { try inputKey(bytes, label) } }
    }
}
