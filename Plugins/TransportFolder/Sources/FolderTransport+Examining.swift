public import SluiceKit

#if canImport(Glibc)
    internal import Glibc
#endif

extension FolderTransport {
    /// Whether both folders are there and can be written to; nothing is laid down.
    public func examine(_ endpoint: Endpoint) async -> Examination {
        var examination = Examination()
        let place: FolderEndpoint
        do { place = try FolderEndpoint(endpoint) } catch {
            examination.steps.append(.init("folder", isPassed: false, error.detail))
            return examination
        }
        for (path, use) in [(place.out, "packages are laid into"), (place.incoming, "what is carried here is taken from")] {
            do throws(OpenFolder.Failure) {
                _ = try OpenFolder(path)
                let isWritable = access(path, W_OK) == 0
                let words =
                    isWritable
                    ? "\(use) \(path)" : "\(use) \(path), which cannot be written to (\(String(cString: strerror(errno)))); give this account the right to"
                examination.steps.append(.init("folder", isPassed: isWritable, words))
            } catch {
                examination.steps.append(.init("folder", isPassed: false, "\(use) \(path): \(error); mount the medium, or make the folder"))
            }
        }
        return examination
    }
}
