package import SluiceCrypto
package import SluiceKit
internal import Synchronization

/// The revocation lists and responders' answers that the node has, and what follows from them at any time. It fetches nothing: `errands` says what
/// would be worth fetching, and `take` judges what came.
package final class RevocationRegister: Sendable {
    package let policy: RevocationPolicy
    private let authorities: [Certificate]
    private let state = Mutex(State())

    private struct State {
        /// By the SHA-256 of the authority's certificate.
        var lists: [SHA256Digest: RevocationList] = [:]
        /// By the SHA-256 of the certificate asked about.
        var answers: [SHA256Digest: OCSPAnswer] = [:]
        /// Those about our own certificates as they came, to be sealed along.
        var ownAnswers: [SHA256Digest: [UInt8]] = [:]
        /// Grows with everything that is taken in.
        var revision = 0
    }

    /// Answers that are held at a time; past it, those that end first go.
    package static let answersMax = 20_000

    /// - Parameter authorities: those whose lists are believed: the trusted ones, and intermediates that issue certificates of participants.
    package init(policy: RevocationPolicy, authorities: [Certificate]) {
        self.policy = policy
        self.authorities = authorities
    }

    // MARK: Taking in

    /// Takes a list of one of the authorities. An older list never replaces a newer one: that would make a revocation unhappen.
    /// - Returns: whether it is news.
    @discardableResult
    package func take(list: RevocationList) throws(CryptoError) -> Bool {
        var refusal = CryptoError(.revocationListUnusable, "the revocation list is of '\(list.issuer)', none of whose certificates is trusted here")
        for authority in authorities where authority.subject == list.issuer {
            do throws(CryptoError) { try list.requireIssued(by: authority) } catch {
                refusal = error
                continue
            }
            return state.withLock { state in
                if let held = state.lists[authority.sha256], held.thisUpdate >= list.thisUpdate { return false }
                state.lists[authority.sha256] = list
                state.revision += 1
                return true
            }
        }
        throw refusal
    }

    /// - Parameter own: the answer's bytes, where it is about a certificate of ours.
    package func take(answer: OCSPAnswer, to request: OCSPRequest, own: [UInt8]? = nil) {
        state.withLock { state in
            if let held = state.answers[request.certificate.sha256], held.thisUpdate > answer.thisUpdate { return }
            if state.answers.count >= Self.answersMax, state.answers[request.certificate.sha256] == nil,
                let oldest = state.answers.min(by: { $0.value.thisUpdate < $1.value.thisUpdate })
            {
                state.answers[oldest.key] = nil
            }
            state.answers[request.certificate.sha256] = answer
            state.ownAnswers[request.certificate.sha256] = own
            state.revision += 1
        }
    }

    // MARK: Judging

    /// The verdict over a certificate and those between it and an authority.
    package func verdict(on certificate: Certificate, intermediates: [Certificate] = [], at time: Instant) -> RevocationPolicy.Verdict {
        var until: Instant?
        var isStale = false
        var link = certificate
        // A chain has at most as many links as there are certificates; a cycle runs out of them.
        for _ in 0...intermediates.count {
            let anchor = authorities.first { link.isSigned(by: $0) }
            guard let issuer = anchor ?? intermediates.first(where: { $0 !== link && link.isSigned(by: $0) }) else { return .unknown(.noInformation) }
            switch policy.verdict(evidence(link, issuer), at: time) {
            case .good(let end, let stale):
                until = min(until ?? end, end)
                isStale = isStale || stale
            case let other: return other
            }
            if anchor != nil, let until { return .good(until: until, isStale: isStale) }
            link = issuer
        }
        return .unknown(.noInformation)
    }

    package func isUnknown(_ certificate: Certificate, at time: Instant) -> Bool {
        if case .unknown = verdict(on: certificate, at: time) { true } else { false }
    }

    private func evidence(_ certificate: Certificate, _ issuer: Certificate) -> [RevocationPolicy.Evidence] {
        let (list, answer) = state.withLock { ($0.lists[issuer.sha256], $0.answers[certificate.sha256]) }
        var evidence = answer.map { [RevocationPolicy.Evidence($0)] } ?? []
        if let list, let item = try? RevocationPolicy.Evidence(list, about: certificate, issuer: issuer) { evidence.append(item) }
        return evidence
    }

    // MARK: Sealing along

    /// Most bytes of lists and answers in one seal. Receivers take signatures up to 64 KiB (`PackageLimits.signatureBytesMax`), certificates and time stamp
    /// among them.
    package static let sealedBytesMax = 32 << 10

    /// Changes with everything that could change what is sealed along.
    package var revision: Int { state.withLock { $0.revision } }

    /// What is held of a chain and may be sealed along (CAdES level B-LT), and the last second in which it is current.
    ///
    /// For each certificate the list of its issuer, which all seals share and receivers judge once; where that is too large or not current, a responder's
    /// answer. Only what is current and says good, judged as receivers judge it: a value that they find fault with refuses the package.
    /// - Parameter isStamped: the seal's time will be proven. Without that an answer is left out that counts only as long as its responder's certificate.
    package func valuesToSeal(
        _ certificate: Certificate, intermediates: [Certificate], isStamped: Bool, at time: Instant
    ) -> (values: [RevocationValue], until: Instant?) {
        var values: [RevocationValue] = []
        var (until, room) = (Instant?.none, Self.sealedBytesMax)
        var link = certificate
        for _ in 0...intermediates.count {
            let anchor = authorities.first { link.isSigned(by: $0) }
            guard let issuer = anchor ?? intermediates.first(where: { $0 !== link && link.isSigned(by: $0) }) else { break }
            let (list, answer) = state.withLock { ($0.lists[issuer.sha256]?.der, $0.ownAnswers[link.sha256]) }
            for value in [list.map { RevocationValue.list($0) }, answer.map { .answer($0) }].compactMap(\.self) {
                guard values.contains(value) || value.bytes.count <= room, isStamped || !value.hasResponder,
                    let found = value.evidence(about: link, issuer: issuer, at: time), case .good = found.status,
                    case .good(let end, false) = policy.verdict([found], at: time)
                else { continue }
                if !values.contains(value) {
                    values.append(value)
                    room -= value.bytes.count
                }
                until = min(until ?? end, end)
                break
            }
            if anchor != nil { break }
            link = issuer
        }
        return (values, until)
    }

    /// How many seconds each authority's list is still fresh, for metrics; negative once it has run out.
    package func freshness(at time: Instant) -> [(issuer: String, secondsLeft: Int64)] {
        let lists = state.withLock { Array($0.lists.values) }
        return lists.map { ($0.issuer, ($0.nextUpdate ?? $0.thisUpdate).seconds - time.seconds) }.sorted { $0.0 < $1.0 }
    }

    // MARK: Fetching

    /// Something to ask the network for.
    package enum Errand: Sendable {
        /// GET.
        case list(address: String)
        /// POST `application/ocsp-request`.
        case answer(address: String, OCSPRequest)

        package var address: String {
            switch self {
            case .list(let address), .answer(let address, _): address
            }
        }
    }

    /// What is worth asking for now: nothing is held, or what is held has lived half its life. Addresses are those in the certificates of people we trust.
    package func errands(for certificates: [Certificate], listAddresses: [String] = [], at time: Instant) -> [Errand] {
        var errands: [Errand] = []
        var asked: Set<String> = []
        let state = state.withLock { $0 }
        func isDue(_ thisUpdate: Instant?, _ nextUpdate: Instant?) -> Bool {
            guard let made = thisUpdate?.seconds else { return true }
            guard let next = nextUpdate?.seconds else { return true }
            return time.seconds >= made + max(0, next - made) / 2
        }
        for certificate in certificates {
            guard let issuer = authorities.first(where: { certificate.isSigned(by: $0) }) else { continue }
            let list = state.lists[issuer.sha256]
            for address in certificate.revocationListAddresses where isDue(list?.thisUpdate, list?.nextUpdate) && asked.insert(address).inserted {
                errands.append(.list(address: address))
            }
            let answer = state.answers[certificate.sha256]
            if let address = certificate.responderAddresses.first, isDue(answer?.thisUpdate, answer?.nextUpdate),
                let request = try? OCSPRequest(certificate, issuer: issuer)
            {
                errands.append(.answer(address: address, request))
            }
        }
        let oldest = state.lists.values.min { ($0.nextUpdate ?? $0.thisUpdate) < ($1.nextUpdate ?? $1.thisUpdate) }
        for address in listAddresses where isDue(oldest?.thisUpdate, oldest?.nextUpdate) && asked.insert(address).inserted {
            errands.append(.list(address: address))
        }
        return errands
    }

    /// Runs the errands one after the other with the caller's network; what fails is told and does not stop the others.
    /// The caller bounds time, redirects and bytes (`RevocationList.bytesMax`, `OCSPAnswer.bytesMax`).
    /// - Parameter own: our certificates, whose answers are kept as they come.
    package func run(_ errands: [Errand], own: Set<SHA256Digest> = [], clock: any WallClock, fetch: @Sendable (Errand) async throws -> [UInt8]) async
        -> [String]
    {
        var problems: [String] = []
        for errand in errands {
            do {
                let bytes = try await fetch(errand)
                switch errand {
                case .list: try take(list: RevocationList(bytes, named: errand.address))
                case .answer(_, let request):
                    let isOurs = own.contains(request.certificate.sha256)
                    take(answer: try OCSPAnswer(bytes, to: request, at: clock.now()), to: request, own: isOurs ? bytes : nil)
                }
            } catch { problems.append("\(errand.address): \(error)") }
        }
        return problems
    }
}
