import SluiceKit
import SluiceKitTesting
import Testing

@testable import SluiceCore

/// What the receipt says of data that are read twice.
@Suite struct InboundCorridorTests {
    /// Rows of the sample, with one remark of the reader's own on each.
    private final class Reader: DatasetReader {
        private let rows: [String]
        private let findings: any FindingSink
        private let schema = PermitsSample.schema()
        private var next: Int?
        private var isDone = false

        init(_ rows: [String], _ findings: any FindingSink) { (self.rows, self.findings) = (rows, findings) }

        let header = MessageHeader(id: "X")

        func nextDataset() throws(ReadError) -> DatasetDescription? {
            if next != nil { return nil }
            next = 0
            return DatasetDescription(schema: schema, reference: schema.structure.reference)
        }

        func read(into batch: Batch) throws(ReadError) -> Int {
            guard !isDone else { return 0 }
            isDone = true
            for (number, line) in rows.enumerated() {
                let row = batch.appendRow(line: UInt64(number + 2))
                for (column, word) in "\(line) A".split(separator: " ").enumerated() {
                    let bytes = Array(word.utf8)
                    // A closure given to `withUnsafeBytes` throws whatever it throws; these few cells never do.
                    bytes.withUnsafeBytes { try? batch.set(column, row, $0) }
                }
                findings.add(Finding(FindingCode(rawValue: "row.odd"), severity: .warning, message: "The row is odd.", advice: "Look at it."))
            }
            return rows.count
        }
    }

    private struct Rows: DataFormat {
        var rows: [String]
        let id = "rows"
        let mediaType = "text/plain"
        let fileExtension = "txt"
        let readsTwice = false
        func recognises(_ head: [UInt8]) -> Bool { true }
        func reader(of source: any ByteSource, in context: ReadContext) throws(ReadError) -> any DatasetReader { Reader(rows, context.findings) }
        func writer(to sink: any ByteSink, options: WriteOptions) throws(WriteError) -> any DatasetWriter {
            throw WriteError(.unsupported, detail: "nothing is written here")
        }
        func outline(of source: any ByteSource, limits: ReadLimits, findings: any FindingSink) throws(ReadError) -> MessageOutline {
            throw ReadError(.malformed, detail: "nothing is outlined here")
        }
    }

    private struct NoSeal: Seal {
        let identifier = "none"
        let fileExtension = "none"
        let mediaType = "none"
        private var unused: PackageError { PackageError(.sealUnsupported, "nothing is sealed here") }
        func seal(_ contents: PackageContents, with signer: any EvidenceSigner, into target: PackageTarget) throws(PackageError) -> SealedPackage {
            throw unused
        }
        func open(
            _ package: Content, trust: any EvidenceVerifier, at time: Instant, limits: PackageLimits, extractingInto target: ExtractionTarget
        ) throws(PackageError) -> OpenedPackage { throw unused }
        func counterSign(
            _ package: Content, trust: any EvidenceVerifier, at time: Instant, limits: PackageLimits, with signer: any EvidenceSigner,
            into target: PackageTarget
        ) throws(PackageError) -> SealedPackage { throw unused }
    }

    /// The trip of a package with these rows, under an agreement that forbids a combination of codes.
    private func judge(_ rows: [String]) throws -> InboundTrip {
        let yaml = PermitsSample.yaml.replacing("  drop: [COMMENT_OBS]\n", with: "  forbidden: [{SEX: [F], CITIZENSHIP: [CIS]}]\n")
        try #require(yaml.contains("forbidden"))
        var tools = TrialTools.make()
        tools.participant = ParticipantID("AM.ARMSTAT")!
        tools.formats = [Rows(rows: rows)]
        tools.book.replace([StandingAgreement(try AgreementReader.read(yaml), .active)])
        let moi = ParticipantID("AM.MOI")!
        let digest = FakeHashing().sha256([])
        let document = ExchangeDocument(
            exchangeID: "01a2019c-2bdf-72bf-b697-c23f10ef1444", sender: moi, receiver: tools.participant,
            dataflow: ArtefactReference(.dataflow, agency: "AM.MOI", id: "DF_PERMITS", version: "1.0"),
            dataStructure: PermitsSample.schema().structure.reference, agreementID: "PERMITS", agreementVersion: "1.0", agreementDigest: "aa",
            purpose: "official-statistics", decisionRules: ["PERMITS 1.0"], protections: [], payloadName: "data.txt", payloadFormat: "rows",
            observations: rows.count, sealedAt: "", previousReceipt: "")
        let signer = SignerIdentity(
            participant: moi, organisation: nil, organisationIdentifier: nil, subject: "CN=AM.MOI", issuer: "CN=CA", serial: "01", certificateSHA256: digest,
            notBefore: tools.clock.now(), notAfter: tools.clock.now(), certificateDER: [], claimedSigningTime: tools.clock.now())
        let payload = CoveredFile(name: "data.txt", mediaType: nil, bytes: 1, sha256: digest, content: .bytes([1]))
        let package = VerifiedPackage(
            document: document,
            opened: OpenedPackage(files: [payload], exchange: [], mainFileName: "data.txt", manifestSHA256: digest, signer: signer), payload: payload,
            packageDigest: "aa", seal: NoSeal(), sealedAt: tools.clock.now(), packageBytes: 1, channel: "https")
        return try InboundCorridor(tools).judge(package, receivedAt: tools.clock.now())
    }

    @Test func whatTheReaderFindsCountsOnceThoughTheDataAreReadTwice() throws {
        let trip = try judge(["M CIS 2025-12 10", "F EU 2025-12 7"])
        #expect(trip.isAccepted, "\(trip.receipt.reasonCode): \(trip.receipt.reason)")
        #expect(trip.receipt.findingCount == 2 && trip.findings.count == 2, "\(trip.receipt.findingCount)")
        // The second look is taken.
        let refused = try judge(["M CIS 2025-12 10", "F CIS 2025-12 7"])
        #expect(!refused.isAccepted && refused.receipt.reasonCode == "agreement.combination.forbidden", "\(refused.receipt.reasonCode)")
        #expect(refused.receipt.findingCount == 2)
    }
}
