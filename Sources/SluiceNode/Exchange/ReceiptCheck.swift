internal import SluiceCore
internal import SluiceKit

/// Verifies a receipt: sealed by the receiver, about our exchange and our very package.
struct ReceiptCheck {
    let tools: CorridorTools

    /// Largest list of findings that is kept with the exchange, in bytes.
    static let findingsBytesMax = 4 << 20

    /// - Parameter directory: takes the covered files when they do not fit into memory; the caller removes it.
    func verify(_ receipt: [UInt8], of record: ExchangeRecord, spillingInto directory: String) throws -> OutgoingExchange.Receipt {
        let opened: OpenedPackage
        guard let seal = tools.seal(record.seal) else { throw Refusal("receipt.seal", "the seal \(record.seal) is not of this build") }
        do { opened = try Unpack(tools).open(.bytes(receipt), sealedWith: seal, at: tools.clock.now(), spillingInto: directory) } catch let refusal as Refusal {
            throw Refusal("receipt.\(refusal.code.split(separator: ".").last ?? "seal")", refusal.detail)
        }
        let document: ReceiptDocument
        do { document = try ReceiptDocument(json: JSONValue(parsing: opened.exchange)) } catch { throw Refusal("receipt.document", "\(error)") }
        guard document.issuer.rawValue == record.receiver, opened.signer.participant == document.issuer else {
            throw Refusal(
                "receipt.signer", "the receipt is \(opened.signer.participant)'s in the name of \(document.issuer), and the package went to \(record.receiver)")
        }
        guard document.exchangeID == record.id, document.recipient == tools.participant else {
            throw Refusal("receipt.exchange", "the receipt answers exchange \(document.exchangeID) of \(document.recipient)")
        }
        // A receiver that could not open the package names the file's digest alone.
        let answersPackage =
            document.manifestDigest == record.manifestDigest || (document.manifestDigest.isEmpty && document.packageDigest == record.packageDigest)
        guard answersPackage else { throw Refusal("receipt.digest", "the receipt answers a package with another digest") }
        var findings = "[]"
        if let file = opened.files.first(where: { $0.name == ReceiptDocument.findingsName }), file.bytes <= Self.findingsBytesMax {
            let bytes = try file.content.bytes(max: Self.findingsBytesMax)
            if let value = try? JSONValue(parsing: bytes), value.elements != nil { findings = value.compactText }
        }
        return OutgoingExchange.Receipt(
            outcome: document.outcome, reasonCode: document.reasonCode, reason: document.reason, digest: tools.hashing.sha256(receipt).hex,
            manifestDigest: opened.manifestSHA256.hex, certificateDigest: opened.signer.certificateSHA256.hex, answeredAt: document.answeredAt,
            findingsJSON: findings)
    }
}
