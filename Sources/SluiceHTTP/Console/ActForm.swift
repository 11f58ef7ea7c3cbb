internal import SluiceCore

/// What the form on an exchange's page sends. Each act brings its own passphrase: there is no session that another page could ride on.
struct ActForm {
    /// Longest body of a form, in bytes.
    static let bytesMax = 8 << 10
    static let mediaType = "application/x-www-form-urlencoded"
    static let reasonBytesMax = 500

    let act: ExchangeAct
    let reason: String
    let credentials: Credentials

    init(_ body: String) throws(Problem) {
        var fields: [String: String] = [:]
        for (name, value) in FormFields.pairs(body) {
            guard fields.updateValue(value, forKey: name) == nil else { throw Self.malformed("“\(name.prefix(40))” is given twice.") }
        }
        guard let act = fields["act"].flatMap(ExchangeAct.init(rawValue:)) else {
            throw Self.malformed("Choose one of: \(ExchangeAct.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        let reason = fields["reason"] ?? ""
        guard reason.utf8.count <= Self.reasonBytesMax, !reason.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            throw Self.malformed("The reason is one line of at most \(Self.reasonBytesMax) bytes.")
        }
        guard !act.needsReason || !reason.isEmpty else { throw Self.malformed("Give a reason, for those who find the exchange so.") }
        guard let name = fields["person"], let passphrase = fields["passphrase"], !name.isEmpty, !passphrase.isEmpty else {
            throw Self.malformed("Give your name and your passphrase.")
        }
        self.act = act
        self.reason = reason
        credentials = Credentials(name: name, passphrase: Array(passphrase.utf8))
    }

    private static func malformed(_ detail: String) -> Problem { Problem(status: 400, code: "form-malformed", title: "Form not complete", detail: detail) }
}
