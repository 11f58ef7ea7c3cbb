import Foundation
import SluiceCore
import SluiceKit
import SluiceNode
import Testing

/// Config/participants is what people copy from; it must be read as it stands.
struct ExampleDocumentTests {
    @Test func exampleIsReadAndUsesEveryKey() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Config/participants/AM.MOI.yaml").path
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let documents = try ParticipantReader(NodeCertificates()).read(text, file: path)
        let participant = try #require(documents.first)
        #expect(participant.certificates(for: .sealing).count == 2 && participant.certificates(for: .tls).count == 1)
        for key in participant.json.members ?? [] { #expect(text.contains("\n\(key.name):"), "\(key.name)") }
        #expect(participant.json.members?.count == 11)
    }
}
