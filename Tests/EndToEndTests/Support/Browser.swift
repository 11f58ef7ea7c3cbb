import Foundation
import SluiceKitTesting
import Testing

/// A real browser without a window.
enum Browser {
    static let executable = Tools.find("chromium") ?? Tools.find("google-chrome")

    /// A page as the browser has it after loading, and what its console said.
    struct Page {
        /// The document, serialised by the browser.
        let document: String
        /// Refused styles and scripts, failed requests, mistakes.
        let complaints: [String]
    }

    static func open(_ address: String, at location: SourceLocation = #_sourceLocation) throws -> Page {
        let profile = try TemporaryFolder("sluice-browser")
        let run = try Run.run(
            try #require(executable, sourceLocation: location),
            [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--user-data-dir=\(profile.path)",
                "--enable-logging=stderr", "--dump-dom", address,
            ], within: .seconds(90))
        #expect(run.status == 0, "\(run.errors.suffix(1_500))", sourceLocation: location)
        // What a page makes the browser say is marked CONSOLE; the rest is about the machine (no D-Bus, no GPU).
        return Page(document: run.output, complaints: run.errors.split(separator: "\n").filter { $0.contains("CONSOLE") }.map(String.init))
    }
}
