internal import SluiceKit

/// The blocks of a PEM text (RFC 7468), read strictly: one spelling, no headers, nothing after a broken line.
package struct PEMBlock: Hashable, Sendable {
    /// `CERTIFICATE`, `ENCRYPTED PRIVATE KEY`.
    package let label: String
    package let der: [UInt8]

    /// Longest block, as DER, unless said otherwise: certificates and keys have some kilobytes.
    package static let bytesMax = 8 << 20

    /// All blocks of the text, in order; text between blocks is skipped.
    /// - Throws: `code` for a block that is cut off, is not base 64 or has headers; `limitExceeded`.
    package static func all(
        _ text: [UInt8], named name: String, countMax: Int, bytesMax: Int = bytesMax, error code: CryptoError.Code = .certificateUnusable
    ) throws(CryptoError) -> [PEMBlock] {
        var blocks: [PEMBlock] = []
        var label: String?
        var body: [UInt8] = []
        for line in text.split(whereSeparator: { $0 == 10 || $0 == 13 }) {
            let line = trimmed(line)
            if let opened = label {
                if let closing = boundary("-----END ", line) {
                    guard closing == opened else { throw CryptoError(code, "\(name): a block begins as \(opened) and ends as \(closing)") }
                    guard let der = Base64.decode(String(decoding: body, as: UTF8.self)), !der.isEmpty else {
                        throw CryptoError(
                            code, "\(name): the block \(opened) is not base 64; copy it again, from its BEGIN line to its END line")
                    }
                    guard blocks.count < countMax else {
                        throw CryptoError(.limitExceeded, "\(name) holds more than \(countMax) blocks; it is not what is expected here")
                    }
                    blocks.append(PEMBlock(label: opened, der: der))
                    label = nil
                    body = []
                } else {
                    guard !line.contains(UInt8(ascii: ":")), !line.starts(with: "-----".utf8) else {
                        throw CryptoError(
                            code,
                            "\(name): the block \(opened) has headers or no end; keys encrypted the old way (Proc-Type) are not read: openssl pkcs8 -topk8 makes a new one"
                        )
                    }
                    body += line
                    guard body.count <= (bytesMax + 2) / 3 * 4 else { throw CryptoError(.limitExceeded, "\(name): a block is larger than \(bytesMax) bytes") }
                }
            } else if let opening = boundary("-----BEGIN ", line) {
                label = opening
            }
        }
        if let label { throw CryptoError(code, "\(name): the block \(label) is cut off before its END line; copy the whole file") }
        return blocks
    }

    /// The one block of this label, and nothing else with a label.
    package static func single(
        _ label: String, _ text: [UInt8], named name: String, bytesMax: Int = bytesMax, error code: CryptoError.Code = .certificateUnusable
    ) throws(CryptoError) -> [UInt8] {
        let blocks = try all(text, named: name, countMax: 8, bytesMax: bytesMax, error: code)
        guard blocks.count == 1, let block = blocks.first, block.label == label else {
            let found = blocks.isEmpty ? "none" : blocks.map(\.label).joined(separator: ", ")
            throw CryptoError(code, "\(name) must hold exactly one block -----BEGIN \(label)-----; it holds \(found)")
        }
        return block.der
    }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var line = line
        while let last = line.last, last == 32 || last == 9 { line.removeLast() }
        while let first = line.first, first == 32 || first == 9 { line.removeFirst() }
        return line
    }

    private static func boundary(_ opening: String, _ line: ArraySlice<UInt8>) -> String? {
        guard line.starts(with: opening.utf8), line.suffix(5).elementsEqual("-----".utf8), line.count > opening.utf8.count + 5 else { return nil }
        let label = line.dropFirst(opening.utf8.count).dropLast(5)
        guard label.count <= 64, label.allSatisfy({ (0x41...0x5a).contains($0) || (0x30...0x39).contains($0) || $0 == 32 }) else { return nil }
        return String(decoding: label, as: UTF8.self)
    }
}
