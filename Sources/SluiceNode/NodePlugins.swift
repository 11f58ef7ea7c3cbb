package import SluiceCore
package import SluiceKit

/// The plugins a node is started with; the executable fills it from its list, so the node itself knows none by name.
package struct NodePlugins: Sendable {
    /// Makes the transport of a node: with its TLS identity, a way to tell whose certificate a partner shows, and what signs and verifies messages.
    package typealias MakeTransport =
        @Sendable (
            NodeConfiguration, TLSIdentity, _ participantOfCertificate: @escaping @Sendable ([UInt8]) -> ParticipantID?, any HopGuard
        ) throws -> any Transport

    package var dataFormats: [any DataFormat]
    package var structureFormats: [any StructureFormat]
    package var protections: [any Protection]
    /// Holds releases against one another; nil where this build has none.
    package var differencing: (any DifferencingAudit)?
    /// The first is the one where a partner says nothing.
    package var seals: [any Seal]
    package var openStore: @Sendable (_ path: String) throws -> any Store
    package var makeTransport: MakeTransport
    /// Makes the transport of partners whose packages somebody carries; it needs no identity of its own.
    package var makeCarriedTransport: @Sendable (NodeConfiguration) throws -> any CarriedTransport
    /// Reads a mapping file into a way of reading the CSV it describes; the text names the mapping in the ledger.
    package var mapping: @Sendable (_ path: String) throws -> (makeReader: ReaderMaker, description: String)
    /// Asks public servers for time stamps and revocations.
    package var fetch: WebFetch
    /// Asks witnesses that are no participants.
    package var ask: WebAsk = { request in throw NodeError("this build asks nothing of \(request.url.prefix(200))") }

    package init(
        dataFormats: [any DataFormat], structureFormats: [any StructureFormat], protections: [any Protection], seals: [any Seal],
        openStore: @escaping @Sendable (String) throws -> any Store, makeTransport: @escaping MakeTransport,
        makeCarriedTransport: @escaping @Sendable (NodeConfiguration) throws -> any CarriedTransport,
        mapping: @escaping @Sendable (String) throws -> (makeReader: ReaderMaker, description: String), fetch: @escaping WebFetch
    ) {
        self.dataFormats = dataFormats
        self.structureFormats = structureFormats
        self.protections = protections
        self.seals = seals
        self.openStore = openStore
        self.makeTransport = makeTransport
        self.makeCarriedTransport = makeCarriedTransport
        self.mapping = mapping
        self.fetch = fetch
    }
}

/// Why a node cannot start or do its work, in an operator's words.
package struct NodeError: Error, Hashable, Sendable, CustomStringConvertible {
    package var detail: String
    package init(_ detail: String) { self.detail = detail }
    package var description: String { detail }
}
