internal import SluiceKit

/// The two folders of an endpoint `folder:PATH`: `PATH/out`, into which this node writes, and `PATH/in`, from which it takes.
///
/// Each of them may be a symbolic link that the operator made; nothing inside is ever followed.
struct FolderEndpoint: Hashable {
    let out: String
    let incoming: String

    init(_ endpoint: Endpoint) throws(TransportError) {
        let path = endpoint.url.dropFirst(FolderTransport.scheme.count + 1)
        guard endpoint.scheme == FolderTransport.scheme, !path.isEmpty, !path.utf8.contains(0) else {
            throw TransportError(.rejected, detail: "the endpoint of \(endpoint.participant) is not written folder:PATH")
        }
        out = path + "/out"
        incoming = path + "/in"
    }
}
