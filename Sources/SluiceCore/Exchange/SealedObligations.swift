package import SluiceKit

/// What a giver's agreement says of the data once they have arrived, sealed along with them: member `obligations` of `exchange.json`.
///
/// The receiver holds to it even where its own agreement says less.
package struct SealedObligations: Hashable, Sendable {
    package var handling: HandlingObligations
    /// What the data may be used for, under all the agreements that let them go.
    package var purposes: [String]
    /// The end of keeping that came along with data that were received themselves; nil where only `handling.retention` counts.
    package var keepUntil: Instant?

    /// Most participants or purposes in one list.
    static let listMax = 1_000

    package init(handling: HandlingObligations, purposes: [String], keepUntil: Instant? = nil) {
        self.handling = handling
        self.purposes = purposes
        self.keepUntil = keepUntil
    }

    package var json: JSONValue {
        let onward: JSONValue =
            switch handling.onwardTransfer {
            case .none: .string("none")
            case .public: .string("public")
            case .to(let ids): .array(ids.map { .string($0) })
            }
        var members = [
            JSONMember("onwardTransfer", onward), JSONMember("purposes", .array(purposes.map { .string($0) })),
            JSONMember("retention", .string(handling.retention ?? "unlimited")),
        ]
        if let embargo = handling.embargo { members.append(JSONMember("embargo", .string(embargo))) }
        if let citation = handling.citation { members.append(JSONMember("citation", .string(citation))) }
        if let keepUntil { members.append(JSONMember("keepUntil", .string(keepUntil.rfc3339))) }
        return .object(members)
    }

    /// Reads the members this version knows; what it cannot keep to the letter it refuses.
    package init(json: JSONValue) throws(DocumentError) {
        let document = JSONDocument(json, name: "\(PackageContents.exchangeName), obligations")
        let onward: HandlingObligations.OnwardTransfer
        switch json["onwardTransfer"] {
        case .string("none"): onward = .none
        case .string("public"): onward = .public
        case .array(let elements) where elements.count <= Self.listMax:
            let ids = elements.compactMap { $0.text.flatMap { ParticipantID($0) }?.rawValue }
            guard ids.count == elements.count, !ids.isEmpty else {
                throw DocumentError(detail: "\(document.name): onwardTransfer lists something else than participants")
            }
            onward = .to(ids)
        default: throw DocumentError(detail: "\(document.name): onwardTransfer is none, public or a list of participants")
        }
        guard let listed = json["purposes"]?.elements, listed.count <= Self.listMax else {
            throw DocumentError(detail: "\(document.name) lacks the list \"purposes\"")
        }
        purposes = listed.compactMap { $0.text.flatMap { AgreementReader.isPurpose($0) ? $0 : nil } }
        guard purposes.count == listed.count, !purposes.isEmpty else { throw DocumentError(detail: "\(document.name): a purpose is no purpose") }
        let retention = try document.text("retention")
        guard retention == "unlimited" || RetentionPeriod(retention) != nil else {
            throw DocumentError(detail: "\(document.name): the retention is no period such as P5Y, nor \"unlimited\"")
        }
        let embargo = json["embargo"] == nil ? nil : try document.text("embargo")
        let keepUntil = json["keepUntil"] == nil ? nil : try document.text("keepUntil")
        for text in [embargo, keepUntil].compactMap({ $0 }) where Instant(rfc3339: text) == nil {
            throw DocumentError(detail: "\(document.name): \"\(text.prefix(40))\" is no time such as 2026-03-01T09:00:00Z")
        }
        self.keepUntil = keepUntil.flatMap { Instant(rfc3339: $0) }
        handling = HandlingObligations(
            retention: retention == "unlimited" ? nil : retention, onwardTransfer: onward, embargo: embargo,
            citation: json["citation"] == nil ? nil : try document.text("citation"))
    }
}
