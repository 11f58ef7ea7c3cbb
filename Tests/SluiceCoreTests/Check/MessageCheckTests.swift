import SluiceKit
import SluiceKitTesting
import Testing

@testable import SluiceCore

@Suite struct MessageCheckTests {
    private typealias Sample = CheckSample
    private static let row = CheckSample.row()
    private static let other = CheckSample.row(["OBS_VALUE": "7"])

    @Test(arguments: [
        (SDMXStandard.v2_1, DatasetAction.append, DatasetAction.append, true, "key.repeated", Finding.Severity.warning),
        (.v2_1, .append, .append, false, "key.repeated", .error), (.v3, .replace, .replace, false, "key.repeated", .warning),
        (.unknown, .replace, .replace, false, "key.repeated", .warning), (.v2_1, .replace, .append, false, "action.conflict", .warning),
        (.v3, .merge, .replace, true, "action.conflict", .warning), (.v3, .replace, .delete, true, "action.conflict", .warning),
    ])
    func findsAKeyThatStandsInTwoDatasets(
        standard: SDMXStandard, first: DatasetAction, second: DatasetAction, agrees: Bool, code: String, severity: Finding.Severity
    ) throws {
        let key = Self.row.filter { ["FREQ", "REF_AREA", "SEX", "AGE", "TIME_PERIOD"].contains($0.key) }
        let last = second == .delete ? key : agrees ? Self.row : Self.other
        let findings = try Sample.checkMessage([(first, [Self.row]), (second, [last])], standard: standard)
        #expect(findings.map(\.code.rawValue) == [code])
        #expect(findings.map(\.severity) == [severity])
        #expect(findings.first?.position == Position(line: 11, row: 1, dataset: 2))
        #expect(findings.first?.seriesKey == "A.51._T._T" && findings.first?.timePeriod == "2020")
        #expect(findings.first?.message.contains("line 11 of dataset 1") == true)
    }

    @Test func takesADeletionBeforeTheDataForAReplacement() throws {
        let key = ["FREQ": "A", "REF_AREA": "51", "SEX": "_T", "AGE": "_T", "TIME_PERIOD": "2020"]
        #expect(try Sample.checkMessage([(.delete, [key]), (.replace, [Self.row])], standard: .v3).isEmpty)
        #expect(try Sample.checkMessage([(.delete, [[:]]), (.replace, [Self.row])], standard: .v3).isEmpty)
        let wrong = try Sample.checkMessage([(.replace, [Self.row]), (.delete, [[:]])], standard: .v3)
        #expect(wrong.map(\.message) == ["The dataset deletes everything, and with it what the message gave before."])
    }

    @Test func tellsDuplicatesWithinADatasetFromThoseAcross() throws {
        let findings = try Sample.checkMessage([(.replace, [Self.row]), (.replace, [Sample.row(["SEX": "F"]), Self.row, Self.row])], standard: .v3)
        #expect(findings.map(\.code) == [.keyRepeated, .keyDuplicate])
        #expect(findings.last?.message == "This observation was given before, in line 12, with the same value.")
    }

    @Test func warnsOfInformationBesideChanges() throws {
        #expect(try Sample.checkMessage([(.information, [Self.row])]).isEmpty)
        let findings = try Sample.checkMessage([(.information, [Self.row]), (.append, [Sample.row(["SEX": "F"])])], standard: .v2_1)
        #expect(findings.map(\.code) == [.actionMixed])
        #expect(findings.first?.severity == .warning)
    }

    @Test func warnsOfDeletionsThatCarryValuesAndMergesThatCarryNothing() throws {
        let key = ["FREQ": "A", "REF_AREA": "51", "SEX": "_T", "AGE": "_T", "TIME_PERIOD": "2020"]
        #expect(try Sample.checkMessage([(.delete, [["REF_AREA": "51"], key])], standard: .v3).isEmpty)
        let values = (2000..<2005).map { key.merging(["TIME_PERIOD": "\($0)", "OBS_VALUE": "1"]) { $1 } }
        let deletion = try Sample.checkMessage([(.delete, values)], standard: .v3)
        #expect(deletion.map(\.code) == [.actionPartialDelete])
        #expect(deletion.first?.observations == 5)
        let merge = try Sample.checkMessage([(.merge, [key])], standard: .v3).filter { $0.code != .attributeMissing }
        #expect(merge.map(\.code) == [.actionNothingGiven])
    }

    @Test func switchesDimensionsOff() throws {
        let row = ["FREQ": "~", "REF_AREA": "51", "SEX": "~", "AGE": "~", "TIME_PERIOD": "~", "AREA_NOTE": "n", "TITLE": "t"]
        #expect(try Sample.checkMessage([(.merge, [row])], standard: .v3).filter { $0.code != .attributeMissing }.isEmpty)
        #expect(try Sample.check([Sample.row(["SEX": "~"])]).map(\.code) == [.dimensionMissing])
    }

    @Test func holdsTheHeadersSenderAgainstTheGiver() throws {
        let header = MessageHeader(senders: ["AM_ARMSTAT"])
        #expect(try Sample.checkMessage([(.replace, [Self.row])], header: header, expectedSenders: ["AM.ARMSTAT", "AM_ARMSTAT"]).isEmpty)
        #expect(try Sample.checkMessage([(.replace, [Self.row])], header: header).isEmpty)
        #expect(try Sample.checkMessage([(.replace, [Self.row])], header: MessageHeader(), expectedSenders: ["X"]).isEmpty)
        let findings = try Sample.checkMessage([(.replace, [Self.row])], header: header, expectedSenders: ["AM.MOI"])
        #expect(findings.map(\.code) == [.headerSender])
        #expect(findings.first?.offendingText == "AM_ARMSTAT")
    }

    @Test func givesTheSameAnswersFromMemoryAndFromFilesWhateverTheDatasets() throws {
        var generator = SeededGenerator.announced(for: "duplicates across datasets")
        let seed = generator.seed
        for round in 0..<20 {
            let datasets = (0..<Int.random(in: 1...5, using: &generator)).map { _ -> (action: DatasetAction, rows: [[String: String]]) in
                let action = [DatasetAction.append, .replace, .delete].randomElement(using: &generator)!
                let rows = (0..<Int.random(in: 0...30, using: &generator)).map { _ in
                    Sample.row([
                        "REF_AREA": ["51", "8", "31"].randomElement(using: &generator)!, "TIME_PERIOD": "\(2000 + Int.random(in: 0..<9, using: &generator))",
                        "OBS_VALUE": ["1", "1.0", "2"].randomElement(using: &generator)!,
                    ])
                }
                return (action, rows)
            }
            let keys: Set<FindingCode> = [.keyDuplicate, .keyRepeated, .actionConflict]
            let inMemory = try Sample.checkMessage(datasets, standard: .v2_1).filter { keys.contains($0.code) }
            #expect(inMemory.map { "\($0.code) \($0.position.dataset) \($0.position.row)" } == Self.oracle(datasets), "seed \(seed), round \(round)")
            for rowsMax in [1, 3, 17] {
                var limits = CheckLimits()
                limits.duplicateRowsInMemoryMax = rowsMax
                limits.duplicateKeysInMemoryMax = rowsMax
                limits.spillFilesMax = 2
                let found = try Sample.checkMessage(datasets, standard: .v2_1, limits: limits).filter { keys.contains($0.code) }
                #expect(found == inMemory, "seed \(seed), round \(round), \(rowsMax) in memory")
            }
        }
    }

    /// A dictionary of all keys.
    private static func oracle(_ datasets: [(action: DatasetAction, rows: [[String: String]])]) -> [String] {
        var last: [String: (dataset: Int, action: DatasetAction)] = [:]
        var findings: [String] = []
        for (index, dataset) in datasets.enumerated() {
            for (row, cells) in dataset.rows.enumerated() {
                let key = "\(cells["REF_AREA"] ?? "") \(cells["TIME_PERIOD"] ?? "")"
                let known = last[key]
                func say(_ code: FindingCode) { findings.append("\(code) \(index + 1) \(row + 1)") }
                if dataset.action == .delete {
                    if known != nil { say(.actionConflict) }
                    last[key] = nil
                } else {
                    if let known { say(known.dataset == index ? .keyDuplicate : known.action == dataset.action ? .keyRepeated : .actionConflict) }
                    last[key] = (index, dataset.action)
                }
            }
        }
        return findings
    }
}
