public import SluiceKit

extension SDMXJSONFormat {
    /// Header, and of each dataset what it refers to, how many series, partial keys and observations it has, and which components are filled; in one pass.
    public func outline(of source: any ByteSource, limits: ReadLimits, findings: any FindingSink) throws(ReadError) -> MessageOutline {
        var reader = OutlineReader(source, limits: limits, counts: true)
        let read = try reader.read()
        let version = read.version ?? version
        guard version == self.version else {
            throw ReadError(.unsupported, line: 1, byteOffset: 0, detail: "the message is SDMX-JSON \(version.rawValue); ask for sdmx-json-\(version.rawValue)")
        }
        var outline = MessageOutline(kind: "SDMX-JSON \(version.rawValue) data")
        outline.header = read.header
        for (number, head) in read.datasets.enumerated() {
            let index = version == .v1 ? 0 : head.structure ?? read.structures.firstIndex { $0.dataSets.contains(number) } ?? 0
            let structure = read.structures.indices.contains(index) ? read.structures[index] : MessageStructure()
            outline.append(Self.dataset(head, structure, version))
        }
        return outline
    }

    private static func dataset(_ head: DatasetHead, _ structure: MessageStructure, _ version: Version) -> MessageOutline.Dataset {
        var dataset = MessageOutline.Dataset()
        let references = head.references + structure.references
        dataset.reference =
            references.first { $0.artefactClass == .dataflow } ?? references.first { $0.artefactClass == .provisionAgreement } ?? references.first
        dataset.action = head.action.map { ActionName.meaning($0, version) }
        dataset.dates = head.dates
        dataset.seriesCount = head.counts.series
        dataset.groupCount = head.groups.count
        dataset.observationCount = head.counts.observations
        dataset.line = head.line
        let atObservation = structure.dimensions.filter { $0.level == .observation }
        let isSeries = atObservation.count == 1 && structure.dimensions.contains { $0.level == .series }
        dataset.dimensionAtObservation = isSeries ? atObservation[0].id : DatasetDescription.allDimensions
        func attributes(_ level: MessageComponent.Level) -> [MessageComponent] { structure.attributes.filter { $0.level == level } }
        func filled(_ components: [MessageComponent], _ values: [MessageValue]) -> [String] {
            zip(components, values).filter { !$0.1.isNone }.map(\.0.id)
        }
        var components = structure.dimensions.map(\.id) + filled(attributes(.dataSet), head.attributes)
        var grouped: Set<String> = []
        for group in head.groups { grouped.formUnion(filled(attributes(.dimensionGroup), group.values)) }
        components += attributes(.dimensionGroup).map(\.id).filter(grouped.contains)
        components += attributes(.series).enumerated().filter { head.counts.seriesPlaces.contains($0.offset) }.map(\.element.id)
        let measures = structure.measures?.map(\.id) ?? [ImpliedMeasure.idDefault]
        let places = measures + attributes(.observation).map(\.id)
        components += places.enumerated().filter { head.counts.observationPlaces.contains($0.offset) }.map(\.element)
        dataset.components = Array(components.prefix(MessageOutline.componentsMax))
        return dataset
    }
}
