public import SluiceKit

extension SDMXCSVFormat {
    /// Structure, action and filled columns of each dataset, and how many rows it has: without the data structure an observation cannot be told from
    /// values of part of the key, so every row counts as one.
    public func outline(of source: any ByteSource, limits: ReadLimits, findings: any FindingSink) throws(ReadError) -> MessageOutline {
        let scanner = CSVScanner(source, limits: limits)
        let row = try RowControl.header(scanner, version)
        let columnCount = scanner.cellCount
        // With names in columns of their own, every second one is no component.
        var cells = row.columns.indices.filter { !row.control.contains($0) }
        if row.hasNameColumns {
            let hasName = row.columns.firstIndex { $0.text == "STRUCTURE_NAME" }
            cells = cells.filter { $0 != hasName }.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
        }
        let control = RowControl.cells(row)
        var outline = MessageOutline(kind: "SDMX-CSV \(version.rawValue)")
        var dataset: MessageOutline.Dataset?
        var current: [[UInt8]] = []
        var isFilled = Array(repeating: false, count: columnCount)
        func end() {
            guard var ended = dataset else { return }
            ended.components = cells.filter { isFilled[$0] }.prefix(MessageOutline.componentsMax).map { row.columns[$0].id }
            outline.append(ended)
            dataset = nil
        }
        while try scanner.nextRow() {
            if scanner.isBlank { continue }
            guard scanner.cellCount >= columnCount else {
                findings.add(
                    Finding(
                        .rowTooFewCells, at: Position(line: scanner.line), message: "The row has \(scanner.cellCount) cells, the header has \(columnCount).",
                        advice: "Add the missing cells (empty ones where nothing is reported)."))
                continue
            }
            let isSame = dataset != nil && zip(control, current).allSatisfy { scanner.cell($0.0).elementsEqual($0.1) }
            if !isSame {
                end()
                isFilled = Array(repeating: false, count: columnCount)
                current = control.map { Array(scanner.cell($0)) }
                var begun = MessageOutline.Dataset()
                begun.reference = try RowControl.reference(scanner, row)
                begun.action = row.action == nil ? nil : RowControl.action(scanner, row, version)
                begun.line = scanner.line
                dataset = begun
            }
            dataset?.observationCount += 1
            for cell in cells where !isFilled[cell] && !scanner.cell(cell).isEmpty { isFilled[cell] = true }
        }
        end()
        return outline
    }
}
