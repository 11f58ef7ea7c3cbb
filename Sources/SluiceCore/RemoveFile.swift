#if canImport(Glibc)
    internal import Glibc
#endif

/// Removes a file of ours if it is there.
package func removeFile(_ path: String) { unlink(path) }
