import CLibxml2
import SluiceKit

/// What the root element of a message says it is.
struct MessageKind: Hashable {
    enum Content: Hashable {
        case structureSpecificData, genericData, structure
        /// A registry message: it may hold structures.
        case registry
        /// An SDMX-ML message of another kind, or no SDMX-ML at all.
        case other
    }
    var content: Content
    var version: SDMXMLVersion?
    /// The root element's local name.
    var root: String

    init(_ name: XMLName) {
        root = name.local
        version = name.version
        content = .other
        guard name.namespace == .message else { return }
        switch name.local {
        case "StructureSpecificData", "StructureSpecificTimeSeriesData": content = .structureSpecificData
        case "GenericData", "GenericTimeSeriesData": content = .genericData
        case "Structure": content = .structure
        case "RegistryInterface", "SubmitStructureRequest": content = .registry
        default: break
        }
    }

    /// What it is, in words.
    var description: String {
        guard let version else { return "an XML document whose root is <\(root)>" }
        return "an SDMX-ML \(version.rawValue) \(root) message"
    }

    /// Looks at the first bytes of a message; nil when they are not the start of an XML document of which the root is in sight.
    static func sniff(_ head: [UInt8]) -> MessageKind? {
        guard head.contains(UInt8(ascii: "<")) else { return nil }
        guard let events = try? XMLEvents(MemoryByteSource(head), limits: ReadLimits(), bytesMax: head.count, chunkBytes: max(head.count, 4)) else {
            return nil
        }
        // The head is cut somewhere, so an error after the root element means nothing.
        if let hasEvent = try? events.refill(), hasEvent, events.isStart { return MessageKind(events.name) }
        return nil
    }

    /// The error for a reader that was given this message and cannot read it.
    func unsupported(line: Int, wanted: String) -> ReadError {
        let advice =
            version == nil ? "name its format with --from, or check that it is the right file" : "convert it to SDMX-ML 2.1, or name its format with --from"
        return ReadError(.unsupported, line: line > 0 ? line : nil, detail: "this is \(description), not \(wanted); \(advice)")
    }
}
