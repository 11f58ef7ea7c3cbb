internal import HTTPTypes
internal import Hummingbird

/// The cookies of the console. A browser sends those of one host to every port of it, so their names say which node they are of.
struct SessionCookie {
    /// Where a proxy with TLS stands before the console.
    let isSecure: Bool
    let name: String
    /// Of the sign-in form, before there is a session.
    var formName: String { name + "-form" }

    init(participant: String, isSecure: Bool) {
        self.isSecure = isSecure
        // RFC 6265bis, section 4.1.3.2: a browser takes the prefix from a secure origin alone, for no other host and with no narrower path.
        name = (isSecure ? "__Host-" : "") + "sluice-" + participant
    }

    /// nil as well where it comes twice with two values: then one of them is not ours.
    func value(_ name: String, in request: Request) -> String? {
        var found: Set<String> = []
        for field in request.headers[values: .cookie] {
            for pair in field.split(separator: ";") {
                let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(Self.trimmed)
                if halves.count == 2, halves[0] == name { found.insert(halves[1]) }
            }
        }
        guard found.count == 1, let value = found.first, value.utf8.count == 64, value.utf8.allSatisfy(Self.isHexadecimal) else { return nil }
        return value
    }

    /// Sets it for as long as the browser runs; nil takes it away.
    func setting(_ name: String, to value: String?) -> String {
        let flags = "Path=/; HttpOnly; SameSite=Strict" + (isSecure ? "; Secure" : "")
        return value.map { "\(name)=\($0); \(flags)" } ?? "\(name)=; Max-Age=0; \(flags)"
    }

    private static func trimmed(_ text: Substring) -> String {
        let kept = text.drop { $0 == " " || $0 == "\t" }
        return String(kept.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte) }
}
