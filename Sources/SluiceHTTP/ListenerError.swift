/// Why a listener cannot be set up or run.
package struct ListenerError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable { case certificateUnusable, keyUnusable, authoritiesUnusable, templateUnusable, cannotListen, stopped }
    package var code: Code
    package var detail: String

    init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    package var description: String { "\(detail) [\(code.rawValue)]" }
}
