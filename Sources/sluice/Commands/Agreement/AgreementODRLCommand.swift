internal import ArgumentParser
internal import SluiceCore
internal import SluiceKit

extension AgreementCommand {
    struct ODRL: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "odrl",
            abstract: "Print an agreement as ODRL 2.2 (JSON-LD), for systems that read policies.",
            discussion:
                "What ODRL has no word for is said in the profile urn:sluice:odrl (Docs/Agreements.md). The parameters of disclosure control are left out: they are for the parties. What binds is the agreement itself, whose digest stands in the export."
        )

        @OptionGroup var agreement: AgreementArgument

        func run() async throws {
            let agreement = try self.agreement.open()
            print(AgreementODRL(agreement, digest: agreement.digest).json.prettyText)
        }
    }
}
