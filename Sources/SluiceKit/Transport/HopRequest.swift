/// An HTTP request without its content, as a value: no HTTP library is needed to sign or to verify it.
package struct HopRequest: Hashable, Sendable {
    package var method: String
    /// Host and port as in the `Host` field or `:authority`.
    package var authority: String
    /// Absolute path as on the wire, without the query.
    package var path: String
    /// What follows the question mark; nil where there is none.
    package var query: String?
    package var fields: [HTTPFieldLine]

    package init(method: String, authority: String, path: String, query: String? = nil, fields: [HTTPFieldLine]) {
        self.method = method
        self.authority = authority
        self.path = path
        self.query = query
        self.fields = fields
    }
}

/// One line of a header section.
package struct HTTPFieldLine: Hashable, Sendable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}
