internal import Foundation

/// A time-stamping authority for tests: the `openssl ts` command with an authority and a certificate made afresh. It stamps with its own
/// clock, so tests that use it ask the clock too.
package final class TestTimeStamper: Sendable {
    /// What kind of key the stamps are signed with.
    package enum Key: String, Sendable, CaseIterable {
        case p256 = "ec:P-256"
        case p384 = "ec:P-384"
        case rsa2048 = "rsa:2048"
        case rsa1024 = "rsa:1024"
    }

    package struct Failure: Error, CustomStringConvertible {
        package var description: String
    }

    package let directory: String
    /// PEM of the authority above the stamping certificate, and of that certificate itself.
    package var authorityPath: String { directory + "/authority.pem" }
    package var certificatePath: String { directory + "/stamper.pem" }
    package var authorityKeyPath: String { directory + "/authority.key" }

    /// - Parameters:
    ///   - extendedKeyUsage: what the stamping certificate may be used for, in openssl's notation.
    ///   - digest: what the stamps are signed with.
    ///   - accuracy: in openssl's notation.
    package init(
        key: Key = .p256, digest: String = "sha256", extendedKeyUsage: String = "critical,timeStamping", accuracy: String = "secs:1, millisecs:500",
        essDigest: String = "sha256"
    ) throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("stamper-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let isRSA = key.rawValue.hasPrefix("rsa")
        let parameter = key.rawValue.split(separator: ":")[1]
        let kind = isRSA ? ["-newkey", key.rawValue] : ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:\(parameter)"]
        try run(
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3650", "-subj", "/CN=Test time authority",
                "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-keyout", "authority.key", "-out",
                "authority.pem",
            ])
        try run(["req"] + kind + ["-nodes", "-subj", "/CN=Test time stamper", "-keyout", "stamper.key", "-out", "stamper.csr"])
        try write(
            "stamper.ext",
            "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=\(extendedKeyUsage)\nsubjectKeyIdentifier=hash\n")
        try run([
            "x509", "-req", "-in", "stamper.csr", "-CA", "authority.pem", "-CAkey", "authority.key", "-set_serial", "17", "-days", "2", "-extfile",
            "stamper.ext", "-out", "stamper.pem",
        ])
        try write("serial", "01\n")
        try write(
            "ts.cnf",
            """
            [tsa]
            default_tsa = stamper
            [stamper]
            dir = \(directory)
            serial = \(directory)/serial
            signer_cert = \(directory)/stamper.pem
            signer_key = \(directory)/stamper.key
            signer_digest = \(digest)
            default_policy = 1.3.6.1.4.1.99999.1
            digests = sha256, sha384, sha512
            accuracy = \(accuracy)
            clock_precision_digits = 3
            ordering = no
            tsa_name = yes
            ess_cert_id_alg = \(essDigest)
            """)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    /// The answer (TimeStampResp) to a question (TimeStampReq).
    package func answer(_ question: [UInt8]) throws -> [UInt8] {
        let name = UUID().uuidString
        try Data(question).write(to: URL(fileURLWithPath: "\(directory)/\(name).tsq"))
        try run(["ts", "-reply", "-config", "ts.cnf", "-queryfile", "\(name).tsq", "-out", "\(name).tsr"])
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(directory)/\(name).tsr")))
    }

    /// A revocation list of the authority, PEM, that names the stamping certificate for a reason in openssl's spelling.
    package func revocationList(reason: String) throws -> [UInt8] {
        try write("index.txt", "R\t491231235959Z\t\(Self.minuteFromNow()),\(reason)\t11\tunknown\t/CN=Test time stamper\n")
        try write("crlnumber", "01\n")
        try write(
            "ca.cnf", "[ca]\ndefault_ca=d\n[d]\ndatabase=\(directory)/index.txt\ncrlnumber=\(directory)/crlnumber\ndefault_md=sha256\ndefault_crl_days=1\n"
        )
        try run(["ca", "-gencrl", "-config", "ca.cnf", "-keyfile", "authority.key", "-cert", "authority.pem", "-out", "list.pem"])
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(directory)/list.pem")))
    }

    /// Later than any stamp of a test, as openssl's register writes it.
    private static func minuteFromNow() -> String {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(identifier: "UTC")
        format.dateFormat = "yyMMddHHmmss'Z'"
        return format.string(from: Date(timeIntervalSinceNow: 60))
    }

    private func write(_ name: String, _ text: String) throws {
        try text.write(toFile: "\(directory)/\(name)", atomically: true, encoding: .utf8)
    }

    private func run(_ arguments: [String]) throws {
        let outcome = try TestTool.run(["openssl"] + arguments, in: directory)
        guard outcome.status == 0 else { throw Failure(description: "openssl \(arguments.joined(separator: " ")): \(outcome.output)") }
    }
}
