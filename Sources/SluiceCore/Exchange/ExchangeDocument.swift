package import SluiceKit

/// `exchange.json` of a package: who sends what to whom, under which agreement, protected how.
///
/// Written as RFC 8785 canonical JSON and covered by the seal. Docs/ExchangeProtocol.md lists the members.
package struct ExchangeDocument: Hashable, Sendable {
    package var exchangeID: String
    package var sender: ParticipantID
    package var receiver: ParticipantID
    /// Under which the receiver takes it in.
    package var dataflow: ArtefactReference
    package var dataStructure: ArtefactReference
    package var agreementID: String
    package var agreementVersion: String
    /// SHA-256 (hex) of the agreement's canonical form.
    package var agreementDigest: String
    package var purpose: String
    package var decisionRules: [String]
    /// What each protection did, as counts.
    package var protections: [JSONValue]
    package var payloadName: String
    package var payloadFormat: String
    package var observations: Int
    /// RFC 3339, UTC.
    package var sealedAt: String
    /// SHA-256 (hex) of the receipt package last accepted for this flow and receiver; empty for the first.
    package var previousReceipt: String
    /// SHA-256 (hex) of the signed statement by which a second person approved the release; empty where none had to.
    package var approval = ""
    /// What the receiver owes; nil of a sender that says nothing of it.
    package var obligations: SealedObligations?

    package static let version = 1

    package init(
        exchangeID: String, sender: ParticipantID, receiver: ParticipantID, dataflow: ArtefactReference, dataStructure: ArtefactReference, agreementID: String,
        agreementVersion: String, agreementDigest: String, purpose: String, decisionRules: [String], protections: [JSONValue], payloadName: String,
        payloadFormat: String, observations: Int, sealedAt: String, previousReceipt: String
    ) {
        self.exchangeID = exchangeID
        self.sender = sender
        self.receiver = receiver
        self.dataflow = dataflow
        self.dataStructure = dataStructure
        self.agreementID = agreementID
        self.agreementVersion = agreementVersion
        self.agreementDigest = agreementDigest
        self.purpose = purpose
        self.decisionRules = decisionRules
        self.protections = protections
        self.payloadName = payloadName
        self.payloadFormat = payloadFormat
        self.observations = observations
        self.sealedAt = sealedAt
        self.previousReceipt = previousReceipt
    }

    package var json: JSONValue {
        var members = [
            JSONMember("kind", .string("exchange")), JSONMember("version", .integer(Int64(Self.version))), JSONMember("exchange", .string(exchangeID)),
            JSONMember("sender", .string(sender.rawValue)), JSONMember("receiver", .string(receiver.rawValue)), JSONMember("dataflow", .string(dataflow.urn)),
            JSONMember("dataStructure", .string(dataStructure.urn)),
            JSONMember(
                "agreement",
                .object([
                    JSONMember("id", .string(agreementID)), JSONMember("version", .string(agreementVersion)), JSONMember("sha256", .string(agreementDigest)),
                ])),
            JSONMember("purpose", .string(purpose)),
            JSONMember("decision", .object([JSONMember("outcome", .string("permit")), JSONMember("rules", .array(decisionRules.map { .string($0) }))])),
            JSONMember("protections", .array(protections)),
            JSONMember(
                "payload",
                .object([
                    JSONMember("name", .string(payloadName)), JSONMember("format", .string(payloadFormat)),
                    JSONMember("observations", .integer(Int64(observations))),
                ])),
            JSONMember("sealedAt", .string(sealedAt)), JSONMember("previousReceipt", .string(previousReceipt)),
            JSONMember("software", .string("sluice/\(sluiceVersion)")),
        ]
        if !approval.isEmpty { members.append(JSONMember("approval", .object([JSONMember("sha256", .string(approval))]))) }
        if let obligations { members.append(JSONMember("obligations", obligations.json)) }
        return .object(members)
    }

    /// Reads the members this version knows; others are kept by the seal and ignored here.
    package init(json: JSONValue) throws(DocumentError) {
        let document = JSONDocument(json, name: PackageContents.exchangeName)
        guard try document.text("kind") == "exchange" else { throw DocumentError(detail: "\(PackageContents.exchangeName) is not of kind \"exchange\"") }
        guard json["version"]?.integer == Int64(Self.version) else {
            throw DocumentError(detail: "\(PackageContents.exchangeName) is not of version \(Self.version)")
        }
        let agreement = try document.object("agreement")
        let payload = try document.object("payload")
        self.init(
            exchangeID: try document.text("exchange"), sender: try document.participant("sender"), receiver: try document.participant("receiver"),
            dataflow: try document.reference("dataflow"), dataStructure: try document.reference("dataStructure"), agreementID: try agreement.text("id"),
            agreementVersion: try agreement.text("version"), agreementDigest: try agreement.text("sha256"), purpose: try document.text("purpose"),
            decisionRules: json["decision"]?["rules"]?.elements?.compactMap { $0.text } ?? [], protections: json["protections"]?.elements ?? [],
            payloadName: try payload.text("name"), payloadFormat: try payload.text("format"), observations: try payload.count("observations"),
            sealedAt: try document.text("sealedAt"), previousReceipt: try document.text("previousReceipt"))
        if let json = json["obligations"] { obligations = try SealedObligations(json: json) }
        if json["approval"] != nil { approval = try document.object("approval").text("sha256") }
    }
}

/// `exchange.json` of a receipt: the receiver's answer to one package.
package struct ReceiptDocument: Hashable, Sendable {
    package enum Outcome: String, Hashable, Sendable { case accepted, refused }

    package var exchangeID: String
    /// Who answers (the receiver of the package) and who is answered.
    package var issuer: ParticipantID
    package var recipient: ParticipantID
    /// SHA-256 (hex) of the answered package's manifest; empty when the package could not be opened.
    package var manifestDigest: String
    /// SHA-256 (hex) of the whole answered file.
    package var packageDigest: String
    package var outcome: Outcome
    /// Why it was refused: a stable code and words; empty when accepted.
    package var reasonCode: String
    package var reason: String
    package var observations: Int
    package var findingCount: Int
    /// RFC 3339, UTC.
    package var answeredAt: String

    /// The covered file with the findings, first of each code.
    package static let findingsName = "findings.json"

    package init(
        exchangeID: String, issuer: ParticipantID, recipient: ParticipantID, manifestDigest: String, packageDigest: String, outcome: Outcome,
        reasonCode: String = "",
        reason: String = "", observations: Int = 0, findingCount: Int = 0, answeredAt: String
    ) {
        self.exchangeID = exchangeID
        self.issuer = issuer
        self.recipient = recipient
        self.manifestDigest = manifestDigest
        self.packageDigest = packageDigest
        self.outcome = outcome
        self.reasonCode = reasonCode
        self.reason = reason
        self.observations = observations
        self.findingCount = findingCount
        self.answeredAt = answeredAt
    }

    package var json: JSONValue {
        .object([
            JSONMember("kind", .string("receipt")), JSONMember("version", .integer(Int64(ExchangeDocument.version))),
            JSONMember("exchange", .string(exchangeID)),
            JSONMember("issuer", .string(issuer.rawValue)), JSONMember("recipient", .string(recipient.rawValue)),
            JSONMember("answers", .object([JSONMember("manifestSHA256", .string(manifestDigest)), JSONMember("packageSHA256", .string(packageDigest))])),
            JSONMember("outcome", .string(outcome.rawValue)), JSONMember("reasonCode", .string(reasonCode)), JSONMember("reason", .string(reason)),
            JSONMember("observations", .integer(Int64(observations))), JSONMember("findings", .integer(Int64(findingCount))),
            JSONMember("answeredAt", .string(answeredAt)), JSONMember("software", .string("sluice/\(sluiceVersion)")),
        ])
    }

    package init(json: JSONValue) throws(DocumentError) {
        let document = JSONDocument(json, name: "the receipt's \(PackageContents.exchangeName)")
        guard try document.text("kind") == "receipt" else { throw DocumentError(detail: "the package is not a receipt") }
        let answers = try document.object("answers")
        let outcomeText = try document.text("outcome")
        guard let outcome = Outcome(rawValue: outcomeText) else {
            throw DocumentError(detail: "the receipt's outcome is \"\(outcomeText)\", which this version does not know")
        }
        self.init(
            exchangeID: try document.text("exchange"), issuer: try document.participant("issuer"), recipient: try document.participant("recipient"),
            manifestDigest: try answers.text("manifestSHA256"), packageDigest: try answers.text("packageSHA256"), outcome: outcome,
            reasonCode: try document.text("reasonCode"), reason: try document.text("reason"), observations: try document.count("observations"),
            findingCount: try document.count("findings"), answeredAt: try document.text("answeredAt"))
    }
}

/// Why a sealed document does not say what it has to.
package struct DocumentError: Error, Hashable, Sendable, CustomStringConvertible {
    package var detail: String
    package var description: String { detail }
}

/// Reads required members with one kind of error.
struct JSONDocument {
    let value: JSONValue
    let name: String

    /// Longest text of a member, in bytes.
    static let textBytesMax = 4_096

    init(_ value: JSONValue, name: String) {
        self.value = value
        self.name = name
    }

    func text(_ member: String) throws(DocumentError) -> String {
        guard let text = value[member]?.text, text.utf8.count <= Self.textBytesMax else { throw DocumentError(detail: "\(name) lacks the text \"\(member)\"") }
        return text
    }

    func count(_ member: String) throws(DocumentError) -> Int {
        guard let count = value[member]?.integer, count >= 0 else { throw DocumentError(detail: "\(name) lacks the count \"\(member)\"") }
        return Int(count)
    }

    func object(_ member: String) throws(DocumentError) -> JSONDocument {
        guard let object = value[member], object.members != nil else { throw DocumentError(detail: "\(name) lacks the object \"\(member)\"") }
        return JSONDocument(object, name: "\(name), \(member)")
    }

    func participant(_ member: String) throws(DocumentError) -> ParticipantID {
        let text = try self.text(member)
        guard let id = ParticipantID(text) else { throw DocumentError(detail: "\(name): \"\(text)\" is no participant id") }
        return id
    }

    func reference(_ member: String) throws(DocumentError) -> ArtefactReference {
        let text = try self.text(member)
        guard let reference = ArtefactReference(urn: text) else { throw DocumentError(detail: "\(name): \"\(text)\" is no URN of an artefact") }
        return reference
    }
}
