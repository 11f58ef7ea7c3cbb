import Foundation
import SluiceKitTesting
import Testing

/// A request signed by hand, with openssl and curl: what the protocol says, by nothing of ours (RFC 9421, 2.5 and 3.1).
struct SignedRequest {
    var method = "GET"
    var path = "/exchange/v1"
    var fields: [(name: String, value: String)] = []
    var body: [UInt8]?
    /// Covered beyond `@method`, `@authority`, `@path` and `@query`; the fields among them have to be there.
    var covered: [String] = ["sluice-receiver"]
    var created = Int(Date().timeIntervalSince1970)
    var expires: Int?
    var nonce = UUID().uuidString
    /// Whose key signs: a key and its certificate, by their place in `keys`.
    var signer: Pair.Site?
    var keyPair = "sealing"

    struct Answer {
        var status: Int
        var head: String
        var body: String
        /// Of a problem, without the common beginning.
        var code: String {
            body.firstMatch(of: /"type":"urn:sluice:problem:([^"]*)"/).map { String($0.1) } ?? ""
        }
        func field(_ name: String) -> String? {
            head.components(separatedBy: "\r\n").first { $0.lowercased().hasPrefix(name.lowercased() + ":") }.map {
                $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces)
            }
        }
    }

    static func digest(_ bytes: [UInt8], in folder: TemporaryFolder) throws -> String {
        let file = folder.file(UUID().uuidString)
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        let run = try Run.run("/bin/sh", ["-c", "openssl dgst -sha256 -binary '\(file)' | base64 -w0"])
        return "sha-256=:\(run.output):"
    }

    /// A whole package in one request.
    static func put(_ id: String, _ body: [UInt8], to receiver: String, in folder: TemporaryFolder) throws -> SignedRequest {
        var request = SignedRequest()
        request.method = "PUT"
        request.path = "/exchange/v1/packages/\(id)"
        request.body = body
        request.fields = [
            ("Sluice-Receiver", receiver), ("Content-Type", "application/vnd.etsi.asic-e+zip"), ("Content-Length", "\(body.count)"),
            ("Repr-Digest", try digest(body, in: folder)),
        ]
        request.covered = ["sluice-receiver", "repr-digest", "content-type", "content-length"]
        return request
    }

    /// Signs it as it is, then lets `change` do what somebody on the way might do, and sends it with the TLS key of `sender`.
    func send(from sender: Pair.Site, to receiver: Pair.Site, change: (inout SignedRequest) -> Void = { _ in }) throws -> Answer {
        let folder = try TemporaryFolder("sluice-signed")
        let signature = try signatureFields(signer ?? sender, "localhost:\(receiver.exchangePort)", folder)
        var sent = self
        change(&sent)
        let curl = try #require(Tools.find("curl"), "curl is not installed")
        let keys = sender.folder + "/keys"
        var arguments = [
            "-s", "--http1.1", "--cacert", keys + "/ca.pem", "--cert", keys + "/tls.cert.pem", "--key", keys + "/tls.key.pem", "-D", folder.file("head"),
            "-H", "Expect:",
        ]
        for (name, value) in sent.fields + signature { arguments += ["-H", "\(name): \(value)"] }
        if sent.method == "HEAD" { arguments += ["--head"] } else { arguments += ["-X", sent.method] }
        if let body = sent.body {
            try Data(body).write(to: URL(fileURLWithPath: folder.file("body")))
            arguments += ["--data-binary", "@" + folder.file("body")]
        }
        let run = try Run.run(curl, arguments + ["https://localhost:\(receiver.exchangePort)\(sent.path)"])
        let head = (try? String(contentsOfFile: folder.file("head"), encoding: .utf8)) ?? ""
        let words = head.split(separator: " ")
        return Answer(status: words.count > 1 ? Int(words[1]) ?? 0 : 0, head: head, body: run.output)
    }

    private func signatureFields(_ signer: Pair.Site, _ authority: String, _ folder: TemporaryFolder) throws -> [(name: String, value: String)] {
        let (key, certificate) = ("\(signer.folder)/keys/\(keyPair).key.pem", "\(signer.folder)/keys/\(keyPair).cert.pem")
        let openssl = try #require(Tools.openssl, "openssl is not installed")
        #expect(try Run.run(openssl, ["x509", "-in", certificate, "-outform", "DER", "-out", folder.file("certificate")]).status == 0)
        let keyName = try Run.run(openssl, ["dgst", "-sha256", "-r", folder.file("certificate")]).output.prefix(64)
        let names = ["@method", "@authority", "@path", "@query"] + covered
        let parameters =
            "(" + names.map { "\"\($0)\"" }.joined(separator: " ") + ")"
            + ";created=\(created);expires=\(expires ?? created + 60);nonce=\"\(nonce)\";keyid=\"\(keyName)\""
        var base = ""
        for name in names {
            let value: String
            switch name {
            case "@method": value = method
            case "@authority": value = authority
            case "@path": value = path
            case "@query": value = "?"
            default: value = try #require(fields.first { $0.name.lowercased() == name }?.value, "\(name) is not there")
            }
            base += "\"\(name)\": \(value)\n"
        }
        try Data((base + "\"@signature-params\": \(parameters)").utf8).write(to: URL(fileURLWithPath: folder.file("base")))
        let signed = try Run.run(openssl, ["dgst", "-sha256", "-sign", key, "-out", folder.file("signature"), folder.file("base")])
        #expect(signed.status == 0, "\(signed.errors)")
        let raw = Self.raw([UInt8](try Data(contentsOf: URL(fileURLWithPath: folder.file("signature")))))
        let der = try Data(contentsOf: URL(fileURLWithPath: folder.file("certificate")))
        return [
            ("Signature-Input", "sluice=\(parameters)"), ("Signature", "sluice=:\(Data(raw).base64EncodedString()):"),
            ("Sluice-Certificates", ":\(der.base64EncodedString()):"),
        ]
    }

    /// r and s, 32 bytes each, of the ASN.1 that openssl writes.
    private static func raw(_ der: [UInt8]) -> [UInt8] {
        var rest = der.dropFirst(2)
        var raw: [UInt8] = []
        for _ in 0..<2 {
            let count = Int(rest.dropFirst().first ?? 0)
            let number = rest.dropFirst(2).prefix(count).drop { $0 == 0 }
            raw += [UInt8](repeating: 0, count: 32 - number.count) + number
            rest = rest.dropFirst(2 + count)
        }
        return raw
    }
}
