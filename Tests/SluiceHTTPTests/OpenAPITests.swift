import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import SluiceCore
import SluiceKit
import SluiceKitTesting
import SluiceYAML
import Testing

@testable import SluiceHTTP

/// Docs/openapi.yaml against the addresses of the code, both ways.
struct OpenAPITests {
    /// One operation of the file.
    private struct Operation {
        var method: String
        /// As the code registers it; several paths of the file may lie under one of its wildcards.
        var route: String
        /// Another server stands at the path: the exchange listener.
        var isOfExchange: Bool
        /// Names of the schemes, each of which lets somebody in; nil for what holds for the whole file.
        var security: [String]?
        var roles: [String]
        var name: String { "\(method) \(route)" }
    }

    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    private static let file = root.appending(path: "Docs/openapi.yaml")
    private static let methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"]

    private static func member(_ value: YAMLValue, _ key: String) throws -> YAMLValue? { try value.entries().first { $0.key == key }?.value }

    private static func operations() throws -> [Operation] {
        let document = try YAMLValue(yaml: String(contentsOf: file, encoding: .utf8), file: "Docs/openapi.yaml")
        var found: [Operation] = []
        for (path, item) in try #require(try member(document, "paths")).entries() {
            let route = try member(item, "x-sluice-route")?.text() ?? path
            for (method, operation) in try item.entries() where methods.contains(method) {
                let security = try member(operation, "security")?.list().map { try $0.entries().map(\.key).joined(separator: "+") }
                found.append(
                    Operation(
                        method: method.uppercased(), route: route, isOfExchange: try member(item, "servers") != nil, security: security,
                        roles: try member(operation, "x-sluice-roles")?.texts() ?? []))
            }
        }
        return found
    }

    private static func routes(_ node: FakeNode = FakeNode()) throws -> InspectionRoutes {
        try InspectionRoutes(listener: InspectionListener(), node: node, tally: ExchangeTally(), logger: quietLogger)
    }

    /// `GET /console` of every address that is registered.
    private static func registered() throws -> Set<String> { Set(try routes().routes.map { "\($0.method.rawValue) \($0.path)" }) }

    private static func compare(_ described: Set<String>, _ registered: Set<String>) {
        #expect(described.subtracting(registered).sorted() == [], "only in Docs/openapi.yaml")
        #expect(registered.subtracting(described).sorted() == [], "missing in Docs/openapi.yaml")
    }

    @Test func theInspectionListenerHasTheAddressesOfTheFile() throws {
        let described = try Self.operations().filter { !$0.isOfExchange }.map(\.name)
        #expect(described.count > 20)
        Self.compare(Set(described), try Self.registered())
    }

    @Test func theExchangeListenerHasTheAddressesOfTheFile() throws {
        let described = try Self.operations().filter(\.isOfExchange)
        #expect(described.allSatisfy { $0.security == ["mutualTLS"] })
        Self.compare(
            Set(described.map(\.name)), Set(ExchangeResource.allCases.flatMap { resource in resource.methods.map { "\($0.rawValue) \(resource.path)" } }))
    }

    @Test func everyPageOfTheConsoleIsBehindItsGate() throws {
        let console = try Self.registered().filter { $0.contains(" /console") }
        #expect(console == Set(ConsoleRoute.allCases.map { "\($0.method.rawValue) \($0.path)" }), "registered without a row in ConsoleRoute")
    }

    @Test func theFileHasTheRolesOfTheCode() throws {
        let operations = try Self.operations()
        for route in ConsoleRoute.allCases {
            let operation = try #require(operations.first { $0.name == "\(route.method.rawValue) \(route.path)" }, "\(route)")
            #expect(operation.roles == (route.isOpen ? [] : Person.Role.allCases.filter(route.roles.contains).map(\.rawValue)), "\(route)")
            #expect(operation.security == (route == .signIn ? ["signInToken"] : route.isOpen ? [] : nil), "\(route)")
        }
        // What is no page is read by whoever reaches the listener, also at a node that knows people.
        for operation in operations where !operation.isOfExchange && !operation.route.hasPrefix("/console") { #expect(operation.security == []) }
    }

    /// Every address, asked by every method.
    @Test func anAddressTakesItsOwnMethodsAlone() async throws {
        let operations = try Self.operations().filter { !$0.isOfExchange }
        let node = FakeNode(records: [FakeNode.record(1)])
        let application = Application(responder: try Self.routes(node).responder(), logger: quietLogger)
        for route in Set(operations.map(\.route)) {
            var own = Set(operations.filter { $0.route == route }.map(\.method))
            if own.contains("GET") { own.insert("HEAD") }
            let path = [("{sender}", "UN.UNSD"), ("{id}", FakeNode.id(1)), ("{index}", "0"), ("**", "0/000")]
                .reduce(route) { $0.replacingOccurrences(of: $1.0, with: $1.1) }
            for method in Self.methods.map({ $0.uppercased() }) {
                let response = try await application.test(.router) { client in
                    try await client.execute(uri: path, method: try #require(HTTPRequest.Method(method))) { $0 }
                }
                #expect((response.status == .methodNotAllowed) == !own.contains(method), "\(method) \(path): \(response.status.code)")
                let allow = response.headers[.allow].map { Set($0.split(separator: ",").map { $0.filter { !$0.isWhitespace } }) }
                #expect(allow == (own.contains(method) ? nil : own), "\(method) \(path)")
            }
        }
    }

    /// A page is asked for by the id of an exchange.
    @Test(arguments: [
        "/console?before=x", "/console/approvals?before=x", "/console/approvals?before=%27", "/console/looks?before=x", "/console/looks?before=%00",
    ])
    func aPlaceThatIsNoneIsSaidToBeNone(path: String) async throws {
        let application = Application(responder: try Self.routes().responder(), logger: quietLogger)
        let response = try await application.test(.router) { client in try await client.execute(uri: path, method: .get) { $0 } }
        #expect(response.status == .badRequest)
        #expect(try Page(String(buffer: response.body)).text.contains("begin before"))
    }

    @Test(arguments: ["/console?state=%00", "/console?%1b=x", "/console/approvals?before=%07"])
    func aControlCharacterIsNotEchoed(path: String) async throws {
        let application = Application(responder: try Self.routes().responder(), logger: quietLogger)
        let response = try await application.test(.router) { client in try await client.execute(uri: path, method: .get) { $0 } }
        #expect(response.status == .badRequest)
        #expect(try Page(String(buffer: response.body)).text.contains("control character"), "a page that is no text is none")
    }

    private static let validating = OraclePython.importing("openapi_spec_validator, yaml")

    @Test(.enabled(if: validating != nil, "openapi-spec-validator is not installed")) func theFileIsOpenAPI() throws {
        let program = "import sys, yaml, openapi_spec_validator as v; v.validate(yaml.safe_load(open(sys.argv[1])), cls=v.OpenAPIV31SpecValidator)"
        let python = try #require(Self.validating)
        let run = try OraclePython.run(python, ["-c", program, Self.file.path])
        #expect(run.status == 0, "\(run.output.suffix(2_000))")
        let broken = try String(contentsOf: Self.file, encoding: .utf8).replacingOccurrences(of: "in: path", with: "in: nowhere")
        let refused = try OraclePython.withFile("openapi.yaml", Array(broken.utf8)) { try OraclePython.run(python, ["-c", program, $0]).status }
        #expect(refused != 0, "the validator takes anything")
    }
}
