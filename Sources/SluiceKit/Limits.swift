/// The named limits of reading, with their defaults. Every reader keeps to them; a configuration may lower or raise each.
public struct ReadLimits: Hashable, Sendable {
    /// Longest text of one cell, attribute value or element, in bytes.
    public var valueBytesMax = 1 << 20
    /// Longest line (CSV) or markup without an end (XML, JSON string), in bytes.
    public var rowBytesMax = 8 << 20
    /// Deepest nesting of elements, objects or arrays.
    public var depthMax = 64
    /// Most cells in a row or attributes on an element.
    public var columnsMax = 4_096
    /// Most distinct values of one coded component.
    public var dictionaryEntriesMax = 8 << 20
    /// Most bytes that the distinct values of one component may take together.
    public var dictionaryBytesMax = 256 << 20
    /// Most bytes that the keys and attributes of a dataset's groups may take together: they are held until the dataset ends.
    public var groupBytesMax = 64 << 20
    /// Largest message in bytes.
    public var messageBytesMax = 1 << 40
    /// Largest structure message in bytes: structures are held in memory.
    public var structureBytesMax = 512 << 20

    public init() {}
}
