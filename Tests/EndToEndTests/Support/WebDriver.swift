import Foundation
import SluiceKitTesting
import Testing

/// A real browser that fills in forms: chromium by its own driver (W3C WebDriver).
final class WebDriver {
    static let executable = Browser.executable == nil ? nil : Tools.find("chromedriver")

    private let process = Process()
    private let profile: TemporaryFolder
    private let address: String
    private var session = ""

    init() throws {
        profile = try TemporaryFolder("sluice-browser")
        let port = try FreePorts.find(1)[0]
        address = "http://127.0.0.1:\(port)"
        process.executableURL = URL(fileURLWithPath: try #require(Self.executable))
        process.arguments = ["--port=\(port)"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        let deadline = ContinuousClock.now + .seconds(60)
        while (try? status()) != true {
            try #require(ContinuousClock.now < deadline, "the driver never was ready")
            usleep(50_000)
        }
        let arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--user-data-dir=\(profile.path)"]
        let options: [String: Any] = ["binary": try #require(Browser.executable), "args": arguments]
        let begun = try ask("POST", "/session", ["capabilities": ["alwaysMatch": ["goog:chromeOptions": options]]])
        session = "/session/" + (try #require((begun as? [String: Any])?["sessionId"] as? String, "\(begun)"))
    }

    func open(_ page: String) throws { _ = try ask("POST", session + "/url", ["url": page]) }
    func fill(_ selector: String, _ text: String) throws { _ = try ask("POST", "\(try element(selector))/value", ["text": text]) }
    func clear(_ selector: String) throws { _ = try ask("POST", "\(try element(selector))/clear", [:]) }
    /// Waits for the page that it leads to.
    func click(_ selector: String) throws { _ = try ask("POST", "\(try element(selector))/click", [:]) }
    /// What a person reads of the page.
    func text(_ selector: String = "main") throws -> String { try ask("GET", "\(try element(selector))/text") as? String ?? "" }
    func page() throws -> String { try ask("GET", session + "/url") as? String ?? "" }

    /// The page as it looks, as PNG.
    func picture() throws -> Data { try #require(Data(base64Encoded: try ask("GET", session + "/screenshot") as? String ?? "")) }
    func resize(width: Int, height: Int) throws { _ = try ask("POST", session + "/window/rect", ["width": width, "height": height]) }
    /// What a script on the page returns.
    func run(_ script: String) throws -> Any { try ask("POST", session + "/execute/sync", ["script": script, "args": []]) }

    /// What a script hands to the function that is its last argument.
    func runAsync(_ script: String) throws -> Any { try ask("POST", session + "/execute/async", ["script": script, "args": []]) }

    /// Signs in at a console, as somebody who was let in with the passphrase that `Pair` gives.
    func signIn(_ console: String, as name: String) throws {
        try open(console + "/console/sign-in")
        try fill("#person", name)
        try fill("#passphrase", "a passphrase of \(name)")
        try click("main button[type=submit]")
        let reached = try page()
        #expect(reached == console + "/console")
    }
    func signOut() throws { try click(".out button") }

    func stop() {
        if !session.isEmpty { _ = try? ask("DELETE", session) }
        // The browser has ended with its session; the driver itself takes no notice of SIGTERM.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    private func element(_ selector: String) throws -> String {
        let found = try ask("POST", session + "/element", ["using": "css selector", "value": selector]) as? [String: String]
        return "\(session)/element/\(try #require(found?.values.first, "no \(selector) on the page"))"
    }

    private func status() throws -> Bool { (try ask("GET", "/status") as? [String: Any])?["ready"] as? Bool ?? false }

    private func ask(_ method: String, _ path: String, _ body: [String: Any]? = nil) throws -> Any {
        let curl = try #require(Tools.find("curl"), "curl is not installed")
        var arguments = ["-s", "-X", method, address + path]
        if let body {
            // From a file: a script can be longer than an argument may be.
            let file = profile.file("body")
            try JSONSerialization.data(withJSONObject: body).write(to: URL(fileURLWithPath: file))
            arguments += ["-H", "Content-Type: application/json", "--data-binary", "@" + file]
        }
        let answer = try Run.run(curl, arguments, within: .seconds(90))
        let object = try JSONSerialization.jsonObject(with: Data(answer.output.utf8)) as? [String: Any]
        return try #require(object?["value"], "\(method) \(path): \(answer.output) \(answer.errors)")
    }
}
