import CLibxml2
import SluiceKit

/// Pulls XML events out of a byte source, a chunk of bytes at a time.
///
/// Events and the bytes they point at stay where they are until `refill`; nothing is allocated per event.
final class XMLEvents {
    /// Bytes handed to the parser at a time: a few thousand events.
    static let chunkBytesDefault = 64 << 10
    /// Most distinct element and attribute names of one message.
    static let namesMax = 16_384

    /// Told of each new name, in order, before the first event that uses it.
    var onName: ((XMLName) -> Void)? {
        didSet { if let onName { for name in names { onName(name) } } }
    }
    private(set) var names: [XMLName] = []
    /// The events of the current chunk.
    @exclusivity(unchecked) private(set) var events = UnsafePointer<sluice_xml_event>(bitPattern: 8).unsafelyUnwrapped
    @exclusivity(unchecked) private(set) var attributes = UnsafePointer<sluice_xml_attribute>(bitPattern: 8).unsafelyUnwrapped
    @exclusivity(unchecked) private(set) var bytes = UnsafePointer<UInt8>(bitPattern: 8).unsafelyUnwrapped
    @exclusivity(unchecked) private(set) var eventCount = 0
    /// The event under the cursor; `next` moves it.
    @exclusivity(unchecked) var position = -1
    /// Whether `next` is at the end of the element without content under the cursor, whose start and end are one event.
    private var isAtEndOfEmpty = false
    /// How many elements are open after the event under the cursor; kept by `next` only.
    private(set) var depth = 0

    private let parser: OpaquePointer
    private let source: any ByteSource
    private let limits: ReadLimits
    var valueBytesMax: Int { limits.valueBytesMax }
    private let bytesMax: Int
    private let chunkBytes: Int
    private var byteCount = 0
    private var failure: ReadError?
    private var isFinished = false

    /// - Parameters:
    ///   - bytesMax: the largest message accepted.
    ///   - takesPlainMarkup: whether simple tags are taken without libxml2 (Docs/Decisions/0013); the events are the same.
    init(
        _ source: any ByteSource, limits: ReadLimits, bytesMax: Int, chunkBytes: Int = XMLEvents.chunkBytesDefault, takesPlainMarkup: Bool = true
    ) throws(ReadError) {
        var bounds = sluice_xml_limits(
            depth: UInt32(clamping: limits.depthMax), attributes: UInt32(clamping: limits.columnsMax), names: UInt32(Self.namesMax),
            value_bytes: max(limits.valueBytesMax, 0), markup_bytes: max(limits.rowBytesMax, 0))
        guard let parser = sluice_xml_create(&bounds, chunkBytes, takesPlainMarkup ? 1 : 0) else {
            throw ReadError(.limitExceeded, detail: "there is no memory for another XML parser")
        }
        self.parser = parser
        self.source = source
        self.limits = limits
        self.bytesMax = bytesMax
        self.chunkBytes = chunkBytes
    }

    deinit {
        sluice_xml_free(parser)
    }

    // Kinds of events.
    static var start: UInt32 { UInt32(SLUICE_XML_START) }
    static var end: UInt32 { UInt32(SLUICE_XML_END) }
    static var text: UInt32 { UInt32(SLUICE_XML_TEXT) }
    static var empty: UInt32 { UInt32(SLUICE_XML_EMPTY) }

    // MARK: The cursor

    var event: sluice_xml_event { events[position] }
    var line: Int { position >= 0 && position < eventCount ? Int(events[position].line) : 0 }

    /// Moves to the next event; false at the end of a complete document.
    func next() throws(ReadError) -> Bool {
        if position >= 0, position < eventCount, events[position].kind == Self.empty, !isAtEndOfEmpty {
            isAtEndOfEmpty = true
            depth -= 1
            return true
        }
        isAtEndOfEmpty = false
        position += 1
        if position >= eventCount {
            guard try refill() else { return false }
        }
        switch events[position].kind {
        case Self.start, Self.empty: depth += 1
        case Self.end: depth -= 1
        default: break
        }
        return true
    }

    /// For readers that move `position` themselves: an element that `next` entered has been left.
    func leaveElement() { depth -= 1 }

    /// For readers that move `position` themselves, before they walk through the element under the cursor by the verbs below.
    func enterElement() {
        isAtEndOfEmpty = false
        depth += 1
    }

    /// Undoes the last `next`, which may not have come to the end of the document.
    func stepBack() {
        switch events[position].kind {
        case Self.start: depth -= 1
        case Self.end: depth += 1
        case Self.empty where isAtEndOfEmpty:
            isAtEndOfEmpty = false
            depth += 1
            return
        case Self.empty: depth -= 1
        default: break
        }
        position -= 1
        // An element without content before it has been left.
        isAtEndOfEmpty = true
    }

    /// Parses further chunks until one has events, and puts the cursor on the first; false at the end of a complete document.
    /// Events of a chunk that ends in an error are handed out before the error is thrown.
    func refill() throws(ReadError) -> Bool {
        while true {
            if let failure { throw failure }
            if isFinished {
                position = eventCount
                return false
            }
            let buffer = UnsafeMutableRawBufferPointer(start: sluice_xml_room(parser), count: chunkBytes)
            var filled = 0
            // Whole chunks whatever the source's own pieces: a source that trickles must not cost a parser call per byte.
            while filled < buffer.count {
                let count = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
                if count == 0 {
                    isFinished = true
                    break
                }
                filled += count
            }
            byteCount += filled
            guard byteCount <= bytesMax else {
                throw ReadError(
                    .limitExceeded, byteOffset: bytesMax,
                    detail: "the message is larger than \(bytesMax) bytes; split it, or raise messageBytesMax / structureBytesMax")
            }
            var batch = sluice_xml_batch()
            let status = sluice_xml_feed(parser, filled, isFinished ? 1 : 0, &batch)
            if status != SLUICE_XML_OK { failure = readError() }
            noteNames()
            eventCount = batch.event_count
            position = 0
            if let events = batch.events { self.events = events }
            if let attributes = batch.attributes { self.attributes = attributes }
            if let bytes = batch.bytes { self.bytes = bytes }
            if eventCount > 0 { return true }
        }
    }

    private func noteNames() {
        let count = Int(sluice_xml_name_count(parser))
        while names.count < count {
            let index = UInt32(names.count)
            let name = XMLName(uri: String(cString: sluice_xml_name_namespace(parser, index)), local: String(cString: sluice_xml_name_local(parser, index)))
            names.append(name)
            onName?(name)
        }
    }

    /// Elements so far that were taken without libxml2.
    var plainElementCount: Int { Int(sluice_xml_plain_element_count(parser)) }

    // MARK: What an event says

    /// The bytes of a value in the current chunk.
    @inline(__always) func slice(_ first: UInt32, _ count: UInt32) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: bytes + Int(first), count: Int(count))
    }

    func string(_ first: UInt32, _ count: UInt32) -> String { String(decoding: slice(first, count), as: UTF8.self) }

    /// The bytes of a text event.
    var eventText: String { string(event.first, event.count) }
    var isStart: Bool { event.kind == Self.start || event.kind == Self.empty && !isAtEndOfEmpty }
    var isEnd: Bool { event.kind == Self.end || event.kind == Self.empty && isAtEndOfEmpty }
    var isText: Bool { event.kind == Self.text }
    var name: XMLName { names[Int(event.name)] }
    /// The namespace of the element under the cursor as it is written; empty where it has none.
    var namespaceURI: String { String(cString: sluice_xml_name_namespace(parser, event.name)) }

    /// The attribute `local` of the element under the cursor, whatever its namespace where none is asked for.
    func attribute(_ local: String, in namespace: XMLNamespace? = XMLNamespace.none) -> String? {
        let event = event
        guard event.kind == Self.start || event.kind == Self.empty else { return nil }
        for index in Int(event.first)..<Int(event.first) + Int(event.count) {
            let attribute = attributes[index]
            let name = names[Int(attribute.name)]
            if name.local == local, namespace == nil || name.namespace == namespace { return string(attribute.first, attribute.count) }
        }
        return nil
    }

    // MARK: Errors

    private func readError() -> ReadError {
        let error = sluice_xml_last_error(parser).pointee
        let words = withUnsafeBytes(of: error.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        let line = error.line > 0 ? Int(error.line) : nil
        let column = error.column > 0 ? Int(error.column) : nil
        func make(_ code: ReadError.Code, _ detail: String) -> ReadError { ReadError(code, line: line, column: column, detail: detail) }
        switch error.code {
        case Int32(SLUICE_XML_TRUNCATED):
            return make(.truncated, "the message ends before it is complete (\(words)); ask the sender for the whole file")
        case Int32(SLUICE_XML_ENCODING):
            return make(
                .encoding,
                "the bytes are not in the encoding that the XML declaration names, or in UTF-8 where it names none (\(words)); save the file as UTF-8")
        case Int32(SLUICE_XML_FORBIDDEN):
            return make(
                .forbidden, "\(words): a DOCTYPE or an entity of one's own is never accepted, since it can make a reader fetch or multiply data; remove it")
        case Int32(SLUICE_XML_MEMORY):
            return make(.limitExceeded, "there is not enough memory to parse this message")
        case Int32(SLUICE_XML_LIMIT):
            switch error.which {
            case Int32(SLUICE_XML_LIMIT_DEPTH): return make(.limitExceeded, "elements are nested deeper than \(limits.depthMax) (depthMax)")
            case Int32(SLUICE_XML_LIMIT_ATTRIBUTES): return make(.limitExceeded, "an element has more than \(limits.columnsMax) attributes (columnsMax)")
            case Int32(SLUICE_XML_LIMIT_NAMES): return make(.limitExceeded, "the message uses more than \(Self.namesMax) different element and attribute names")
            case Int32(SLUICE_XML_LIMIT_VALUE):
                return make(.limitExceeded, "a text or attribute value is longer than \(limits.valueBytesMax) bytes (valueBytesMax)")
            default: return make(.limitExceeded, "a tag, comment or name is longer than \(limits.rowBytesMax) bytes, or has no end (rowBytesMax)")
            }
        default:
            return make(.malformed, "the XML is not well-formed: \(words)")
        }
    }
}
