package import SluiceKit

/// An agreement as ODRL 2.2 (W3C Recommendation, 2018) in JSON-LD, for systems that read policies.
///
/// What ODRL has words for is said in them; the rest is in a profile of our own (`urn:sluice:odrl:`). The export is for reading: what binds is the agreement itself, whose
/// digest stands in it. Participants, agreements and dataflows are named by URNs. The context stands in the document, so that nothing has to be fetched to read it.
package struct AgreementODRL {
    private let agreement: Agreement
    private let digest: SHA256Digest

    /// - Parameter digest: of the agreement's canonical form.
    package init(_ agreement: Agreement, digest: SHA256Digest) {
        self.agreement = agreement
        self.digest = digest
    }

    package var json: JSONValue {
        var members = [
            JSONMember("@context", Self.context), JSONMember("@type", .string("Agreement")),
            JSONMember("uid", .string(Self.urn(agreement.id, agreement.version))),
            JSONMember("profile", .string("urn:sluice:odrl")), JSONMember("dct:title", .string(agreement.title)),
            JSONMember("sluice:agreement", .string(agreement.id)), JSONMember("sluice:version", .string(agreement.version)),
            JSONMember("sluice:legalBasis", .string(agreement.legalBasis)), JSONMember("sluice:sha256", .string(digest.hex)),
        ]
        if let version = agreement.supersedes {
            members.append(JSONMember("dct:replaces", .object([JSONMember("@id", .string(Self.urn(agreement.id, version)))])))
        }
        if agreement.isPermit {
            members.append(JSONMember("permission", .array([permission])))
            let prohibitions = self.prohibitions
            if !prohibitions.isEmpty { members.append(JSONMember("prohibition", .array(prohibitions))) }
        } else {
            members.append(JSONMember("prohibition", .array([rule("use", constraints: scope)])))
        }
        return .object(members)
    }

    // MARK: Rules

    private func rule(_ action: String, constraints: [JSONValue], _ more: [JSONMember] = []) -> JSONValue {
        let parties = agreement.receivers == [Agreement.all] ? ["urn:sluice:everybody"] : agreement.receivers.map { "urn:sluice:participant:\($0)" }
        return .object(
            [
                JSONMember("assigner", .string("urn:sluice:participant:\(agreement.giver)")), JSONMember("assignee", .array(parties.map { .string($0) })),
                JSONMember("target", .string(target)), JSONMember("action", .string(action)),
                JSONMember("sluice:direction", .array(agreement.directions.map(\.rawValue).sorted().map { .string($0) })),
                JSONMember("constraint", .array(constraints)),
            ] + more)
    }

    private var target: String {
        let flow = agreement.dataflow
        guard flow.version == nil else { return flow.urn }
        // Any version: a URN of SDMX names one, so its beginning stands for all.
        return "\(flow.urn.prefix { $0 != "(" })(*)"
    }

    private static func urn(_ id: String, _ version: String) -> String { "urn:sluice:agreement:\(id):\(version)" }

    private static func constraint(_ operand: String, _ comparison: String, _ value: JSONValue, _ more: [JSONMember] = []) -> JSONValue {
        .object(
            [JSONMember("leftOperand", .string(operand)), JSONMember("operator", .string(comparison)), JSONMember("rightOperand", value)] + more)
    }

    private static func typed(_ text: String, _ type: String) -> JSONValue {
        .object([JSONMember("@value", .string(text)), JSONMember("@type", .string("xsd:\(type)"))])
    }

    private static func links(_ names: [String]) -> JSONValue { .array(names.map { .object([JSONMember("@id", .string($0))]) }) }

    private static func texts(_ texts: some Collection<String>) -> JSONValue { .array(texts.sorted().map { .string($0) }) }

    private var scope: [JSONValue] {
        var constraints: [JSONValue] = []
        if agreement.purposes != [Agreement.all] {
            constraints.append(Self.constraint("purpose", "isAnyOf", Self.links(agreement.purposes.sorted().map { "urn:sluice:purpose:\($0)" })))
        }
        constraints.append(Self.constraint("dateTime", "gteq", Self.typed(agreement.from.description, "date")))
        constraints.append(Self.constraint("dateTime", "lteq", Self.typed(agreement.until.description, "date")))
        if let channels = agreement.channels { constraints.append(Self.constraint("deliveryChannel", "isAnyOf", Self.texts(channels))) }
        return constraints
    }

    private var permission: JSONValue {
        var constraints = scope
        for (id, grant) in agreement.dimensions.sorted(by: { $0.key < $1.key }) {
            let dimension = JSONMember("sluice:dimension", .string(id))
            // The one dimension that says where; citizenship says who.
            if let codes = grant.codes {
                constraints.append(Self.constraint(id == "REF_AREA" ? "spatial" : "sluice:code", "isAnyOf", Self.texts(codes), [dimension]))
            }
            if let level = grant.deepestLevel { constraints.append(Self.constraint("sluice:level", "lteq", .integer(Int64(level)), [dimension])) }
            for (narrower, broader) in grant.coarsening.sorted(by: { $0.key < $1.key }) where narrower != broader {
                constraints.append(Self.constraint("sluice:summedTo", "eq", .string(broader), [dimension, JSONMember("sluice:code", .string(narrower))]))
            }
            if grant.codes == nil, grant.deepestLevel == nil, grant.coarsening.isEmpty {
                constraints.append(Self.constraint("sluice:code", "isA", Self.links(["sluice:anyCode"]), [dimension]))
            }
        }
        if let lag = agreement.timeLag { constraints.append(Self.constraint("sluice:periodAge", "gteq", Self.typed(lag.text, "duration"))) }
        if let most = agreement.observationsMax { constraints.append(Self.constraint("sluice:observations", "lteq", .integer(Int64(most)))) }
        return rule("use", constraints: constraints, [JSONMember("sluice:outside", .string(agreement.outside.rawValue)), JSONMember("duty", .array(duties))])
    }

    private static func duty(_ action: String, constraints: [JSONValue] = [], _ more: [JSONMember] = []) -> JSONValue {
        .object([JSONMember("action", .string(action))] + (constraints.isEmpty ? [] : [JSONMember("constraint", .array(constraints))]) + more)
    }

    private var duties: [JSONValue] {
        let handling = agreement.handling
        var duties: [JSONValue] = []
        if let protection = agreement.protection {
            // Which rules there are, and not their parameters: those are for the parties, and the export is for others too.
            let rules = Set(protection.rules.words.map(\.term))
            duties.append(Self.duty("anonymize", [JSONMember("sluice:method", .string(protection.method)), JSONMember("sluice:rule", Self.texts(rules))]))
        }
        if let retention = handling.retention {
            duties.append(Self.duty("delete", constraints: [Self.constraint("elapsedTime", "lteq", Self.typed(retention, "duration"))]))
        }
        if let citation = handling.citation { duties.append(Self.duty("attribute", [JSONMember("sluice:citation", .string(citation))])) }
        if handling.fourEyes { duties.append(Self.duty("sluice:approveBySecondPerson")) }
        if !handling.notify.isEmpty { duties.append(Self.duty("inform", [JSONMember("sluice:told", Self.texts(handling.notify))])) }
        return duties
    }

    private var prohibitions: [JSONValue] {
        let handling = agreement.handling
        var rules: [JSONValue] = []
        switch handling.onwardTransfer {
        case .public: break
        case .none: rules.append(rule("distribute", constraints: scope))
        case .to(let receivers):
            let named = Self.links(receivers.sorted().map { "urn:sluice:participant:\($0)" })
            rules.append(rule("distribute", constraints: scope + [Self.constraint("recipient", "isNoneOf", named)]))
        }
        if let embargo = handling.embargo {
            rules.append(rule("distribute", constraints: [Self.constraint("dateTime", "lt", Self.typed(embargo, "dateTime"))]))
        }
        for combination in agreement.forbidden.sorted(by: { TermJudge.named($0) < TermJudge.named($1) }) {
            let all = combination.sorted { $0.key < $1.key }.map { id, codes in
                Self.constraint("sluice:code", "isAnyOf", Self.texts(codes), [JSONMember("sluice:dimension", .string(id))])
            }
            let together = JSONValue.object([JSONMember("and", .object([JSONMember("@list", .array(all))]))])
            rules.append(rule("use", constraints: [together]))
        }
        for id in agreement.dropped.sorted() { rules.append(rule("use", constraints: [Self.constraint("sluice:component", "eq", .string(id))])) }
        return rules
    }

    // MARK: Context

    /// The terms of ODRL's own context that we use, and our profile's prefix.
    private static var context: JSONValue {
        func named(_ name: String, _ type: String?) -> JSONMember {
            JSONMember(name, .object([JSONMember("@id", .string("odrl:\(name)"))] + (type.map { [JSONMember("@type", .string($0))] } ?? [])))
        }
        let vocabulary = ["action", "leftOperand", "operator"].map { named($0, "@vocab") }
        let linked = ["profile", "assigner", "assignee", "target"].map { named($0, "@id") }
        let nested = ["permission", "prohibition", "duty", "constraint", "and", "rightOperand"].map { named($0, nil) }
        return .object(
            [
                JSONMember("@vocab", .string("http://www.w3.org/ns/odrl/2/")), JSONMember("odrl", .string("http://www.w3.org/ns/odrl/2/")),
                JSONMember("dct", .string("http://purl.org/dc/terms/")), JSONMember("xsd", .string("http://www.w3.org/2001/XMLSchema#")),
                JSONMember("sluice", .string("urn:sluice:odrl:")), JSONMember("uid", .string("@id")),
            ] + vocabulary + linked + nested)
    }
}
