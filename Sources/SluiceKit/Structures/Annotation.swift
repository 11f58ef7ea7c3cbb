/// A note on an artefact or item that its maintainer attached (`common:AnnotationType`). Sluice keeps and hands on all of them.
public struct Annotation: Hashable, Sendable {
    public struct Address: Hashable, Sendable {
        public var url: String
        /// BCP 47 tag, where the address is that of one language (3.0).
        public var language: String?
        public init(_ url: String, language: String? = nil) {
            self.url = url
            self.language = language
        }
    }
    public var id: String?
    public var title: String?
    public var type: String?
    /// One in 2.1, any number in 3.x.
    public var addresses: [Address] = []
    public var texts = LocalisedText()
    /// A value for machines (3.0 `AnnotationValue`).
    public var value: String?

    public init(id: String? = nil, title: String? = nil, type: String? = nil) {
        self.id = id
        self.title = title
        self.type = type
    }
}

/// A link to something outside (3.0 `common:LinkType`).
public struct ArtefactLink: Hashable, Sendable {
    public var relation: String
    public var url: String
    public var urn: String?
    public var mediaType: String?

    public init(relation: String, url: String, urn: String? = nil, mediaType: String? = nil) {
        self.relation = relation
        self.url = url
        self.urn = urn
        self.mediaType = mediaType
    }
}

/// What everything with an id may carry beside it: annotations, links, an address.
public struct Supplement: Hashable, Sendable {
    public var annotations: [Annotation]
    public var links: [ArtefactLink]
    public var uri: String?

    public init(annotations: [Annotation] = [], links: [ArtefactLink] = [], uri: String? = nil) {
        self.annotations = annotations
        self.links = links
        self.uri = uri
    }

    public var isEmpty: Bool { annotations.isEmpty && links.isEmpty && uri == nil }
}
