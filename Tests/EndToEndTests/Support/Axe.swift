import Foundation
import SluiceKitTesting

/// axe-core, by Deque: rules of WCAG, checked by others in the page itself. Of the Python package axe-core-python.
enum Axe {
    /// The script, or nil where it is not installed.
    static let script: String? = {
        guard let python = ProcessInfo.processInfo.environment["SLUICE_ORACLE_PYTHON"] else { return nil }
        let program = "import axe_core_python, os; print(os.path.join(os.path.dirname(axe_core_python.__file__), 'axe.min.js'))"
        guard let run = try? Run.run(python, ["-c", program]), run.status == 0 else { return nil }
        return try? String(contentsOfFile: run.output.trimmingCharacters(in: .newlines), encoding: .utf8)
    }()

    /// What is wrong with the page, as rule and places; empty where nothing is.
    static func violations(in browser: WebDriver) throws -> [String] {
        guard let script else { return [] }
        _ = try browser.run(script + "; return true")
        let found = try browser.runAsync(
            """
            const done = arguments[arguments.length - 1];
            axe.run().then(r => done(r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html).join(' | ').slice(0, 300))), e => done(['axe: ' + e]));
            """)
        return found as? [String] ?? ["axe did not answer: \(found)"]
    }
}
