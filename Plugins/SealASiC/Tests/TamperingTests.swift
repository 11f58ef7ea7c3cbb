import Foundation
import SluiceCrypto
import SluiceKit
import Testing

@testable import SealASiC

struct TamperingTests {
    let trial: Trial

    init() throws { trial = try Trial() }

    /// What a byte is changed to: its letter's case flipped, and all bits; every other value in the soak tier (SLUICE_SOAK=1).
    private func changes(of byte: UInt8) -> [UInt8] {
        ProcessInfo.processInfo.environment["SLUICE_SOAK"] == "1" ? (1...255).map { byte ^ $0 } : [byte ^ 0x20, ~byte]
    }

    @Test func refusesEverySingleByteChange() throws {
        let package = try trial.package()
        var accepted: [String] = []
        for offset in package.indices {
            for value in changes(of: package[offset]) {
                var changed = package
                changed[offset] = value
                if try trial.refusal(changed) == nil { accepted.append("\(offset): \(package[offset]) → \(value)") }
            }
        }
        #expect(accepted.isEmpty)
        #expect(try trial.refusal(package) == nil, "the unchanged package opens")
    }

    /// Deflate can spell the same bytes in several ways, so a change in a compressed file may be without effect; then what is opened is
    /// what was sealed, to the byte.
    @Test func changeInACompressedFileIsRefusedOrWithoutEffect() throws {
        let data = Array((0..<600).map { "AM,\($0 % 7),\(1990 + $0 % 31),\($0 * 37 % 1000)\n" }.joined().utf8)
        let package = try trial.package(Trial.contents(.bytes(data)))
        #expect(package.count < data.count)
        var refused = 0
        for offset in package.indices {
            var changed = package
            changed[offset] ^= 1 << UInt8(offset % 8)
            defer { try? FileManager.default.removeItem(atPath: trial.folder + "/out") }
            do {
                let opened = try trial.open(changed)
                #expect(try trial.read(opened.files[1].content) == data && opened.exchange == Trial.exchange, "offset \(offset)")
            } catch is PackageError {
                refused += 1
            }
        }
        #expect(refused > package.count * 99 / 100)
    }

    @Test func refusesTruncationAtEveryLength() throws {
        let package = try trial.package()
        for length in package.indices { #expect(try trial.refusal(Array(package[..<length])) == .truncated, "\(length)") }
    }

    /// Several bytes at once, runs moved, cut out and doubled: refused or opened with exactly what was sealed, never a trap.
    @Test(arguments: [UInt64.random(in: 0...UInt64.max)])
    func survivesRandomDamage(seed: UInt64) throws {
        var generator = SplitMix(state: seed)
        let data = Array((0..<600).map { "AM,\($0 % 7),\(1990 + $0 % 31),\($0 * 37 % 1000)\n" }.joined().utf8)
        let package = try trial.package(Trial.contents(.bytes(data)))
        var refused = 0
        let rounds = ProcessInfo.processInfo.environment["SLUICE_SOAK"] == "1" ? 100_000 : 300
        for _ in 0..<rounds {
            var damaged = package
            for _ in 0...Int.random(in: 0...3, using: &generator) {
                let start = Int.random(in: damaged.indices, using: &generator)
                let end = min(start + Int.random(in: 1...64, using: &generator), damaged.count)
                switch Int.random(in: 0...3, using: &generator) {
                case 0: for index in start..<end { damaged[index] = UInt8.random(in: 0...255, using: &generator) }
                case 1 where damaged.count > 128: damaged.removeSubrange(start..<end)
                case 2: damaged.insert(contentsOf: damaged[start..<end], at: Int.random(in: damaged.indices, using: &generator))
                default: damaged.replaceSubrange(start..<end, with: package[..<min(end - start, package.count)])
                }
            }
            do {
                let opened = try trial.open(damaged)
                #expect(try trial.read(opened.files[1].content) == data && opened.exchange == Trial.exchange)
                try FileManager.default.removeItem(atPath: trial.folder + "/out")
            } catch is PackageError {
                refused += 1
            }
        }
        #expect(refused > rounds * 9 / 10)
    }

    @Test func refusesAnythingBeforeOrAfter() throws {
        let package = try trial.package()
        #expect(try trial.refusal(package + [0]) == .extraData)
        #expect(try trial.refusal(package + package) == .extraData)
        #expect(try trial.refusal([0] + package) == .notAZip)
        #expect(try trial.refusal(Array(package[..<30]) + package) != nil)
        #expect(try trial.refusal(Array("REF_AREA,SEX\n".utf8)) == .notAZip)
    }

    @Test func refusesSwappedPayloads() throws {
        let first = try ZipBytes.container(signer: trial.identity)
        #expect(try trial.refusal(first.bytes) == nil, "the hand-made container is right before it is changed")
        var swapped = first
        swapped.entries[2] = ZipBytes.Entry("data.csv", Array("REF_AREA,OBS_VALUE\nAM,0\n".utf8))
        #expect(try trial.refusal(swapped.bytes) == .digestMismatch)
        // The same bytes under each other's names.
        var renamed = try ZipBytes.container([("exchange.json", Trial.exchange), ("a.csv", [1]), ("b.csv", [2])], signer: trial.identity)
        (renamed.entries[2].name, renamed.entries[3].name) = (renamed.entries[3].name, renamed.entries[2].name)
        #expect(try trial.refusal(renamed.bytes) == .digestMismatch)
    }

    @Test func refusesAnotherPackagesSignature() throws {
        var package = try ZipBytes.container(signer: trial.identity)
        let other = try ZipBytes.container([("exchange.json", [1]), ("data.csv", [2])], signer: trial.identity)
        package.entries[4] = other.entries[4]
        #expect(try trial.refusal(package.bytes) == .signatureInvalid)
    }

    /// Signature wrapping: what is signed must be the one signature that is read.
    @Test func refusesWrappedSignatures() throws {
        func code(_ change: ([UInt8]) -> [UInt8]) throws -> PackageError.Code? {
            var package = try ZipBytes.container(signer: trial.identity)
            package.entries[4] = ZipBytes.Entry(ASiCContainer.signatureName, change(package.entries[4].data))
            return trial.refusalInMemory(package.bytes)
        }
        #expect(try code { $0 } == nil)
        #expect(try code { $0 + $0 } == .signatureProfile, "a second SignedData after the first")
        #expect(try code { [0x30, 0x82, UInt8($0.count >> 8), UInt8($0.count & 255)] + $0 } == .signatureProfile, "one inside another")
        #expect(try code { [0x04, 0x82, UInt8($0.count >> 8), UInt8($0.count & 255)] + $0 } == .signatureProfile)
        #expect(try code { $0 + [0, 0] } == .signatureProfile)
        #expect(try code { _ in [] } == .signatureProfile)
        let other = try trial.identity.detachedCAdES(over: Array("<other/>".utf8), signingTime: Trial.now)
        #expect(try code { _ in other } == .signatureInvalid, "a right signature over another manifest")
    }

    /// Many small entries, each within the limits.
    @Test func refusesTooManyEntries() throws {
        let files = [("exchange.json", Trial.exchange)] + (0..<256).map { ("\($0).csv", [UInt8]()) }
        #expect(try trial.refusalInMemory(ZipBytes.container(files, signer: trial.identity).bytes) == .limitExceeded)
        #expect(try trial.refusalInMemory(ZipBytes.container(Array(files.dropLast()), signer: trial.identity).bytes) == nil)
        let many = ZipBytes(entries: (0..<3000).map { ZipBytes.Entry("\($0)", []) })
        #expect(trial.refusalInMemory(many.bytes) == .limitExceeded)
    }

    @Test func refusesUncoveredAndMissingFiles() throws {
        let files = [("exchange.json", Trial.exchange), ("data.csv", Trial.data), ("extra.csv", [UInt8(1)])]
        #expect(try trial.refusal(ZipBytes.container(files, signer: trial.identity, listing: ["exchange.json", "data.csv"]).bytes) == .uncoveredFile)
        var missing = try ZipBytes.container(files, signer: trial.identity)
        missing.entries.remove(at: 3)
        #expect(try trial.refusal(missing.bytes) == .missingFile)
        #expect(try trial.refusal(ZipBytes.container([("data.csv", Trial.data)], signer: trial.identity).bytes) == .missingFile, "no exchange.json")
        var hidden = try ZipBytes.container(signer: trial.identity)
        hidden.entries.append(ZipBytes.Entry("META-INF/notes.txt", [1]))
        #expect(try trial.refusal(hidden.bytes) == .uncoveredFile)
        var second = try ZipBytes.container(signer: trial.identity)
        second.entries.append(ZipBytes.Entry("META-INF/signature002.p7s", second.entries[4].data))
        #expect(try trial.refusal(second.bytes) == .sealUnsupported)
        var unsigned = try ZipBytes.container(signer: trial.identity)
        unsigned.entries.removeLast()
        #expect(try trial.refusal(unsigned.bytes) == .missingFile)
    }

    @Test func refusesDuplicates() throws {
        for name in ["data.csv", "DATA.CSV", "Data.csv"] {
            var package = try ZipBytes.container(signer: trial.identity)
            package.entries.append(ZipBytes.Entry(name, Trial.data))
            #expect(try trial.refusal(package.bytes) == .duplicateName, "\(name)")
        }
        // The same letter composed and decomposed.
        let accents = [("exchange.json", Trial.exchange), ("\u{e9}.csv", [UInt8(1)]), ("e\u{301}.csv", [UInt8(2)])]
        var package = try ZipBytes.container(accents, signer: trial.identity)
        for index in package.entries.indices { package.entries[index].flags = 1 << 11 }
        #expect(try trial.refusal(package.bytes) == .duplicateName)
        let nested = [("exchange.json", Trial.exchange), ("a", [UInt8(1)]), ("a/b", [UInt8(2)])]
        #expect(try trial.refusal(ZipBytes.container(nested, signer: trial.identity).bytes) == .duplicateName)
    }

    /// Properly signed all the same: a trusted sender must not be able to write outside either.
    @Test(arguments: [
        "../data.csv", "a/../../data.csv", "/data.csv", "a//b.csv", "./data.csv", "a/./b", "data.csv/", "C:data.csv", "C:\\data.csv", "..\\data.csv", "a\nb",
        "a\u{0}b", "a\u{202e}vsc.",
        "a\u{7f}", "trailing.", "trailing ", "dir /x", "",
    ])
    func refusesUnsafeNames(name: String) throws {
        var package = try ZipBytes.container([("exchange.json", Trial.exchange), (name, Trial.data)], signer: trial.identity)
        if !name.utf8.allSatisfy({ $0 < 0x80 }) { package.entries[2].flags = 1 << 11 }
        #expect(try trial.refusal(package.bytes) == .unsafeName)
    }

    @Test func refusesNamesThatAreNotUTF8OrNotMarked() throws {
        var package = try ZipBytes.container(signer: trial.identity)
        package.entries[2].name = [0xff, 0xfe]
        #expect(try trial.refusal(package.bytes) == .unsafeName)
        let armenian = try ZipBytes.container([("exchange.json", Trial.exchange), ("տ.csv", Trial.data)], signer: trial.identity)
        #expect(try trial.refusal(armenian.bytes) == .unsafeName)
    }

    @Test(arguments: [0o120777, 0o040755, 0o020666, 0o010644, 0o140755] as [UInt32])
    func refusesLinksFoldersAndDevices(mode: UInt32) throws {
        var package = try ZipBytes.container(signer: trial.identity)
        for index in package.entries.indices { package.entries[index].attributes = mode << 16 }
        #expect(try trial.refusal(package.bytes) == .unsafeName)
    }

    struct Lie: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let code: PackageError.Code
        let tell: @Sendable (inout ZipBytes) -> Void

        init(_ what: String, _ code: PackageError.Code, _ tell: @escaping @Sendable (inout ZipBytes) -> Void) {
            testDescription = what
            self.code = code
            self.tell = tell
        }
    }

    @Test(arguments: [
        Lie("encrypted", .encrypted) { $0.entries[2].flags = 1 },
        Lie("strongly encrypted", .encrypted) { $0.entries[2].flags = 1 << 6 },
        Lie("data descriptor", .unsupportedZipFeature) { $0.entries[2].flags = 1 << 3 },
        Lie("unknown flag", .unsupportedZipFeature) { $0.entries[2].flags = 1 << 4 },
        Lie("unknown method", .unsupportedZipFeature) { $0.entries[2].method = 12 },
        Lie("central extra field", .extraData) { $0.entries[2].centralExtra = [0xfe, 0xca, 0, 0] },
        Lie("local extra field", .headerMismatch) { $0.entries[2].extra = [0xfe, 0xca, 0, 0] },
        Lie("entry comment", .extraData) { $0.entries[2].comment = [65] },
        Lie("two names", .headerMismatch) { $0.entries[2].localName = Array("other.cv".utf8) },
        Lie("two sizes", .headerMismatch) { $0.entries[2].localSize = 1 },
        Lie("two methods", .headerMismatch) { $0.entries[2].localMethod = 8 },
        Lie("gap between files", .headerMismatch) { $0.entries[1].gap = [1, 2, 3] },
        Lie("gap before the directory", .extraData) { $0.entries[4].gap = [1, 2, 3] },
        Lie("directory in another order", .headerMismatch) { $0.directoryOrder = [0, 2, 1, 3, 4] },
        Lie("archive comment", .extraData) { $0.comment = Array("hello".utf8) },
        Lie("bytes before the first file", .notAZip) { $0.prefix = [0x4d, 0x5a] },
        Lie("two producers", .headerMismatch) { $0.entries[2].madeBy = 0x0014 },
        Lie("wrong check sum", .corruptData) { $0.entries[2].crc ^= 1 },
        Lie("stored under two sizes", .headerMismatch) { $0.entries[2].size += 1 },
        Lie("deflated garbage", .corruptData) { $0.entries[2].method = 8 },
        Lie("mimetype not first", .mimetypeWrong) { $0.entries.swapAt(0, 1) },
        Lie("mimetype says something else", .mimetypeWrong) { $0.entries[0] = ZipBytes.Entry("mimetype", Array("application/zip".utf8)) },
        Lie("mimetype with a line end", .mimetypeWrong) { $0.entries[0] = ZipBytes.Entry("mimetype", Array("application/vnd.etsi.asic-e+zip\n".utf8)) },
        Lie("mimetype missing", .mimetypeWrong) { $0.entries.removeFirst() },
    ])
    func refusesArchivesThatLie(lie: Lie) throws {
        var package = try ZipBytes.container(signer: trial.identity)
        lie.tell(&package)
        #expect(try trial.refusal(package.bytes) == lie.code)
    }

    @Test func refusesOverlappingFiles() throws {
        // The second entry's data is the first's: one name per pass, as quoted-overlap bombs do.
        let package = try ZipBytes.container(signer: trial.identity)
        var bytes = package.bytes
        let directory = bytes.lastRange(of: [0x50, 0x4b, 0x05, 0x06])
        #expect(directory != nil)
        // The third directory entry's offset becomes the second's.
        var central = bytes.indices.filter { bytes[$0...].starts(with: [0x50, 0x4b, 0x01, 0x02]) }
        central.removeFirst()
        for index in 0..<4 { bytes[central[1] + 42 + index] = bytes[central[0] + 42 + index] }
        #expect(try trial.refusal(bytes) == .headerMismatch)
    }
}

extension [UInt8] {
    fileprivate func lastRange(of marker: [UInt8]) -> Int? { indices.last { self[$0...].starts(with: marker) } }
}
