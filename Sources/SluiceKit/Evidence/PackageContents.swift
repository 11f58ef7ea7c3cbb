/// What goes into a package: the files in the order they are stored, `exchange.json` among them, and the time to write on it.
public struct PackageContents: Hashable, Sendable {
    /// The name of the file that says what the exchange is; every package has exactly one.
    public static let exchangeName = "exchange.json"

    /// The files in storage order. A file's bytes are sealed exactly as given.
    public var files: [PackageFile]
    /// The name of the file the exchange is about: its dataset, or `exchange.json` of a receipt.
    public var mainFileName: String
    /// When the package is sealed: the claimed signing time and the time on every entry.
    public var sealedAt: Instant

    /// Contents of one package; the seal checks names and sizes when it writes them.
    public init(files: [PackageFile], mainFileName: String, sealedAt: Instant) {
        self.files = files
        self.mainFileName = mainFileName
        self.sealedAt = sealedAt
    }
}

/// One file to be put into a package.
public struct PackageFile: Hashable, Sendable {
    /// Name inside the package, with `/` between folders.
    public var name: String
    /// Media type, without control characters, such as `application/vnd.sdmx.data+csv`.
    public var mediaType: String
    /// Where the bytes come from.
    public var source: Content

    /// One file to be put into a package.
    public init(name: String, mediaType: String, source: Content) {
        self.name = name
        self.mediaType = mediaType
        self.source = source
    }
}
