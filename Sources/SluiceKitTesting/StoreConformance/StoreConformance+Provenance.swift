import SluiceKit

extension StoreConformance {
    private static func provenance(_ number: Int, payload: String, content: String) -> Provenance {
        Provenance(
            exchangeID: Sample.id(number), sender: "AM.ARMSTAT", payloadSHA256: payload, contentCode: content, terms: #"{"n":\#(number)}"#,
            storedAt: Sample.time(Int64(number)))
    }

    static let provenances: [Check] = [
        check("finds where data came from, by their payload and by their content") { claim, store in
            let all = [provenance(1, payload: "aa", content: "c1"), provenance(2, payload: "bb", content: "c1"), provenance(3, payload: "cc", content: "")]
            let before = try await store.read { try $0.hasProvenances() }
            try claim.equal(before, false, "any, at first")
            try await store.write { writing in
                for (number, provenance) in all.enumerated() {
                    try writing.insert(Sample.exchange(number + 1))
                    try writing.insert(provenance)
                }
            }
            let after = try await store.read { try $0.hasProvenances() }
            try claim.equal(after, true, "any, then")
            func found(_ payload: String, _ content: String, limit: Int = 9) async throws -> [Int] {
                try await store.read { try $0.provenances(payloadSHA256: payload, contentCode: content, limit: limit) }
                    .compactMap { found in all.firstIndex(of: found).map { $0 + 1 } }
            }
            try claim.equal(try await found("aa", ""), [1], "by the payload")
            try claim.equal(try await found("zz", "c1"), [2, 1], "by the content, the last first")
            try claim.equal(try await found("aa", "c1"), [2, 1], "by both, each once")
            try claim.equal(try await found("zz", "c1", limit: 1), [2], "no more than asked for")
            try claim.equal(try await found("zz", "c1", limit: -1), [], "a limit below zero")
            try claim.equal(try await found("zz", ""), [], "an empty code is nobody's")
            let one = try await store.read { try $0.provenance(sender: "AM.ARMSTAT", exchangeID: Sample.id(2)) }
            try claim.equal(one, all[1], "by the exchange")
            let none = try await store.read { try $0.provenance(sender: "AL.INSTAT", exchangeID: Sample.id(2)) }
            try claim.equal(none, nil, "of another sender")
        },
        check("keeps where data came from when the data go, and takes it once") { claim, store in
            let one = provenance(1, payload: "aa", content: "c1")
            try await claim.fails(.notFound, "of an exchange that is not recorded") { try await store.write { try $0.insert(one) } }
            try await store.write { writing in
                try writing.insert(Sample.exchange(1))
                try writing.insert(one)
            }
            try await claim.fails(.conflict, "twice") { try await store.write { try $0.insert(one) } }
            _ = try await store.write { writing in
                try writing.removeDataset(sender: "AM.ARMSTAT", exchangeID: Sample.id(1))
                return try writing.removeBodies(sender: "AM.ARMSTAT", exchangeID: Sample.id(1))
            }
            let kept = try await store.read { try $0.provenance(sender: "AM.ARMSTAT", exchangeID: Sample.id(1)) }
            try claim.equal(kept, one, "after the data went")
        },
    ]
}
