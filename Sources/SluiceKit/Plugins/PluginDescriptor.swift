/// What kind of work a plugin adds.
public enum PluginKind: String, Hashable, Sendable, CaseIterable {
    case format, source, transport, seal, protection, store
}

/// Everything the node, the documentation and the console know of a plugin before it runs.
public struct PluginDescriptor: Sendable {
    /// One key of a plugin's configuration.
    public struct ConfigurationKey: Sendable {
        public enum ValueType: String, Sendable { case text, integer, decimal, boolean, path, list, map }
        public var name: String
        public var type: ValueType
        /// In the configuration's own notation; nil means the key has to be given.
        public var defaultValue: String?
        public var description: String

        public init(_ name: String, _ type: ValueType, default defaultValue: String?, _ description: String) {
            self.name = name
            self.type = type
            self.defaultValue = defaultValue
            self.description = description
        }
    }
    public enum Capability: String, Sendable, CaseIterable {
        /// Works in constant memory, whatever the size.
        case streams
        case reads
        case writes
        case needsNetwork
        /// Brings the receiver's answer back on the same trip.
        case acknowledges
    }

    public var name: String
    public var kind: PluginKind
    public var version: String
    public var description: String
    public var configuration: [ConfigurationKey]
    public var capabilities: [Capability]
    /// The formats, seals or schemes it provides (`sdmx-ml-2.1`, `asic-e`, `https`).
    public var provides: [String]

    public init(
        name: String, kind: PluginKind, version: String, description: String, configuration: [ConfigurationKey] = [], capabilities: [Capability] = [],
        provides: [String]
    ) {
        self.name = name
        self.kind = kind
        self.version = version
        self.description = description
        self.configuration = configuration
        self.capabilities = capabilities
        self.provides = provides
    }
}

/// A module that adds to the node. The descriptor and the constructors are registered together, in `BuiltinPlugins.swift`.
public protocol Plugin: Sendable {
    static var descriptor: PluginDescriptor { get }
}

/// Adds data formats, and structure formats where it has them.
public protocol FormatPlugin: Plugin {
    static var dataFormats: [any DataFormat] { get }
    static var structureFormats: [any StructureFormat] { get }
    /// What a message is that begins with these bytes, in words ("an SDMX-ML 2.1 query"), where this plugin knows its kind; for refusing it by name.
    static func describe(_ head: [UInt8]) -> String?
}

extension FormatPlugin {
    public static var structureFormats: [any StructureFormat] { [] }
    public static func describe(_ head: [UInt8]) -> String? { nil }
}
