import Foundation
import SluiceKitTesting
import Testing

/// Hop signatures against the library `http-message-signatures`: it verifies what we sign, and signs what we verify.
@Suite(.serialized, .enabled(if: Tools.httpSignatures, "the Python library http-message-signatures is absent"))
struct HopSignatureOracleTests {
    /// Reading and writing messages for the library, and a connection with certificates on both sides: ours alone are the names of the fields.
    private static let common = #"""
        import base64, datetime, hashlib, http.client, http.server, json, re, secrets, ssl, subprocess, sys, threading, uuid
        from cryptography import x509
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
        from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, MappingKeyResolver, algorithms

        class Verifier(HTTPMessageVerifier):
            allow_label_only_selection = True

        class Message:
            def __init__(self, **parts):
                self.__dict__.update(parts)

        def certificate(path):
            found = x509.load_pem_x509_certificate(open(path, "rb").read())
            from cryptography.hazmat.primitives.serialization import Encoding
            der = found.public_bytes(Encoding.DER)
            return hashlib.sha256(der).hexdigest(), found.public_key(), der

        def verify(message, keys, required, body=None):
            name, key, der = certificate(keys + "/sealing.cert.pem")
            resolver = MappingKeyResolver(public_keys={name: key}, private_keys={})
            verifier = Verifier(signature_algorithm=algorithms.ECDSA_P256_SHA256, key_resolver=resolver)
            result, = verifier.verify(message, expect_label="sluice", require_components=required, body=body)
            assert result.parameters["keyid"] == name and result.parameters["nonce"] and result.parameters["expires"], result
            # The certificate travels with the message.
            first = message.headers["Sluice-Certificates"].split(",")[0].strip()
            assert first == ":" + base64.b64encode(der).decode() + ":", first
            return result

        def sign(message, keys, covered, body=None):
            name, _, der = certificate(keys + "/sealing.cert.pem")
            key = load_pem_private_key(open(keys + "/sealing.key.pem", "rb").read(), None)
            message.headers["Sluice-Certificates"] = ":" + base64.b64encode(der).decode() + ":"
            now = datetime.datetime.now(datetime.timezone.utc)
            HTTPMessageSigner(
                signature_algorithm=algorithms.ECDSA_P256_SHA256, key_resolver=MappingKeyResolver(public_keys={}, private_keys={name: key})
            ).sign(message, key_id=name, created=now, expires=now + datetime.timedelta(seconds=60), nonce=secrets.token_hex(16), label="sluice",
                   covered_component_ids=covered, body=body)

        def digest(body):
            return "sha-256=:" + base64.b64encode(hashlib.sha256(body).digest()).decode() + ":"

        """#

    /// Takes the place of the receiver, verifies what the executable sends, and answers with a refusal that the library signs: KEYS-OF-SENDER KEYS PORT SLUICE…
    private static let receiver =
        common + #"""
            import warnings
            warnings.simplefilter("ignore")
            theirs, ours, port, command = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4:]
            seen = []

            class Handler(http.server.BaseHTTPRequestHandler):
                protocol_version = "HTTP/1.1"

                def do_PUT(self):
                    body = self.rfile.read(int(self.headers["Content-Length"]))
                    request = Message(method="PUT", url="https://" + self.headers["Host"] + self.path, headers=dict(self.headers.items()))
                    try:
                        result = verify(request, theirs, ("@method", "@authority", "@path", "@query", "repr-digest", "content-type", "content-length", "sluice-receiver"))
                        assert self.headers["Repr-Digest"] == digest(body), "another digest than the body's"
                        seen.append(sorted(result.covered_components))
                    except Exception as error:
                        seen.append(repr(error))
                    content = json.dumps({"type": "urn:sluice:problem:busy", "title": "Busy", "status": 503, "detail": "so says another library"}).encode()
                    answer = Message(status_code=503, headers={"Content-Type": "application/problem+json", "Retry-After": "7"}, request=request)
                    sign(answer, ours, ("@status", "content-type", "retry-after", '"@method";req', '"@path";req', '"repr-digest";req', '"signature";req'), content)
                    self.send_response(503)
                    for name, value in answer.headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(content)))
                    self.send_header("Connection", "close")
                    self.end_headers()
                    self.wfile.write(content)

                def log_message(self, *arguments):
                    pass

            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=ours + "/ca.pem")
            context.load_cert_chain(ours + "/tls.cert.pem", ours + "/tls.key.pem")
            context.verify_mode = ssl.CERT_REQUIRED
            server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
            server.socket = context.wrap_socket(server.socket, server_side=True)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            run = subprocess.run(command, capture_output=True, text=True)
            assert seen and all(isinstance(covered, list) for covered in seen), (seen, run)
            print("verified", len(seen))
            """#

    /// Takes the place of the sender: KEYS KEYS-OF-RECEIVER HOST:PORT EXCHANGE PACKAGE OUTPUT
    private static let sender =
        common + #"""
            import warnings
            warnings.simplefilter("ignore")
            ours, theirs, authority, exchange, package, output = sys.argv[1:]
            context = ssl.create_default_context(cafile=ours + "/ca.pem")
            context.load_cert_chain(ours + "/tls.cert.pem", ours + "/tls.key.pem")

            def ask(method, path, fields, covered, body, status):
                request = Message(method=method, url=f"https://{authority}{path}", headers={"Host": authority, "Sluice-Receiver": "AM.ARMSTAT", **fields})
                sign(request, ours, ("@method", "@authority", "@path", "@query", "sluice-receiver") + covered)
                connection = http.client.HTTPSConnection(authority, context=context, timeout=30)
                connection.request(method, path, body=body, headers=request.headers)
                response = connection.getresponse()
                content = response.read()
                assert response.status == status, (response.status, content)
                headers = {}
                for name, value in response.getheaders():
                    headers[name] = headers[name] + ", " + value if name in headers else value
                required = ("@status", '"@method";req', '"@path";req', '"signature";req')
                verify(Message(status_code=response.status, headers=headers, request=request), theirs, required, content)
                return response, content

            response, content = ask("GET", "/exchange/v1", {}, (), None, 200)
            assert json.loads(content)["participant"] == "AM.ARMSTAT"
            body = open(package, "rb").read()
            whole = {"Repr-Digest": digest(body), "Upload-Length": str(len(body))}
            ask("HEAD", f"/exchange/v1/packages/{exchange}", whole, ("repr-digest", "upload-length"), None, 404)
            fields = {"Repr-Digest": digest(body), "Content-Type": "application/vnd.etsi.asic-e+zip", "Content-Length": str(len(body))}
            covered = ("repr-digest", "content-type", "content-length")
            response, content = ask("PUT", f"/exchange/v1/packages/{exchange}", fields, covered, body, 200)
            open(output, "wb").write(content)
            again, repeated = ask("PUT", f"/exchange/v1/packages/{exchange}", fields, covered, body, 200)
            assert repeated == content and again.getheader("Sluice-Repeat") == "true"
            ask("PUT", f"/exchange/v1/packages/{uuid.UUID(int=int(uuid.UUID(exchange)) ^ 1)}/x", fields, covered, body, 404)
            print("delivered")
            """#

    @Test func itVerifiesWhatTheExecutableSends() throws {
        let pair = try Pair()
        try pair.setHopSignatures("required", at: pair.sender)
        let said = try Tools.python(
            Self.receiver,
            [pair.sender.folder + "/keys", pair.receiver.folder + "/keys", "\(pair.receiver.exchangePort)", Sluice.executable] + pair.sending(wait: 1))
        #expect(said.hasPrefix("verified "), "\(said)")
        // And its signed answer was believed.
        #expect(try pair.query(pair.sender, "SELECT state FROM exchange") == "queued\n")
        #expect(try pair.query(pair.sender, "SELECT last_error FROM outbox").contains("is busy: so says another library"))
    }

    @Test func aNodeTakesWhatItSigns() throws {
        let pair = try Pair()
        try pair.setHopSignatures("required", at: pair.receiver)
        // Sealed and queued; nobody serves yet.
        #expect(try pair.send(wait: 0).status == 0)
        let id = try pair.query(pair.sender, "SELECT id FROM exchange").trimmingCharacters(in: .whitespacesAndNewlines)
        let files = try Sluice.succeed(["exchange", "export", id, pair.root.file("out"), "--config", pair.sender.configuration]).split(separator: "\n")
        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        let receipt = pair.root.file("receipt.asice")
        let said = try Tools.python(
            Self.sender,
            [
                pair.sender.folder + "/keys", pair.receiver.folder + "/keys", "localhost:\(pair.receiver.exchangePort)", id, String(try #require(files.first)),
                receipt,
            ])
        #expect(said == "delivered\n", "\(said)")
        try Sluice.succeed(["package", "verify", receipt, "--ca", pair.root.file("authority/ca.pem")])
        #expect(try pair.query(pair.receiver, "SELECT state FROM exchange") == "accepted\n")
    }
}
