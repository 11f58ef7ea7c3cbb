import Foundation
import SluiceKit
import Testing

@testable import FormatSDMXML

/// Messages that once were read wrongly or ended the process, each beside the rows it holds.
@Suite
struct FixedFaultTests {
    @Test(arguments: ["ampersand-in-attribute", "empty-value-first", "groups-alone"])
    func staysFixed(_ name: String) throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures/" + name)
        let bytes = [UInt8](try Data(contentsOf: file.appendingPathExtension("xml")))
        let expected = try String(contentsOf: file.appendingPathExtension("rows"), encoding: .utf8).split(separator: "\n").map(String.init)
        #expect(try dump(bytes, Sample.structures).rows == expected)
        for format in [SDMXMLDataFormat.structureSpecific, .generic] {
            #expect(try dump(try convert(bytes, Sample.structures, to: format), Sample.structures).rows == expected, "\(format.id)")
        }
    }
}
