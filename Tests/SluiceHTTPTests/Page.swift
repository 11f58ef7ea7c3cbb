import Foundation

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// A page read back: its elements and its text. The templates write XML syntax, so that a strict parser can hold them to account.
struct Page {
    struct Element {
        var name: String
        var attributes: [String: String]
    }
    struct NotWellFormed: Error, CustomStringConvertible {
        var description: String
    }

    let elements: [Element]
    let text: String

    init(_ html: String) throws {
        let reader = Reader()
        let parser = XMLParser(data: Data(html.utf8))
        parser.delegate = reader
        guard parser.parse() else {
            throw NotWellFormed(description: "line \(parser.lineNumber), column \(parser.columnNumber): \(parser.parserError.map { "\($0)" } ?? "")\n\(html)")
        }
        elements = reader.elements
        text = reader.text
    }

    func count(_ name: String) -> Int { elements.count { $0.name == name } }

    private final class Reader: NSObject, XMLParserDelegate {
        var elements: [Element] = []
        var text = ""

        func parser(_ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?, attributes: [String: String]) {
            elements.append(Element(name: name, attributes: attributes))
        }
        func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
    }
}
