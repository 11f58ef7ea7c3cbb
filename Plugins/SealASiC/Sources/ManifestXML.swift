import SluiceKit

/// An element's or attribute's name with its namespace resolved; the empty namespace for none.
struct XMLName: Hashable {
    let namespace: String
    let local: String

    init(_ namespace: String, _ local: String) {
        self.namespace = namespace
        self.local = local
    }
}

/// Reads the small part of XML 1.0 that manifests are written in, and refuses the rest.
///
/// There are elements, attributes, namespaces (in any prefix), text, white space, an XML declaration for UTF-8, and in attribute values the five
/// predefined entities and character references. There is no DOCTYPE, so no entity can be declared and nothing can be fetched; no
/// comment, no CDATA, no processing instruction, since a manifest needs none and each is a place to hide a second reading. Names of
/// elements and attributes are ASCII. The caller bounds the bytes; depth and attributes are bounded here; there is no recursion.
struct ManifestXML {
    static let depthMax = 8
    static let attributesMax = 16
    private static let schemaInstance = "http://www.w3.org/2001/XMLSchema-instance"

    struct Start {
        let name: XMLName
        fileprivate let found: [(name: XMLName, value: String)]

        /// The unqualified attributes, which must be among the allowed ones. Hints for schema validators (xsi:…) say nothing and are skipped.
        func attributes(allowed: Set<String>) throws(PackageError) -> [String: String] {
            var attributes: [String: String] = [:]
            for (name, value) in found where name.namespace != ManifestXML.schemaInstance {
                guard name.namespace.isEmpty, allowed.contains(name.local) else {
                    throw PackageError(.manifestMalformed, "'\(self.name.local)' has an attribute '\(name.local)', which this version does not understand")
                }
                attributes[name.local] = value
            }
            return attributes
        }
    }

    private struct Open {
        /// As written, for the end tag to match.
        let tag: ArraySlice<UInt8>
        let namespaces: [String: String]
    }

    private let bytes: [UInt8]
    private var position = 0
    private var open: [Open] = []
    /// The last start tag was `<a/>`: its end comes next without being written.
    private var endIsPending = false
    private var rootWasRead = false

    init(_ bytes: [UInt8]) throws(PackageError) {
        self.bytes = bytes
        guard String(validating: bytes, as: UTF8.self) != nil else { throw PackageError(.manifestMalformed, "the manifest is not UTF-8") }
        try readDeclaration()
    }

    // MARK: What the manifest's reader asks for

    /// The next start tag; nothing but white space may come before it.
    mutating func startTag() throws(PackageError) -> Start {
        guard let start = try startTagOrEnd() else { throw malformed("an element is missing") }
        return start
    }

    /// The next start tag, or nil when the open element ends instead.
    mutating func startTagOrEnd() throws(PackageError) -> Start? {
        if endIsPending {
            closeOpen()
            return nil
        }
        skipWhiteSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: "<") else { throw malformed("there is text where an element is expected") }
        if bytes[(position + 1)...].first == UInt8(ascii: "/") {
            try readEndTag()
            return nil
        }
        return try readStartTag()
    }

    /// The end of the open element, which must hold nothing.
    mutating func endTag() throws(PackageError) {
        guard try startTagOrEnd() == nil else { throw malformed("an element is where none is expected") }
    }

    /// The text of the open element without white space, up to its end tag.
    mutating func textUntilEnd() throws(PackageError) -> String {
        guard !endIsPending else {
            closeOpen()
            return ""
        }
        var text: [UInt8] = []
        while position < bytes.count, bytes[position] != UInt8(ascii: "<") {
            let byte = bytes[position]
            guard byte != UInt8(ascii: "&") else { throw malformed("a reference (&…;) is where only plain text is expected") }
            if !Self.isWhiteSpace(byte) { text.append(byte) }
            position += 1
        }
        try endTag()
        return String(decoding: text, as: UTF8.self)
    }

    /// Nothing but white space follows the root element.
    mutating func requireEnd() throws(PackageError) {
        skipWhiteSpace()
        guard open.isEmpty, position == bytes.count else { throw malformed("something follows the end of the manifest") }
    }

    // MARK: Markup (XML 1.0, 2.8 and 3.1)

    private mutating func readDeclaration() throws(PackageError) {
        guard take("<?xml") else { return }
        var found: [String] = []
        while !takeEnd("?>") {
            let (name, value) = try readAttribute()
            let isFine =
                switch String(decoding: name, as: UTF8.self) {
                case "version": found.isEmpty && value == "1.0"
                case "encoding": found == ["version"] && value.uppercased() == "UTF-8"
                case "standalone": !found.isEmpty && !found.contains("standalone") && (value == "yes" || value == "no")
                default: false
                }
            guard isFine else { throw malformed("the XML declaration is not that of XML 1.0 in UTF-8") }
            found.append(String(decoding: name, as: UTF8.self))
        }
        guard !found.isEmpty else { throw malformed("the XML declaration has no version") }
    }

    private mutating func readStartTag() throws(PackageError) -> Start {
        guard !rootWasRead || !open.isEmpty else { throw malformed("there are two root elements") }
        position += 1
        let tag = try readName()
        var written: [(name: ArraySlice<UInt8>, value: String)] = []
        while true {
            if takeEnd("/>") {
                endIsPending = true
                break
            }
            if takeEnd(">") { break }
            guard written.count < Self.attributesMax else { throw malformed("an element has more than \(Self.attributesMax) attributes") }
            written.append(try readAttribute())
        }
        guard open.count < Self.depthMax else { throw malformed("elements are nested deeper than \(Self.depthMax)") }
        var namespaces = open.last?.namespaces ?? ["xml": "http://www.w3.org/XML/1998/namespace"]
        var declared: Set<String> = []
        for (name, value) in written where Self.isDeclaration(name) {
            guard let prefix = Self.declaredPrefix(name) else { continue }
            guard prefix != "xml", prefix != "xmlns", prefix.isEmpty || !value.isEmpty, declared.insert(prefix).inserted else {
                throw malformed("a namespace is declared twice or wrongly")
            }
            namespaces[prefix] = value
        }
        // At most `attributesMax`, so looking through them is cheaper than hashing their names.
        var attributes: [(name: XMLName, value: String)] = []
        for (name, value) in written where !Self.isDeclaration(name) {
            let resolved = try resolve(name, namespaces, isAttribute: true)
            guard !attributes.contains(where: { $0.name == resolved }) else { throw malformed("an attribute is there twice") }
            attributes.append((resolved, value))
        }
        let name = try resolve(tag, namespaces, isAttribute: false)
        rootWasRead = true
        open.append(Open(tag: tag, namespaces: namespaces))
        return Start(name: name, found: attributes)
    }

    private mutating func readEndTag() throws(PackageError) {
        position += 2
        let tag = try readName()
        guard takeEnd(">"), let last = open.last, last.tag.elementsEqual(tag) else { throw malformed("an end tag does not fit") }
        closeOpen()
    }

    private mutating func closeOpen() {
        endIsPending = false
        _ = open.popLast()
    }

    /// The end of a tag, with white space before it or without.
    private mutating func takeEnd(_ text: String) -> Bool {
        let start = position
        skipWhiteSpace()
        if take(text) { return true }
        position = start
        return false
    }

    /// White space, a name, `=`, a quoted value.
    private mutating func readAttribute() throws(PackageError) -> (name: ArraySlice<UInt8>, value: String) {
        guard position < bytes.count, Self.isWhiteSpace(bytes[position]) else { throw malformed("white space is missing before an attribute") }
        skipWhiteSpace()
        let name = try readName()
        skipWhiteSpace()
        guard take("=") else { throw malformed("an attribute has no value") }
        skipWhiteSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") || bytes[position] == UInt8(ascii: "'") else {
            throw malformed("an attribute's value is not quoted")
        }
        let quote = bytes[position]
        position += 1
        var value: [UInt8] = []
        while position < bytes.count, bytes[position] != quote {
            let plain = bytes[position...].prefix { $0 >= 0x20 && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: "&") && $0 != quote }
            value += plain
            position += plain.count
            guard position < bytes.count, bytes[position] != quote else { break }
            guard bytes[position] == UInt8(ascii: "&") else { throw malformed("an attribute's value holds a control character or a <") }
            value += try readReference()
        }
        guard position < bytes.count else { throw malformed("an attribute's value does not end") }
        position += 1
        return (name, String(decoding: value, as: UTF8.self))
    }

    /// `&amp;` and its four siblings, `&#38;` and `&#x26;`. There are no others, since nothing can declare them.
    private mutating func readReference() throws(PackageError) -> [UInt8] {
        let predefined: [(String, String)] = [("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'")]
        for (reference, character) in predefined where take(reference) { return Array(character.utf8) }
        guard take("&#") else { throw malformed("there is an entity other than the five predefined ones") }
        let radix = take("x") ? 16 : 10
        let digits = bytes[position...].prefix(8).prefix { $0 != UInt8(ascii: ";") }
        // The radix parser would take a sign.
        guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }), let value = UInt32(String(decoding: digits, as: UTF8.self), radix: radix),
            value >= 0x20, let scalar = Unicode.Scalar(value), value != 0xfffe, value != 0xffff
        else { throw malformed("a character reference means no character") }
        position += digits.count
        guard take(";") else { throw malformed("a character reference does not end") }
        return Array(String(Character(scalar)).utf8)
    }

    // MARK: Names (Namespaces in XML 1.0, 5 and 6)

    private mutating func readName() throws(PackageError) -> ArraySlice<UInt8> {
        let name = bytes[position...].prefix(64).prefix(while: Self.isNameByte)
        guard let first = name.first, first == UInt8(ascii: "_") || Self.isLetter(first) else { throw malformed("a name is missing") }
        position += name.count
        return name
    }

    private static func isDeclaration(_ name: ArraySlice<UInt8>) -> Bool {
        name.starts(with: "xmlns".utf8) && (name.count == 5 || name[name.startIndex + 5] == UInt8(ascii: ":"))
    }

    /// The prefix that `xmlns="…"` (the empty one) or `xmlns:p="…"` declares; nil for other attributes.
    private static func declaredPrefix(_ name: ArraySlice<UInt8>) -> String? {
        let text = String(decoding: name, as: UTF8.self)
        if text == "xmlns" { return "" }
        return text.hasPrefix("xmlns:") ? String(text.dropFirst(6)) : nil
    }

    private func resolve(_ written: ArraySlice<UInt8>, _ namespaces: [String: String], isAttribute: Bool) throws(PackageError) -> XMLName {
        guard let colon = written.firstIndex(of: UInt8(ascii: ":")) else {
            // The default namespace is for elements only.
            return XMLName(isAttribute ? "" : namespaces[""] ?? "", String(decoding: written, as: UTF8.self))
        }
        let (prefix, local) = (written[..<colon], written[(colon + 1)...])
        guard !prefix.isEmpty, !local.isEmpty, !local.contains(UInt8(ascii: ":")), let namespace = namespaces[String(decoding: prefix, as: UTF8.self)] else {
            throw malformed("a name has a prefix that is not declared")
        }
        return XMLName(namespace, String(decoding: local, as: UTF8.self))
    }

    // MARK: Bytes

    private mutating func take(_ text: String) -> Bool {
        guard bytes[position...].starts(with: text.utf8) else { return false }
        position += text.utf8.count
        return true
    }

    private mutating func skipWhiteSpace() {
        while position < bytes.count, Self.isWhiteSpace(bytes[position]) { position += 1 }
    }

    private static func isWhiteSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x3a, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."): true
        default: false
        }
    }

    private func malformed(_ what: String) -> PackageError {
        let line = bytes[..<min(position, bytes.count)].count { $0 == 0x0a } + 1
        return PackageError(.manifestMalformed, "the manifest is not well formed in line \(line): \(what)")
    }
}
