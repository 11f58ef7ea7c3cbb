package import SluiceKit

/// The document of a package by which the parties sign an agreement: `exchange.json` of kind `agreement`. Docs/AgreementLifecycle.md lists the members.
package struct SignedAgreement: Sendable {
    package static let payloadName = "agreement.yaml"
    package static let mediaType = "application/yaml"
    /// Largest text of an agreement, in bytes.
    package static let textBytesMax = 1 << 20

    package let agreement: Agreement
    /// The text as it was signed.
    package let text: [UInt8]
    /// SHA-256 of the canonical form.
    package let digest: SHA256Digest
    /// Who signed, the first first, each once.
    package let signers: [String]

    /// What goes into the package beside the text.
    package static func document(of agreement: Agreement, digest: SHA256Digest, signedAt: Instant) -> JSONValue {
        .object([
            JSONMember("kind", .string("agreement")), JSONMember("version", .integer(1)),
            JSONMember(
                "agreement",
                .object([
                    JSONMember("id", .string(agreement.id)), JSONMember("version", .string(agreement.version)), JSONMember("sha256", .string(digest.hex)),
                ])), JSONMember("giver", .string(agreement.giver)), JSONMember("receivers", .array(agreement.receivers.map { .string($0) })),
            JSONMember("payload", .object([JSONMember("name", .string(payloadName))])), JSONMember("signedAt", .string(signedAt.rfc3339)),
            JSONMember("software", .string("sluice/\(sluiceVersion)")),
        ])
    }

    /// Reads an opened package, whose signatures hold.
    /// - Throws: where it is no signed agreement, or its document and its text disagree.
    package init(_ opened: OpenedPackage, hashing: any Hashing) throws(DirectoryError) {
        func fail(_ why: String) -> DirectoryError { DirectoryError(.documentInvalid, "this is no signed agreement: \(why)") }
        guard let json = try? JSONValue(parsing: opened.exchange), json["kind"]?.text == "agreement", json["version"]?.integer == 1 else {
            throw fail("its \(PackageContents.exchangeName) is of another kind or version")
        }
        guard opened.files.count == 2, let file = opened.files.first(where: { $0.name == Self.payloadName }), file.bytes <= Int64(Self.textBytesMax) else {
            throw fail("it holds something else than \(Self.payloadName), or that is too large")
        }
        let bytes: [UInt8]
        do {
            switch file.content {
            case .bytes(let held): bytes = held
            case .file(let path): bytes = try FileByteSource.contents(of: path, bytesMax: Self.textBytesMax)
            }
        } catch { throw DirectoryError(.fileUnusable, "\(error)") }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw fail("its text is not UTF-8") }
        let agreement: Agreement
        do throws(AgreementError) { agreement = try AgreementReader.read(text, file: Self.payloadName) } catch { throw fail("\(error)") }
        let digest = hashing.sha256(agreement.canonicalBytes)
        let named = json["agreement"]
        guard named?["id"]?.text == agreement.id, named?["version"]?.text == agreement.version, named?["sha256"]?.text == digest.hex else {
            throw DirectoryError(.documentDiffers, "the document of the package names another agreement than the text in it")
        }
        self.agreement = agreement
        self.digest = digest
        self.text = bytes
        var signers: [String] = []
        for signer in opened.signers where !signers.contains(signer.participant.rawValue) { signers.append(signer.participant.rawValue) }
        self.signers = signers
    }

    /// Whether a node may bring it into force: it is a party, the giver and the node itself have signed, and nobody has who is no party.
    ///
    /// Of several receivers each needs the giver's signature and its own; the giver's node lets data go to those who have signed.
    package func requireSigned(for own: ParticipantID) throws(DirectoryError) {
        let parties = ([agreement.giver] + agreement.receivers).joined(separator: ", ")
        guard agreement.isParty(own.rawValue) else {
            throw DirectoryError(.signatureMissing, "\(agreement.name) is between \(parties), and this node is \(own)")
        }
        if let stranger = signers.first(where: { !agreement.isParty($0) }) {
            throw DirectoryError(.signatureMissing, "\(stranger) has signed \(agreement.name), and is no party to it")
        }
        let missing = [agreement.giver, own.rawValue].filter { !signers.contains($0) }
        guard missing.isEmpty else {
            throw DirectoryError(
                .signatureMissing,
                "\(agreement.name) lacks the signature of \(missing.joined(separator: " and of ")); have it counter-signed (sluice package countersign)")
        }
        // What forbids takes nothing from the giver that somebody else would have to answer for.
        guard own.rawValue != agreement.giver || !agreement.isPermit || agreement.receivers.contains(where: signers.contains) else {
            throw DirectoryError(.signatureMissing, "none of the receivers has signed \(agreement.name); have it counter-signed (sluice package countersign)")
        }
    }
}
