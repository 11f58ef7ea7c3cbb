import Foundation
import SluiceKit
import Testing

@testable import TransportHTTP

/// The small readers, without a network.
struct ParsingTests {
    private let now = Date(timeIntervalSince1970: 784_111_777)  // Sun, 06 Nov 1994 08:49:37 GMT

    @Test func readsRetryAfterInAllItsForms() {
        #expect(RetryAfter("120")?.seconds == 120)
        #expect(RetryAfter(" 0 ")?.seconds == 0)
        // The three forms of RFC 9110, section 5.6.7.
        #expect(RetryAfter("Sun, 06 Nov 1994 08:50:37 GMT", now: now)?.seconds == 60)
        #expect(RetryAfter("Sunday, 06-Nov-94 08:50:37 GMT", now: now)?.seconds == 60)
        #expect(RetryAfter("Sun Nov  6 08:50:37 1994", now: now)?.seconds == 60)
    }

    @Test func believesNoUnreasonableRetryAfter() {
        #expect(RetryAfter("99999999999999999999999999")?.seconds == RetryAfter.secondsMax)
        #expect(RetryAfter("Sun, 06 Nov 2094 08:49:37 GMT", now: now)?.seconds == RetryAfter.secondsMax)
        #expect(RetryAfter("Sun, 06 Nov 1983 08:49:37 GMT", now: now)?.seconds == 0)
        for text in ["", "soon", "-5", "1.5", "12 seconds", "\u{0661}\u{0662}"] { #expect(RetryAfter(text) == nil, "\(text)") }
    }

    private func progress(_ offset: [String], _ complete: [String] = ["?0"], length: [String] = [], status: Int = 204) -> UploadProgress {
        UploadProgress(status: status, offset: offset, length: length, isComplete: complete, retryAfter: nil, byteCount: 1_000)
    }

    @Test func goesOnOnlyWhereTheReceiverSaysSoClearly() {
        #expect(progress(["0"]) == .upTo(0))
        #expect(progress(["1000"], length: ["1000"]) == .upTo(1_000))
        #expect(progress(["7"], ["?1"]) == .upTo(1_000))
        for offset in [[], [""], ["-1"], ["1001"], ["1.0"], ["x"], ["1", "2"], ["1, 1"], ["999999999999999999999"]] { #expect(progress(offset) == .nothing) }
        for flag in [[], [""], ["0"], ["?2"], ["true"], ["?0", "?0"]] { #expect(progress(["5"], flag) == .nothing) }
        for length in [["999"], ["x"], ["1000", "1000"]] { #expect(progress(["5"], length: length) == .nothing) }
        for status in [200, 206, 301, 404, 405, 409] { #expect(progress(["5"], status: status) == .nothing) }
        #expect(progress(["5"], status: 502) == .failure(.unreachable))
        #expect(progress(["5"], status: 429) == .busy(retryAfterSeconds: nil))
    }

    @Test func keepsAPartnersWordsShortAndPrintable() {
        #expect(ProblemDetail(json: Data(#"{"detail":"line\u001b[31m one\r\nline\u202e two"}"#.utf8)).text == "line[31m oneline two")
        #expect(ProblemDetail(json: Data(#"{"title":"only a title"}"#.utf8)).text == "only a title")
        #expect(ProblemDetail(json: Data("{\"detail\":\"\(String(repeating: "x", count: 5000))\"}".utf8)).text.count == ProblemDetail.textCharactersMax)
        for text in ["", "[]", "{}", "<html>", #"{"detail":7}"#] { #expect(ProblemDetail(json: Data(text.utf8)).text == "no reason given", "\(text)") }
    }

    @Test(arguments: [
        "https://partner.example", "https://partner.example:8443", "https://10.0.0.1:8443/", "https://[2001:db8::1]:8443", "HTTPS://partner.example",
    ])
    func takesAnEndpoint(_ url: String) throws {
        let address = try EndpointAddress(Endpoint(participant: try #require(ParticipantID("A.B")), url: url))
        let made = try address.packageURL(exchangeID: "01920000-0000-7000-8000-000000000001")
        #expect(made.hasPrefix("https://") && made.hasSuffix("/exchange/v1/packages/01920000-0000-7000-8000-000000000001"))
        #expect(URL(string: made)?.host != nil)
    }

    @Test(arguments: [
        "", "http://partner.example", "partner.example:8443", "https://", "https://partner.example/path", "https://user@partner.example",
        "https://partner.example?x=1",
        "https://partner.example#x", "https://partner.example:99999", "ftp://partner.example",
    ])
    func takesNothingElseAsAnEndpoint(_ url: String) throws {
        let endpoint = Endpoint(participant: try #require(ParticipantID("A.B")), url: url)
        #expect { try EndpointAddress(endpoint) } throws: { ($0 as? TransportError)?.code == .rejected }
    }

    @Test func takesNoIdThatWouldChangeThePath() throws {
        let address = try EndpointAddress(Endpoint(participant: try #require(ParticipantID("A.B")), url: "https://partner.example"))
        for id in ["", "../../x", "01920000-0000-7000-8000-00000000000/", "01920000-0000-7000-8000-00000000000A"] {
            #expect(throws: TransportError.self, "\(id)") { try address.packageURL(exchangeID: id) }
        }
    }

    @Test func everyLimitOfTheConfigurationIsDescribed() {
        let keys = HTTPTransportPlugin.descriptor.configuration
        let plain = HTTPTransportConfiguration(certificateChainPEM: [], privateKeyDER: [], authoritiesPath: "", participantOfCertificate: { _ in nil })
        let defaults = [
            "connect_seconds_max": plain.connectSecondsMax, "silence_seconds_max": plain.silenceSecondsMax, "delivery_seconds_max": plain.deliverySecondsMax,
            "receipt_bytes_max": plain.receiptBytesMax, "partners_max": plain.partnersMax,
        ]
        #expect(Dictionary(uniqueKeysWithValues: keys.compactMap { key in key.defaultValue.map { (key.name, $0) } }) == defaults.mapValues(String.init))
        #expect(HTTPTransportPlugin.descriptor.provides == ["https"])
    }
}
