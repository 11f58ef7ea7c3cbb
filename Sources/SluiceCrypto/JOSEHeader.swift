package import SluiceKit

/// The protected header of a JWS (RFC 7515, 4): strict JSON, in which every member is one that somebody here acts upon.
///
/// An ignored member would be a promise not kept: `jwk`, `jku`, `x5u` bring a key from the sender, `kid` chooses one by a name, and `crit`
/// lists what must be understood. So what a reader does not name as allowed is refused.
package struct JOSEHeader: Hashable, Sendable {
    package let value: JSONValue

    /// Bytes of a header: eight certificates of two kilobytes in base 64 twice over are less.
    package static let bytesMax = 48 << 10

    /// Reads a header from its base64url text.
    package init(_ text: some Collection<UInt8>) throws(PackageError) {
        guard text.count <= Self.bytesMax else {
            throw PackageError(.limitExceeded, "the signature's header has \(text.count) characters; at most \(Self.bytesMax) are allowed")
        }
        guard let bytes = JOSEBase64URL.decode(text) else {
            throw PackageError(.headerMalformed, "the signature's header is not base64url without padding (RFC 7515, 2)")
        }
        do throws(JSONError) {
            value = try JSONValue(parsing: bytes, limits: JSONLimits(bytesMax: Self.bytesMax, depthMax: 4))
        } catch {
            // RFC 7515, 4: names must be unique. A reader that takes the first and one that takes the last would see two headers.
            throw PackageError(.headerMalformed, "the signature's header cannot be read: \(error)")
        }
        guard value.members != nil else { throw PackageError(.headerMalformed, "the signature's header is not a JSON object") }
    }

    package subscript(name: String) -> JSONValue? { value[name] }

    /// Refuses every algorithm but ES256. Comes first: a header of another algorithm has nothing else to say.
    package func requireES256() throws(PackageError) {
        guard let algorithm = self["alg"]?.text else { throw PackageError(.headerMissing, "the signature's header names no algorithm (alg)") }
        guard algorithm == ES256.name else {
            throw PackageError(
                .algorithmNotAllowed, "the signature claims the algorithm '\(algorithm.prefix(40))'; the key is for ES256, the one this version accepts")
        }
    }

    /// Refuses members that the reader does not act upon.
    package func requireOnly(_ names: Set<String>) throws(PackageError) {
        for member in value.members ?? [] where !names.contains(member.name) {
            let why =
                switch member.name {
                case "jwk", "jku", "x5u", "kid": "the sender's key is taken from its certificate, never from a name or an address in the header"
                default: "this version does not act upon it"
                }
            throw PackageError(.headerNotAllowed, "the signature's header has the member '\(member.name.prefix(40))', which is not allowed: \(why)")
        }
    }

    /// Whether the payload goes into the signature as it is (`b64` false, RFC 7797). Checks `crit` on the way.
    ///
    /// A `b64` that is not listed in `crit` is refused (RFC 7797, 6): a reader that does not know it would verify something else.
    package func hasPlainPayload() throws(PackageError) -> Bool {
        var critical: [String] = []
        if let listed = self["crit"] {
            guard let elements = listed.elements, !elements.isEmpty else {
                throw PackageError(.headerMalformed, "the header's list of critical members (crit) is not a list or is empty (RFC 7515, 4.1.11)")
            }
            for element in elements {
                guard let name = element.text, !critical.contains(name) else {
                    throw PackageError(.headerMalformed, "the header's list of critical members (crit) holds a member twice or no name (RFC 7515, 4.1.11)")
                }
                guard name == "b64" else {
                    throw PackageError(
                        .criticalHeaderUnknown, "the signature demands that '\(name.prefix(40))' is understood (crit); this version understands b64 only")
                }
                critical.append(name)
            }
        }
        guard let flag = self["b64"] else {
            guard critical.isEmpty else { throw PackageError(.headerMissing, "the header calls b64 critical but does not have it (RFC 7515, 4.1.11)") }
            return false
        }
        guard let isEncoded = flag.bool else { throw PackageError(.headerMalformed, "the header's b64 is neither true nor false (RFC 7797, 3)") }
        guard critical.contains("b64") else {
            throw PackageError(.headerMissing, "the header has b64 but does not call it critical (crit, RFC 7797, 6)")
        }
        return !isEncoded
    }
}
