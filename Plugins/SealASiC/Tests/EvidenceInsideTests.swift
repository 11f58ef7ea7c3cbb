import Foundation
import SluiceCrypto
import SluiceKit
import SluiceKitTesting
import Testing

@testable import SealASiC

/// Packages with a time stamp and revocation values; the stock command stamps at its own clock's time, so these tests ask the clock too.
@Suite(.enabled(if: Trial.has("openssl"), "openssl is absent"))
struct EvidenceInsideTests {
    let trial: Trial
    let now = Instant(seconds: Int64(Date().timeIntervalSince1970))
    let stamper: TestTimeStamper
    let authority: CertificateAuthority
    let identity: SealingIdentity
    let trust: TrustStore

    init() throws {
        trial = try Trial()
        let stamper = try TestTimeStamper()
        self.stamper = stamper
        authority = try CertificateAuthority(name: "Trial authority", validity: .init(now: now, days: 3650))
        let stamps = try TrustStore(authorityPaths: [stamper.authorityPath])
        let client = TimeStampClient(trust: stamps) { (question) throws(PackageError) in
            do { return try stamper.answer(question) } catch { throw PackageError(.timeStampUnavailable, "\(error)") }
        }
        var identity = try Trial.identity(of: authority, validity: .init(now: now, days: 1), timeStamps: client)
        let list = try authority.revocationList(revoking: [], number: 1, validity: .init(now: now, days: 2))
        identity.revocationValues = [.list(try RevocationList(list).der)]
        self.identity = identity
        trust = try TrustStore(authorities: [authority.certificate], timeStamps: stamps)
    }

    private func package() throws -> [UInt8] {
        var contents = Trial.contents()
        contents.sealedAt = now
        return try trial.read(trial.seal.seal(contents, with: identity, into: .memory).content)
    }

    private func code(_ package: [UInt8], at time: Instant) -> PackageError.Code? {
        do throws(PackageError) { _ = try trial.openInMemory(package, at: time, trust: trust) } catch { return error.code }
        return nil
    }

    @Test func auditedYearsLaterThePackageHoldsAsOfItsProvenTime() throws {
        let package = try package()
        let later = now.advanced(byMilliseconds: 5 * 365 * 86_400_000)
        let opened = try trial.openInMemory(package, at: later, trust: trust)
        let proven = try #require(opened.signer.provenAt)
        #expect(abs(proven.seconds - now.seconds) < 60)
        #expect(try trial.openInMemory(package, at: now.advanced(byMilliseconds: 60_000), trust: trust).signer.provenAt == proven)
    }

    @Test func counterSignersAreProvenToo() throws {
        let second = try Trial.identity(of: authority, validity: .init(now: now, days: 1), as: "AM.ARMSTAT")
        let signed = try trial.seal.counterSign(
            .bytes(package()), trust: trust, at: now.advanced(byMilliseconds: 5000), limits: PackageLimits(), with: second, into: .memory)
        let opened = try trial.openInMemory(trial.read(signed.content), at: now.advanced(byMilliseconds: 60_000), trust: trust)
        #expect(opened.signers.map { $0.provenAt != nil } == [true, false])
        // Without a stamp of its own the second signature ends with its certificate, and so does the package.
        #expect(try code(trial.read(signed.content), at: now.advanced(byMilliseconds: 5 * 365 * 86_400_000)) == .certificateExpired)
    }

    @Test func refusesEverySingleByteChange() throws {
        let package = try package()
        let time = now.advanced(byMilliseconds: 60_000)
        #expect(code(package, at: time) == nil)
        var accepted: [Int] = []
        for offset in package.indices {
            var changed = package
            changed[offset] ^= [0x20, 0xff, 0x01][offset % 3]
            if code(changed, at: time) == nil { accepted.append(offset) }
        }
        #expect(accepted.isEmpty)
    }

    /// The commands of the plugin's README.
    @Test(.enabled(if: Trial.has("unzip") && Trial.has("xxd")))
    func stockCommandsVerifySignatureAndToken() throws {
        _ = try trial.write("p.asice", package())
        _ = try trial.write("ca.pem", authority.certificate.pem)
        let script = #"""
            set -e
            unzip -tq p.asice && unzip -q p.asice -d p && cd p
            openssl cms -verify -binary -cades -inform DER -in META-INF/signature001.p7s -content META-INF/ASiCManifest001.xml -CAfile ../ca.pem -out /dev/null
            p7s() { openssl asn1parse -inform DER -in META-INF/signature001.p7s "$@"; }
            p7s -strparse $(p7s | sed -n '/id-smime-aa-timeStampToken/{n;n;s/^ *\([0-9]*\):.*/\1/p}') -noout -out token.der
            p7s | grep -B 3 -m 1 id-smime-aa-timeStampToken | sed -n 's/.*OCTET STRING.*DUMP.:\(.*\)/\1/p' | xxd -r -p > value.bin
            openssl ts -verify -data value.bin -in token.der -token_in -CAfile "$AUTHORITY"
            """#.replacing("$AUTHORITY", with: stamper.authorityPath)
        let outcome = try trial.run("bash", "-c", script)
        #expect(outcome.status == 0 && outcome.output.contains("Verification: OK"), "\(outcome.output)")
    }
}
