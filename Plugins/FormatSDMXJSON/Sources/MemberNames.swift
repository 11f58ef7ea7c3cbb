import SluiceKit

/// The member names of one object, each of which may occur once.
///
/// RFC 8259, §4, leaves open what a second member of the same name means; readers that take the last one and readers that take the first would see
/// different data under one seal, so a second one is refused wherever it says how to read the data.
struct MemberNames {
    private var names: Set<String> = []
    private let object: String

    init(of object: String) { self.object = object }

    /// Takes the name just read and returns it.
    /// - Parameter repeatable: a member whose values the caller compares.
    mutating func take(_ scanner: JSONScanner, _ limits: ReadLimits, repeatable: String? = nil) throws(ReadError) -> String {
        let name = String(decoding: scanner.text, as: UTF8.self)
        guard names.insert(name).inserted || name == repeatable else {
            throw scanner.malformed("member “\(name.prefix(64))” stands twice in \(object); remove one of the two")
        }
        guard names.count <= limits.columnsMax else {
            throw ReadError(
                .limitExceeded, line: scanner.line, byteOffset: scanner.byteOffset,
                detail: "\(object) has more than \(limits.columnsMax) members; raise columnsMax if that is meant")
        }
        return name
    }
}
