internal import SluiceKit

/// Which witnesses have cosigned a published log, and how far a quorum vouches for it.
package struct CosignedLog: Sendable {
    /// Cosignatures below the published checkpoint.
    package let onCheckpoint: [Cosignature]
    /// The newest checkpoint that a quorum has cosigned, of those published, with its cosignatures; nil where there is none.
    package let covered: (head: LedgerHead, cosignatures: [Cosignature])?
    /// What is wrong with what is published of cosignatures; nothing of it counts then.
    package let problems: [String]

    /// - Parameter files: a log whose tiles were found to lead to its signed checkpoint.
    package init(of files: any LedgerFiles, key: VerifierKey, policy: WitnessPolicy) {
        var problems: [String] = []
        var onCheckpoint: [Cosignature] = []
        var covered: (head: LedgerHead, cosignatures: [Cosignature])?
        var newest: LedgerHead?
        for name in [LedgerPublisher.checkpointName, LedgerPublisher.witnessedName] {
            do throws(LedgerError) {
                guard let bytes = try files.read(name, bytesMax: SignedNote.bytesMax) else { continue }
                let note = try SignedNote(parsing: bytes)
                let head = try Checkpoint(verifying: note, key: key).head
                let cosignatures = try note.cosignatures(of: policy.witnesses)
                if name == LedgerPublisher.checkpointName {
                    onCheckpoint = cosignatures
                    newest = head
                } else if let newest, let problem = LedgerConsistency.problem(files, from: head, to: newest) {
                    problems.append("\(name): the published log does not continue it: \(problem)")
                    continue
                }
                if cosignatures.count >= policy.quorum, covered == nil { covered = (head, cosignatures) }
            } catch {
                problems.append("\(name): \(error.detail)")
            }
        }
        self.onCheckpoint = onCheckpoint
        self.covered = covered
        self.problems = problems
    }
}
