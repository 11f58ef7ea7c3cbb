/// The header of a message (SDMX 2.1 `BaseHeaderType`, SDMX-JSON `meta`); what a format has no place for is left out when writing.
public struct MessageHeader: Hashable, Sendable {
    public var id: String
    public var isTest: Bool
    /// ISO 8601, as it stood in the message.
    public var prepared: String?
    public var senders: [Party]
    public var receivers: [Party]
    public var names: LocalisedText
    public var sources: LocalisedText
    /// Only in SDMX-ML up to 2.1; a dataset's own is in its description.
    public var dataSetID: String?
    public var extracted: String?
    public var reportingBegin: String?
    public var reportingEnd: String?
    public var embargoDate: String?

    public init(id: String = "", isTest: Bool = false, prepared: String? = nil, senders: [Party] = [], receivers: [Party] = []) {
        self.id = id
        self.isTest = isTest
        self.prepared = prepared
        self.senders = senders
        self.receivers = receivers
        names = LocalisedText()
        sources = LocalisedText()
    }

    /// Who sent or receives a message (`PartyType`).
    public struct Party: Hashable, Sendable, ExpressibleByStringLiteral {
        public var id: String
        public var names: LocalisedText
        public var contacts: [Contact]

        public init(_ id: String, names: LocalisedText = LocalisedText(), contacts: [Contact] = []) {
            self.id = id
            self.names = names
            self.contacts = contacts
        }

        /// The id alone.
        public init(stringLiteral id: String) { self.init(id) }
    }
}

/// How to reach a person or an organisation (`common:ContactType`).
public struct Contact: Hashable, Sendable {
    public var id: String?
    public var names: LocalisedText
    public var departments: LocalisedText
    public var roles: LocalisedText
    public var telephones: [String] = []
    public var faxes: [String] = []
    public var x400s: [String] = []
    public var uris: [String] = []
    public var emails: [String] = []

    public init(id: String? = nil, names: LocalisedText = LocalisedText(), departments: LocalisedText = LocalisedText(), roles: LocalisedText = LocalisedText())
    {
        self.id = id
        self.names = names
        self.departments = departments
        self.roles = roles
    }
}
