internal import Dispatch
package import SluiceCore
package import SluiceCrypto
package import SluiceKit
internal import Synchronization

/// Hop signatures (RFC 9421) with the node's sealing key: whoever has the TLS key alone can do nothing with it.
///
/// What a message has to cover follows from what it carries: each field by which either side acts, where it is there, is covered, or the signature
/// does not count. So nobody can add one on the way, and taking a covered one away breaks the signature.
package final class HopSignatures: HopGuard {
    typealias Component = HTTPSignature.Component

    /// How long a signature of ours counts, from the time it is made; the other clock's tolerance comes on top. Connecting takes no longer.
    static let lifetimeSeconds: Int64 = 60
    private static let nonceBytes = 16

    /// What says to whom and where, of every request.
    static let requestTarget = ["@method", "@authority", "@path", "@query", HopFields.receiverName.lowercased()].map { Component($0) }
    /// By these fields a receiver acts.
    static let requestFields = ["repr-digest", "content-type", "content-length", "upload-offset", "upload-length", "upload-complete"]
    /// And by these a sender.
    static let answerFields = ["content-type", "retry-after", "upload-offset", "upload-length", "upload-complete", "sluice-repeat"]

    let mode: NodeConfiguration.HopSigning
    let own: ParticipantID
    let authorities: TrustStore
    let directory: DirectoryService?
    let partners: Partners
    let clock: any WallClock
    private let sealingKeys: any SealingKeys
    /// A key in a token takes its time; and who only asks must not wait behind packages that are being judged.
    private let queue = DispatchQueue(label: "sluice.hop", attributes: .concurrent)
    /// By sender, so that none can fill another's. Only partners have one, so there are no more than partners.
    private let nonces = Mutex<[ParticipantID: HTTPSignatureNonces]>([:])

    package var signs: Bool { mode != .off }
    package var demands: Bool { mode == .required }

    package init(
        _ mode: NodeConfiguration.HopSigning, own: ParticipantID, sealingKeys: any SealingKeys, authorities: TrustStore, directory: DirectoryService?,
        partners: Partners, clock: any WallClock
    ) {
        self.mode = mode
        self.own = own
        self.sealingKeys = sealingKeys
        self.authorities = authorities
        self.directory = directory
        self.partners = partners
        self.clock = clock
    }

    // MARK: Signing

    package func lines(for request: HopRequest, to receiver: ParticipantID) async throws(HopFault) -> [HTTPFieldLine] {
        let receiver = HTTPFieldLine(HopFields.receiverName, receiver.rawValue)
        var request = request
        request.fields.append(receiver)
        let message = HTTPSignatureMessage.request(request)
        return [receiver] + (try await sign(message, covering: Self.components(ofRequest: message)))
    }

    package func lines(for answer: HopAnswer, to request: HopRequest) async throws(HopFault) -> [HTTPFieldLine] {
        var lines: [HTTPFieldLine] = []
        if !answer.content.isEmpty { lines.append(HTTPFieldLine("Content-Digest", ContentDigest.text(SHA256.hash(answer.content)))) }
        let message = HTTPSignatureMessage.response(status: answer.status, fields: answer.fields + lines, to: request)
        return lines + (try await sign(message, covering: Self.components(ofAnswer: message, to: request)))
    }

    private func sign(_ message: HTTPSignatureMessage, covering components: [Component]) async throws(HopFault) -> [HTTPFieldLine] {
        do {
            return try await withCheckedThrowingContinuation { continuation in
                queue.async { [self] in continuation.resume(with: Result { try signNow(message, covering: components) }) }
            }
        } catch {
            let words = (error as? PackageError)?.detail ?? (error as? HTTPSignatureError)?.detail ?? "\(error)"
            throw HopFault(.ownTrouble, code: "hop.signingFailed", "this node cannot sign its messages: \(words)")
        }
    }

    private func signNow(_ message: HTTPSignatureMessage, covering components: [Component]) throws -> [HTTPFieldLine] {
        let now = clock.now()
        let signer = try sealingKeys.signer(at: now)
        let terms = HTTPSignature.Terms(
            certificateSHA256: signer.certificateSHA256, created: now, expires: now.advanced(byMilliseconds: Self.lifetimeSeconds * 1_000),
            nonce: Base64.encode(SecureRandom.bytes(Self.nonceBytes)))
        let lines = try HTTPSignature.sign(message, covering: components, terms: terms) { try signer.es256(over: $0) }
        return [HTTPFieldLine(HopFields.certificatesName, signer.certificateChainDER.map { ":\(Base64.encode($0)):" }.joined(separator: ", "))] + lines
    }

    // MARK: What is covered

    static func components(ofRequest message: HTTPSignatureMessage) -> [Component] { requestTarget + present(requestFields, in: message) }

    static func components(ofAnswer message: HTTPSignatureMessage, to request: HopRequest) -> [Component] {
        // The request's own signature ties the answer to this very request, whatever was asked before.
        let ofRequest = ["repr-digest", "signature"].filter { !HTTPSignatureMessage.request(request).lines($0).isEmpty }
        return [Component("@status")] + present([ContentDigest.fieldName] + answerFields, in: message)
            + (["@method", "@path"] + ofRequest).map { Component($0, ofRequest: true) }
    }

    private static func present(_ names: [String], in message: HTTPSignatureMessage) -> [Component] {
        names.filter { !message.lines($0).isEmpty }.map { Component($0) }
    }

    /// Once for each signed request, as long as it would be accepted.
    func admitOnce(_ verified: HTTPSignature.Verified, from sender: ParticipantID) throws(HopFault) {
        let now = clock.now()
        do throws(HTTPSignatureError) {
            try nonces.withLock { all throws(HTTPSignatureError) in try all[sender, default: HTTPSignatureNonces()].admit(verified, at: now) }
        } catch {
            throw HopFault(error, isOverLimit: error.code == .limitExceeded)
        }
    }
}

extension HopFault {
    init(_ error: HTTPSignatureError, isOverLimit: Bool = false) {
        self.init(isOverLimit ? .overLimit : .wrong, code: "hop.\(error.code.rawValue)", error.detail)
    }
}
