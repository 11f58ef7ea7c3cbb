internal import ArgumentParser
internal import SluiceKit

/// How SDMX-CSV is to be written; other formats take no notice.
struct CSVSpelling: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("SDMX-CSV: what stands beside codes: id, name or both.", valueName: "id|name|both"), transform: Self.choice)
    var labels = CSVOptions.Labels.id
    @Option(name: .long, help: ArgumentHelp("SDMX-CSV 2.x: key columns: none, obs, series or both.", valueName: "none|obs|series|both"), transform: Self.choice)
    var keys = CSVOptions.Keys.none
    @Option(
        name: .long, help: ArgumentHelp("SDMX-CSV: periods as they stand (original), or the day on which each begins (normalized).", valueName: "format"),
        transform: Self.choice)
    var timeFormat = CSVOptions.TimeFormat.original
    @Option(name: .long, help: ArgumentHelp("SDMX-CSV: language of names, such as en.", valueName: "tag")) var language = "en"
    @Option(name: .long, help: ArgumentHelp("SDMX-CSV: what stands between cells: comma, semicolon, tab or bar.", valueName: "name"))
    var separator = Separator.comma

    enum Separator: String, CaseIterable, ExpressibleByArgument {
        case comma, semicolon, tab, bar
        var byte: UInt8 {
            switch self {
            case .comma: UInt8(ascii: ",")
            case .semicolon: UInt8(ascii: ";")
            case .tab: UInt8(ascii: "\t")
            case .bar: UInt8(ascii: "|")
            }
        }
    }

    private static func choice<Choice: RawRepresentable & CaseIterable>(_ text: String) throws -> Choice where Choice.RawValue == String {
        guard let choice = Choice(rawValue: text) else {
            throw ValidationError("\"\(text)\" is none of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }

    var options: CSVOptions {
        var options = CSVOptions()
        options.labels = labels
        options.keys = keys
        options.timeFormat = timeFormat
        options.language = language
        options.separator = separator.byte
        return options
    }
}
