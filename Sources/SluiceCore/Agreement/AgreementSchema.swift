package import SluiceKit

/// The JSON Schema (draft 2020-12) of agreements, for editors, made from the description of the terms.
///
/// It says what a term looks like, and so less than the reader: that a day exists, that codes are of a code list, or that two terms go together, only the reader and the
/// decision can tell. What the reader takes, the schema takes.
package enum AgreementSchema {
    package static var json: JSONValue {
        .object([
            JSONMember("$schema", .string("https://json-schema.org/draft/2020-12/schema")), JSONMember("$id", .string("urn:sluice:agreement")),
            JSONMember("title", .string("Data-sharing agreement of a Sluice gateway")), JSONMember("type", .string("object")),
            JSONMember("properties", properties(AgreementTerms.all)), JSONMember("required", required(AgreementTerms.scope)),
            JSONMember("additionalProperties", .bool(false)),
            JSONMember("oneOf", .array(["receiver", "receivers"].map { .object([JSONMember("required", .array([.string($0)]))]) })),
            JSONMember(
                "if",
                .object([JSONMember("properties", .object([JSONMember("effect", constant("forbid"))])), JSONMember("required", .array([.string("effect")]))])),
            // What forbids has no terms of how something travels; what permits has them, and names whom and what for.
            JSONMember("then", .object([JSONMember("properties", .object(AgreementTerms.content.map { JSONMember($0.key, .bool(false)) }))])),
            JSONMember(
                "else",
                .object([
                    JSONMember("required", required(AgreementTerms.content)),
                    JSONMember("properties", .object(["receiver", "receivers", "purpose"].map { JSONMember($0, .object([JSONMember("not", sayingAll)])) })),
                ])),
        ])
    }

    private static func constant(_ word: String) -> JSONValue { .object([JSONMember("const", .string(word))]) }

    private static var sayingAll: JSONValue {
        .object([
            JSONMember(
                "anyOf",
                .array([constant(Agreement.all), .object([JSONMember("type", .string("array")), JSONMember("contains", constant(Agreement.all))])]))
        ])
    }

    private static func properties(_ terms: [AgreementTerm]) -> JSONValue {
        .object(
            terms.map { term in
                let members = schema(term.shape).members ?? []
                return JSONMember(term.key, .object([JSONMember("description", .string(term.words))] + members))
            })
    }

    private static func required(_ terms: [AgreementTerm]) -> JSONValue { .array(terms.filter(\.isRequired).map { .string($0.key) }) }

    private static func schema(_ shape: TermShape) -> JSONValue {
        switch shape {
        case .text(let pattern):
            // YAML makes numbers of 1.0 and 2026; the reader takes them as they are written.
            var members = [JSONMember("type", .array([.string("string"), .string("number")])), JSONMember("minLength", .integer(1))]
            if let pattern { members.append(JSONMember("pattern", .string(pattern))) }
            return .object(members)
        case .integer(let range):
            return .object([
                JSONMember("type", .string("integer")), JSONMember("minimum", .integer(Int64(range.lowerBound))),
                JSONMember("maximum", .integer(Int64(range.upperBound))),
            ])
        case .boolean: return .object([JSONMember("type", .string("boolean"))])
        case .choice(let words): return .object([JSONMember("enum", .array(words.map { .string($0) }))])
        case .list(let item):
            return .object([
                JSONMember("type", .string("array")), JSONMember("items", schema(item)), JSONMember("minItems", .integer(1)),
                JSONMember("uniqueItems", .bool(true)),
            ])
        case .oneOrMore(let item): return .object([JSONMember("anyOf", .array([schema(item), schema(.list(item))]))])
        case .mapping(let terms):
            var members = [JSONMember("type", .string("object")), JSONMember("properties", properties(terms))]
            if terms.contains(where: \.isRequired) { members.append(JSONMember("required", required(terms))) }
            return .object(members + [JSONMember("additionalProperties", .bool(false))])
        case .named(let value):
            return .object([
                JSONMember("type", .string("object")), JSONMember("minProperties", .integer(1)), JSONMember("additionalProperties", schema(value)),
            ])
        case .either(let shapes): return .object([JSONMember("anyOf", .array(shapes.map(schema)))])
        }
    }
}
