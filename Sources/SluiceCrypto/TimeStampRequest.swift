package import SluiceKit

/// A question to a time-stamping authority, and what to make of its answer (RFC 3161, 2.4).
package struct TimeStampRequest: Hashable, Sendable {
    package let digest: SHA256Digest
    /// Random bytes that the answer must repeat, so that it is no older one.
    package let nonce: [UInt8]

    /// Eight bytes, as the stock command sends.
    package static let nonceBytes = 8
    /// The media types of question and answer over HTTP (RFC 3161, 3.4).
    package static let mediaType = "application/timestamp-query"
    package static let answerMediaType = "application/timestamp-reply"

    /// A question about a digest; the nonce comes from the system's randomness unless a test gives one.
    package init(_ digest: SHA256Digest, nonce: [UInt8] = SecureRandom.bytes(nonceBytes)) {
        self.digest = digest
        self.nonce = nonce
    }

    /// TimeStampReq, DER, which asks for the authority's certificates.
    package var der: [UInt8] {
        let algorithm = DERWriter.sequence(DERWriter.objectIdentifier(ObjectIdentifier.sha256))
        return DERWriter.sequence(
            [DERTag.integer, 1, 1], DERWriter.sequence(algorithm, DERWriter.octetString(digest.bytes)), DERWriter.integer(nonce), [0x01, 1, 0xff])
    }

    /// The token in a TimeStampResp, DER, if it answers this question: the digest and the nonce are ours.
    package func token(in response: [UInt8]) throws(PackageError) -> [UInt8] {
        let der: [UInt8]
        do {
            der = try Self.granted(response)
        } catch {
            throw (error as? PackageError) ?? PackageError(.timeStampUnavailable, "the time-stamping authority's answer is not a TimeStampResp of RFC 3161")
        }
        let token = try TimeStampToken(der)
        guard token.covers(digest) else { throw PackageError(.timeStampInvalid, "the time stamp is over another digest than the one that was sent") }
        guard token.nonce.map({ $0.elementsEqual(nonce.drop { $0 == 0 }) }) == true else {
            throw PackageError(.timeStampInvalid, "the time stamp does not repeat our nonce: it answers another question, or is an old answer")
        }
        return der
    }

    private static func granted(_ response: [UInt8]) throws -> [UInt8] {
        var outer = DERReader(response)
        var reader = DERReader(response, inside: try outer.read(DERTag.sequence))
        try outer.requireEnd()
        var status = DERReader(response, inside: try reader.read(DERTag.sequence))
        let code = response[try status.read(DERTag.integer).content]
        // 0 granted, 1 granted with modifications; the modifications show in the token, which is checked.
        guard code.elementsEqual([0]) || code.elementsEqual([1]) else {
            let text = status.nextTag == DERTag.sequence ? freeText(try status.read(DERTag.sequence), response) : ""
            throw PackageError(.timeStampUnavailable, "the time-stamping authority refuses (status \(code.first.map(String.init) ?? "?"))\(text)")
        }
        let token = try reader.read(DERTag.sequence)
        try reader.requireEnd()
        return Array(response[token.whole])
    }

    /// PKIFreeText for people: its first line, fit for a log.
    private static func freeText(_ element: DERReader.Element, _ response: [UInt8]) -> String {
        guard let first = try? DERReader(response).elements(of: element).first, let text = String(validating: response[first.content], as: UTF8.self) else {
            return ""
        }
        return ": " + String(text.prefix(200).filter { $0.isASCII && !$0.isNewline && $0 >= " " })
    }
}
