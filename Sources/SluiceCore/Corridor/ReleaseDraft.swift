package import SluiceKit

/// Who asks for a release. Where the agreement obliges a second person, the first has to be known.
package enum ReleaseRequester: Hashable, Sendable {
    /// Somebody at the command line who did not say who they are.
    case unnamed
    case person(String)
    /// A route, or a feed; somebody may own it, and then cannot approve what it makes.
    case automatic(owner: String?)

    var person: String? {
        switch self {
        case .unnamed: nil
        case .person(let name): name
        case .automatic(let owner): owner
        }
    }
}

/// A release that is checked, permitted, protected and written, and not sealed: all that sealing needs beside the payload's bytes.
package struct ReleaseDraft: Hashable, Sendable {
    /// Without the time of sealing and the approval.
    package var document: ExchangeDocument
    /// SHA-256 (hex) of the payload.
    package var payloadDigest: String
    package var mediaType: String
    /// Identifier of the seal it is to have.
    package var seal: String
    /// Who sent it; nil for a route, and for a feed that nobody owns.
    package var sentBy: String?

    package init(document: ExchangeDocument, payloadDigest: String, mediaType: String, seal: String, sentBy: String?) {
        self.document = document
        self.payloadDigest = payloadDigest
        self.mediaType = mediaType
        self.seal = seal
        self.sentBy = sentBy
    }

    package var json: JSONValue {
        var members = [
            JSONMember("kind", .string("draft")), JSONMember("exchange", document.json), JSONMember("payloadSHA256", .string(payloadDigest)),
            JSONMember("mediaType", .string(mediaType)), JSONMember("seal", .string(seal)),
        ]
        if let sentBy { members.append(JSONMember("sentBy", .string(sentBy))) }
        return .object(members)
    }

    package init(json: JSONValue) throws(DocumentError) {
        let draft = JSONDocument(json, name: "the draft")
        guard try draft.text("kind") == "draft", let exchange = json["exchange"] else { throw DocumentError(detail: "the draft is of another kind") }
        document = try ExchangeDocument(json: exchange)
        payloadDigest = try draft.text("payloadSHA256")
        mediaType = try draft.text("mediaType")
        seal = try draft.text("seal")
        sentBy = json["sentBy"]?.text
    }

    /// What the ledger holds of the waiting: digests and a code in the place of the person.
    func waitingData(code: String) -> [JSONMember] {
        LedgerData.outcome("awaiting-approval") + [
            LedgerData.text("receiver", document.receiver.rawValue), LedgerData.text("dataflow", document.dataflow.urn),
            LedgerData.text("payloadSHA256", payloadDigest), LedgerData.text("person", code),
        ]
    }
}
