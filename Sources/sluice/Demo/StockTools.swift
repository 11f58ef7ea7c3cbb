internal import SluiceKit
internal import Subprocess
internal import SystemPackage

/// Runs tools that others wrote, and says how to run them again.
struct StockTools {
    struct Check {
        /// What the check shows, in words.
        var claim: String
        /// The command, as one would type it in the demo's folder.
        var command: String
        var holds: Bool
        /// What the tool printed, its last line.
        var output: String
    }

    let directory: String

    /// Longest output kept of a tool, in bytes.
    static let outputBytesMax = 64 << 10

    /// Runs a shell command in the demo's folder; it holds when it exits with 0.
    func check(_ claim: String, _ command: String) async -> Check {
        do {
            let result = try await Subprocess.run(
                .name("sh"), arguments: ["-c", command], workingDirectory: FilePath(directory), output: .string(limit: Self.outputBytesMax),
                error: .string(limit: Self.outputBytesMax))
            let text = result.standardOutput + result.standardError
            let lastLine = text.split(separator: "\n").last.map(String.init) ?? ""
            return Check(claim: claim, command: command, holds: result.terminationStatus.isSuccess, output: lastLine)
        } catch {
            return Check(claim: claim, command: command, holds: false, output: "\(error)")
        }
    }

    /// The checks of a package, as shell commands on `$NAME`: `evidence/$NAME.asice` is opened into `checked/$NAME`.
    static let packageCommands: [(claim: String, command: String)] = [
        ("opens with unzip", "unzip -q -o evidence/$NAME.asice -d checked/$NAME"),
        (
            "sealed by a certificate of ca.pem",
            "openssl cms -verify -binary -cades -inform DER -in checked/$NAME/META-INF/signature001.p7s -content checked/$NAME/META-INF/ASiCManifest001.xml -CAfile ca.pem -out /dev/null"
        ),
        (
            "every file as it was sealed",
            "for f in checked/$NAME/*.*; do grep -q \"$(openssl dgst -sha256 -binary $f | base64)\" checked/$NAME/META-INF/ASiCManifest001.xml || exit 1; done"
        ),
    ]

    /// The check of a ledger, on `$ID`: the checkpoint's Ed25519 signature by openssl.
    ///
    /// A signed note is text, a blank line and `— name base64(4 bytes key id ‖ 64 bytes signature)`; a vkey ends in base64(1 byte ‖ 32 bytes key),
    /// which becomes a key that openssl reads behind the twelve fixed bytes of an Ed25519 SubjectPublicKeyInfo (RFC 8410).
    static let ledgerCommands: [(claim: String, command: String)] = [
        (
            "checkpoint signed with the ledger's key",
            """
            mkdir -p checked/$ID && sed '/^$/q' nodes/$ID/ledger/checkpoint | sed '$d' > checked/$ID/body && \
            tail -n 1 nodes/$ID/ledger/checkpoint | cut -d' ' -f3 | base64 -d | tail -c 64 > checked/$ID/signature && \
            { printf '\\060\\052\\060\\005\\006\\003\\053\\145\\160\\003\\041\\000'; cut -d+ -f3- nodes/$ID/ledger.vkey | base64 -d | tail -c 32; } > checked/$ID/key && \
            openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey checked/$ID/key -in checked/$ID/body -sigfile checked/$ID/signature
            """
        )
    ]

    func checks(ofPackage name: String) async -> [Check] {
        var checks: [Check] = []
        for (claim, command) in Self.packageCommands { checks.append(await check("\(name): \(claim)", "NAME=\(name); \(command)")) }
        return checks
    }

    func checks(ofLedger id: String) async -> [Check] {
        var checks: [Check] = []
        for (claim, command) in Self.ledgerCommands { checks.append(await check("\(id): \(claim)", "ID=\(id); \(command)")) }
        return checks
    }

    /// All checks as one script, to be run again years later on another machine.
    static func script(packages: [String], ledgers: [String]) -> String {
        var text = """
            #!/bin/sh
            # Repeats the demonstration's checks with openssl and unzip alone. Run it in the folder it lies in.
            cd "$(dirname "$0")" || exit 2
            failed=0
            check() { if sh -c "$2" > /dev/null 2>&1; then echo "ok     $1"; else echo "FAILED $1"; failed=1; fi; }
            export NAME ID

            """
        func quoted(_ command: String) -> String { "'" + command.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'" }
        text += "for NAME in \(packages.joined(separator: " ")); do\n"
        for (claim, command) in packageCommands { text += "  check \"$NAME: \(claim)\" \(quoted(command))\n" }
        text += "done\nfor ID in \(ledgers.joined(separator: " ")); do\n"
        for (claim, command) in ledgerCommands { text += "  check \"$ID: \(claim)\" \(quoted(command))\n" }
        return text + "done\nexit $failed\n"
    }
}
