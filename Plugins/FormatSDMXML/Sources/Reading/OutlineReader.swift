import CLibxml2
import SluiceKit

/// Describes a data message without its data structure: header, datasets and how much they hold. Streams; nothing of the data is kept.
final class OutlineReader {
    private let xml: XMLEvents
    private let format: SDMXMLDataFormat
    private let findings: any FindingSink
    private var roles: [ElementRole] = []
    /// By name number: whether the name has been noted as a component of the dataset in hand.
    private var isNoted: [Bool] = []
    private var ids = ValueDictionary()

    init(_ source: any ByteSource, limits: ReadLimits, format: SDMXMLDataFormat, findings: any FindingSink) throws(ReadError) {
        xml = try XMLEvents(source, limits: limits, bytesMax: limits.messageBytesMax)
        self.format = format
        self.findings = findings
        xml.onName = { [unowned self] name in
            roles.append(ElementRole(name.local))
            isNoted.append(false)
        }
    }

    func read() throws(ReadError) -> MessageOutline {
        guard try xml.next() else { throw ReadError(.malformed, detail: "the message is empty") }
        let kind = try xml.messageRoot()
        guard format.reads(kind), let version = kind.version else { throw kind.unsupported(line: xml.line, wanted: "a message of format \(format.id)") }
        var outline = MessageOutline(kind: "SDMX-ML \(version.rawValue) \(kind.root)")
        var header: DataHeader?
        while try xml.next() {
            guard xml.isStart else { continue }
            switch xml.name.local {
            case "Header":
                let read = try DataHeader(reading: xml, version: version, findings: findings)
                header = read
                outline.header = read.message
            case "DataSet":
                guard let header else {
                    throw ReadError(.malformed, line: xml.line, detail: "the dataset comes before the message's header; SDMX-ML puts the Header first")
                }
                outline.append(
                    try readDataset(header, isGeneric: kind.content == .messageGroup ? xml.datasetContent() == .genericData : kind.content == .genericData))
            default: try xml.eachChild {}
            }
        }
        return outline
    }

    private func readDataset(_ header: DataHeader, isGeneric: Bool) throws(ReadError) -> MessageOutline.Dataset {
        let start = try DatasetStart(reading: xml, header: header, findings: findings)
        var dataset = MessageOutline.Dataset()
        dataset.line = start.line
        dataset.reference = start.reference
        dataset.structureID = start.structureID
        dataset.action = start.action
        dataset.dimensionAtObservation = start.entry?.dimensionAtObservation
        dataset.setID = start.setID
        dataset.dates = start.dates
        dataset.provider = start.provider
        for index in isNoted.indices { isNoted[index] = false }
        ids = ValueDictionary()
        if !isGeneric { for value in start.values { note(name: value.name, in: &dataset) } }
        guard !start.isEmpty else { return dataset }
        var depth = 0
        while depth >= 0 {
            xml.position += 1
            if xml.position >= xml.eventCount {
                guard try xml.refill() else { return dataset }
            }
            let event = xml.event
            if event.kind == XMLEvents.start || event.kind == XMLEvents.empty {
                if event.kind == XMLEvents.start { depth += 1 }
                try count(event.name, isGeneric: isGeneric, &dataset)
            } else if event.kind == XMLEvents.end {
                depth -= 1
            }
        }
        xml.leaveElement()
        return dataset
    }

    /// Counts the element under the cursor and notes the components it has values for.
    private func count(_ name: UInt32, isGeneric: Bool, _ dataset: inout MessageOutline.Dataset) throws(ReadError) {
        switch roles[Int(name)] {
        case .series: dataset.seriesCount += 1
        case .observation: dataset.observationCount += 1
        case .group: dataset.groupCount += 1
        case .partialKey: break
        case .value where isGeneric: return try noteID(in: &dataset)
        case .component: return try noteID(in: &dataset)
        default: return
        }
        guard !isGeneric else { return }
        let event = xml.event
        for index in Int(event.first)..<Int(event.first) + Int(event.count) { note(name: xml.attributes[index].name, in: &dataset) }
    }

    private func note(name: UInt32, in dataset: inout MessageOutline.Dataset) {
        guard !isNoted[Int(name)] else { return }
        isNoted[Int(name)] = true
        let name = xml.names[Int(name)]
        if name.namespace == .none, name.local != "type" { add(name.local, to: &dataset) }
    }

    /// Notes the component that the element under the cursor names.
    private func noteID(in dataset: inout MessageOutline.Dataset) throws(ReadError) {
        guard ids.count < MessageOutline.componentsMax else { return }
        let event = xml.event
        for index in Int(event.first)..<Int(event.first) + Int(event.count) {
            let attribute = xml.attributes[index]
            let name = xml.names[Int(attribute.name)]
            guard name.local == "id" || name.local == "concept" else { continue }
            let known = ids.count
            _ = try ids.intern(xml.slice(attribute.first, attribute.count))
            if ids.count > known { add(xml.string(attribute.first, attribute.count), to: &dataset) }
            return
        }
    }

    private func add(_ id: String, to dataset: inout MessageOutline.Dataset) {
        if dataset.components.count < MessageOutline.componentsMax, !dataset.components.contains(id) { dataset.components.append(id) }
    }
}
