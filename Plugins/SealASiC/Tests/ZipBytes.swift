import SluiceCrypto
import SluiceKit

@testable import SealASiC
@testable import SluiceZip

/// A ZIP archive written field by field, so that each field can lie.
struct ZipBytes {
    struct Entry {
        var name: [UInt8]
        var data: [UInt8]
        var size: UInt32
        var crc: UInt32
        var method: UInt16 = 0
        var flags: UInt16 = 0
        var madeBy: UInt16 = 0x0314
        var attributes: UInt32 = 0o100644 << 16
        var extra: [UInt8] = []
        var centralExtra: [UInt8] = []
        var comment: [UInt8] = []
        /// When the local header says something else than the directory.
        var localName: [UInt8]?
        var localSize: UInt32?
        var localMethod: UInt16?
        /// Bytes after the data that belong to nothing.
        var gap: [UInt8] = []

        init(_ name: String, _ data: [UInt8]) {
            self.name = Array(name.utf8)
            self.data = data
            size = UInt32(data.count)
            crc = CRC32.of(data)
        }
    }

    var entries: [Entry]
    var prefix: [UInt8] = []
    var comment: [UInt8] = []
    var trailer: [UInt8] = []
    /// Order of the directory, when it differs from that of the data.
    var directoryOrder: [Int]?

    var bytes: [UInt8] {
        var out = prefix
        var offsets: [Int] = []
        for entry in entries {
            offsets.append(out.count)
            out.appendLittle(0x0403_4b50 as UInt32)
            out += fields(
                entry, method: entry.localMethod ?? entry.method, size: entry.localSize ?? entry.size, nameCount: (entry.localName ?? entry.name).count)
            out.appendLittle(UInt16(entry.extra.count))
            out += (entry.localName ?? entry.name) + entry.extra + entry.data + entry.gap
        }
        let start = out.count
        for index in directoryOrder ?? Array(entries.indices) {
            let entry = entries[index]
            out.appendLittle(0x0201_4b50 as UInt32)
            out.appendLittle(entry.madeBy)
            out += fields(entry, method: entry.method, size: entry.size, nameCount: entry.name.count)
            out.appendLittle(UInt16(entry.centralExtra.count))
            out.appendLittle(UInt16(entry.comment.count))
            out.appendLittle(0 as UInt32)
            out.appendLittle(entry.attributes)
            out.appendLittle(UInt32(offsets[index]))
            out += entry.name + entry.centralExtra + entry.comment
        }
        let size = out.count - start
        out.appendLittle(0x0605_4b50 as UInt32)
        for number in [0, 0, entries.count, entries.count] { out.appendLittle(UInt16(number)) }
        out.appendLittle(UInt32(size))
        out.appendLittle(UInt32(start))
        out.appendLittle(UInt16(comment.count))
        return out + comment + trailer
    }

    private func fields(_ entry: Entry, method: UInt16, size: UInt32, nameCount: Int) -> [UInt8] {
        var out: [UInt8] = []
        for field in [20, entry.flags, method, 0x6000, 0x5c2f] as [UInt16] { out.appendLittle(field) }
        out.appendLittle(entry.crc)
        out.appendLittle(UInt32(entry.data.count))
        out.appendLittle(size)
        out.appendLittle(UInt16(nameCount))
        return out
    }

    /// A right container of these files, properly signed: what is changed in it afterwards is the one thing wrong.
    static func container(
        _ files: [(name: String, data: [UInt8])] = [("exchange.json", Trial.exchange), ("data.csv", Trial.data)], signer: any EvidenceSigner,
        manifest: ((String) -> String)? = nil, listing names: [String]? = nil
    ) throws -> ZipBytes {
        let listed = files.filter { names?.contains($0.name) ?? true }
        let references = listed.map { ASiCManifest.Reference(name: $0.name, mediaType: "text/plain", sha256: SHA256.hash($0.data)) }
        let own = String(decoding: ASiCManifest(signatureName: ASiCContainer.signatureName, references: references).xml, as: UTF8.self)
        let xml = Array((manifest?(own) ?? own).utf8)
        let signature = try signer.detachedCAdES(over: xml, signingTime: Trial.now)
        return ZipBytes(
            entries: [Entry("mimetype", Array(ASiCContainer.mediaType.utf8))] + files.map { Entry($0.name, $0.data) } + [
                Entry(ASiCContainer.manifestName, xml), Entry(ASiCContainer.signatureName, signature),
            ])
    }
}

extension ZipBytes {
    /// A manifest and a signature more, over whatever the manifest is made to say.
    mutating func counterSign(
        _ number: Int = 2, covering references: [ASiCManifest.Reference], signer: any EvidenceSigner, signatureName: String? = nil,
        manifest change: (String) -> String = { $0 }
    ) throws {
        let own = "META-INF/signature00\(number).p7s"
        let xml = Array(change(String(decoding: ASiCManifest(signatureName: signatureName ?? own, references: references).xml, as: UTF8.self)).utf8)
        entries.append(Entry("META-INF/ASiCManifest00\(number).xml", xml))
        entries.append(Entry(own, try signer.detachedCAdES(over: xml, signingTime: Trial.now)))
    }

    /// References to entries by name, with the digests they have now.
    func references(_ names: [String]) -> [ASiCManifest.Reference] {
        names.flatMap { name in
            entries.filter { $0.name.elementsEqual(name.utf8) }.map { .init(name: name, mediaType: "text/plain", sha256: SHA256.hash($0.data)) }
        }
    }
}

/// CRC-32 bit by bit, independent of zlib.
enum CRC32 {
    static func of(_ bytes: [UInt8]) -> UInt32 {
        var crc = UInt32.max
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
        }
        return ~crc
    }
}
