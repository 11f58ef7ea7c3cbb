import SluiceKit
import Testing

@testable import FormatSDMXML

/// Real structure messages of 2.0 to 3.1, of many makers.
@Suite(.enabled(if: Corpus.isPresent))
struct StructureCorpusTests {
    @Test(arguments: StructureMessages.validEntries)
    func readsAndReadsBackEqual(_ entry: Corpus.Entry) throws {
        let findings = FindingTally()
        let set = try StructureMessages.read(try Corpus.bytes("sdmx/" + entry.path), findings: findings)
        // What is valid breaks no rule of its version; two of these files contradict themselves all the same.
        #expect(!findings.samples.contains { $0.message.hasPrefix("Not as SDMX-ML") }, "\(findings.samples.map(\.message))")
        guard let version = SDMXMLVersion(rawValue: entry.version), version != .v2_0 else { return }
        let losses = FindingTally()
        #expect(try StructureMessages.read(try StructureMessages.write(set, version, losses: losses)) == set)
        #expect(losses.count == 0, "\(losses.samples.map(\.message))")
    }

    /// What the other version cannot hold is named; what it holds comes back equal.
    @Test(arguments: StructureMessages.validEntries)
    func nothingIsLostUnnamedBetweenVersions(_ entry: Corpus.Entry) throws {
        let set = try StructureMessages.read(try Corpus.bytes("sdmx/" + entry.path))
        for version in StructureMessages.written where version.rawValue != entry.version {
            let losses = FindingTally()
            let other = try StructureMessages.read(try StructureMessages.write(set, version, losses: losses))
            guard losses.count == 0 else { continue }
            #expect(other.count == set.count)
            // Defaults are spelled out on the way (isFinal, versions of references), so the second trip shows what the first one kept.
            let back = try StructureMessages.read(try StructureMessages.write(other, version))
            #expect(back == other)
            if version != .v2_1, entry.version != "2.1", entry.version != "2.0", set.others.isEmpty { #expect(other == set) }
        }
    }

    @Test(.enabled(if: Tools.xmllint != nil), arguments: StructureMessages.written)
    func whatIsWrittenIsValid(_ version: SDMXMLVersion) throws {
        let messages = try StructureMessages.validEntries.map { entry in
            (name: entry.path, bytes: try StructureMessages.write(try StructureMessages.read(try Corpus.bytes("sdmx/" + entry.path)), version))
        }
        #expect(try StructureMessages.schemaErrors(messages, version) == [])
    }

    @Test(arguments: StructureMessages.invalidEntries)
    func invalidMessagesAreNotAcceptedInSilence(_ entry: Corpus.Entry) throws {
        let findings = FindingTally()
        do {
            _ = try StructureMessages.read(try Corpus.bytes("sdmx/" + entry.path), findings: findings)
            #expect(findings.count > 0)
        } catch let error as ReadError {
            #expect(!error.detail.isEmpty)
        }
    }

    @Test func registryMessagesGiveTheirStructuresOrAreRefused() throws {
        var counts: [String: Int] = [:]
        for entry in Corpus.manifest where entry.message == "RegistryInterface" {
            do {
                let set = try StructureMessages.read(try Corpus.bytes("sdmx/" + entry.path))
                #expect(!set.isEmpty)
                counts["read", default: 0] += 1
            } catch let error as ReadError {
                #expect(error.code == .unsupported || error.code == .malformed)
                counts[error.code.rawValue, default: 0] += 1
            }
        }
        #expect(counts["read"] == 4)
        #expect(counts["malformed"] == 1)
    }
}
