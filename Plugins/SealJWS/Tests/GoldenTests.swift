import Foundation
import SealJWS
import SluiceCrypto
import SluiceKit
import Testing

/// A package sealed once and kept: what an agency archives today must open in every later version.
struct GoldenTests {
    static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Fixtures"

    @Test(.enabled(if: ProcessInfo.processInfo.environment["RECORD"] == "1", "RECORD=1 seals it anew"))
    func record() throws {
        let trial = try Trial()
        let data = Array(repeating: Trial.data, count: 200).flatMap(\.self)
        try trial.seal.seal(Trial.contents(.bytes(data)), with: trial.identity, into: Self.fixtures + "/golden.jwsz")
        try Data(trial.authority.certificate.pem).write(to: URL(fileURLWithPath: Self.fixtures + "/golden-ca.pem"))
    }

    @Test func keptPackageStillOpens() throws {
        let trial = try Trial()
        let trust = try TrustStore(authorityPaths: [Self.fixtures + "/golden-ca.pem"])
        let opened = try trial.open(trial.bytes(.file(path: Self.fixtures + "/golden.jwsz")), trust: trust)
        #expect(opened.exchange == Trial.exchange)
        #expect(opened.files.map(\.name) == ["exchange.json", "data.csv"])
        #expect(opened.files[1].bytes == Int64(Trial.data.count * 200))
        #expect(opened.signer.participant.rawValue == "AM.MOI" && opened.signer.claimedSigningTime == Trial.now)
    }
}
