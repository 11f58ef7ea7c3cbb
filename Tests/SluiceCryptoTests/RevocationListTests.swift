import SluiceCrypto
import SluiceKit
import SluiceKitTesting
import Testing

struct RevocationListTests {
    let trial: Trial
    let validity = CertificateAuthority.Validity(notBefore: Trial.now, notAfter: Trial.now.later(7 * 86_400))

    init() throws { trial = try Trial() }

    private func code(_ body: () throws -> Void) -> CryptoError.Code? {
        do { try body() } catch { return (error as? CryptoError)?.code }
        return nil
    }

    @Test func saysWhoWhenAndWhat() throws {
        let identity = try trial.identity()
        let revocation = Revocation(serial: identity.certificate.serial, at: Trial.now.later(-60), reason: .keyCompromise)
        let list = try RevocationList(trial.authority.revoke([revocation], after: nil, validity: validity))
        #expect(list.issuer == "CN=Trial authority" && list.number == "01" && list.count == 1)
        #expect(list.thisUpdate == Trial.now && list.nextUpdate == Trial.now.later(7 * 86_400))
        #expect(try list.find(identity.certificate) == revocation)
        #expect(try list.entries() == [revocation])
        let other = try trial.identity("AL.MOI").certificate
        #expect(try list.find(other) == nil)
        #expect(try RevocationList(list.der).count == 1)
    }

    @Test func nextListKeepsWhatWasRevokedAndCountsOn() throws {
        let first = try trial.identity().certificate
        let second = try trial.identity("AL.MOI").certificate
        let one = try RevocationList(
            trial.authority.revoke([Revocation(serial: first.serial, at: Trial.now, reason: nil)], after: nil, validity: validity))
        let two = try RevocationList(
            trial.authority.revoke([Revocation(serial: second.serial, at: Trial.now.later(5), reason: .superseded)], after: one, validity: validity))
        #expect(two.number == "02" && two.count == 2)
        #expect(try two.find(first)?.at == Trial.now && two.find(second)?.reason == .superseded)
        #expect(code { _ = try Trial().authority.revoke([], after: two, validity: validity) } == .revocationListUnusable)
    }

    @Test(
        .enabled(if: Trial.hasOpenSSL),
        arguments: [("7FFFFFFFFFFFFFFE", nil), ("7FFFFFFFFFFFFFFF", .issuingFailed), ("010000000000000000", .issuingFailed), (nil, .issuingFailed)]
            as [(String?, CryptoError.Code?)])
    func countsOnOnlyFromANumberThatItReads(number: String?, expected: CryptoError.Code?) throws {
        let previous = try #require(try stockList("authorityKeyIdentifier=keyid", number: number))
        #expect(previous.number == number)
        #expect(code { _ = try trial.authority.revoke([], after: previous, validity: validity) } == expected)
    }

    @Test func evidenceComesOnlyFromTheIssuersOwnList() throws {
        let certificate = try trial.identity().certificate
        let list = try RevocationList(trial.authority.revoke([], after: nil, validity: validity))
        let evidence = try RevocationPolicy.Evidence(list, about: certificate, issuer: trial.authority.certificate)
        #expect(RevocationPolicy().verdict([evidence], at: Trial.now) == .good(until: Trial.now.later(7 * 86_400), isStale: false))
        // An authority of the same name with another key: the name fits, the signature does not.
        let namesake = try Trial().authority
        let foreign = try RevocationList(namesake.revoke([], after: nil, validity: validity))
        #expect(code { _ = try RevocationPolicy.Evidence(foreign, about: certificate, issuer: trial.authority.certificate) } == .revocationListUnusable)
    }

    @Test(.enabled(if: Trial.hasOpenSSL)) func stockCommandAcceptsOurList() throws {
        let certificate = try trial.identity().certificate
        _ = try trial.write(
            "list.pem", trial.authority.revoke([Revocation(serial: certificate.serial, at: Trial.now, reason: .keyCompromise)], after: nil, validity: validity))
        _ = try trial.write("ca.pem", trial.authority.certificate.pem)
        let outcome = try trial.openssl("crl", "-in", "list.pem", "-CAfile", "ca.pem", "-noout", "-text")
        #expect(
            outcome.output.contains("verify OK") && outcome.output.contains(certificate.serial) && outcome.output.contains("Key Compromise"),
            "\(outcome.output)")
    }

    /// The stock command's empty list of our authority; nil where this release of it has no name for the extension.
    private func stockList(_ extensions: String, number: String? = "01") throws -> RevocationList? {
        try trial.authority.key.store(at: trial.folder + "/ca.key")
        _ = try trial.write("ca.pem", trial.authority.certificate.pem)
        _ = try trial.write(
            "ca.cnf",
            Array(
                """
                [ca]
                default_ca=d
                [d]
                database=index.txt
                \(number == nil ? "" : "crlnumber=number")
                default_md=sha256
                crl_extensions=e
                [e]
                \(extensions)\n
                """.utf8))
        _ = try trial.write("index.txt", [])
        _ = try trial.write("number", Array("\(number ?? "")\n".utf8))
        let outcome = try trial.openssl("ca", "-gencrl", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key", "-crldays", "7", "-out", "list.pem")
        guard outcome.status == 0 else {
            #expect(extensions.hasPrefix("deltaCRL"), "\(outcome.output)")
            return nil
        }
        return try RevocationList(path: trial.folder + "/list.pem")
    }

    @Test(
        .enabled(if: Trial.hasOpenSSL),
        arguments: [
            "issuingDistributionPoint=critical,@point\n[point]\nonlysomereasons=keyCompromise",
            "issuingDistributionPoint=critical,@point\n[point]\nindirectCRL=TRUE",
            "issuingDistributionPoint=critical,@point\n[point]\nonlyCA=TRUE",
            "issuingDistributionPoint=critical,@point\n[point]\nfullname=URI:http://ca.example/shard-7.crl",
            "issuingDistributionPoint=@point\n[point]\nfullname=URI:http://ca.example/shard-7.crl\nonlyuser=TRUE",
            "deltaCRL=critical,DER:020101", "1.2.3.4=critical,DER:0500",
        ])
    func listThatTellsOnlyAPartIsRefused(extensions: String) throws {
        guard let list = try stockList(extensions) else { return }
        #expect(code { try list.requireIssued(by: trial.authority.certificate) } == .revocationListUnusable)
    }

    @Test(.enabled(if: Trial.hasOpenSSL)) func listOfEndCertificatesSaysNothingOfAnAuthority() throws {
        let list = try #require(try stockList("issuingDistributionPoint=critical,@point\n[point]\nonlyuser=TRUE"))
        let authority = trial.authority.certificate
        try list.requireIssued(by: authority)
        let certificate = try trial.identity().certificate
        #expect(try RevocationPolicy.Evidence(list, about: certificate, issuer: authority).status == .good)
        #expect(code { _ = try RevocationPolicy.Evidence(list, about: authority, issuer: authority) } == .revocationListUnusable)
    }

    @Test func hostileBytesAreRefused() throws {
        let good = try trial.authority.revoke([], after: nil, validity: validity)
        let der = try RevocationList(good).der
        #expect(code { _ = try RevocationList([]) } != nil)
        #expect(code { _ = try RevocationList(good + good) } == .revocationListUnusable)
        #expect(code { _ = try RevocationList(Array(good.dropLast(30))) } == .revocationListUnusable)
        #expect(code { _ = try RevocationList(der + [0]) } == .revocationListUnusable)
        for length in stride(from: 1, to: der.count, by: 3) { #expect(code { _ = try RevocationList(Array(der[..<length])) } == .revocationListUnusable) }
        for offset in der.indices {
            var changed = der
            changed[offset] ^= 0x04
            #expect(code { try RevocationList(changed).requireIssued(by: trial.authority.certificate) } != nil, "byte \(offset)")
        }
    }

    /// PEM or DER: the same list, so the same limit and the same error.
    @Test func limitHoldsWhateverTheSpelling() throws {
        func pem(ofZeroBytes count: Int) -> [UInt8] {
            let text = [UInt8](repeating: UInt8(ascii: "A"), count: count / 3 * 4)
            return Array("-----BEGIN X509 CRL-----\n".utf8) + text + Array("\n-----END X509 CRL-----\n".utf8)
        }
        #expect(code { _ = try RevocationList(pem(ofZeroBytes: PEMBlock.bytesMax + 6)) } == .revocationListUnusable, "larger than other blocks may be")
        #expect(code { _ = try RevocationList([0x30] + [UInt8](repeating: 0, count: RevocationList.bytesMax)) } == .limitExceeded)
        func single(_ bytesMax: Int) throws { _ = try PEMBlock.single("X509 CRL", pem(ofZeroBytes: 300), named: "a list", bytesMax: bytesMax) }
        #expect(code { try single(300) } == nil)
        #expect(code { try single(297) } == .limitExceeded)
    }

    @Test func hundredThousandEntriesAreSearchedAtOnce() throws {
        let certificate = try trial.identity().certificate
        let many = (1...100_000).map { Revocation(serial: String($0, radix: 16).uppercased(), at: Trial.now, reason: nil) }
        let list = try RevocationList(
            trial.authority.revoke(many + [Revocation(serial: certificate.serial, at: Trial.now, reason: .superseded)], after: nil, validity: validity))
        #expect(list.count == 100_001)
        let evidence = try RevocationPolicy.Evidence(list, about: certificate, issuer: trial.authority.certificate)
        #expect(RevocationPolicy().verdict([evidence], at: Trial.now) == .revoked(at: Trial.now, reason: .superseded))
    }
}
