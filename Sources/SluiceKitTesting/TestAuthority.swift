internal import Foundation

/// A certificate authority for tests of TLS and of seals, made afresh with the `openssl` program in a temporary folder.
package final class TestAuthority: Sendable {
    /// A certificate with its key, as files.
    package struct Identity: Sendable {
        package var commonName: String
        package var certificatePath: String
        package var privateKeyPath: String
        /// The certificate's PEM, and the key as DER.
        package var certificatePEM: [UInt8] { (try? [UInt8](Data(contentsOf: URL(fileURLWithPath: certificatePath)))) ?? [] }
        package var privateKeyDER: [UInt8] {
            guard let text = try? String(contentsOfFile: privateKeyPath, encoding: .utf8) else { return [] }
            let lines = text.split(separator: "\n").drop { !$0.contains("PRIVATE KEY") }.dropFirst().prefix { !$0.hasPrefix("-----") }
            return [UInt8](Data(base64Encoded: lines.joined()) ?? Data())
        }
        package var der: [UInt8]
        /// Hex, as `openssl x509 -fingerprint` says it.
        package var sha256: String
    }
    package struct Failure: Error, CustomStringConvertible {
        package var description: String
    }

    /// Whether the program is there; tests that need it are skipped where it is not.
    package static let isAvailable = (try? run(["version"])) != nil

    package let directory: String
    /// PEM of the authority's own certificate.
    package var certificatePath: String { directory + "/authority.pem" }

    package init(name: String = "Test authority") throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("authority-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try Self.run([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", "/CN=\(name)",
            "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
            "-keyout", directory + "/authority.key", "-out", directory + "/authority.pem",
        ])
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    /// Issues a certificate for both sides of a TLS connection.
    /// - Parameter names: subject alternative names in openssl's notation (`DNS:localhost,IP:127.0.0.1`).
    package func issue(_ commonName: String, names: String = "DNS:localhost,IP:127.0.0.1", isExpired: Bool = false) throws -> Identity {
        let base = "\(directory)/\(UUID().uuidString)"
        let extensions =
            "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth,clientAuth\nsubjectAltName=\(names)\n"
        try extensions.write(toFile: base + ".ext", atomically: true, encoding: .utf8)
        try Self.run([
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/O=Test/CN=\(commonName)", "-keyout", base + ".key", "-out",
            base + ".csr",
        ])
        try Self.run([
            "x509", "-req", "-in", base + ".csr", "-CA", certificatePath, "-CAkey", directory + "/authority.key", "-CAcreateserial", "-days",
            isExpired ? "-1" : "30",
            "-extfile", base + ".ext", "-out", base + ".pem",
        ])
        try Self.run(["x509", "-in", base + ".pem", "-outform", "DER", "-out", base + ".der"])
        let fingerprint = String(decoding: try Self.run(["x509", "-in", base + ".pem", "-noout", "-fingerprint", "-sha256"]), as: UTF8.self)
        return Identity(
            commonName: commonName, certificatePath: base + ".pem", privateKeyPath: base + ".key",
            der: [UInt8](try Data(contentsOf: URL(fileURLWithPath: base + ".der"))),
            sha256: fingerprint.split(separator: "=").last.map { $0.filter(\.isHexDigit).lowercased() } ?? "")
    }

    @discardableResult
    private static func run(_ arguments: [String]) throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        let output = Pipe()
        let errors = Pipe()
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        let complaint = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: "openssl \(arguments.joined(separator: " ")): \(String(decoding: complaint, as: UTF8.self))")
        }
        return text
    }
}
