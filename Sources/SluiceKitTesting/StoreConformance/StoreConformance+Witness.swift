import SluiceKit

extension StoreConformance {
    private static func head(_ origin: String, _ size: Int64, _ root: String) -> WitnessedHead {
        WitnessedHead(origin: origin, size: size, root: root, note: "\(origin)\n\(size)\n\(root)\n\n— line\n", witnessedAt: Sample.time(size))
    }

    private static func fork(_ origin: String, _ size: Int64, _ root: String, isProven: Bool = true) -> LogFork {
        LogFork(
            origin: origin, size: size, root: root, note: "note", knownNote: "known", isProven: isProven, participant: "AM.MOI", foundAt: Sample.time(size))
    }

    private static func cosigned(_ witness: String, _ size: Int64, problem: String = "") -> CosignedHead {
        CosignedHead(witness: witness, size: size, root: "r\(size)", cosignedAt: Sample.time(size), problem: problem)
    }

    static let witness: [Check] = [
        check("lets the head of a witnessed log only go forward, each log by itself") { claim, store in
            let none = try await store.read { try $0.witnessedHead(origin: "log.a") }
            try claim.equal(none, nil, "of a log never seen")
            try await store.write { writing in
                try writing.setWitnessedHead(head("log.b", 3, "b3"))
                try writing.setWitnessedHead(head("log.a", 0, "a0"))
                try writing.setWitnessedHead(head("log.a", 5, "a5"))
                try writing.setWitnessedHead(head("log.a", 5, "a5"))
            }
            try await claim.fails(.conflict, "another root for the same size") { try await store.write { try $0.setWitnessedHead(head("log.a", 5, "other")) } }
            try await claim.fails(.conflict, "a smaller head") { try await store.write { try $0.setWitnessedHead(head("log.a", 4, "a4")) } }
            let (one, all, first, nothing) = try await store.read { reading in
                (
                    try reading.witnessedHead(origin: "log.a"), try reading.witnessedHeads(limit: 9), try reading.witnessedHeads(limit: 1),
                    try reading.witnessedHeads(limit: -1)
                )
            }
            try claim.equal(one, head("log.a", 5, "a5"), "the head")
            try claim.equal(all, [head("log.a", 5, "a5"), head("log.b", 3, "b3")], "all heads, by origin")
            try claim.equal(first, [head("log.a", 5, "a5")], "one at most")
            try claim.equal(nothing, [], "a limit below zero")
        },
        check("keeps evidence against a log once, and in order") { claim, store in
            let added = try await store.write { writing in
                [
                    try writing.insert(fork("log.b", 2, "x")), try writing.insert(fork("log.a", 2, "x", isProven: false)),
                    try writing.insert(fork("log.a", 2, "x", isProven: false)), try writing.insert(fork("log.a", 2, "x")),
                    try writing.insert(fork("log.a", 2, "y")),
                ]
            }
            try claim.equal(added, [true, true, false, true, true], "what was new")
            let (all, ofOne, two) = try await store.read { reading in
                (
                    try reading.logForks(origin: nil, limit: 9), try reading.logForks(origin: "log.a", limit: 9),
                    try reading.logForks(origin: nil, limit: 2).count
                )
            }
            let ofA = [fork("log.a", 2, "x", isProven: false), fork("log.a", 2, "x"), fork("log.a", 2, "y")]
            try claim.equal(all, [fork("log.b", 2, "x")] + ofA, "all, the oldest first")
            try claim.equal(ofOne, ofA, "of one log")
            try claim.equal(two, 2, "two at most")
        },
        check("keeps the last cosignature of each witness") { claim, store in
            try await store.write { writing in
                try writing.setCosignedHead(cosigned("w2", 1))
                try writing.setCosignedHead(cosigned("w1", 1, problem: "not reached"))
                try writing.setCosignedHead(cosigned("w1", 7))
            }
            let heads = try await store.read { try $0.cosignedHeads() }
            try claim.equal(heads, [cosigned("w1", 7), cosigned("w2", 1)], "by witness")
        },
    ]
}
