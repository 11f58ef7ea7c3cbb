import SluiceKit

/// One file of a ZIP archive, as central directory and local header agree on it (APPNOTE 6.3.10, 4.3.7 and 4.3.12).
package struct ZipEntry: Hashable {
    package enum Method: UInt16, Hashable {
        case stored = 0
        case deflated = 8
    }

    package var name: String
    var nameBytes: [UInt8]
    package var method: Method
    var flags: UInt16
    var versionNeeded: UInt16
    var time: DOSTime
    var crc: UInt32
    var compressedSize: Int64
    package var size: Int64
    /// Where its local header begins.
    var headerOffset: Int64

    var dataOffset: Int64 { headerOffset + Int64(ZipFormat.localHeaderSize + nameBytes.count) }
    var endOffset: Int64 { dataOffset + compressedSize }

    /// More than `ratio` times its compressed size, and large enough to matter.
    func growsBeyond(_ ratio: Int64) -> Bool {
        let (limit, overflow) = compressedSize.multipliedReportingOverflow(by: ratio)
        return !overflow && size > limit && size > PackageLimits.compressionRatioExemptBytes
    }
}

/// Fixed numbers of the format.
enum ZipFormat {
    static let localSignature: UInt32 = 0x0403_4b50
    static let centralSignature: UInt32 = 0x0201_4b50
    static let endSignature: UInt32 = 0x0605_4b50
    static let localHeaderSize = 30
    static let centralHeaderSize = 46
    static let endSize = 22
    /// Without ZIP64, sizes and positions end here; the last value is ZIP64's marker.
    static let bytesMax: Int64 = 0xffff_fffe
    static let entriesMax = 0xfffe

    /// General purpose bit 11: the name is UTF-8.
    static let flagUTF8: UInt16 = 1 << 11
    /// Bits 1 and 2: how hard the deflater tried. Meaningless to a reader.
    static let flagsDeflateEffort: UInt16 = 0b110
    /// Bits 0, 6 and 13: encrypted in one way or another.
    static let flagsEncrypted: UInt16 = 1 << 0 | 1 << 6 | 1 << 13
    /// Bit 3: sizes follow the data.
    static let flagDataDescriptor: UInt16 = 1 << 3
}

/// Reads little-endian numbers from a header that is known to be long enough.
struct ZipFields {
    let bytes: ArraySlice<UInt8>

    /// - Precondition: the slice is at least as long as the header whose fields are asked for.
    init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

    func u16(_ offset: Int) -> UInt16 {
        let at = bytes.startIndex + offset
        return UInt16(bytes[at]) | UInt16(bytes[at + 1]) << 8
    }

    func u32(_ offset: Int) -> UInt32 { UInt32(u16(offset)) | UInt32(u16(offset + 2)) << 16 }
}

extension [UInt8] {
    mutating func appendLittle(_ value: UInt16) {
        append(UInt8(truncatingIfNeeded: value))
        append(UInt8(truncatingIfNeeded: value >> 8))
    }

    mutating func appendLittle(_ value: UInt32) {
        appendLittle(UInt16(truncatingIfNeeded: value))
        appendLittle(UInt16(truncatingIfNeeded: value >> 16))
    }
}
