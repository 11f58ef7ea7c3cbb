package import SluiceCore
internal import SluiceCrypto
internal import SluiceKit
internal import SluiceLedger

extension Node {
    /// Read from the store, so that any process of the node can say it.
    package func witnessReport() async throws -> WitnessReport {
        let own = ledger.verifier.name
        let now = tools.clock.now()
        let (cosigned, heads, forks, head, size) = try await store.read { store in
            (
                try store.cosignedHeads(), try store.witnessedHeads(limit: DirectoryLimits.participantsMax),
                try store.logForks(origin: nil, limit: Self.forksMax), try store.ledgerHead(), try store.ledgerSize()
            )
        }
        let lines = (cosigning?.witnesses ?? []).map { witness in
            let known = cosigned.first { $0.witness == witness.key.name }
            let place =
                switch witness.place {
                case .participant(let id): id.rawValue
                case .url(let url): url
                }
            let time = known.flatMap { $0.size > 0 ? $0.cosignedAt : nil }
            return WitnessReport.Line(name: witness.key.name, place: place, size: known?.size ?? 0, cosignedAt: time, problem: known?.problem ?? "")
        }
        let quorum = cosigning?.policy.quorum ?? 0
        var logs = heads.filter { $0.origin != own }.map { head in
            WitnessReport.Log(
                origin: head.origin, participant: partners.ledgerKey(origin: head.origin)?.participant.rawValue ?? "", size: head.size,
                witnessedAt: head.witnessedAt, forks: forks.count { $0.origin == head.origin && $0.isProven },
                unproven: forks.count { $0.origin == head.origin && !$0.isProven })
        }
        for id in partners.ids {
            guard let key = partners.partner(id)?.ledgerKey?.text, let origin = try? VerifierKey(text: key).name, witness != nil,
                !logs.contains(where: { $0.origin == origin })
            else { continue }
            logs.append(WitnessReport.Log(origin: origin, participant: id.rawValue, size: 0, witnessedAt: nil, forks: 0, unproven: 0))
        }
        let shown = heads.first { $0.origin == own }
        var report = WitnessReport(
            origin: own, madeAt: now, published: head?.size ?? 0, quorum: quorum, witnesses: lines,
            covered: Int64(cosigning?.policy.covered(lines.map { UInt64(max(0, $0.size)) }) ?? 0), isQuorumReached: false,
            logs: logs.sorted { $0.origin < $1.origin }, stopped: ledger.gate.whyShut ?? shown.map { LedgerGate.words(shown: $0, entries: size) })
        report.isQuorumReached = quorum > 0 && lines.count { report.isFresh($0.cosignedAt) } >= quorum
        return report
    }

    /// The signed notes that stand against a log, each beside the one that it should have continued, as files for whoever is to judge them.
    package func witnessEvidence() async throws -> [(name: String, text: String)] {
        let own = ledger.verifier.name
        let (forks, shown) = try await store.read { (try $0.logForks(origin: nil, limit: Self.forksMax), try $0.witnessedHead(origin: own)) }
        var files: [(name: String, text: String)] = []
        for (number, fork) in forks.enumerated() {
            // An origin may hold what no file name should.
            let log = partners.ledgerKey(origin: fork.origin)?.participant.rawValue ?? "log"
            let name = "\(log)-\(number + 1)-\(fork.isProven ? "fork" : "unproven")"
            files += [(name + ".signed", fork.note), (name + ".known", fork.knownNote)]
        }
        if let shown { files.append(("own-shown-by-witness", shown.note)) }
        return files
    }

    private static let forksMax = 10_000

    func witnessMetrics() async -> [(name: String, help: String, type: String, samples: [(labels: [(String, String)], value: Double)])] {
        guard cosigning != nil || witness != nil, let report = try? await witnessReport() else { return [] }
        let now = tools.clock.now()
        var families: [(name: String, help: String, type: String, samples: [(labels: [(String, String)], value: Double)])] = []
        if !report.witnesses.isEmpty {
            families.append(
                (
                    "sluice_ledger_cosigned_entries", "Entries of this node's ledger that a witness has cosigned.", "gauge",
                    report.witnesses.map { ([("witness", $0.name)], Double($0.size)) }
                ))
            families.append(
                (
                    "sluice_ledger_cosignature_age_seconds", "Age of a witness's last cosignature of this node's ledger.", "gauge",
                    report.witnesses.compactMap { line in
                        line.cosignedAt.map { ([("witness", line.name)], Double(max(0, now.milliseconds - $0.milliseconds)) / 1_000) }
                    }
                ))
            families.append(
                (
                    "sluice_ledger_quorum_entries", "Entries of this node's ledger that a quorum of witnesses vouches for.", "gauge",
                    [([], Double(report.covered))]
                ))
            families.append(
                (
                    "sluice_ledger_quorum_reached", "Whether a quorum of witnesses has cosigned within the hour.", "gauge",
                    [([], report.isQuorumReached ? 1 : 0)]
                ))
        }
        families.append(
            (
                "sluice_ledger_stopped",
                "Whether the node was stopped: a witness has shown that this store is not the one that signed the ledger, or the self check found damage.",
                "gauge",
                [([], report.stopped == nil ? 0 : 1)]
            ))
        if witness != nil {
            families.append(
                (
                    "sluice_witnessed_entries", "Entries of a partner's ledger that this node has cosigned.", "gauge",
                    report.logs.map { ([("log", $0.origin)], Double($0.size)) }
                ))
            families.append(
                (
                    "sluice_witnessed_forks", "Pieces of evidence that a partner's ledger has two histories.", "gauge",
                    report.logs.map { ([("log", $0.origin)], Double($0.forks)) }
                ))
        }
        return families
    }

    /// What witnessing says of a participant, for the doctor: as this node's witness, and as one whose ledger this node witnesses.
    func judgeWitness(_ id: ParticipantID, _ diagnosis: inout Diagnosis) async throws {
        guard cosigning != nil || witness != nil else { return }
        let report = try await witnessReport()
        if let words = report.stopped { diagnosis.note("witness", .failed, words) }
        for line in report.witnesses where line.place == id.rawValue {
            guard let time = line.cosignedAt else {
                diagnosis.note(
                    "witness", .warning,
                    "\(id) has not cosigned this node's ledger yet\(line.problem.isEmpty ? "; it is asked while the node serves" : ": \(line.problem)")")
                continue
            }
            let isOld = !report.isFresh(time)
            diagnosis.note(
                "witness", line.problem.isEmpty && !isOld ? .passed : .warning,
                "\(id) has cosigned \(line.size) of \(report.published) entries of this node's ledger, last at \(time.rfc3339)\(line.problem.isEmpty ? "" : "; since then: \(line.problem)")"
            )
        }
        for log in report.logs where log.participant == id.rawValue {
            if log.forks > 0 {
                diagnosis.note(
                    "witness", .failed,
                    "the ledger \(log.origin) of \(id) has two histories, both signed with its key (\(log.forks) proofs kept); ask \(id), and see sluice ledger witness"
                )
            } else if let time = log.witnessedAt {
                diagnosis.note("witness", .passed, "this node has cosigned \(log.size) entries of the ledger of \(id), last at \(time.rfc3339)")
            }
        }
    }
}
