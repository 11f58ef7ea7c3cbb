internal import Logging
package import SluiceCore
internal import SluiceCrypto
internal import SluiceKit
internal import SluiceLedger

/// What people at the console are told of themselves and of the ledger.
extension Node {
    package var peopleStanding: PeopleStanding {
        guard let directory else { return .nobody }
        do { return try directory.store.people().all.isEmpty ? .nobody : .known } catch { return .unreadable }
    }

    package func person(named name: String) -> Person? { directory.flatMap { try? $0.store.people()[name] } }

    package func signIn(_ credentials: Credentials, from address: String) async throws(Problem) -> Person {
        guard let doorkeeper else {
            throw Problem(status: 404, code: "people-unknown", title: "Nobody is known here", detail: "This node has no directory, and so knows no people.")
        }
        let person = try await doorkeeper.person(credentials, from: address)
        log.notice("somebody signed in at the console", metadata: ["person": "\(person.name)", "address": "\(address)"])
        return person
    }

    package func note(_ look: Look) async throws { try await looks.note(look) }

    package func looks(before: LookPlace?, limit: Int) async throws -> [NotedLook] {
        let names = (try? directory?.store.people().all.map(\.name)) ?? []
        return try await looks.looks(before: before, limit: limit, names: names)
    }

    // MARK: The ledger

    package func publishedCheckpoint() async throws -> PublishedCheckpoint? {
        let (directory, key) = (ledgerDirectory, ledger.verifier)
        return try await Worker.run { try Self.published(in: directory, key: key)?.facts }
    }

    package func ledgerPath(index: Int64) async throws -> LedgerPathFacts? {
        let (directory, key) = (ledgerDirectory, ledger.verifier)
        guard let entry = try await store.read({ try $0.ledgerEntries(from: index, limit: 1).first }) else { return nil }
        return try await Worker.run {
            guard index >= 0, let (head, facts) = try Self.published(in: directory, key: key), UInt64(index) < head.size else { return nil }
            let tiles = TileReader(files: LedgerDirectory(path: directory), size: head.size)
            let hashes = try MerkleProver(nodes: tiles).inclusion(of: UInt64(index), in: head.size)
            let hasher = MerkleHasher()
            let leaf = hasher.leaf(entry)
            let steps = MerkleVerification.steps(from: leaf, at: UInt64(index), size: head.size, proof: hashes, with: hasher)
            guard let steps, steps.last?.result ?? leaf == head.root else {
                throw NodeError("entry \(index) of the store does not lead to the published root; run sluice ledger verify")
            }
            return LedgerPathFacts(
                index: index, entry: entry, leaf: leaf.hex,
                steps: steps.map { .init(sibling: $0.sibling.hex, isSiblingLeft: $0.isSiblingLeft, result: $0.result.hex) }, checkpoint: facts)
        }
    }

    package func consistency(since checkpoint: String) async throws -> LedgerSinceVisit {
        let (directory, key) = (ledgerDirectory, ledger.verifier)
        do {
            return try await Worker.run {
                guard let (head, facts) = try Self.published(in: directory, key: key) else { throw NodeError("the ledger has no checkpoint yet") }
                let earlier: LedgerHead
                do throws(LedgerError) { earlier = try Checkpoint(verifying: SignedNote(parsing: Array(checkpoint.utf8)), key: key).head } catch {
                    return LedgerSinceVisit(
                        verdict: .broken("the earlier checkpoint is not signed by this ledger's key: \(error)"), earlierSize: 0, now: facts)
                }
                let problem = LedgerConsistency.problem(LedgerDirectory(path: directory), from: earlier, to: head)
                let verdict: LedgerSinceVisit.Verdict = problem.map { .broken($0) } ?? (earlier == head ? .unchanged : .grown)
                return LedgerSinceVisit(verdict: verdict, earlierSize: Int64(earlier.size), now: facts)
            }
        } catch {
            log.error("the ledger cannot be held against an earlier checkpoint", metadata: ["error": "\(error)"])
            throw error
        }
    }

    package func ledgerStatistics() async throws -> LedgerStatistics {
        let size = try await store.read { try $0.ledgerSize() }
        let first = max(0, size - Int64(LedgerStatistics.entriesMax))
        var statistics = LedgerStatistics(firstIndex: first)
        var index = first
        while index < size {
            let from = index
            // In pieces, each away from the threads that answer: exchanges go on in between.
            let entries = try await store.read { try $0.ledgerEntries(from: from, limit: 1_000) }
            guard !entries.isEmpty else { break }
            let counted = statistics
            statistics = try await Worker.run {
                var counted = counted
                for entry in entries { counted.add(entry) }
                return counted
            }
            index += Int64(entries.count)
        }
        return statistics
    }

    package func retentionCalendar() async throws -> RetentionCalendar {
        let now = tools.clock.now()
        let (due, erased) = try await store.read { store in
            (try store.exchangesToErase(now: Instant(milliseconds: .max / 2), limit: RetentionCalendar.dueMax), try store.erasedCount())
        }
        return RetentionCalendar(now: now, due: due, erasedCount: erased)
    }

    package var standingAgreements: [StandingAgreement] { tools.book.all.sorted { $0.agreement.name < $1.agreement.name } }

    package func beginVisit(of person: String) async -> EarlierVisit {
        let today: String?
        do { today = try await publishedCheckpoint()?.text } catch {
            log.error("the published checkpoint cannot be read", metadata: ["error": "\(error)"])
            return .unknown
        }
        return await Visits(directory: configuration.visitDirectory, log: log).begin(person, today: today) { earlier in
            if case .broken = try await self.consistency(since: earlier).verdict { return false }
            return true
        }
    }

    private static func published(in directory: String, key: VerifierKey) throws -> (head: LedgerHead, facts: PublishedCheckpoint)? {
        guard let bytes = try LedgerDirectory(path: directory).read(LedgerPublisher.checkpointName, bytesMax: SignedNote.bytesMax) else { return nil }
        let note = try SignedNote(parsing: bytes)
        let head = try Checkpoint(verifying: note, key: key).head
        return (head, PublishedCheckpoint(text: note.text, size: Int64(head.size), root: head.root.base64, verifierKey: key.text))
    }
}
