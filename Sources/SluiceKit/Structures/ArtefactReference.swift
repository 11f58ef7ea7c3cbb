/// Names one maintainable artefact: agency, id and version.
///
/// A missing version means "whichever version is at hand", as SDMX-CSV and SDMX-ML allow; a version may be a wildcard (`VersionPattern`).
public struct ArtefactReference: Hashable, Sendable, CustomStringConvertible {
    public var artefactClass: ArtefactClass
    public var agency: String
    public var id: String
    public var version: String?

    public init(_ artefactClass: ArtefactClass, agency: String, id: String, version: String?) {
        self.artefactClass = artefactClass
        self.agency = agency
        self.id = id
        self.version = version
    }

    /// Reads the short form `AGENCY:ID(VERSION)`, where agency and version may be left out.
    public init?(_ artefactClass: ArtefactClass, short text: String) {
        var rest = Substring(text)
        var version: String?
        if let open = rest.lastIndex(of: "("), rest.last == ")" {
            version = String(rest[rest.index(after: open)..<rest.index(before: rest.endIndex)])
            rest = rest[..<open]
        }
        var agency = ""
        if let colon = rest.lastIndex(of: ":") {
            agency = String(rest[..<colon])
            rest = rest[rest.index(after: colon)...]
        }
        guard !rest.isEmpty, version != "", Self.isSpelledRight(rest), Self.isSpelledRight(agency[...]), Self.isSpelledRight((version ?? "")[...]) else {
            return nil
        }
        self.init(artefactClass, agency: agency, id: String(rest), version: version)
    }

    /// Reads `urn:sdmx:org.sdmx.infomodel.<package>.<Class>=AGENCY:ID(VERSION)`; nil when it is not a URN of a known class.
    public init?(urn: String) {
        guard let reference = ObjectReference(urn: urn), reference.item == nil else { return nil }
        self = reference.artefact
    }

    /// Ids, nested agencies and versions: letters, digits, `_ @ $ - .` (`common:IDType`, `NestedNCNameIDType`), and `+ * ~` of version wildcards.
    private static func isSpelledRight(_ text: Substring) -> Bool {
        text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: "_@$-.+*~".utf8.contains(byte)
            }
        }
    }

    static let urnPrefix = "urn:sdmx:org.sdmx.infomodel."

    /// `AGENCY:ID(VERSION)`.
    public var description: String { (agency.isEmpty ? "" : agency + ":") + id + (version.map { "(\($0))" } ?? "") }

    /// The full URN; a missing version is written as `1.0`, the default of SDMX 2.1.
    public var urn: String { "\(Self.urnPrefix)\(artefactClass.package).\(artefactClass.rawValue)=\(agency):\(id)(\(version ?? "1.0"))" }

    /// True when `other` can stand for this reference: same class and id, agency equal where both are given, and the version among those asked for.
    /// `1.4` and `1.4.0` are the same version (SDMX 3.0 made versions semantic). Of several that it accepts, `StructureSet` takes the best.
    public func accepts(_ other: ArtefactReference) -> Bool {
        artefactClass == other.artefactClass && id == other.id && (agency.isEmpty || other.agency.isEmpty || agency == other.agency)
            && (version == nil || other.version == nil || VersionPattern(version).accepts(other.version ?? ""))
    }
}
