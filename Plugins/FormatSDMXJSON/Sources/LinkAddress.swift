import SluiceKit

/// What the address of a link names, where a message gives no URN: `…/dataflow/ECB/EXR/1.0` (SDMX REST 1.x, structure queries).
enum LinkAddress {
    static func reference(_ address: String) -> ArtefactReference? {
        let path = address.prefix { $0 != "?" && $0 != "#" }.split(separator: "/")
        let resources: [(String, ArtefactClass)] = [
            ("dataflow", .dataflow), ("datastructure", .dataStructure), ("provisionagreement", .provisionAgreement),
        ]
        for (index, part) in path.enumerated().reversed() {
            guard let resource = resources.first(where: { $0.0 == part.lowercased() })?.1 else { continue }
            let rest = path[(index + 1)...].filter { $0 != "all" && $0 != "latest" }
            switch rest.count {
            // One service leaves out the agency, with `all` in the version's place.
            case 1: return ArtefactReference(resource, short: String(rest[0]))
            case 2: return ArtefactReference(resource, short: "\(rest[0]):\(rest[1])")
            case 3: return ArtefactReference(resource, short: "\(rest[0]):\(rest[1])(\(rest[2]))")
            default: return nil
            }
        }
        return nil
    }
}
