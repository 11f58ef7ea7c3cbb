/// A package or a receipt that somebody carried here, as it lies there.
public struct Arrival: Hashable, Sendable {
    /// The place it lies at; it says who the peer is.
    public var endpoint: Endpoint
    public var name: String
    /// As the name says; whether it is true shows the content.
    public var exchangeID: String
    public var mediaType: String
    public var byteCount: Int
    /// What the transport tells one state of the file from another by.
    public var revision: String

    public init(endpoint: Endpoint, name: String, exchangeID: String, mediaType: String, byteCount: Int, revision: String) {
        self.endpoint = endpoint
        self.name = name
        self.exchangeID = exchangeID
        self.mediaType = mediaType
        self.byteCount = byteCount
        self.revision = revision
    }
}

/// What one look at a participant's place found.
public struct Arrivals: Hashable, Sendable {
    /// Something there that is neither a package nor a receipt, in words for the log.
    public struct Remark: Hashable, Sendable {
        public var text: String
        /// It was moved out of the way; else it lies where it lay, and the next look finds it again.
        public var isSetAside: Bool

        public init(_ text: String, isSetAside: Bool) {
            self.text = text
            self.isSetAside = isSetAside
        }
    }
    /// Each in the order of their names.
    public var packages: [Arrival] = []
    public var receipts: [Arrival] = []
    public var remarks: [Remark] = []

    public init() {}
}

/// A transport that hands over and waits for nothing: what a participant sends, packages and receipts alike, lies at a place until the node looks there.
///
/// A file is removed by the node, after the commit that it led to; a crash before finds it again. Of one place one node alone takes files.
/// The calls beside `deliver` block while they read and write files.
public protocol CarriedTransport: Transport {
    /// What lies at a participant's place and is whole, at most `limit` of each kind. What is no file of the protocol is set aside, never removed.
    /// - Throws: when the place cannot be looked at, or nothing could be taken away from it.
    func look(at endpoint: Endpoint, limit: Int) throws(TransportError) -> Arrivals
    /// Copies an arrival, in pieces. false when it is not, or no longer, what the look found: it comes with a later look.
    func copy(_ arrival: Arrival, to sink: any ByteSink) throws(TransportError) -> Bool
    /// The bytes of a receipt; nil as `copy` says false.
    /// - Throws: `answerMalformed` when they are more than a receipt's, or not those that the name speaks of.
    func receipt(_ arrival: Arrival) throws(TransportError) -> [UInt8]?
    /// Lays down a receipt for the participant, whole and on disk. The same receipt again changes nothing.
    func answer(_ receipt: [UInt8], mediaType: String, exchangeID: String, to endpoint: Endpoint) throws(TransportError)
    /// Lays down a problem for the people there, where no receipt is possible.
    func explain(_ problem: [UInt8], exchangeID: String, to endpoint: Endpoint) throws(TransportError)
    /// Removes what has led to a commit; another file that has come under its name stays.
    func remove(_ arrival: Arrival) throws(TransportError)
    /// Moves it to where a person looks.
    func setAside(_ arrival: Arrival) throws(TransportError)
}
