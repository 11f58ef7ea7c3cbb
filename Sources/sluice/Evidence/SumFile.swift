internal import SluiceKit
internal import SluiceNode
internal import SluiceZip

#if canImport(Glibc)
    internal import Glibc
#endif

/// `SHA256SUMS` as `sha256sum` writes and reads it: a digest, two blanks and a name on each line.
enum SumFile {
    struct Malformed: Error, CustomStringConvertible { let description: String }

    static func text(of files: [String], in folder: String) throws -> String {
        let hashing = NodeHashing()
        return try files.sorted().map { "\(try hashing.sha256(fileAt: folder + "/" + $0).hex)  \($0)\n" }.joined()
    }

    /// The digests by name. Names are held to what may be extracted: none leads out of the folder.
    static func parse(_ bytes: [UInt8]) throws -> [String: SHA256Digest] {
        guard let text = String(validating: bytes, as: UTF8.self), text.isEmpty || text.utf8.last == 0x0a else {
            throw Malformed(description: "is not text in UTF-8 that ends with a line")
        }
        var sums: [String: SHA256Digest] = [:]
        var limits = PackageLimits()
        limits.nameBytesMax = 500
        for (number, line) in text.utf8.split(separator: 0x0a).enumerated() {
            let (hex, rest) = (String(Substring(line.prefix(64))), line.dropFirst(64))
            guard let digest = SHA256Digest(hex: hex), hex == digest.hex, rest.starts(with: "  ".utf8) else {
                throw Malformed(description: "line \(number + 1) is not a digest, two blanks and a name")
            }
            let name = String(Substring(rest.dropFirst(2)))
            do { try EntryName.validate(name, limits: limits) } catch { throw Malformed(description: "line \(number + 1): \(error)") }
            guard sums.updateValue(digest, forKey: name) == nil else {
                throw Malformed(description: "line \(number + 1) names \(EntryName.printable(name)) a second time")
            }
            guard sums.count <= EvidenceLayout.filesMax else { throw Malformed(description: "names more than \(EvidenceLayout.filesMax) files") }
        }
        return sums
    }

    /// Every file below a folder. Links and other things that are no regular files are told apart, and never followed.
    static func files(in root: String) throws -> (regular: [String], other: [String]) {
        var (regular, other): ([String], [String]) = ([], [])
        var folders = [""]
        while let folder = folders.popLast() {
            for name in Folders.names(in: root + "/" + folder) {
                let path = folder.isEmpty ? name : folder + "/" + name
                var status = stat()
                guard lstat(root + "/" + path, &status) == 0 else { continue }
                switch status.st_mode & S_IFMT {
                case S_IFDIR:
                    guard path.utf8.count < 1_000 else { throw Malformed(description: "folders nest too deep below \(EntryName.printable(path))") }
                    folders.append(path)
                case S_IFREG: regular.append(path)
                default: other.append(path)
                }
                guard regular.count + other.count + folders.count <= 2 * EvidenceLayout.filesMax else {
                    throw Malformed(description: "there are more than \(EvidenceLayout.filesMax) files")
                }
            }
        }
        return (regular.sorted(), other.sorted())
    }
}
