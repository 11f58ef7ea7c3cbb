package import SluiceKit

extension LedgerTerm {
    /// The members of an entry's `data` that tell terms.
    enum Member {
        case outcome, reason, participant, dataflow, agreement, purpose

        init?(_ name: UnsafeRawBufferPointer) {
            // By length first: most members tell nothing.
            switch name.count {
            case 6 where name.elementsEqual("sender".utf8): self = .participant
            case 7 where name.elementsEqual("outcome".utf8): self = .outcome
            case 7 where name.elementsEqual("purpose".utf8): self = .purpose
            case 8 where name.elementsEqual("receiver".utf8): self = .participant
            case 8 where name.elementsEqual("dataflow".utf8): self = .dataflow
            case 9 where name.elementsEqual("agreement".utf8): self = .agreement
            case 10 where name.elementsEqual("reasonCode".utf8): self = .reason
            case 11 where name.elementsEqual("counterpart".utf8): self = .participant
            case 11 where name.elementsEqual("participant".utf8): self = .participant
            default: return nil
            }
        }
    }

    /// Calls `take` with the terms that a member tells; with none of an empty text.
    static func tell(_ member: Member, _ value: String, _ take: (LedgerTerm) -> Void) {
        guard !value.isEmpty else { return }
        switch member {
        case .outcome: take(LedgerTerm(.outcome, value))
        case .reason: take(LedgerTerm(.reason, value))
        case .participant: take(LedgerTerm(.participant, value))
        case .dataflow: take(dataflow(value))
        case .agreement: agreements(value).forEach(take)
        case .purpose: take(LedgerTerm(.purpose, value))
        }
    }

    /// What all entries of an exchange share.
    package static func shared(by record: ExchangeRecord) -> [LedgerTerm] {
        var terms = [LedgerTerm(.participant, record.sender), LedgerTerm(.participant, record.receiver)]
        for (member, value) in [(Member.dataflow, record.dataflow), (.agreement, record.agreement), (.purpose, record.purpose)] {
            tell(member, value) { terms.append($0) }
        }
        return terms
    }

    /// A dataflow as `AGENCY:ID(VERSION)`, whether written so or as a URN.
    static func dataflow(_ text: String) -> LedgerTerm {
        LedgerTerm(.dataflow, text.utf8.firstIndex(of: UInt8(ascii: "=")).map { String(text[text.index(after: $0)...]) } ?? text)
    }

    /// Of `PERMITS 1.0 + BORDERS 2.1`: each agreement's id, and its id with the version.
    static func agreements(_ text: String) -> [LedgerTerm] {
        var terms: [LedgerTerm] = []
        for name in text.split(separator: " + ") {
            terms.append(LedgerTerm(.agreement, String(name)))
            if let end = name.firstIndex(of: " ") { terms.append(LedgerTerm(.agreement, String(name[..<end]))) }
        }
        return terms
    }
}

extension LedgerQuery {
    /// The terms of which one has to hold.
    package func terms(_ facet: LedgerTerm.Facet) -> [LedgerTerm] {
        (wanted[facet] ?? []).map { facet == .dataflow ? LedgerTerm.dataflow($0) : LedgerTerm(facet, $0) }
    }

    /// Whether an entry is looked for.
    /// - Parameter shared: what its exchange tells besides; asked only where the entry itself does not tell it.
    package func matches(_ facts: EntryFacts, shared: () throws -> Set<LedgerTerm>) rethrows -> Bool {
        guard includes(facts.time), subjects.isEmpty || subjects.contains(facts.subject) else { return false }
        for facet in LedgerTerm.Facet.allCases where wanted[facet] != nil {
            let terms = terms(facet)
            if terms.contains(where: { facts.terms.contains($0) }) { continue }
            guard LedgerTerm.Facet.ofExchanges.contains(facet) else { return false }
            let told = try shared()
            guard terms.contains(where: { told.contains($0) }) else { return false }
        }
        return true
    }
}
