internal import ArgumentParser
internal import SluiceCore
internal import SluiceKit

struct TabulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tabulate",
        abstract: "Show the table that an agreement makes of records, before it is protected. It is for the steward's eyes and never leaves.",
        discussion:
            "The agreement's own giver, receiver, dataflow and first purpose are taken for the question. Exit code 1 when the records are not agreed or no table can be made of them."
    )

    @OptionGroup var file: AgreedFile

    func run() async throws {
        try file.bring { trial, _, target in
            guard trial.examined.isRecords else {
                throw Outcome.refused("\(file.input) holds no records: its structure is neither named by the agreement's `records` nor marked as record-level")
            }
            _ = try trial.ruling().obligationsOrRefusal()
            try Output.writingTables(to: file.output, as: target, message: "UNPROTECTED") { put in if let table = trial.examined.tabulated { try put(table) } }
            if let counts = trial.examined.tabulationCounts { Terminal.note("\(counts.records) records make \(counts.cells) cells") }
            Terminal.note("this table is NOT PROTECTED: small cells stand in it as they are; it is for the steward inside and must not leave")
        }
    }
}
