import Foundation
import SluiceKit
import SluiceKitTesting
import Testing

@testable import TransportFolder

/// What this node lays down for the carrier.
@Suite struct HandingOverTests {
    @Test func aPackageLiesWholeUnderItsSequenceAndId() async throws {
        let place = try Place()
        var generator = SeededGenerator(seed: 1)
        let bytes = (0..<(3 * FolderTransport.pieceBytes + 17)).map { _ in UInt8.random(in: 0...255, using: &generator) }
        #expect(try await place.deliver(bytes) == .handedOver)
        #expect(try place.names("out") == ["000000000007.\(firstID).asice"])
        #expect(try Data(contentsOf: URL(fileURLWithPath: place.out + "/000000000007.\(firstID).asice")) == Data(bytes))
    }

    @Test func theSamePackageAgainIsOneFile() async throws {
        let place = try Place()
        for _ in 0..<3 { #expect(try await place.deliver([1, 2, 3]) == .handedOver) }
        #expect(try place.names("out").count == 1)
    }

    @Test func eachSealHasItsEnding() async throws {
        let place = try Place()
        #expect(try await place.deliver([1], mediaType: jws) == .handedOver)
        #expect(try place.names("out") == ["000000000007.\(firstID).jwsz"])
        await #expect(throws: TransportError.self) { try await place.deliver([1], mediaType: "text/plain") }
    }

    @Test func aFolderThatIsNotThereIsNotMadeAndNotCounted() async throws {
        let place = try Place()
        try FileManager.default.removeItem(atPath: place.out)
        guard case .busy(nil, let detail) = try await place.deliver([1]) else { throw CocoaError(.fileNoSuchFile) }
        #expect(detail.contains("cannot open the folder \(place.out)"))
        #expect(!FileManager.default.fileExists(atPath: place.out))
    }

    @Test func aPackageThatBreaksOffLeavesNothingBehind() async throws {
        let place = try Place()
        struct Ending: PackageBody {
            let mediaType = asic
            let byteCount = 1 << 20
            func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(TransportError) -> Int {
                guard offset < 512 << 10 else { throw TransportError(.inputOutput, detail: "the disk is broken") }
                return buffer.count
            }
        }
        await #expect(throws: TransportError(.inputOutput, detail: "the disk is broken")) {
            try await place.transport.deliver(Ending(), exchangeID: firstID, sequence: 1, to: place.endpoint)
        }
        #expect(try place.names("out") == [])
    }

    @Test func aReceiptIsNamedByItsDigestAndWrittenAgainUnchanged() throws {
        let place = try Place()
        for _ in 0..<2 { try place.transport.answer(Array("receipt".utf8), mediaType: asic, exchangeID: firstID, to: place.endpoint) }
        try place.transport.answer(Array("another".utf8), mediaType: asic, exchangeID: firstID, to: place.endpoint)
        let names = try place.names("out")
        #expect(names.count == 2)
        #expect(names.contains { $0.hasPrefix("\(firstID).receipt.") && $0.hasSuffix(".asice") })
        for name in names { try FileManager.default.moveItem(atPath: place.out + "/" + name, toPath: place.incoming + "/" + name) }
        let found = try place.look().receipts
        #expect(try Set(found.map { try place.transport.receipt($0).map { String(decoding: $0, as: UTF8.self) } }) == ["receipt", "another"])
    }

    @Test func whatACrashLeftHalfWrittenIsRemovedAndWhatLivesIsNot() async throws {
        let place = try Place()
        // A process number that nobody has.
        let gone = try #require((2...Int32.max).reversed().first { kill($0, 0) != 0 && errno == ESRCH })
        let leftover = ".\(gone)-0123456789ab-1.000000000001.\(firstID).asice"
        // Of a process that lives, with another token than ours; and somebody else's.
        let others = [".\(getppid())-0123456789ab-1.x.asice", ".rsync.tmp", ".1-2-3"]
        for name in [leftover] + others { try Data().write(to: URL(fileURLWithPath: place.out + "/" + name)) }
        _ = try place.look()
        #expect(try place.names("out") == others.sorted())
    }

    @Test(arguments: ["folder:", "folder", "https://x", ""]) func anEndpointOfAnotherFormIsRejected(_ url: String) async throws {
        let place = try Place()
        let error = await #expect(throws: TransportError.self) { try await place.deliver([1], to: Endpoint(participant: partner, url: url)) }
        #expect(error?.code == .rejected)
    }
}
