import CLibxml2
import SluiceKit

/// What the root element of a message says it is.
struct MessageKind: Hashable {
    enum Content: Hashable {
        /// Structure-specific data; in SDMX-ML 2.0 called compact.
        case structureSpecificData
        case genericData
        case structure
        /// A registry message: it may hold structures.
        case registry
        /// `MessageGroup` of SDMX-ML 2.0: a header and datasets of one of the kinds above, known by the first of them.
        case messageGroup
        /// An SDMX-ML message of another kind, or no SDMX-ML at all.
        case other
    }
    var content: Content
    var version: SDMXMLVersion?
    /// Data of which every observation has a time (`GenericTimeSeriesData`, `StructureSpecificTimeSeriesData` of 2.1).
    var isTimeSeries = false
    /// The root element's local name.
    var root: String

    init(_ name: XMLName) {
        root = name.local
        version = name.version
        content = .other
        guard name.namespace == .message else { return }
        switch (name.local, name.version) {
        case ("StructureSpecificData", .v2_1), ("StructureSpecificData", .v3_0), ("StructureSpecificData", .v3_1), ("CompactData", .v2_0):
            content = .structureSpecificData
        case ("StructureSpecificTimeSeriesData", .v2_1):
            content = .structureSpecificData
            isTimeSeries = true
        case ("GenericData", .v2_1), ("GenericData", .v2_0): content = .genericData
        case ("GenericTimeSeriesData", .v2_1):
            content = .genericData
            isTimeSeries = true
        case ("MessageGroup", .v2_0): content = .messageGroup
        case ("Structure", _): content = .structure
        case ("RegistryInterface", _), ("SubmitStructureRequest", _): content = .registry
        default: break
        }
    }

    /// What it is, in words.
    var description: String {
        guard let version else { return "an XML document whose root is <\(root)>" }
        return "an SDMX-ML \(version.rawValue) \(root) message"
    }

    /// White space and what else may stand before the first `<`.
    private static let openingBytesMax = 256

    /// Looks at the first bytes of a message; nil when they are not the start of an XML document of which the root is in sight.
    static func sniff(_ head: [UInt8]) -> MessageKind? {
        guard head.prefix(openingBytesMax).contains(UInt8(ascii: "<")) else { return nil }
        guard let events = try? XMLEvents(MemoryByteSource(head), limits: ReadLimits(), bytesMax: head.count, chunkBytes: max(head.count, 4)) else {
            return nil
        }
        // The head is cut somewhere, so an error after the root element means nothing.
        guard let isThere = try? events.next(), isThere, events.isStart else { return nil }
        // After an error there is no event under the cursor.
        let outermost = MessageKind(events.name)
        var kind = (try? events.messageRoot()) ?? outermost
        guard kind.content == .messageGroup else { return kind }
        while let isThere = try? events.next(), isThere {
            guard events.isStart, events.name.local == "DataSet" else { continue }
            kind.content = events.datasetContent()
            break
        }
        return kind
    }
}

extension XMLEvents {
    /// The kind of the message whose root is under the cursor. A SOAP envelope is entered: the message is then the first SDMX-ML element in it.
    func messageRoot() throws(ReadError) -> MessageKind {
        let kind = MessageKind(name)
        guard name.local == "Envelope", name.namespace == .other, name.version == nil else { return kind }
        while try next() {
            guard isStart else { continue }
            let inner = MessageKind(name)
            if inner.version != nil, name.namespace == .message { return inner }
        }
        return kind
    }

    /// What the dataset under the cursor holds, told by its namespace or by what follows it in the bytes at hand; the cursor stays.
    func datasetContent() -> MessageKind.Content {
        if name.namespace == .generic { return .genericData }
        for index in min(position + 1, eventCount)..<eventCount where events[index].kind == Self.start || events[index].kind == Self.empty {
            switch names[Int(events[index].name)].local {
            // Elements that only generic data have.
            case "KeyFamilyRef", "SeriesKey", "GroupKey", "Attributes": return .genericData
            case "Series", "Obs": if events[index].count > 0 { return .structureSpecificData }
            default: break
            }
        }
        return .structureSpecificData
    }
}
