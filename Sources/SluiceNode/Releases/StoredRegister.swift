internal import SluiceCore
internal import SluiceCrypto
internal import SluiceKit

/// The register of what this node has released, in its store; the figures are encrypted.
struct StoredRegister: ReleaseRegister {
    let participant: ParticipantID
    let store: any Store
    let storageKey: StorageKey

    /// Blocks: for threads of `Worker` alone.
    func held(population: String, periods: Set<String>, atMost limit: Int) throws -> HeldReleases {
        let (records, keys, mark) = try Worker.wait { [store] in
            try await store.read { store in
                let records = try store.releases(population: population, periods: periods, limit: limit)
                // One exchange may have several entries.
                var exchanges: [String: ExchangeRecord] = [:]
                for record in records where exchanges[record.exchangeID] == nil {
                    exchanges[record.exchangeID] = try store.exchange(sender: record.sender, id: record.exchangeID)
                }
                return (records, exchanges, try store.lastRelease(population: population, periods: periods))
            }
        }
        return HeldReleases(releases: try records.map { try open($0, of: keys[$0.exchangeID]) }, mark: mark)
    }

    /// Without the truth where it was erased.
    private func open(_ record: ReleaseRecord, of exchange: ExchangeRecord?) throws -> ReleasedFigures {
        let kept = try storageKey.releaseCipher(sender: record.sender, exchangeID: record.exchangeID, dataset: record.dataset).open(record.figures)
        var truth: [UInt8]?
        if let exchange, !exchange.wrappedKey.isEmpty, !record.truth.isEmpty {
            truth = try storageKey.key(of: exchange).truthCipher(dataset: record.dataset).open(record.truth)
        }
        return try ReleasedFigures(kept: kept, truth: truth)
    }

    /// The entry of a release, encrypted.
    /// - Parameter dataset: its number within the exchange.
    func seal(_ figures: ReleasedFigures, dataset: Int, key: ExchangeKey) throws -> ReleaseRecord {
        let sender = participant.rawValue
        return ReleaseRecord(
            sender: sender, exchangeID: figures.exchangeID, dataset: dataset, population: figures.population, dataflow: figures.dataflow,
            receiver: figures.holders.first ?? "", isPublic: figures.isPublic, periods: figures.periods, cells: figures.cellCount,
            withheld: figures.withheldCount, releasedAt: figures.releasedAt,
            figures: try storageKey.releaseCipher(sender: sender, exchangeID: figures.exchangeID, dataset: dataset).seal(figures.keptBytes),
            truth: try figures.truthBytes.map { try key.truthCipher(dataset: dataset).seal($0) } ?? [])
    }
}

/// Another release of the same population and a period was recorded since this one was held against the register.
struct ReleaseOvertaken: Error {}
