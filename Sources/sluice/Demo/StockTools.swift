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
                .name("sh"), arguments: ["-c", command], workingDirectory: FilePath(directory), output: .string(limit: Self.outputBytesMax), error: .string(limit: Self.outputBytesMax))
            let text = result.standardOutput + result.standardError
            let lastLine = text.split(separator: "\n").last.map(String.init) ?? ""
            return Check(claim: claim, command: command, holds: result.terminationStatus.isSuccess, output: lastLine)
        } catch {
            return Check(claim: claim, command: command, holds: false, output: "\(error)")
        }
    }

    /// The stock checks of one package in `evidence/`: the seal by openssl, every file against the sealed manifest by sha256sum.
    func checks(ofPackage name: String) async -> [Check] {
        let folder = "evidence/\(name).d"
        let manifest = "\(folder)/META-INF/ASiCManifest001.xml"
        return [
            await check("\(name): unzip opens it", "unzip -q -o evidence/\(name).asice -d \(folder)"),
            await check(
                "\(name): the seal is valid", "openssl cms -verify -binary -cades -inform DER -in \(folder)/META-INF/signature001.p7s -content \(manifest) -CAfile ca.pem -out /dev/null"),
            // Each file's digest must stand in the manifest that the seal covers.
            await check(
                "\(name): every file is the one that was sealed",
                "for f in \(folder)/*; do [ -f \"$f\" ] || continue; [ \"${f##*/}\" = mimetype ] && continue; grep -q \"$(openssl dgst -sha256 -binary \"$f\" | base64)\" \(manifest) || exit 1; done"),
        ]
    }

    /// The stock checks of one node's ledger: the checkpoint's Ed25519 signature by openssl.
    func checks(ofLedger id: String) async -> [Check] {
        let folder = "nodes/\(id)"
        // A signed note ends its text with a blank line; the signature is base64(4 bytes key id ‖ 64 bytes), the key of a vkey base64(1 byte ‖ 32 bytes).
        let command = """
            d=\(folder); t=$(mktemp -d); sed '/^$/q' $d/ledger/checkpoint | sed '$d' > $t/body; \
            tail -n 1 $d/ledger/checkpoint | cut -d' ' -f3 | base64 -d | tail -c 64 > $t/sig; \
            { printf '\\060\\052\\060\\005\\006\\003\\053\\145\\160\\003\\041\\000'; cut -d+ -f3- $d/ledger.vkey | base64 -d | tail -c 32; } > $t/key; \
            openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey $t/key -in $t/body -sigfile $t/sig; r=$?; rm -r $t; exit $r
            """
        return [await check("\(id): the ledger's checkpoint is signed with its key", command)]
    }
}
