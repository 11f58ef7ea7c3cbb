internal import Foundation

/// What a partner says is wrong, made fit for our log and console: bounded, and without control characters.
struct ProblemDetail {
    private struct Problem: Decodable {
        var title: String?
        var detail: String?
        var instance: String?
    }

    static let bodyBytesMax = 64 << 10
    static let textCharactersMax = 500

    let text: String

    /// - Parameter content: of the whole answer.
    init(_ content: [UInt8], _ head: AnswerHead) {
        self.init(json: head.mediaType == AnswerHead.problemMediaType ? Data(content) : Data())
    }

    init(json: Data) {
        let problem = try? JSONDecoder().decode(Problem.self, from: json)
        let words = [problem?.detail ?? problem?.title, problem?.instance.map { "(\($0))" }].compactMap { $0 }.joined(separator: " ")
        let printable = String(
            String.UnicodeScalarView(words.unicodeScalars.filter { $0.properties.generalCategory != .control && $0.properties.generalCategory != .format }))
        text = printable.isEmpty ? "no reason given" : String(printable.prefix(Self.textCharactersMax))
    }
}
