package import SluiceKit

/// Content constraints as a CSV table, the form in which those of the global SDG dataflow are handed round: a row for each code of the first column (an
/// indicator's series), a column for each component that it constrains.
///
/// A cell holds the codes allowed, with semicolons between them; `ALL` or nothing allows any. Data under a code that has no row are not allowed. A column
/// called `Name` is for people. Every row becomes an included cube region.
package enum ConstraintTable {
    private static let anything = "ALL"
    private static let names = "name"

    /// Reads the tables and attaches each to every data structure that has the component of its first column.
    package static func add(_ paths: [String], to structures: inout StructureSet, limits: ReadLimits = ReadLimits()) throws(ReadError) {
        for path in paths {
            do throws(ReadError) {
                let name = path.split(separator: "/").last.map(String.init) ?? path
                structures.add(try read(FileByteSource(path: path), name: name, for: structures, limits: limits))
            } catch {
                throw ReadError(error.code, line: error.line, column: error.column, detail: "\(path): \(error.detail)")
            }
        }
    }

    /// - Parameter name: becomes the constraint's id, without its ending.
    package static func read(_ source: any ByteSource, name: String, for structures: StructureSet, limits: ReadLimits = ReadLimits()) throws(ReadError)
        -> DataConstraint
    {
        let scanner = CSVScanner(source, limits: limits)
        guard try scanner.nextRow() else { throw ReadError(.unsupported, detail: "the table of constraints is empty") }
        let header = (0..<scanner.cellCount).map { text(scanner, $0) }
        let owners = structures.dataStructures.filter { structure in structure.dimensions.contains { $0.id == header[0] } }
        guard let owner = owners.first else {
            throw ReadError(
                .unsupported, line: 1, column: 1,
                detail: "the first column of a table of constraints is a dimension, and no data structure has \"\(header[0])\"")
        }
        var regions: [CubeRegion] = []
        while try scanner.nextRow() {
            if scanner.isBlank { continue }
            guard scanner.cellCount == header.count else {
                throw ReadError(
                    .malformed, line: scanner.line, detail: "the row has \(scanner.cellCount) cells and the header \(header.count); quote texts with commas")
            }
            let key = text(scanner, 0)
            guard !key.isEmpty else { throw ReadError(.malformed, line: scanner.line, column: 1, detail: "the row names no \(header[0]); give its code") }
            var selections = [ComponentSelection(component: header[0], values: [.init(key)])]
            for index in header.indices.dropFirst() where header[index].lowercased() != names && !header[index].isEmpty {
                let cell = text(scanner, index)
                if cell.isEmpty || cell == anything { continue }
                let codes = cell.split(separator: ";").map { CodeAdvice.trimmed(String($0)) }.filter { !$0.isEmpty }
                selections.append(ComponentSelection(component: header[index], values: codes.map { .init($0) }))
            }
            regions.append(CubeRegion(selections: selections))
        }
        let id = name.split(separator: ".").first.map(String.init) ?? name
        return DataConstraint(identity: ArtefactIdentity(agency: owner.identity.agency, id: id), attachments: owners.map(\.reference), cubeRegions: regions)
    }

    private static func text(_ scanner: CSVScanner, _ index: Int) -> String { CodeAdvice.trimmed(String(decoding: scanner.cell(index), as: UTF8.self)) }
}
