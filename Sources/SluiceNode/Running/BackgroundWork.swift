internal import Logging
internal import ServiceLifecycle
internal import SluiceKit

/// What a node does by itself: delivers, takes what was carried here, carries out routes, runs feeds. Ends gracefully: work under way is finished, nothing new is begun.
package struct BackgroundWork: Service {
    let node: Node

    /// How soon a change of the directory by another process is followed.
    static let trustSeconds = 5
    /// How often the node looks whether there is something to ask about revocations.
    static let revocationSeconds = 300
    /// How often the node looks whether a further stretch of the ledger can be made searchable.
    static let indexSeconds = 2

    package init(_ node: Node) { self.node = node }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                let pause = Duration.milliseconds(node.configuration.delivery.pollMilliseconds)
                group.addTask { await node.courier.run() }
                group.addTask {
                    await withTaskCancellationHandler {
                        await repeating("folders", pause: .milliseconds(node.configuration.delivery.folder.pollMilliseconds)) { await node.collector.runDue() }
                    } onCancel: {
                        node.collector.stop()
                    }
                }
                group.addTask { await repeating("routes", pause: pause) { try await node.router.runDue() } }
                group.addTask {
                    await repeating("trust", pause: .seconds(BackgroundWork.trustSeconds), evenStopped: true) {
                        try await Worker.run { [node] in node.refreshTrust() }
                        await node.refreshDirectory()
                        await node.refreshAgreements()
                        return 0
                    }
                }
                group.addTask { await repeating("retention", pause: .seconds(node.configuration.retention.pollSeconds)) { try await node.eraser.runDue() } }
                group.addTask {
                    await repeating("asking for revocations", pause: .seconds(BackgroundWork.revocationSeconds)) {
                        try await node.fetchRevocations(); return 0
                    }
                }
                group.addTask {
                    await repeating("sweeping", pause: .seconds(BodyVault.sweepAgeSeconds)) {
                        try await node.eraser.sweep()
                        await node.looks.prune()
                        return 0
                    }
                }
                group.addTask { await node.selfCheck.run() }
                if let cosigning = node.cosigning { group.addTask { await cosigning.run() } }
                group.addTask {
                    let indexer = LedgerIndexer(store: node.store)
                    await repeating("search index", pause: .seconds(BackgroundWork.indexSeconds)) { try await indexer.indexNext() }
                }
                group.addTask { await repeating("feeds", pause: .seconds(1)) { try await node.feeds.runDue(since: node.startedAt) } }
            }
        }
    }

    /// Works as long as there is work, then pauses; a failure is logged and pauses too, for the store may be briefly busy.
    /// - Parameter evenStopped: also once nothing may be recorded any more, for it records nothing.
    private func repeating(_ name: String, pause: Duration, evenStopped: Bool = false, _ work: @escaping @Sendable () async throws -> Int) async {
        while !Task.isCancelled {
            guard evenStopped || node.ledger.gate.whyShut == nil else {
                try? await Task.sleep(for: pause)
                continue
            }
            do {
                // Shielded from cancellation: a delivery that has begun is recorded before the loop ends.
                let done = try await Task { try await work() }.value
                if done > 0 { continue }
            } catch {
                node.log.error("\(name) failed", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: pause)
        }
    }
}
