import SluiceCore
import SluiceCrypto
import SluiceKit
import SluiceKitTesting
import SluiceNode
import Testing

/// Two nodes' hop signatures, with real keys and without a wire.
struct HopSignaturesTests {
    static let moi = ParticipantID("AM.MOI")!
    static let armstat = ParticipantID("AM.ARMSTAT")!

    struct Key: SealingKeys {
        var identity: SealingIdentity?
        func signer(at time: Instant) throws(PackageError) -> any EvidenceSigner {
            guard let identity else { throw PackageError(.signingFailed, "the token is not there") }
            return identity
        }
    }

    let world: DirectoryWorld
    let clock = FakeClock(DirectoryWorld.now)
    let moiKey: SealingIdentity
    let partners: Partners
    static let rate = RateLimit.Limits(exchangesPerMinute: 60, bytesPerMinute: 1 << 20)

    init() throws {
        world = try DirectoryWorld()
        moiKey = try Self.identity(world.authority, Self.moi)
        let listed = try NodeConfiguration(yaml: NodeConfigurationTests.minimal + "\npartners: [{id: AM.MOI}, {id: AM.ARMSTAT}]", file: "node.yaml").partners
        partners = Partners(listed: listed, directory: nil, usualRate: Self.rate, carriedDirectory: "carried")
    }

    static func identity(_ authority: CertificateAuthority, _ id: ParticipantID, days: Int = 365) throws -> SealingIdentity {
        let key = try PrivateKey.generate()
        let validity = CertificateAuthority.Validity(now: DirectoryWorld.now, days: days)
        return try SealingIdentity(certificate: authority.issueSealing(id, organisation: "Trial", key: key, validity: validity), key: key)
    }

    func node(
        _ id: ParticipantID, _ mode: NodeConfiguration.HopSigning = .required, key: SealingIdentity?, directory: DirectoryService? = nil
    ) throws -> HopSignatures {
        HopSignatures(
            mode, own: id, sealingKeys: Key(identity: key), authorities: try TrustStore(authorities: [world.authority.certificate]), directory: directory,
            partners: directory.map { Partners(listed: [], directory: $0, usualRate: Self.rate, carriedDirectory: "carried") } ?? partners, clock: clock)
    }

    func sender(key: SealingIdentity? = nil) throws -> HopSignatures { try node(Self.moi, key: key ?? moiKey) }
    func receiver(_ mode: NodeConfiguration.HopSigning = .required, directory: DirectoryService? = nil) throws -> HopSignatures {
        try node(Self.armstat, mode, key: world.identity, directory: directory)
    }

    static let put = HopRequest(
        method: "PUT", authority: "exchange.example.org", path: "/exchange/v1/packages/1",
        fields: [
            HTTPFieldLine("Content-Type", "application/vnd.etsi.asic-e+zip"), HTTPFieldLine("Content-Length", "3"),
            HTTPFieldLine("Repr-Digest", UploadFields.text(SHA256.hash([1, 2, 3]))),
        ])
    static let receipt = HopAnswer(status: 200, fields: [HTTPFieldLine("Content-Type", "application/vnd.etsi.asic-e+zip")], content: [9, 9])

    func signed(_ request: HopRequest = put, by sender: HopSignatures, for receiver: ParticipantID = armstat) async throws -> HopRequest {
        var request = request
        request.fields += try await sender.lines(for: request, to: receiver)
        return request
    }

    func answered(_ answer: HopAnswer = receipt, to request: HopRequest, by receiver: HopSignatures) async throws -> HopAnswer {
        var answer = answer
        answer.fields += try await receiver.lines(for: answer, to: request)
        return answer
    }

    func code(_ body: () async throws -> Void) async -> String? {
        do { try await body() } catch { return (error as? HopFault)?.code ?? "\(error)" }
        return nil
    }

    @Test func aRequestIsTakenOnceAndItsAnswerBelieved() async throws {
        let (sender, receiver) = (try sender(), try receiver())
        let request = try await signed(by: sender)
        #expect(await code { try await receiver.check(request, from: Self.moi) } == nil)
        #expect(await code { try await receiver.check(request, from: Self.moi) } == "hop.nonceRepeated")
        #expect(await code { try await receiver.check(try await signed(by: sender), from: Self.moi) } == nil, "signed anew")
        let answer = try await answered(to: request, by: receiver)
        #expect(try await sender.check(answer, to: request, from: Self.armstat))
        clock.set(DirectoryWorld.later(361))
        #expect(await code { try await receiver.check(request, from: Self.moi) } == "hop.expired")
        #expect(await code { _ = try await sender.check(answer, to: request, from: Self.armstat) } == "hop.expired")
    }

    @Test func anAnswerHoldsForItsRequestAndContentAlone() async throws {
        let (sender, receiver) = (try sender(), try receiver())
        let request = try await signed(by: sender)
        let busy = HopAnswer(
            status: 503, fields: [HTTPFieldLine("Content-Type", "application/problem+json"), HTTPFieldLine("Retry-After", "7")], content: [1])
        let answer = try await answered(busy, to: request, by: receiver)
        func after(_ change: (inout HopAnswer) -> Void) async -> String? {
            var other = answer
            change(&other)
            return await code { _ = try await sender.check(other, to: request, from: Self.armstat) }
        }
        #expect(await after { _ in } == nil)
        #expect(await after { $0.status = 200 } == "hop.signatureInvalid")
        #expect(await after { $0.content = [2] } == "hop.digestMismatch")
        #expect(await after { $0.content = [] } == "hop.digestMismatch", "cut off")
        #expect(await after { $0.fields[1].value = "70" } == "hop.signatureInvalid")
        #expect(await after { $0.fields.append(HTTPFieldLine("Upload-Offset", "0")) } == "hop.componentNotCovered")
        #expect(await after { $0.fields.removeAll { $0.name == "Content-Digest" } } == "hop.componentMissing")
        #expect(await after { $0.fields.removeAll { $0.name == "Signature" } } == "hop.signatureMissing", "half of one is a wrong one")
        #expect(await after { $0.fields.removeAll { $0.name.hasPrefix("Signature") } } == "hop.signatureMissing")
        // The same question, asked again: yesterday's answer does not answer it.
        let again = try await signed(by: sender)
        #expect(await code { _ = try await sender.check(answer, to: again, from: Self.armstat) } == "hop.signatureInvalid")
        let foreign = try await answered(busy, to: request, by: try node(Self.armstat, key: moiKey))
        #expect(await code { _ = try await sender.check(foreign, to: request, from: Self.armstat) } == "hop.keyNotTrusted")
        // HEAD brings no content.
        var head = request
        head.method = "HEAD"
        let bare = try await answered(HopAnswer(status: 204, fields: [HTTPFieldLine("Upload-Offset", "5")], content: []), to: head, by: receiver)
        #expect(try await sender.check(bare, to: head, from: Self.armstat))
    }

    @Test func onlyThePeersOwnSealingKeyCounts() async throws {
        let receiver = try receiver()
        let other = try Self.identity(world.authority, ParticipantID("UN.UNSD")!)
        #expect(await code { try await receiver.check(try await signed(by: try sender(key: other)), from: Self.moi) } == "hop.keyNotTrusted")
        let stranger = try Self.identity(DirectoryWorld().authority, Self.moi)
        #expect(await code { try await receiver.check(try await signed(by: try sender(key: stranger)), from: Self.moi) } == "hop.keyNotTrusted")
        let request = try await signed(by: try sender())
        #expect(await code { try await receiver.check(request, from: ParticipantID("UN.UNSD")!) } == "participant-unknown")
        #expect(await code { try await receiver.check(try await signed(by: try sender(), for: Self.moi), from: Self.moi) } == "hop.receiverWrong")
        // Another certificate than the one that is named, and one that is none.
        for line in [":\(Base64.encode(other.certificate.der)):", ":AAAA:", "text"] {
            var changed = request
            let place = try #require(changed.fields.firstIndex { $0.name == HopFields.certificatesName })
            changed.fields[place].value = line
            let found = await code { try await receiver.check(changed, from: Self.moi) }
            #expect(found == "hop.keyUnknown" || found == "hop.keyNotTrusted", "\(line): \(found ?? "taken")")
        }
        // Its certificate has ended.
        let short = try sender(key: try Self.identity(world.authority, Self.moi, days: 1))
        clock.set(DirectoryWorld.later(2 * 86_400))
        #expect(await code { try await receiver.check(try await signed(by: short), from: Self.moi) } == "hop.keyNotTrusted")
    }

    @Test func theDirectoryAndRevocationAreAsked() async throws {
        let held = try sender()
        _ = try world.propose(world.document(sealing: [moiKey.certificate]))
        for person in ["besa", "chen"] { try world.act(.approve, by: person) }
        let register = RevocationRegister(policy: RevocationPolicy(graceSeconds: 600), authorities: [world.authority.certificate])
        let receiver = try receiver(directory: try DirectoryService(store: world.store, revocations: register, clock: clock))
        func verdict(_ key: SealingIdentity? = nil, bare: Bool = false) async throws -> String? {
            var request = try await signed(by: key.map { try sender(key: $0) } ?? held)
            if bare { request.fields.removeAll { $0.name == HopFields.certificatesName } }
            return await code { try await receiver.check(request, from: Self.moi) }
        }
        // Not known is our own trouble, and decides nothing.
        do {
            try await receiver.check(try await signed(by: held), from: Self.moi)
            Issue.record("taken though nobody knows what is revoked")
        } catch let fault as HopFault { #expect(fault.kind == .ownTrouble && fault.code == "seal.revocationUnknown", "\(fault)") }
        let first = try RevocationList(
            world.authority.revoke([], after: nil, validity: .init(notBefore: DirectoryWorld.now, notAfter: DirectoryWorld.later(3600))))
        try register.take(list: first)
        #expect(try await verdict() == nil)
        #expect(try await verdict(bare: true) == nil, "the directory holds the certificate")
        #expect(try await verdict(Self.identity(world.authority, Self.moi)) == "hop.keyNotTrusted", "of the same authority and name, and not in the directory")
        #expect(try await verdict(Self.identity(world.authority, Self.moi), bare: true) == "hop.keyUnknown")
        let second = try RevocationList(
            world.authority.revoke(
                [Revocation(serial: moiKey.certificate.serial, at: DirectoryWorld.now, reason: .keyCompromise)], after: first,
                validity: .init(notBefore: DirectoryWorld.later(1), notAfter: DirectoryWorld.later(3600))))
        clock.set(DirectoryWorld.later(2))
        try register.take(list: second)
        #expect(try await verdict() == "hop.keyNotTrusted")
    }

    @Test func whatIsActedUponIsCovered() async throws {
        let (sender, receiver) = (try sender(), try receiver(.off))
        let request = try await signed(by: sender)
        for name in ["Upload-Offset", "Upload-Length", "Upload-Complete"] {
            var more = request
            more.fields.append(HTTPFieldLine(name, "1"))
            #expect(await code { try await receiver.check(more, from: Self.moi) } == "hop.componentNotCovered", "\(name)")
        }
        for place in Self.put.fields.indices {
            var less = request
            less.fields.remove(at: place)
            let expected = place == 2 ? "hop.digestMissing" : "hop.componentMissing"
            #expect(await code { try await receiver.check(less, from: Self.moi) } == expected)
        }
        // Of the request as it came nothing was used up by all this.
        #expect(await code { try await receiver.check(request, from: Self.moi) } == nil)
        var plain = Self.put
        #expect(await code { try await receiver.check(plain, from: Self.moi) } == nil, "nothing is required")
        plain.fields.append(HTTPFieldLine("Signature", "proxy=:AA==:"))
        plain.fields.append(HTTPFieldLine("Signature-Input", "proxy=(\"@method\");created=1"))
        #expect(await code { try await receiver.check(plain, from: Self.moi) } == nil, "a proxy's signature is none of ours")
        let strict = try self.receiver()
        #expect(await code { try await strict.check(plain, from: Self.moi) } == "hop.signatureMissing")
    }

    @Test func aNodeWithoutItsKeySaysSo() async throws {
        let keyless = try node(Self.moi, key: nil)
        do {
            _ = try await keyless.lines(for: Self.put, to: Self.armstat)
            Issue.record("signed without a key")
        } catch { #expect(error.kind == .ownTrouble && error.detail.contains("the token is not there"), "\(error)") }
    }
}
