import SluiceKit

/// A reference as `Ref` or `URN` gives it (SDMX 2.1, `common:ReferenceType`), before it is known to what kind of artefact it points.
struct RawReference {
    var agency: String?
    var id: String?
    var version: String?
    var parentID: String?
    var parentVersion: String?
    var artefactClass: String?
    var urn: String?
    /// The text where there is neither (3.x gives local references so).
    var text: String?

    /// As a reference to a maintainable artefact: the Ref's own class, else the URN's, else the one the place of the reference implies.
    func maintainable(_ implied: ArtefactClass) -> ArtefactReference? {
        if let id, !id.isEmpty {
            let named = artefactClass.flatMap(ArtefactClass.init(named:)) ?? implied
            return ArtefactReference(named, agency: agency ?? "", id: id, version: version)
        }
        return urn.flatMap(ArtefactReference.init(urn:))
    }

    /// As a reference to an artefact or to something in one; where the Ref or URN does not say its class, it is `implied`.
    func object(_ implied: ArtefactClass? = nil) -> ObjectReference? {
        guard let id, !id.isEmpty else { return urn.flatMap(ObjectReference.init(urn:)) }
        guard let parentID else {
            guard let named = artefactClass.flatMap(ArtefactClass.init(named:)) ?? implied else { return nil }
            return ObjectReference(ArtefactReference(named, agency: agency ?? "", id: id, version: version))
        }
        // A reference into a scheme gives its own class, from which the scheme's follows.
        guard let holder = artefactClass.flatMap(ArtefactClass.holding) ?? implied else { return nil }
        let artefact = ArtefactReference(holder, agency: agency ?? "", id: parentID, version: parentVersion)
        return ObjectReference(artefact, item: id, itemClass: artefactClass)
    }

    /// As a reference to an item of a scheme: the scheme and the item's id.
    func item(of implied: ArtefactClass) -> (scheme: ArtefactReference, id: String)? {
        if let id, !id.isEmpty {
            guard let parentID else { return nil }
            return (ArtefactReference(implied, agency: agency ?? "", id: parentID, version: parentVersion), id)
        }
        // urn:sdmx:org.sdmx.infomodel.conceptscheme.Concept=AGENCY:SCHEME(1.0).ITEM
        guard let urn, let equals = urn.firstIndex(of: "="), let close = urn.lastIndex(of: ")"), equals < close else { return nil }
        let rest = urn[urn.index(after: close)...]
        guard rest.first == ".", rest.count > 1, let scheme = ArtefactReference(implied, short: String(urn[urn.index(after: equals)...close])) else {
            return nil
        }
        return (scheme, String(rest.dropFirst()))
    }
}

extension XMLEvents {
    /// Reads the `Ref` and `URN` children of the element under the cursor. SDMX-ML 3.0 puts the URN directly into the element.
    func reference() throws(ReadError) -> RawReference {
        var reference = RawReference()
        var text = ""
        let level = depth
        while try next() {
            if isStart {
                switch name.local {
                case "Ref":
                    reference.agency = attribute("agencyID")
                    reference.id = attribute("id")
                    reference.version = attribute("version")
                    reference.parentID = attribute("maintainableParentID")
                    reference.parentVersion = attribute("maintainableParentVersion")
                    reference.artefactClass = attribute("class")
                case "URN":
                    reference.urn = try self.text().trimmed
                default: break
                }
            } else if isText, depth == level {
                text += eventText
            } else if isEnd, depth < level {
                break
            }
        }
        if reference.urn == nil, text.hasPrefix("urn:") || text.trimmed.hasPrefix("urn:") { reference.urn = text.trimmed }
        if reference.urn == nil, reference.id == nil { reference.text = text }
        return reference
    }

    /// Reads a text with its language into `texts`; SDMX-ML's default language is English.
    func localisedText(into texts: inout LocalisedText) throws(ReadError) {
        let language = attribute("lang", in: .xml) ?? "en"
        texts.set(try text(), language: language)
    }
}

extension String {
    /// Without white space at its ends, as XML Schema's `collapse` does for tokens.
    var trimmed: String {
        func isBlank(_ character: Character) -> Bool { character == " " || character == "\n" || character == "\t" || character == "\r" || character == "\r\n" }
        guard let first = first, let last = last, isBlank(first) || isBlank(last) else { return self }
        var rest = Substring(self)
        while let first = rest.first, isBlank(first) { rest = rest.dropFirst() }
        while let last = rest.last, isBlank(last) { rest = rest.dropLast() }
        return String(rest)
    }
}

/// `xs:boolean`; nil for anything else.
func xmlBoolean(_ text: String?) -> Bool? {
    switch text?.trimmed {
    case "true", "1": true
    case "false", "0": false
    default: nil
    }
}
