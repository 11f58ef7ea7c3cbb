import SluiceKit

/// Counting what a dataset holds, for an outline: the series and observations are read by the grammar and not kept.
extension OutlineReader {
    mutating func countSeries(_ counts: inout DatasetHead.Counts) throws(ReadError) {
        while try scanner.next() == .name {
            counts.series += 1
            guard try scanner.next() == .objectStart else { throw scanner.malformed("a series is no object") }
            while try scanner.next() == .name {
                let isAttributes = scanner.text.elementsEqual("attributes".utf8)
                if !isAttributes, !scanner.text.elementsEqual("observations".utf8) {
                    try scanner.skipValue()
                    continue
                }
                switch try scanner.next() {
                case .objectStart where !isAttributes: try countObservations(&counts)
                case .arrayStart where isAttributes: try notePlaces(&counts.seriesPlaces)
                case .null: break
                default: throw scanner.malformed(isAttributes ? "the attributes of a series are no array" : "the observations of a series are no object")
                }
            }
        }
    }

    mutating func countObservations(_ counts: inout DatasetHead.Counts) throws(ReadError) {
        while try scanner.next() == .name {
            counts.observations += 1
            switch try scanner.next() {
            case .arrayStart: try notePlaces(&counts.observationPlaces)
            case .null: break
            default: throw scanner.malformed("the values of an observation are no array")
            }
        }
    }

    /// Remembers at which places of an array something stands.
    private func notePlaces(_ places: inout Set<Int>) throws(ReadError) {
        var place = 0
        while true {
            let token = try scanner.next()
            if token == .arrayEnd { return }
            if token != .null, place < limits.columnsMax { places.insert(place) }
            if token == .objectStart || token == .arrayStart { try scanner.leave(toDepth: scanner.depth - 1) }
            place += 1
        }
    }
}
