internal import SluiceKit

/// What is wrong with one value, in words, before it is known where the value stands.
struct ValueFault {
    var code: FindingCode
    var severity: Finding.Severity = .error
    var message: String
    var advice: String

    init(_ code: FindingCode, severity: Finding.Severity = .error, message: String, advice: String) {
        self.code = code
        self.severity = severity
        self.message = message
        self.advice = advice
    }
}

/// A text in quotes for a message, shortened, so that blanks at its ends are seen.
func quoted(_ text: String) -> String {
    "\"" + (text.utf8.count <= Finding.textBytesMax ? text : String(text.prefix(Finding.textBytesMax / 4)) + "…") + "\""
}

func quoted(_ bytes: UnsafeRawBufferPointer) -> String {
    quoted(String(decoding: UnsafeRawBufferPointer(rebasing: bytes.prefix(Finding.textBytesMax * 2)), as: UTF8.self))
}
