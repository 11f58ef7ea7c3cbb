internal import Mustache

/// The console's templates and stylesheet. They are compiled into the binary, so that a copied binary is whole.
struct ConsoleTemplates {
    let library: MustacheLibrary
    let stylesheet: [UInt8]
    let script: [UInt8]

    init() throws(ListenerError) {
        let sources: [(String, [UInt8])] = [
            ("top", PackageResources.top_mustache),
            ("bottom", PackageResources.bottom_mustache),
            ("exchanges", PackageResources.exchanges_mustache),
            ("exchange", PackageResources.exchange_mustache),
            ("approvals", PackageResources.approvals_mustache),
            ("statistics", PackageResources.statistics_mustache),
            ("retention", PackageResources.retention_mustache),
            ("register", PackageResources.register_mustache),
            ("sign-in", PackageResources.sign_in_mustache),
            ("search", PackageResources.search_mustache),
            ("looks", PackageResources.looks_mustache),
            ("entry", PackageResources.entry_mustache),
            ("visit", PackageResources.visit_mustache),
            ("witnesses", PackageResources.witnesses_mustache),
            ("bring", PackageResources.bring_mustache),
            ("message", PackageResources.message_mustache),
        ]
        var library = MustacheLibrary()
        for (name, bytes) in sources {
            do {
                try library.register(String(decoding: bytes, as: UTF8.self), named: name)
            } catch {
                throw ListenerError(.templateUnusable, "the console's template \(name).mustache is not well-formed: \(error)")
            }
        }
        self.library = library
        stylesheet = PackageResources.console_css
        script = PackageResources.ledger_js
    }

    /// - Precondition: `name` is one of the templates above.
    func render(_ page: some Sendable, _ name: String) -> String {
        guard let text = library.render(page, withTemplate: name) else { preconditionFailure("no template \(name)") }
        return text
    }
}
