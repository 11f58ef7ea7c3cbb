package import SluiceCore
package import SluiceKit

extension Node: NodeFace {
    package var participantName: String { participant.rawValue }
    package var ledgerDirectory: String { ledger.directory }

    package func status() async throws -> NodeStatus {
        let counted: (exchanges: [ExchangeState: Int], outbox: (waiting: Int, parked: Int), size: Int64)
        do {
            counted = try await store.read { store in (try store.exchangeCounts(), try store.outboxCounts(), try store.ledgerSize()) }
        } catch  where ledger.gate.whyShut != nil {
            // A store too damaged to be read stopped the node: that has to be told all the same.
            counted = ([:], (0, 0), 0)
        }
        let isOpen = ledger.gate.whyShut == nil
        var status = NodeStatus(
            participant: participant, isReady: isOpen, notReadyReason: ledger.gate.whyShut ?? "", startedAt: startedAt, ledgerSize: counted.size,
            ledgerPublishedSize: await ledger.publishedSize, exchangeCounts: counted.exchanges, outboxWaiting: counted.outbox.waiting,
            outboxParked: counted.outbox.parked, feeds: isOpen ? try await feeds.statuses() : (try? await feeds.statuses()) ?? [])
        status.selfCheck = await selfCheck.status
        return status
    }

    package func exchanges(_ filter: ExchangeFilter) async throws -> [ExchangeRecord] { try await store.read { try $0.exchanges(filter) } }
    package func exchange(sender: String, id: String) async throws -> ExchangeRecord? { try await store.read { try $0.exchange(sender: sender, id: id) } }

    /// Most entries of one exchange that a page shows.
    private static let entriesMax = 1_000

    package func ledgerEntries(subject: String) async throws -> [(index: Int64, entry: [UInt8])] {
        try await store.read { try $0.ledgerEntries(subject: subject, limit: Self.entriesMax) }
    }

    package func metrics() async -> [(name: String, help: String, type: String, samples: [(labels: [(String, String)], value: Double)])] {
        let counted = counters.snapshot
        var families: [(name: String, help: String, type: String, samples: [(labels: [(String, String)], value: Double)])] = [
            (
                "sluice_deliveries_total", "Delivery attempts by outcome since the start.", "counter",
                [
                    ([("outcome", "succeeded")], Double(counted.deliveriesSucceeded)), ([("outcome", "failed")], Double(counted.deliveriesFailed)),
                    ([("outcome", "parked")], Double(counted.deliveriesParked)),
                ]
            )
        ]
        if let erased = try? await store.read({ try $0.erasedCount() }) {
            families.append(("sluice_exchanges_erased", "Exchanges whose package and receipt were erased.", "gauge", [([], Double(erased))]))
        }
        families += trustMetrics
        families += await witnessMetrics()
        families += await selfCheckMetrics()
        // A scrape must not fail because the store is busy: what could not be asked is left out.
        if let status = try? await status() {
            families.append(
                (
                    "sluice_exchanges", "Exchanges in the store by state.", "gauge",
                    ExchangeState.allCases.map { ([("state", $0.rawValue)], Double(status.exchangeCounts[$0] ?? 0)) }
                ))
            families.append(
                (
                    "sluice_outbox_items", "Packages in the outbox.", "gauge",
                    [([("state", "waiting")], Double(status.outboxWaiting)), ([("state", "parked")], Double(status.outboxParked))]
                ))
            families.append(("sluice_ledger_entries", "Entries committed to the ledger.", "gauge", [([], Double(status.ledgerSize))]))
            families.append(
                ("sluice_ledger_published_entries", "Entries covered by the published checkpoint.", "gauge", [([], Double(status.ledgerPublishedSize))]))
        }
        families.append(("sluice_start_time_seconds", "When the node started.", "gauge", [([], Double(startedAt.milliseconds) / 1000)]))
        families.append(("sluice_info", "The running version.", "gauge", [([("version", sluiceVersion), ("participant", participant.rawValue)], 1)]))
        return families
    }
}
