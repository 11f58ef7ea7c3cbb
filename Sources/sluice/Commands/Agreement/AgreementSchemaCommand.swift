internal import ArgumentParser
internal import SluiceCore
internal import SluiceKit

extension AgreementCommand {
    struct Schema: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the JSON Schema of agreements, for editors.",
            discussion:
                "The same stands in Config/agreement.schema.json. An agreement names it in its first line: # yaml-language-server: $schema=agreement.schema.json"
        )

        func run() async throws { print(AgreementSchema.json.prettyText) }
    }
}
