internal import HTTPTypes
internal import Hummingbird

/// An answer with its content at hand, which its signature speaks of.
struct ExchangeAnswer {
    var response: Response
    var content: [UInt8]

    init(_ response: Response, content: [UInt8]) {
        self.response = response
        self.content = content
    }

    /// The answer to `HEAD`: nothing follows that would be in the way of the next request (RFC 9110, 9.3.2).
    var withoutBody: ExchangeAnswer {
        var answer = ExchangeAnswer(response.createHeadResponse(), content: [])
        answer.response.headers[.connection] = nil
        return answer
    }
}
