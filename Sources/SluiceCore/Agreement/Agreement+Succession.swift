extension Agreement {
    /// Among whom it is: of those who may receive, the ones who have signed.
    package func narrowed(toReceivers signers: [String]) -> Agreement {
        var agreement = self
        agreement.receivers = receivers.filter(signers.contains)
        return agreement
    }

    /// Who may sign it: the giver and those whom it names; where an agreement forbids for everybody, everybody it may meet.
    func isParty(_ id: String) -> Bool { id == giver || isFor(receiver: id) }
}
