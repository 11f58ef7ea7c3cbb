/// The generation of the standard that a message is of, where the two judge alike or not.
package enum SDMXStandard: Hashable, Sendable {
    /// SDMX 2.1 (and SDMX-CSV and SDMX-JSON 1.0, which came with it).
    case v2_1
    /// SDMX 3.0 and 3.1.
    case v3
    /// Not known: judged leniently.
    case unknown

    /// The standard of a data format by its id (`sdmx-ml-2.1`).
    package init(formatID: String) {
        let version = formatID.split(separator: "-").first { $0.contains(".") } ?? ""
        switch (formatID.hasPrefix("sdmx-ml"), version) {
        case (true, "2.1"), (false, "1.0"): self = formatID.hasPrefix("sdmx-") ? .v2_1 : .unknown
        case (true, "3.0"), (true, "3.1"), (false, "2.0"), (false, "2.1"): self = formatID.hasPrefix("sdmx-") ? .v3 : .unknown
        default: self = .unknown
        }
    }
}
