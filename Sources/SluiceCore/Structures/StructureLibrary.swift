package import SluiceKit

/// Structure messages on disk: single files, and folders that stand for a registry.
package struct StructureLibrary {
    package let formats: [any StructureFormat]
    package let limits: ReadLimits

    package init(formats: [any StructureFormat], limits: ReadLimits = ReadLimits()) {
        self.formats = formats
        self.limits = limits
    }

    /// Reads every structure message that `paths` name. A folder is searched with the folders below it, in the order of the names; what lies
    /// there and is no structure message is passed over. A file that is named itself has to be one.
    /// The same artefact in two files is a finding where they differ; the first one is used.
    /// - Throws: `ReadError` that names the file.
    package func load(_ paths: [String], findings: any FindingSink) throws(ReadError) -> StructureSet {
        var structures = StructureSet()
        for path in paths {
            guard let files = try FileTree.files(in: path, endings: [".xml", ".json"]) else {
                guard let one = try read(path, findings) else {
                    throw ReadError(
                        .unsupported, detail: "\(path) is not a structure message that Sluice reads (\(formats.map(\.id).joined(separator: ", ")))")
                }
                structures.merge(one, from: path, findings: findings)
                continue
            }
            var isEmpty = true
            for file in files {
                guard let one = try read(file, findings) else { continue }
                structures.merge(one, from: file, findings: findings)
                isEmpty = false
            }
            if isEmpty { throw ReadError(.unsupported, detail: "the folder \(path) holds no structure message (.xml or .json)") }
        }
        return structures
    }

    /// nil when the file is no structure message.
    private func read(_ path: String, _ findings: any FindingSink) throws(ReadError) -> StructureSet? {
        let head = try FileByteSource(path: path).readHead()
        guard let format = formats.first(where: { $0.recognises(head) }) else { return nil }
        do throws(ReadError) {
            return try format.readStructures(FileByteSource(path: path), limits: limits, findings: findings)
        } catch {
            throw ReadError(error.code, line: error.line, column: error.column, byteOffset: error.byteOffset, detail: "\(path): \(error.detail)")
        }
    }
}
