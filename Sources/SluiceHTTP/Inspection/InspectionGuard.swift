internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore

/// What holds for every answer of the inspection listener: methods that read (but for forms), a host name of ours, headers that keep a browser narrow, errors that tell nothing internal.
struct InspectionGuard: RouterMiddleware {
    typealias Context = ConsoleContext

    let listener: InspectionListener
    let console: Console
    let allowed: AllowedMethods
    let logger: Logger

    /// No script, nothing from elsewhere, in nobody's frame.
    static let contentSecurityPolicy = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

    /// Of the pages on which the browser recomputes: the one script of this node besides, and its files.
    static let recomputingPolicy = contentSecurityPolicy.replacing("style-src 'self'", with: "style-src 'self'; script-src 'self'; connect-src 'self'")

    func handle(_ request: Request, context: Context, next: (Request, Context) async throws -> Response) async throws -> Response {
        var response: Response
        let methods = allowed.at(request.uri.path)
        if !listener.serves(hostField: request.head.authority) {
            response = page(.misdirectedRequest, "This node is not known by the name in the address.", for: request)
        } else if !methods.isEmpty, !methods.contains(request.method) {
            let words = methods.contains(.post) ? "This address takes what a form on a page sends." : "This address can only be read."
            response = page(.methodNotAllowed, words, for: request)
            response.headers[.allow] = methods.map(\.rawValue).joined(separator: ", ")
        } else {
            do {
                response = try await next(request, context)
            } catch let error as HTTPError where error.status == .notFound {
                response = page(.notFound, "There is nothing at this address.", for: request)
            } catch let error as HTTPError where error.status == .badRequest {
                response = page(.badRequest, error.body ?? "The request is malformed.", for: request)
            } catch let error as HTTPError where error.status == .serviceUnavailable {
                response = page(.serviceUnavailable, error.body ?? "Not possible now.", for: request)
            } catch {
                let correlationID = UUID().uuidString.lowercased()
                logger.error("page failed", metadata: ["correlation": "\(correlationID)", "path": "\(request.uri.path)", "failure": "\(error)"])
                response = page(.internalServerError, "The node could not make this page. Its log has the details under \(correlationID).", for: request)
            }
        }
        if response.headers[.contentSecurityPolicy] == nil { response.headers[.contentSecurityPolicy] = Self.contentSecurityPolicy }
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.referrerPolicy] = "no-referrer"
        response.headers[.crossOriginResourcePolicy] = "same-origin"
        return response
    }

    /// A page for people under `/console`, a line of text for programs elsewhere.
    private func page(_ status: HTTPResponse.Status, _ words: String, for request: Request) -> Response {
        guard request.uri.path.hasPrefix("/console") else {
            return Response(
                status: status, headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: request.method == .head ? "" : words + "\n")))
        }
        return console.messagePage(status, words)
    }
}

extension HTTPField.Name {
    static let secFetchSite = HTTPField.Name(known: "sec-fetch-site")
    static let referrerPolicy = HTTPField.Name(known: "referrer-policy")
}
