internal import SluiceCore

/// What the form on an exchange's page sends. Each act brings its own passphrase: a session alone lets nobody act.
struct ActForm {
    /// Longest body of a form, in bytes.
    static let bytesMax = 8 << 10
    static let mediaType = "application/x-www-form-urlencoded"
    static let reasonBytesMax = 500

    let act: ExchangeAct
    let reason: String
    let credentials: Credentials

    /// - Parameter person: who is signed in; nil leaves it to the form to say who acts.
    init(_ fields: [String: String], person: String?) throws(Problem) {
        guard let act = fields["act"].flatMap(ExchangeAct.init(rawValue:)) else {
            throw Self.malformed("Choose one of: \(ExchangeAct.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        let reason = fields["reason"] ?? ""
        guard reason.utf8.count <= Self.reasonBytesMax, !reason.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            throw Self.malformed("The reason is one line of at most \(Self.reasonBytesMax) bytes.")
        }
        guard !act.needsReason || !reason.isEmpty else { throw Self.malformed("Give a reason, for those who find the exchange so.") }
        guard let name = person ?? fields["person"], let passphrase = fields["passphrase"], !name.isEmpty, !passphrase.isEmpty else {
            throw Self.malformed(person == nil ? "Give your name and your passphrase." : "Give your passphrase.")
        }
        self.act = act
        self.reason = reason
        credentials = Credentials(name: name, passphrase: Array(passphrase.utf8))
    }

    private static func malformed(_ detail: String) -> Problem { Problem(status: 400, code: "form-malformed", title: "Form not complete", detail: detail) }
}
