import Foundation
import SluiceKitTesting
import Testing

/// Two artefacts of one name that say different things: told where data are read by them, and not borne by a node.
@Suite(.enabled(if: Corpus.isPresent, Corpus.absent))
struct ContradictoryStructuresTests {
    @Test func structuresThatContradictEachOtherAreNamed() throws {
        let folder = try TemporaryFolder()
        let text = try String(contentsOfFile: Corpus.sdg, encoding: .utf8)
        let changed = text.replacing(">Ghana<", with: ">Ghanna<")
        #expect(changed != text)
        try Data(changed.utf8).write(to: URL(fileURLWithPath: folder.file("changed.xml")))
        let run = try Sluice.run(
            ["convert", Corpus.clean("csv20.csv"), "-", "--to", "sdmx-ml-2.1", "--structure", Corpus.sdg, "--structure", folder.file("changed.xml")])
        #expect(run.status == 0 && run.errors.contains("artefact.conflict") && run.errors.contains("CL_AREA"), "\(run.errors)")
    }

    @Test func aNodeDoesNotStartOnStructuresThatContradictEachOther() throws {
        let folder = try TemporaryFolder()
        let node = folder.file("node")
        try Sluice.succeed(["init", node, "--id", "AM.TEST"])
        let text = try String(contentsOfFile: Corpus.sdg, encoding: .utf8)
        for (name, content) in [("a.xml", text), ("b.xml", text.replacing(">Ghana<", with: ">Ghanna<"))] {
            try Data(content.utf8).write(to: URL(fileURLWithPath: "\(node)/structures/\(name)"))
        }
        let configuration = try String(contentsOfFile: node + "/node.yaml", encoding: .utf8)
        try Data(configuration.replacing("structures: []", with: "structures: [structures]").utf8).write(to: URL(fileURLWithPath: node + "/node.yaml"))
        let run = try Sluice.run(["serve", "--config", node + "/node.yaml"], within: .seconds(30))
        #expect(run.status == 2 && run.errors.contains("CL_AREA") && run.errors.contains("b.xml"), "\(run.status): \(run.errors)")
    }
}
