import SluiceKit

/// Artefacts and parts that were kept as they stood.
extension StructureWriter {
    /// Writes the artefacts kept as they stood whose class is one of `names`.
    func write(kept names: Set<String>, in container: Container) throws(WriteError) {
        for other in structures.others where names.contains(other.raw.name) {
            guard let text = text(of: other) else { continue }
            try write(other.description, in: container) { () throws(WriteError) in
                try writer.write(text: text)
                try writer.write("\n")
            }
        }
    }

    /// The artefact's text in this version; nil where it has no place.
    private func text(of other: OtherArtefact) -> String? {
        if isWritable(other.raw) { return other.raw.text }
        let isFrom21 = other.raw.formatID == "sdmx-ml-2.1-structure"
        guard isFrom21 == isVersion3, other.raw.formatID != "sdmx-ml-2.0-structure" else { return nil }
        guard let version = other.identity?.version, isWritable(version: version) else { return nil }
        return RawTranslation(toVersion3: isVersion3).translate(other.raw)
    }

    /// Whether a part kept as it stood may stand in this version too. 3.0 and 3.1 spell it alike, but for what 3.1 dropped from constraints.
    func isWritable(_ raw: RawPart) -> Bool {
        if raw.formatID == formatID { return true }
        guard isVersion3, raw.formatID == "sdmx-ml-3.0-structure" || raw.formatID == "sdmx-ml-3.1-structure" else { return false }
        if raw.name == "AvailabilityConstraint" { return false }
        return !["<str:ReleaseCalendar", "<str:SimpleDataSource", "<str:QueryableDataSource", "<str:MetadataSet"].contains { raw.text.contains($0) }
    }

    func loseUnwritableOthers(written names: Set<String>) {
        for other in structures.others where !names.contains(other.raw.name) || text(of: other) == nil {
            findings.add(
                Finding(
                    .structureNotKept, severity: .warning, component: other.description,
                    message: "Not written: \(other.description); it was kept as it stood in \(other.raw.formatID) and has no translation into \(formatID).",
                    advice: "Write \(other.raw.formatID), or keep the original message."))
        }
    }
}
