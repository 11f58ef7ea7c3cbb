internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOPosix
internal import SluiceCore
internal import SluiceKit

#if canImport(Glibc)
    internal import Glibc
#endif

/// Uploads that go on after a break (Docs/ExchangeProtocol.md).
extension ExchangeResponder {
    /// `HEAD`: how much of the announced package is there.
    func progress(
        of announced: ResumableUploads.Announced, _ digest: SHA256Digest, _ exchangeID: String, _ peer: Peer
    ) async throws(Problem) -> ExchangeAnswer {
        let answer = await inbound.answered(exchangeID: exchangeID, digest: digest, from: peer)
        if answer != nil { return Self.progress(announced.bytes, of: announced, isComplete: true) }
        let (uploads, key) = (uploads, ResumableUploads.Key(sender: peer.participant, exchangeID: exchangeID))
        let offset = try? await NIOThreadPool.singleton.runIfActive { uploads.settledOffset(of: key, announced) }
        // An answer to a question, not a refusal; HEAD has no body for a problem anyway.
        guard let offset = offset ?? nil else {
            return ExchangeAnswer(Response(status: .notFound, headers: [.cacheControl: "no-store"]), content: [])
        }
        return Self.progress(offset, of: announced, isComplete: false)
    }

    private static func progress(_ offset: Int, of announced: ResumableUploads.Announced, isComplete: Bool) -> ExchangeAnswer {
        var response = Response(
            status: .noContent,
            headers: [
                HTTPField.Name(known: UploadFields.offsetName): "\(offset)", HTTPField.Name(known: UploadFields.lengthName): "\(announced.bytes)",
                HTTPField.Name(known: UploadFields.completeName): UploadFields.text(isComplete), .cacheControl: "no-store",
            ])
        // RFC 9110, 8.6: a 204 has none.
        response.headers[.contentLength] = nil
        return ExchangeAnswer(response, content: [])
    }

    /// Takes a body into the file of its upload; when all is there, checks its digest and hands the package over. The place was admitted.
    func takeParts(
        of request: Request, _ call: ExchangeRequest, _ digest: SHA256Digest, _ peer: Peer, _ log: Logger,
        _ begin: @escaping @Sendable (PartialUploads) throws -> PartialUploads.Beginning
    ) async throws(Problem) -> ExchangeAnswer {
        let arriving: PartialUploads.Arriving
        do throws(Problem) {
            arriving = try await begun(begin, log)
        } catch {
            await inbound.abandon(peer)
            throw error
        }
        let answer: InboundAnswer
        do throws(Problem) {
            let package = try await arrived(arriving, request, call, digest, log)
            answer = await inbound.accept(.file(path: package), digest: digest, mediaType: arriving.name.mediaType, exchangeID: call.exchangeID, from: peer)
        } catch {
            await inbound.abandon(peer)
            await onDisk { $0.ended(arriving) }
            throw error
        }
        let isOpen = if case .problem(let problem) = answer { problem.status >= 500 } else { false }
        await onDisk {
            // Trouble of the node's own decides nothing: what has arrived need not be sent again.
            if !isOpen { $0.finish(arriving.name) }
            $0.ended(arriving)
        }
        return try response(of: answer, log)
    }

    private func begun(
        _ begin: @escaping @Sendable (PartialUploads) throws -> PartialUploads.Beginning, _ log: Logger
    ) async throws(Problem) -> PartialUploads.Arriving {
        let beginning: PartialUploads.Beginning
        do {
            beginning = try await NIOThreadPool.singleton.runIfActive { [uploads] in try begin(uploads) }
        } catch {
            log.error("a partial upload cannot be written", metadata: ["error": "\(error)"])
            throw Self.unavailable
        }
        switch beginning {
        case .write(let arriving): return arriving
        case .mismatch(let offset):
            throw Problem(
                status: 409, code: "upload-offset-mismatch", title: "Upload offset mismatch",
                detail: "Of this package \(offset) bytes are here: the body has to begin behind them.", uploadOffset: offset)
        case .tooLarge: throw Problem(status: 413, code: "package-too-large", title: "Package too large", detail: "This node takes no packages of this length.")
        case .refused(let seconds):
            throw Problem(
                status: 429, code: "too-many-uploads", title: "Too many uploads",
                detail: "Too many packages are under way or broke off; go on with one of them first.", retryAfterSeconds: seconds)
        }
    }

    /// Returns the path of the whole package: a second name of the file, which stays until the package is answered.
    private func arrived(
        _ arriving: PartialUploads.Arriving, _ request: Request, _ call: ExchangeRequest, _ digest: SHA256Digest, _ log: Logger
    ) async throws(Problem) -> String {
        let package: Content
        do throws(Upload.Failure) {
            package = try await Upload(byteCount: call.byteCount, target: .partial(uploads, arriving))
                .receive(request.body, secondsMax: listener.uploadSecondsMax)
        } catch {
            log.warning("package not received whole", metadata: ["failure": "\(error)", "announced": "\(call.byteCount)", "from": "\(arriving.offset)"])
            // A full disk is not kept full.
            if case .disk = error { await onDisk { $0.finish(arriving.name) } }
            throw Self.problem(of: error)
        }
        tally.received(bytes: call.byteCount)
        let found: SHA256Digest
        do {
            found = try await inbound.sha256(package)
        } catch {
            log.error("a package that arrived cannot be read", metadata: ["error": "\(error)"])
            throw Self.unavailable
        }
        guard found == digest else {
            await onDisk { $0.finish(arriving.name) }
            throw Self.digestMismatch
        }
        let path = inbound.spoolPath()
        let code = await onDisk { _ in link(arriving.path, path) == 0 ? 0 : errno }
        guard code == 0 else {
            log.error("a package that arrived cannot be handed over", metadata: ["errno": "\(code.map { "\($0)" } ?? "none")"])
            throw Self.unavailable
        }
        return path
    }

    /// Runs what blocks on a thread that may. nil once the process ends and its threads are gone.
    @discardableResult
    private func onDisk<Value: Sendable>(_ body: @escaping @Sendable (PartialUploads) -> Value) async -> Value? {
        // A task of its own: what has to be noted is noted, also when the request was cancelled.
        await Task { [uploads] in try? await NIOThreadPool.singleton.runIfActive { body(uploads) } }.value
    }
}
