package import SluiceKit

/// Where an agreement obliges a second person: the trip ends before the seal, and goes on when somebody has approved.
extension OutboundCorridor {
    /// Whether the release has to wait for a second person.
    /// - Throws: `Refusal` where nobody could approve it, or nobody knows who the first person is.
    func approvalIsObliged(by obligations: [Obligations], _ shipment: OutboundShipment) throws -> Bool {
        guard obligations.contains(where: \.handling.fourEyes) else { return false }
        guard tools.knowsPeople else {
            throw Refusal(
                "agreement.approval",
                "the agreement obliges approval by a second person, and this node knows no people; give it a directory (sluice people add)")
        }
        guard shipment.requester != .unnamed else {
            throw Refusal(
                "agreement.approval",
                "the agreement obliges approval by a second person, so the first has to be known; say who sends it (sluice send --person)")
        }
        return true
    }

    /// How the ledger names a person: by a code under a key that is the exchange's own, so that two people differ, nobody can be looked for, and all is
    /// forgotten with the key. Empty for nobody.
    package func personCode(_ name: String?, key: [UInt8]) -> String { name.map { tools.hashing.code(Array("person \($0)".utf8), key: key).hex } ?? "" }

    /// Seals a release as of now.
    /// - Returns: the package, in memory or beside the payload as that is, and what the ledger is told.
    package func seal(_ draft: ReleaseDraft, payload: Content, with seal: any Seal) throws -> (package: SealedPackage, event: LedgerEvent) {
        let sealedAt = tools.clock.now()
        var document = draft.document
        document.sealedAt = sealedAt.rfc3339
        let target: PackageTarget = payload.path.map { .file(path: "\($0).\(seal.fileExtension)") } ?? .memory
        let signer = try tools.packageSigner(at: sealedAt)
        let sealed = try Pack(seal, signer: signer).exchange(document, payload: payload, mediaType: draft.mediaType, sealedAt: sealedAt, into: target)
        let event = LedgerEvent(
            .packageSealed, exchange: document.exchangeID,
            [
                LedgerData.text("seal", seal.identifier), LedgerData.text("manifestSHA256", sealed.manifestSHA256.hex),
                LedgerData.text("certificateSHA256", signer.certificateSHA256.hex), LedgerData.count("bytes", Int(sealed.bytes)),
            ])
        return (sealed, event)
    }
}
