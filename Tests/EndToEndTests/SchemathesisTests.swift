import Foundation
import SluiceKitTesting
import Testing

/// Requests that schemathesis, by others, makes from Docs/openapi.yaml: a node answers each as the file says, and none with 5xx.
@Suite(.enabled(if: Tools.find("schemathesis") != nil, "schemathesis is not installed"))
struct SchemathesisTests {
    private static let checks =
        "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance,unsupported_method,"
        + "allow_header_conformance"
    /// The seed of every run; a failure is repeated by it.
    private static let seed = "6"

    /// Asks the node a bounded number of questions, and finds nothing wrong. Takes some ten seconds; beside many other tests on few cores, minutes.
    /// - Parameters:
    ///   - casesMin: fewer requests than these were not worth the name.
    ///   - settings: of its configuration, besides those of all runs.
    ///   - token: what forms bring; nil for anything.
    private func ask(_ url: String, checks: String = checks, casesMin: Int, _ more: [String], settings: String = "", token: String? = nil, as who: String)
        throws
    {
        let schemathesis = try #require(Tools.find("schemathesis"))
        let scratch = try TemporaryFolder("sluice-schemathesis")
        // Also 413: a form that is longer than what is taken is longer than what the file allows.
        let configuration = """
            hooks = "\(Repository.path("Tests/Oracles/schemathesis_hooks.py"))"
            [checks.negative_data_rejection]
            expected-statuses = [400, 401, 403, 404, 405, 409, 413, 415, 429]
            \(settings)
            """
        try Data(configuration.utf8).write(to: URL(fileURLWithPath: scratch.file("schemathesis.toml")))
        let arguments =
            [
                "run", Repository.path("Docs/openapi.yaml"), "--url", url, "--seed", Self.seed, "--phases", "examples,coverage,fuzzing", "--max-examples", "8",
                "--checks", checks, "--continue-on-failure", "--no-shrink", "--generation-database", "none", "--request-timeout", "20", "--no-color",
            ] + more
        let run = try Run.run(schemathesis, arguments, folder: scratch.path, environment: token.map { ["SLUICE_FORM_TOKEN": $0] } ?? [:], within: .seconds(300))
        #expect(!run.timedOut && run.status == 0, "\(who), seed \(Self.seed):\n\(run.output.suffix(6_000))\n\(run.errors.suffix(1_000))")
        let cases = run.output.firstMatch(of: /([0-9]+) generated/).flatMap { Int($0.1) } ?? 0
        #expect(cases >= casesMin, "\(who): only \(cases) requests")
    }

    /// Values that name what is there: else nearly everything that is asked for by chance is missing.
    private func settings(exchange id: String, size: String) -> String {
        """
        [[operations]]
        include-name = ["GET /console/exchanges/{sender}/{id}", "POST /console/exchanges/{sender}/{id}/acts"]
        parameters = { "path.sender" = "AM.MOI", "path.id" = "\(id)" }
        [[operations]]
        include-name = "GET /console/ledger/{index}"
        parameters = { "path.index" = 0 }
        [[operations]]
        include-name = ["GET /ledger/tile/{level}/{partial}/{width}", "GET /ledger/tile/entries/{partial}/{width}"]
        parameters = { "path.level" = 0, "path.partial" = "000.p", "path.width" = \(size) }
        """
    }

    private func curl(_ arguments: [String]) throws -> String {
        let run = try Run.run(try #require(Tools.find("curl"), "curl is not installed"), ["-s", "--max-time", "30"] + arguments)
        #expect(run.status == 0, "\(run.errors)")
        return run.output
    }

    /// Signs in as the form does; returns the session's cookie, `name=value`.
    private func signIn(_ console: String, as name: String, _ folder: TemporaryFolder) throws -> String {
        let (jar, page) = (folder.file("cookies"), console + "/console/sign-in")
        let form = try curl(["-c", jar, page])
        let token = try #require(form.firstMatch(of: /name="token" value="([0-9a-f]{64})"/)).1
        let fields = ["token=\(token)", "to=/console", "person=\(name)", "passphrase=a passphrase of \(name)"]
        _ = try curl(["-b", jar, "-c", jar, "-o", "/dev/null"] + fields.flatMap { ["--data-urlencode", $0] } + [page])
        let kept = try String(contentsOfFile: jar, encoding: .utf8)
        let cookie = try #require(kept.firstMatch(of: /(sluice-[A-Z.]+)\t([0-9a-f]{64})/), "nobody signed in: \(kept)")
        return "\(cookie.1)=\(cookie.2)"
    }

    private func status(_ address: String, _ cookie: String) throws -> String {
        try curl(["-o", "/dev/null", "-w", "%{http_code}", "-H", "Cookie: \(cookie)", address])
    }

    @Test func aNodeAnswersAsItsFileSays() throws {
        let pair = try Pair()
        let keys = try String(contentsOfFile: pair.sender.configuration, encoding: .utf8)
        let witnessing = keys.replacingOccurrences(of: "ledgerKey: keys/ledger.key", with: "ledgerKey: keys/ledger.key, witnessKey: keys/witness.key")
        try Data(witnessing.utf8).write(to: URL(fileURLWithPath: pair.sender.configuration))
        try pair.openDirectory(pair.sender)
        try pair.letIn(pair.receiver, at: pair.sender)
        let receiver = try pair.serve(pair.receiver)
        #expect(try pair.send().status == 0)
        receiver.stop()
        let sender = try pair.serve(pair.sender)
        defer { sender.stop() }
        let inspection = ["--exclude-tag", "exchange", "--exclude-tag", "witness"]

        try ask(sender.console, casesMin: 300, inspection, as: "a stranger")

        let cookie = try signIn(sender.console, as: "anahit", pair.root)
        // Not the check that what fits the file is taken: a form lacks its token, and no agreement is called what chance calls it.
        let all = Self.checks + ",negative_data_rejection,missing_required_header"
        try ask(sender.console, checks: all, casesMin: 300, inspection + ["--header", "Cookie: \(cookie)"], as: "somebody signed in")
        let id = try pair.query(pair.sender, "SELECT id FROM exchange").trimmingCharacters(in: .newlines)
        let size = try curl([sender.console + "/ledger/checkpoint"]).split(separator: "\n")[1]
        let there = [sender.console + "/console/exchanges/AM.MOI/\(id)", sender.console + "/ledger/tile/0/000.p/\(size)"]
        for address in there { #expect(try status(address, cookie) == "200", "\(address)") }
        let page = try curl(["-H", "Cookie: \(cookie)", there[0]])
        let token = try #require(page.firstMatch(of: /name="token" value="([0-9a-f]{64})"/)).1
        try ask(
            sender.console, casesMin: 50, ["--include-path-regex", "exchanges|ledger/", "--header", "Cookie: \(cookie)"],
            settings: settings(exchange: id, size: String(size)), token: String(token), as: "somebody signed in, of what is there")
        #expect(try status(sender.console + "/console", cookie) == "200", "the session had ended: nothing was shown to it")

        let keysOfPartner = pair.receiver.folder + "/keys"
        try ask(
            "https://localhost:\(pair.sender.exchangePort)", casesMin: 200,
            [
                "--include-tag", "exchange", "--include-tag", "witness", "--request-cert", keysOfPartner + "/tls.cert.pem", "--request-cert-key",
                keysOfPartner + "/tls.key.pem", "--tls-verify", keysOfPartner + "/ca.pem",
            ], as: "a partner")
        #expect(sender.isRunning)
        try Sluice.succeed(["ledger", "verify", pair.sender.folder + "/data/ledger", "--key", pair.sender.folder + "/ledger.vkey"])
    }
}
