/// The bytes of a package, or of a file in one: in memory while they are few, else a file.
public enum Content: Hashable, Sendable {
    /// The bytes themselves; how many a seal takes or gives back is bounded by `PackageLimits.memoryBytesMax`.
    case bytes([UInt8])
    /// A regular file, read from start to end in bounded memory.
    case file(path: String)

    /// Where the file is; nil for bytes in memory.
    public var path: String? {
        if case .file(let path) = self { path } else { nil }
    }
}

/// Where a seal puts the package it makes.
public enum PackageTarget: Hashable, Sendable {
    /// Into the answer, if it has no more than `PackageLimits.memoryBytesMax` bytes; no file is touched.
    case memory
    /// At this path, complete and on disk, or not at all; an existing file there is replaced.
    case file(path: String)
}

/// Where a seal puts the files of a package it opens.
public enum ExtractionTarget: Hashable, Sendable {
    /// Into the answer, if they have no more than `PackageLimits.memoryBytesMax` bytes together; no file is touched.
    case memory
    /// A directory that does not exist yet or is empty. It is filled by one rename at the end, or not at all.
    case directory(path: String)
}
