import SluiceCore
import SluiceKit

/// Certificates in one line of text: `use id from until name`, so that the directory's rules are tried without cryptography.
struct FakeCertificates: CertificateReading {
    static func digest(_ text: String) -> SHA256Digest {
        // Not a hash: spread enough to tell the texts of these tests apart.
        var bytes = [UInt8](repeating: 0, count: 32)
        for (place, byte) in text.utf8.enumerated() { bytes[place % 32] = bytes[place % 32] &* 31 &+ byte }
        return SHA256Digest(bytes: bytes)!
    }

    static func make(_ line: String) throws(DirectoryError) -> CertificateFacts {
        let words = line.split(separator: " ").map(String.init)
        guard words.count >= 5, let from = Int64(words[2]), let until = Int64(words[3]) else {
            throw DirectoryError(.certificateInvalid, "not a certificate: \(line)")
        }
        return CertificateFacts(
            der: Array(line.utf8), sha256: digest(line), publicKeySHA256: digest(words[4]), subject: "CN=\(words[1])", issuer: "CN=CA", serial: words[4],
            notBefore: Instant(seconds: from), notAfter: Instant(seconds: until), participant: ParticipantID(words[1]), isP256: words[0] != "rsa",
            isForSealing: words[0] == "sealing", isForTLS: words[0] == "tls", isAuthority: words[0] == "ca")
    }

    func certificates(pem: String, countMax: Int) throws(DirectoryError) -> [CertificateFacts] {
        let lines = pem.split(separator: "\n")
        guard lines.count <= countMax else { throw DirectoryError(.limitExceeded, "more than \(countMax) certificates") }
        var facts: [CertificateFacts] = []
        for line in lines { facts.append(try Self.make(String(line))) }
        guard !facts.isEmpty else { throw DirectoryError(.certificateInvalid, "no certificate") }
        return facts
    }

    func pem(_ certificate: CertificateFacts) -> String { String(decoding: certificate.der, as: UTF8.self) }

    func isIssued(
        _ certificate: CertificateFacts, through intermediates: [[UInt8]], by authority: CertificateFacts, for use: CertificateUse, at time: Instant
    ) -> Bool { certificate.serial.hasPrefix(authority.serial) }
}

extension Instant {
    init(seconds: Int64) { self.init(milliseconds: seconds * 1000) }
}

struct FakeHashing: Hashing {
    func sha256(_ bytes: [UInt8]) -> SHA256Digest { FakeCertificates.digest(String(decoding: bytes, as: UTF8.self)) }
    func sha256(fileAt path: String) throws -> SHA256Digest { sha256([]) }
    func keyedDigest(fileAt path: String, key: [UInt8]) throws -> SHA256Digest { sha256([]) }
    func randomBytes(_ count: Int) -> [UInt8] { [UInt8](repeating: 1, count: count) }
}

enum DirectorySample {
    static let moi = ParticipantID("AM.MOI")!

    static func yaml(
        id: String = "AM.MOI", sealing: String = "certificates: sealing AM.MOI 0 1000 s1", tls: String = "certificates: tls AM.MOI 0 1000 t1",
        extra: String = "",
        formats: String = "[sdmx-csv-2.0, sdmx-ml-3.0]", endpoint: String = "https://moi.example.org:8443"
    ) -> String {
        """
        participant: \(id)
        name: Ministry of Interior
        endpoint: "\(endpoint)"
        formats: \(formats)
        seals: [asic-e, jws]
        limits: {packageBytesMax: 1000000, exchangesPerMinuteMax: 60}
        sealing:
          \(sealing)
        tls:
          \(tls)
        \(extra)
        """
    }

    static func read(_ yaml: String) throws(DirectoryError) -> Participant {
        guard let first = try ParticipantReader(FakeCertificates()).read(yaml, file: "moi.yaml").first else { throw DirectoryError(.documentInvalid, "empty") }
        return first
    }
}
