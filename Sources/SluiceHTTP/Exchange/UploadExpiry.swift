internal import NIOPosix
internal import ServiceLifecycle

/// Forgets partial uploads that nobody went on with: at the start, and from time to time.
struct UploadExpiry: Service {
    static let pauseSeconds = 600

    let uploads: PartialUploads

    func run() async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await NIOThreadPool.singleton.runIfActive { [uploads] in uploads.expire() }
                try? await Task.sleep(for: .seconds(Self.pauseSeconds))
            }
        }
    }
}
