import SluiceCrypto
import SluiceKit
import Testing

@testable import SealASiC

struct ManifestTests {
    static let digest = SHA256.hash([]).base64

    static func manifest(
        root: String = #"ASiCManifest xmlns="http://uri.etsi.org/02918/v1.2.1#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#""#,
        signature: String = #"<SigReference URI="META-INF/signature001.p7s"/>"#, reference: String? = nil
    ) -> String {
        let body = reference ?? Self.reference()
        return "<\(root)>\(signature)\(body)</\(root.split(separator: " ")[0])>"
    }

    static func reference(
        _ attributes: String = #"URI="a.csv""#, algorithm: String = "http://www.w3.org/2001/04/xmlenc#sha256", value: String = digest, more: String = ""
    ) -> String {
        #"<DataObjectReference \#(attributes)><ds:DigestMethod Algorithm="\#(algorithm)"/><ds:DigestValue>\#(value)</ds:DigestValue>\#(more)</DataObjectReference>"#
    }

    private func code(_ xml: String) -> PackageError.Code? {
        do throws(PackageError) { _ = try ASiCManifest(xml: Array(xml.utf8), limits: PackageLimits()) } catch { return error.code }
        return nil
    }

    private func names(_ xml: String) throws -> [String] { try ASiCManifest(xml: Array(xml.utf8), limits: PackageLimits()).references.map(\.name) }

    @Test func readsWhatItWrites() throws {
        let manifest = ASiCManifest(
            signatureName: ASiCContainer.signatureName,
            references: [
                .init(name: "exchange.json", mediaType: "application/json", sha256: SHA256.hash([1])),
                .init(name: "ä & b/100% \"<'>.csv", mediaType: "text/csv; header=\"<&>\"", sha256: SHA256.hash([2]), isRoot: true),
            ])
        #expect(try ASiCManifest(xml: manifest.xml, limits: PackageLimits()) == manifest)
    }

    @Test func readsTheFormsOfOtherProducers() throws {
        #expect(try names(Self.manifest()) == ["a.csv"])
        #expect(try names("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\r\n" + Self.manifest() + "\n") == ["a.csv"])
        #expect(try names(Self.manifest(reference: Self.reference(#"Rootfile="true" URI="a%20b.csv" MimeType="text/csv""#))) == ["a b.csv"])
        #expect(try names(Self.manifest(reference: Self.reference("URI='a&amp;b&#x2e;csv'"))) == ["a&b.csv"])
        #expect(try names(Self.manifest(reference: Self.reference(value: "\n  \(Self.digest.prefix(20))\n  \(Self.digest.dropFirst(20))\n"))) == ["a.csv"])
    }

    @Test(arguments: [
        #"<!DOCTYPE ASiCManifest [<!ENTITY a "b">]>"# + manifest(),
        "<!-- hidden -->" + manifest(),
        "<?pi?>" + manifest(),
        "\u{feff}" + manifest(),
        #"<?xml version="1.1"?>"# + manifest(),
        #"<?xml version="1.0" encoding="ISO-8859-1"?>"# + manifest(),
        manifest() + manifest(),
        manifest() + "x",
        String(manifest().dropLast()),
        manifest(root: #"ASiCManifest xmlns="http://uri.etsi.org/2918/v1.2.1#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#""#),
        manifest(root: #"ASiCManifest xmlns="http://uri.etsi.org/02918/v1.2.1#""#),
        manifest(root: #"ASiCManifest xmlns="http://uri.etsi.org/02918/v1.2.1#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" xmlns:ds="b""#),
        manifest(root: #"ASiCManifest xmlns="http://uri.etsi.org/02918/v1.2.1#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" extra="1""#),
        manifest(signature: ""),
        manifest(signature: "<SigReference/>"),
        manifest(signature: #"<SigReference URI="a"/><SigReference URI="b"/>"#),
        manifest(reference: ""),
        manifest(reference: reference(#"URI="a.csv" URI="b.csv""#)),
        manifest(reference: reference(#"URI="""#)),
        manifest(reference: reference(#"URI="%zz""#)),
        manifest(reference: reference(#"URI="%+1""#)),
        manifest(reference: reference(#"URI="%ff""#)),
        manifest(reference: reference(#"URI="&unknown;""#)),
        manifest(reference: reference(#"URI="&#0;""#)),
        manifest(reference: reference(#"URI="&#xd800;""#)),
        manifest(reference: reference(#"URI="a.csv" Rootfile="yes""#)),
        manifest(reference: reference(#"URI="a.csv" Rootfile="true""#) + reference(#"URI="b.csv" Rootfile="1""#)),
        manifest(reference: reference(value: "AAAA")),
        manifest(reference: reference(value: "&#65;" + digest.dropFirst())),
        manifest(reference: reference(value: "<![CDATA[\(digest)]]>")),
        manifest(reference: reference(more: "<DataObjectReferenceExtensions/>")),
        manifest(reference: reference() + "<ASiCManifestExtensions/>"),
        manifest(reference: "text" + reference()),
        String(repeating: "<a>", count: 5000),
        "", "<", "<a", "<a b", "<a b=", "<a b='", "<a/", "</a>", "&", "<a xmlns:xmlns='x'/>", "<b:a/>", "<:a/>", "<a:/>",
    ])
    func refusesWhatIsNotAManifest(xml: String) {
        #expect(code(xml) == .manifestMalformed)
    }

    @Test func refusesOtherDigests() {
        for algorithm in ["http://www.w3.org/2000/09/xmldsig#sha1", "http://www.w3.org/2001/04/xmlenc#sha512", ""] {
            #expect(code(Self.manifest(reference: Self.reference(algorithm: algorithm))) == .algorithmNotAllowed)
        }
    }

    @Test func refusesTooManyReferences() {
        #expect(code(Self.manifest(reference: String(repeating: Self.reference(), count: 273))) == .limitExceeded)
    }

    /// Any cut and any flipped bit gives a manifest or an error, never a trap.
    @Test func survivesDamage() throws {
        let xml = Array(Self.manifest(reference: Self.reference("URI='a&amp;b%2e&#65;'")).utf8)
        for length in xml.indices { #expect(throws: PackageError.self) { try ASiCManifest(xml: Array(xml[..<length]), limits: PackageLimits()) } }
        var refused = 0
        for offset in xml.indices {
            for bit in 0..<8 {
                var damaged = xml
                damaged[offset] ^= 1 << UInt8(bit)
                if (try? ASiCManifest(xml: damaged, limits: PackageLimits())) == nil { refused += 1 }
            }
        }
        #expect(refused > xml.count * 4)
    }

    /// The signature holds for each of these: a trusted sender's mistakes are refused too.
    @Test func signedManifestMustFitThePackage() throws {
        let trial = try Trial()
        func code(_ change: @escaping (String) -> String) throws -> PackageError.Code? {
            try trial.refusal(ZipBytes.container(signer: trial.identity, manifest: change).bytes)
        }
        #expect(try code { $0 } == nil)
        #expect(try code { $0.replacing("signature001.p7s", with: "signature002.p7s") } == .manifestMalformed)
        #expect(try code { $0.replacing("URI=\"data.csv\"", with: "URI=\"exchange.json\"") } == .duplicateName)
        #expect(try code { $0.replacing("URI=\"data.csv\"", with: "URI=\"mimetype\"") } == .manifestMalformed)
        #expect(try code { $0.replacing("URI=\"data.csv\"", with: "URI=\"data.csv#x\"") } == .uncoveredFile)
        for own in [ASiCContainer.manifestName, ASiCContainer.signatureName, "META-INF/other.xml", "meta-inf/%CC%81other.xml"] {
            #expect(try code { $0.replacing("URI=\"data.csv\"", with: "URI=\"\(own)\"") } == .manifestMalformed, "a manifest that names \(own)")
        }
        #expect(try code { $0.replacing("<asic:ASiCManifest", with: "<!DOCTYPE a><asic:ASiCManifest") } == .manifestMalformed)
    }
}
