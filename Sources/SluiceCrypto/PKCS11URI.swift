/// Names a private key in a PKCS#11 token (RFC 7512), as it stands in a configuration:
///
///     pkcs11:token=sluice;object=sealing?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:/etc/sluice/pin
///
/// The PIN stands in a file of its own; a URI with the PIN in it is refused.
package struct PKCS11URI: Hashable, Sendable, CustomStringConvertible {
    /// Attributes of the path, decoded, in the order of their names.
    package let attributes: [String: [UInt8]]
    package let modulePath: String
    package let pinPath: String

    package static let scheme = "pkcs11:"
    package static let bytesMax = 2048
    private static let known = ["token", "object", "id", "serial", "manufacturer", "model", "type", "slot-id", "slot-description", "slot-manufacturer"]

    package init(_ text: String) throws(CryptoError) {
        func fail(_ why: String) -> CryptoError { CryptoError(.tokenUnusable, "the key's place in the token cannot be read: \(why)") }
        guard text.hasPrefix(Self.scheme), text.utf8.count <= Self.bytesMax else { throw fail("it has to begin with pkcs11: and be short") }
        let parts = text.dropFirst(Self.scheme.count).split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        attributes = try Self.read(parts[0], separator: ";", fail)
        let query = parts.count > 1 ? try Self.read(parts[1], separator: "&", fail) : [:]
        if query["pin-value"] != nil || attributes["pin-value"] != nil {
            throw fail("a PIN never stands in a configuration; write it into a file of mode 0600 and name that: pin-source=file:/path")
        }
        for name in attributes.keys where !Self.known.contains(name) { throw fail("\"\(name)\" is no attribute that names a key") }
        for name in query.keys where name != "module-path" && name != "pin-source" {
            throw fail("\"\(name)\" is not known here; there are module-path and pin-source")
        }
        guard attributes["object"] != nil || attributes["id"] != nil, attributes["token"] != nil || attributes["serial"] != nil else {
            throw fail("it has to name the token (token= or serial=) and the key in it (object= or id=)")
        }
        if let type = attributes["type"], !type.elementsEqual("private".utf8) { throw fail("type has to be private") }
        guard let module = query["module-path"].flatMap({ String(validating: $0, as: UTF8.self) }), module.hasPrefix("/"), !module.utf8.contains(0) else {
            throw fail("module-path= has to name the token's PKCS#11 library by its whole path")
        }
        guard let pin = query["pin-source"].flatMap({ String(validating: $0, as: UTF8.self) }), pin.hasPrefix("file:/") || pin.hasPrefix("/") else {
            throw fail("pin-source=file:/path has to name the file that holds the PIN")
        }
        modulePath = module
        pinPath = pin.hasPrefix("file://") ? String(pin.dropFirst(7)) : pin.hasPrefix("file:") ? String(pin.dropFirst(5)) : pin
    }

    /// The path part in one spelling, for the engine: everything but letters, digits, `-` and `_` percent-encoded.
    var engineText: String {
        var attributes = attributes
        attributes["type"] = Array("private".utf8)
        return Self.scheme
            + attributes.sorted { $0.key < $1.key }.map { name, value in "\(name)=\(Self.encode(value))" }.joined(separator: ";")
    }

    /// Token and key, for people; neither is secret.
    package var description: String {
        ["token", "serial", "object", "id"].compactMap { name in attributes[name].map { "\(name)=\(Self.encode($0))" } }.joined(separator: ";")
    }

    private static func encode(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var text: [UInt8] = []
        for byte in bytes {
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x5f: text.append(byte)
            default: text += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func read(
        _ text: Substring, separator: Character, _ fail: (String) -> CryptoError
    ) throws(CryptoError) -> [String: [UInt8]] {
        var found: [String: [UInt8]] = [:]
        for part in text.split(separator: separator, omittingEmptySubsequences: false) {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2, let value = decode(pair[1]), !value.isEmpty else { throw fail("an attribute is not written name=value") }
            guard found.updateValue(value, forKey: String(pair[0])) == nil else { throw fail("\"\(pair[0])\" stands twice") }
        }
        return found
    }

    private static func decode(_ text: Substring) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return bytes
    }
}
