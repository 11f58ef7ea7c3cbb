/// Reads DER (ITU-T X.690, clause 10) one element after the other, without recursion of its own and without copying.
///
/// Strict: definite lengths in their shortest form, tags of one byte. BER's freedoms would let the same signature be written in many ways.
struct DERReader {
    struct Element: Hashable {
        let tag: UInt8
        /// Tag, length and content.
        let whole: Range<Int>
        let content: Range<Int>
    }

    struct Malformed: Error, Hashable {
        let offset: Int
    }

    let bytes: [UInt8]
    private(set) var position: Int
    private let end: Int

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        position = 0
        end = bytes.count
    }

    /// A reader of what is inside an element.
    init(_ bytes: [UInt8], inside element: Element) {
        self.bytes = bytes
        position = element.content.lowerBound
        end = element.content.upperBound
    }

    var isAtEnd: Bool { position == end }

    /// The tag of the next element, if there is one.
    var nextTag: UInt8? { position < end ? bytes[position] : nil }

    /// The next element, which must have this tag.
    mutating func read(_ tag: UInt8) throws(Malformed) -> Element {
        guard nextTag == tag else { throw Malformed(offset: position) }
        return try readAny()
    }

    mutating func readAny() throws(Malformed) -> Element {
        let start = position
        guard end - start >= 2, bytes[start] & 0x1f != 0x1f else { throw Malformed(offset: start) }
        var cursor = start + 2
        var length = Int(bytes[start + 1])
        if length >= 0x80 {
            let octets = length & 0x7f
            guard (1...4).contains(octets), end - cursor >= octets else { throw Malformed(offset: start) }
            length = bytes[cursor..<cursor + octets].reduce(0) { $0 << 8 | Int($1) }
            let shortest = octets == 1 ? 0x80 : 1 << (8 * (octets - 1))
            guard length >= shortest else { throw Malformed(offset: start) }
            cursor += octets
        }
        guard length <= end - cursor else { throw Malformed(offset: start) }
        position = cursor + length
        return Element(tag: bytes[start], whole: start..<position, content: cursor..<position)
    }

    /// The elements inside one, all of them.
    func elements(of element: Element, max: Int = 64) throws(Malformed) -> [Element] {
        var inner = DERReader(bytes, inside: element)
        var found: [Element] = []
        while !inner.isAtEnd {
            guard found.count < max else { throw Malformed(offset: inner.position) }
            found.append(try inner.readAny())
        }
        return found
    }

    func requireEnd() throws(Malformed) {
        guard isAtEnd else { throw Malformed(offset: position) }
    }
}

/// Tags of the elements that CMS uses.
enum DERTag {
    static let integer: UInt8 = 0x02
    static let bitString: UInt8 = 0x03
    static let octetString: UInt8 = 0x04
    static let null: UInt8 = 0x05
    static let objectIdentifier: UInt8 = 0x06
    static let utcTime: UInt8 = 0x17
    static let generalizedTime: UInt8 = 0x18
    static let sequence: UInt8 = 0x30
    static let set: UInt8 = 0x31
    /// Context-specific, constructed.
    static func context(_ number: UInt8) -> UInt8 { 0xa0 | number }
}
