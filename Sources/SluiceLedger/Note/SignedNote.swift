internal import SluiceKit

/// A text signed by one or more keys (C2SP signed-note).
package struct SignedNote: Hashable, Sendable {
    /// The longest note that is read.
    package static let bytesMax = 1 << 18
    /// The most signatures that are read; the specification asks for at least 16.
    package static let signaturesMax = 64

    /// One line below the text.
    package struct Signature: Hashable, Sendable {
        package var name: String
        package var keyID: UInt32
        /// What follows the four bytes of the key id.
        package var signature: [UInt8]

        package init(name: String, keyID: UInt32, signature: [UInt8]) {
            self.name = name
            self.keyID = keyID
            self.signature = signature
        }

        /// The line as it stands below a note, without its newline.
        package var text: String { "\u{2014} \(name) \(Base64.encode(NoteKeyText.bytes(keyID) + signature))" }
    }

    /// The signed text, its final newline included.
    package let body: String
    package let signatures: [Signature]

    private static let dash: [UInt8] = [0xe2, 0x80, 0x94, 0x20]  // em dash (U+2014), space

    package init(body: String, signatures: [Signature]) throws(LedgerError) {
        guard body.utf8.last == 0x0a, body.utf8.allSatisfy({ $0 >= 0x20 || $0 == 0x0a }) else {
            throw LedgerError(.malformed, "the text of a note ends in a newline and holds no other control character")
        }
        guard (1...Self.signaturesMax).contains(signatures.count) else {
            throw LedgerError(.malformed, "a note has between 1 and \(Self.signaturesMax) signatures, not \(signatures.count)")
        }
        self.body = body
        self.signatures = signatures
    }

    /// The note in `bytes`. Nothing in it may be believed before `verified(by:)`.
    package init(parsing bytes: [UInt8]) throws(LedgerError) {
        guard bytes.count <= Self.bytesMax else {
            throw LedgerError(.limitExceeded, "a note of \(bytes.count) bytes is larger than the \(Self.bytesMax) allowed")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw LedgerError(.malformed, "the note is not UTF-8") }
        // The last empty line divides text from signatures; the text itself may hold empty lines.
        guard let gap = (1..<max(bytes.count, 1)).last(where: { bytes[$0] == 0x0a && bytes[$0 - 1] == 0x0a }), bytes.last == 0x0a, gap + 1 < bytes.count else {
            throw LedgerError(.malformed, "the note has no signature lines, or does not end in a newline")
        }
        let lines = bytes[(gap + 1)..<(bytes.count - 1)].split(separator: 0x0a, omittingEmptySubsequences: false)
        guard lines.count <= Self.signaturesMax else {
            throw LedgerError(.limitExceeded, "a note with \(lines.count) signatures has more than the \(Self.signaturesMax) allowed")
        }
        var signatures: [Signature] = []
        for line in lines { signatures.append(try Self.signature(line)) }
        try self.init(body: String(text.utf8.prefix(gap)) ?? "", signatures: signatures)
    }

    private static func signature(_ line: ArraySlice<UInt8>) throws(LedgerError) -> Signature {
        let parts = line.dropFirst(dash.count).split(separator: 0x20, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
        guard line.starts(with: dash), parts.count == 2, NoteKeyText.isName(parts[0]), let bytes = Base64.decode(parts[1]), bytes.count > 4 else {
            throw LedgerError(
                .malformed, "a signature line reads \"\u{2014} name base64\": \(String(decoding: line.prefix(80), as: UTF8.self).debugDescription)")
        }
        return Signature(name: parts[0], keyID: bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }, signature: Array(bytes.dropFirst(4)))
    }

    /// The whole note as it is stored and sent.
    package var text: String { body + "\n" + signatures.map { $0.text + "\n" }.joined() }

    /// The note with further signatures; one of the same name and key id takes the place of an older one.
    package func adding(_ lines: [Signature]) throws(LedgerError) -> SignedNote {
        let kept = signatures.filter { old in !lines.contains { $0.name == old.name && $0.keyID == old.keyID } }
        return try SignedNote(body: body, signatures: kept + lines)
    }

    /// The keys among `keys` that signed this note; throws where none did, or where a signature of one of them is wrong.
    ///
    /// Signatures of other keys are ignored (C2SP signed-note, "Signatures").
    @discardableResult
    package func verified(by keys: [VerifierKey]) throws(LedgerError) -> [VerifierKey] {
        let message = Array(body.utf8)
        var signers: [VerifierKey] = []
        for line in signatures {
            guard let key = keys.first(where: { $0.name == line.name && $0.id == line.keyID }), !signers.contains(key) else { continue }
            guard key.isValid(line.signature, over: message) else {
                throw LedgerError(.signature, "the signature of \(key.name) (key \(key.idText)) is wrong: the text was changed, or signed by another key")
            }
            signers.append(key)
        }
        guard !signers.isEmpty else {
            let found = signatures.prefix(5).map(\.name).joined(separator: ", ")
            let wanted = keys.prefix(5).map { "\($0.name) (key \($0.idText))" }.joined(separator: ", ")
            throw LedgerError(.signature, "not signed by \(wanted); signed by \(found)")
        }
        return signers
    }
}
