internal import SluiceCore
internal import SluiceCrypto
package import SluiceKit

extension HopSignatures {
    package func check(_ request: HopRequest, from sender: ParticipantID) async throws(HopFault) {
        // A stranger costs no work and no memory.
        guard partners.partner(sender) != nil else { throw HopFault(.stranger, code: "participant-unknown", "\(sender) is not among the partners of \(own)") }
        let message = HTTPSignatureMessage.request(request)
        guard try isSigned(message) else {
            guard demands else { return }
            throw HopFault(
                .missing, code: "hop.signatureMissing",
                "\(own) takes only signed requests, and this one is not; set hopSignatures to sent or required at \(sender)")
        }
        let carriesContent = request.method == "PUT" || request.method == "PATCH"
        if carriesContent, message.lines(UploadFields.digestName).isEmpty {
            throw HopFault(HTTPSignatureError(.digestMissing, "a signed request names what it brings: Repr-Digest with sha-256 of the whole package"))
        }
        let verified = try verify(message, covering: Self.components(ofRequest: message), contentDigest: nil, isOnce: true, from: sender)
        guard message.lines(HopFields.receiverName) == [own.rawValue] else {
            throw HopFault(HTTPSignatureError(.receiverWrong, "the request is signed for another receiver than \(own)"))
        }
        try admitOnce(verified, from: sender)
    }

    package func check(_ answer: HopAnswer, to request: HopRequest, from receiver: ParticipantID) async throws(HopFault) -> Bool {
        let message = HTTPSignatureMessage.response(status: answer.status, fields: answer.fields, to: request)
        guard try isSigned(message) else {
            guard demands else { return false }
            throw HopFault(
                .missing, code: "hop.signatureMissing",
                "the answer is not signed, and this node takes none that is not; \(receiver) has to set hopSignatures to sent or required")
        }
        // An answer to HEAD describes content that it does not bring.
        let isBare = request.method == "HEAD" || answer.content.isEmpty && message.lines(ContentDigest.fieldName).isEmpty
        _ = try verify(
            message, covering: Self.components(ofAnswer: message, to: request), contentDigest: isBare ? nil : SHA256.hash(answer.content), isOnce: false,
            from: receiver)
        return true
    }

    private func isSigned(_ message: HTTPSignatureMessage) throws(HopFault) -> Bool {
        do throws(HTTPSignatureError) { return try HTTPSignature.isPresent(in: message) } catch { throw HopFault(error) }
    }

    private func verify(
        _ message: HTTPSignatureMessage, covering components: [Component], contentDigest: SHA256Digest?, isOnce: Bool, from peer: ParticipantID
    ) throws(HopFault) -> HTTPSignature.Verified {
        let now = clock.now()
        var policy = HTTPSignature.Policy(required: components, contentDigest: contentDigest)
        policy.requiresSingleUse = isOnce
        var trouble: PackageError?
        do throws(HTTPSignatureError) {
            return try HTTPSignature.verify(message, policy: policy, at: now) { name throws(HTTPSignatureError) -> PublicKey? in
                do throws(PackageError) { return try key(name, in: message, of: peer, at: now) } catch {
                    if error.code.isOwnTrouble { trouble = error }
                    throw HTTPSignatureError(.keyNotTrusted, error.detail)
                }
            }
        } catch {
            if let trouble { throw HopFault(.ownTrouble, code: "seal.\(trouble.code.rawValue)", trouble.detail) }
            throw HopFault(error)
        }
    }

    /// The key of a sealing certificate that is in force for the peer, by the same gates as the seals of its packages: an authority, and where there is
    /// a directory, what it holds of the participant, and revocation. nil where the name leads to no certificate.
    private func key(_ name: String, in message: HTTPSignatureMessage, of peer: ParticipantID, at time: Instant) throws(PackageError) -> PublicKey? {
        var chain = try Self.certificates(message)
        if chain.isEmpty {
            // Without them, what the directory holds of the peer may do.
            let held = directory?.current.certificates(of: peer, for: .sealing, at: time) ?? []
            guard let found = held.first(where: { $0.sha256.hex == name }) else { return nil }
            chain = [found.der]
        }
        guard let first = chain.first, SHA256.hash(first).hex == name else { return nil }
        let (signer, key) = try authorities.sealer(chain, at: time)
        guard signer.participant == peer else {
            throw PackageError(.signerUntrusted, "the key belongs to \(signer.participant), and the connection to \(peer)")
        }
        try directory?.requireTrusted(signer, intermediates: Array(chain.dropFirst()), at: time)
        return key
    }

    private static func certificates(_ message: HTTPSignatureMessage) throws(PackageError) -> [[UInt8]] {
        let lines = message.lines(HopFields.certificatesName)
        guard !lines.isEmpty else { return [] }
        let members: [StructuredField.Member]
        do throws(StructuredField.Malformed) { members = try StructuredField.list(lines.map { Array($0.utf8) }) } catch {
            throw PackageError(.signatureProfile, "\(HopFields.certificatesName): \(error)")
        }
        return try members.map { member throws(PackageError) in
            guard case .item(let item) = member, case .bytes(let der) = item.value else {
                throw PackageError(.signatureProfile, "\(HopFields.certificatesName): a certificate is a byte sequence")
            }
            return der
        }
    }
}
