package import SluiceKit

/// How many people it takes to let a participant in.
package struct ApprovalRule: Hashable, Sendable {
    package var approvalsRequired: Int
    /// Whether whoever brought the document may be one of those who approve it; never the only one.
    package var proposerMayApprove: Bool

    /// Two people, neither of them the one who brought the document.
    package static let standard = ApprovalRule(approvalsRequired: 2, proposerMayApprove: false)

    package init(approvalsRequired: Int, proposerMayApprove: Bool) {
        self.approvalsRequired = max(proposerMayApprove ? 2 : 1, approvalsRequired)
        self.proposerMayApprove = proposerMayApprove
    }
}

/// Where a participant stands, told by the statements about it. A value: statements go in, a state comes out.
///
/// Opening takes two people, closing one: a document counts when two have approved it, a suspended participant is let in again by two, and anybody
/// with the role may suspend at once. The document in force stays in force while another waits for approval.
package struct ParticipantRecord: Hashable, Sendable {
    package enum State: String, Hashable, Sendable {
        case proposed, approved, suspended, withdrawn
    }

    package struct Pending: Hashable, Sendable {
        package var document: SHA256Digest
        package var proposer: String
        package var approvers: [String] = []
    }

    package let participant: ParticipantID
    package let rule: ApprovalRule
    /// The document that two people approved last.
    package private(set) var inForce: SHA256Digest?
    /// Who approved it.
    package private(set) var approvers: [String] = []
    package private(set) var pending: Pending?
    package private(set) var isSuspended = false
    package private(set) var isWithdrawn = false
    /// Those who want a suspended participant back.
    package private(set) var resumers: [String] = []
    package private(set) var count = 0
    package private(set) var last: SHA256Digest?
    package private(set) var lastTime: Instant?
    package private(set) var lastReason = ""

    package init(_ participant: ParticipantID, rule: ApprovalRule = .standard) {
        self.participant = participant
        self.rule = rule
    }

    package var state: State {
        if isWithdrawn { return .withdrawn }
        guard inForce != nil else { return .proposed }
        return isSuspended ? .suspended : .approved
    }

    /// The statement that would come next.
    package func next(_ act: DirectoryStatement.Act, document: SHA256Digest, person: String, time: Instant, reason: String = "") -> DirectoryStatement {
        DirectoryStatement(
            participant: participant, number: count + 1, previous: last, act: act, document: document, person: person, time: time, reason: reason)
    }

    /// Takes the next statement in; `digest` is that of its canonical bytes. On an error nothing changes.
    package mutating func take(_ statement: DirectoryStatement, digest: SHA256Digest) throws(DirectoryError) {
        guard statement.participant == participant, statement.number == count + 1, statement.previous == last else {
            throw DirectoryError(
                .recordBroken, "statement \(statement.number) about \(participant) does not follow the one before it: one is missing or was changed")
        }
        guard count < DirectoryLimits.statementsMax else {
            throw DirectoryError(.limitExceeded, "there are \(count) statements about \(participant) already; no more are kept")
        }
        if let lastTime, statement.time < lastTime {
            throw DirectoryError(.stateWrong, "the statement is dated before the last one (\(lastTime.rfc3339)); check the clock of this machine")
        }
        switch statement.act {
        case .propose: try propose(statement)
        case .approve: try approve(statement)
        case .suspend: try suspend()
        case .resume: try resume(statement)
        case .withdraw: try withdraw()
        }
        count += 1
        last = digest
        lastTime = statement.time
        lastReason = statement.reason
    }

    private mutating func propose(_ statement: DirectoryStatement) throws(DirectoryError) {
        if statement.document == inForce, !isWithdrawn {
            throw DirectoryError(.stateWrong, "this document of \(participant) is in force already; there is nothing to propose")
        }
        if statement.document == pending?.document {
            throw DirectoryError(
                .stateWrong, "this document of \(participant) waits for approval already; it has \(pending?.approvers.count ?? 0) of \(rule.approvalsRequired)")
        }
        // Whatever had been approved of another document says nothing of this one.
        pending = Pending(document: statement.document, proposer: statement.person)
    }

    private mutating func approve(_ statement: DirectoryStatement) throws(DirectoryError) {
        guard var waiting = pending else { throw DirectoryError(.stateWrong, "no document of \(participant) waits for approval") }
        guard statement.document == waiting.document else {
            throw DirectoryError(
                .documentDiffers,
                "another document of \(participant) waits (\(waiting.document.hex.prefix(16))…) than the one approved; look at it and approve that one")
        }
        if statement.person == waiting.proposer, !rule.proposerMayApprove {
            throw DirectoryError(.selfApproval, "\(statement.person) brought this document and cannot approve it; two others have to")
        }
        guard !waiting.approvers.contains(statement.person) else {
            throw DirectoryError(.approvedTwice, "\(statement.person) has approved this document already; somebody else has to")
        }
        waiting.approvers.append(statement.person)
        guard waiting.approvers.count >= rule.approvalsRequired else {
            pending = waiting
            return
        }
        inForce = waiting.document
        // Who wanted the participant back meant the document before.
        resumers = []
        approvers = waiting.approvers
        pending = nil
        // A participant that had left is back by the word of two; a suspension is another matter and stays.
        isWithdrawn = false
    }

    private mutating func suspend() throws(DirectoryError) {
        guard state == .approved || (state == .suspended && !resumers.isEmpty) else {
            throw DirectoryError(.stateWrong, "\(participant) is \(state.rawValue); only an approved participant can be suspended")
        }
        isSuspended = true
        resumers = []
    }

    private mutating func resume(_ statement: DirectoryStatement) throws(DirectoryError) {
        guard state == .suspended else { throw DirectoryError(.stateWrong, "\(participant) is \(state.rawValue), not suspended") }
        guard statement.document == inForce else {
            throw DirectoryError(.documentDiffers, "another document of \(participant) is in force than the one that is to be resumed")
        }
        guard !resumers.contains(statement.person) else {
            throw DirectoryError(.approvedTwice, "\(statement.person) has said so already; letting \(participant) in again takes somebody else too")
        }
        resumers.append(statement.person)
        if resumers.count >= max(2, rule.approvalsRequired) {
            isSuspended = false
            resumers = []
        }
    }

    private mutating func withdraw() throws(DirectoryError) {
        guard !isWithdrawn else { throw DirectoryError(.stateWrong, "\(participant) is withdrawn already") }
        isWithdrawn = true
        isSuspended = false
        resumers = []
        pending = nil
        inForce = nil
    }
}
