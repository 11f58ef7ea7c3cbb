internal import ArgumentParser
internal import SluiceCore
internal import SluiceKit

extension AgreementCommand {
    struct Digest: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print an agreement's digest: SHA-256 of its canonical form, which packages name.",
            discussion:
                "The canonical form is RFC 8785: JSON with every value a string. Comments, layout and the order of keys do not change it; any other change does."
        )

        @OptionGroup var agreement: AgreementArgument
        @Flag(name: .long, help: "Print the canonical form itself, without a line end.") var canonical = false
        @Flag(name: .long, help: "Print one JSON document.") var json = false

        func run() async throws {
            let agreement = try self.agreement.open()
            let digest = agreement.digest.hex
            let text = String(decoding: agreement.canonicalBytes, as: UTF8.self)
            if canonical {
                print(text, terminator: "")
            } else if json {
                print(
                    JSONValue.object([
                        JSONMember("agreement", .string(agreement.id)), JSONMember("version", .string(agreement.version)),
                        JSONMember("sha256", .string(digest)), JSONMember("canonicalBytes", .integer(Int64(agreement.canonicalBytes.count))),
                    ]).prettyText)
            } else {
                print("\(digest)  \(agreement.name)")
            }
        }
    }
}
