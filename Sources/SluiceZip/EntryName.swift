package import SluiceKit

/// Which names a file inside a package may have: such that it means the same file on every system, and never one outside.
package enum EntryName {
    /// The name, if these bytes are one that may be extracted.
    static func validated(_ bytes: [UInt8], limits: PackageLimits) throws(PackageError) -> String {
        guard let name = String(validating: bytes, as: UTF8.self) else {
            throw PackageError(.unsafeName, "a file name is not UTF-8: \(bytes.prefix(40).map { String($0, radix: 16) }.joined(separator: " "))")
        }
        try validate(name, limits: limits)
        return name
    }

    package static func validate(_ name: String, limits: PackageLimits) throws(PackageError) {
        var shown: String { printable(name) }
        guard !name.isEmpty else { throw PackageError(.unsafeName, "a file has an empty name") }
        guard name.utf8.count <= limits.nameBytesMax else {
            throw PackageError(.limitExceeded, file: shown, "the file name is longer than \(limits.nameBytesMax) bytes (nameBytesMax)")
        }
        guard isPlain(name) || !name.unicodeScalars.contains(where: isHidden) else {
            throw PackageError(.unsafeName, file: shown, "the file name holds control or invisible characters; rename the file")
        }
        // Backslash and colon are separators on Windows, where an auditor may extract the package.
        guard !name.utf8.contains(where: { $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: ":") }) else {
            throw PackageError(.unsafeName, file: shown, "the file name holds a backslash or a colon; rename the file")
        }
        for part in name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard !part.isEmpty, !part.elementsEqual(".".utf8), !part.elementsEqual("..".utf8) else {
                throw PackageError(.unsafeName, file: shown, "the file name is absolute, names a folder or climbs out of one; use a plain relative name")
            }
            // Windows drops these, so two names would become one.
            guard part.last != UInt8(ascii: "."), part.last != UInt8(ascii: " ") else {
                throw PackageError(.unsafeName, file: shown, "a part of the file name ends in a dot or a space; rename the file")
            }
        }
    }

    /// Equal for names that some file system takes for the same: case folded, and canonically equivalent (Swift's comparison of strings).
    package static func folded(_ name: String) -> String { name.lowercased() }

    /// Names that belong to a container, whatever the case in which they are written: `mimetype` and all below `META-INF/`. Byte for byte, since a combining
    /// mark after the slash makes it another letter to Swift, and leaves it a slash to every other reader.
    package static func isReserved(_ name: String) -> Bool {
        let folded = folded(name).utf8
        return folded.elementsEqual("mimetype".utf8) || folded.starts(with: "meta-inf/".utf8)
    }

    /// Refuses names that would collide when extracted: the same but for case, or a file where another needs a folder.
    package static func requireDistinct(_ names: [String]) throws(PackageError) {
        var files: Set<String> = []
        for name in names {
            guard files.insert(folded(name)).inserted else {
                throw PackageError(
                    .duplicateName, file: printable(name), "two files have this name, or names that differ in case only; which one counts is unclear")
            }
        }
        for name in files {
            var folder = Substring(name)
            while let slash = folder.utf8.lastIndex(of: UInt8(ascii: "/")) {
                folder = folder[..<slash]
                guard !files.contains(String(folder)) else {
                    throw PackageError(.duplicateName, file: printable(name), "'\(printable(String(folder)))' is both a file and a folder")
                }
            }
        }
    }

    /// Printable ASCII, as most names are, which needs no look into Unicode's tables.
    private static func isPlain(_ name: String) -> Bool { name.utf8.allSatisfy { (0x20...0x7e).contains($0) } }

    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
        default: false
        }
    }

    /// A name for error texts and logs, where it must not move the cursor or hide.
    package static func printable(_ name: String) -> String {
        if name.utf8.count <= 120, isPlain(name) { return name }
        var text = ""
        for scalar in name.unicodeScalars.prefix(120) {
            if isHidden(scalar) { text += "\\u{\(String(scalar.value, radix: 16))}" } else { text.unicodeScalars.append(scalar) }
        }
        return text
    }
}
