import SluiceKit

extension StoreConformance {
    static let exchanges: [Check] = [
        check("gives an exchange back with every field") { claim, store in
            var record = Sample.exchange(1, state: .accepted, direction: .incoming)
            record.agreement = "cpi-2026"
            record.purpose = "Statistics: «ցուցանիշ» 'quoted' \u{1F4CA}"
            record.reasonCode = "agreement.embargo"
            record.reason = "not before\n09:30"
            record.observations = 9_007_199_254_740_993
            record.bytes = 5_000_000_000
            record.manifestDigest = String(repeating: "0f", count: 32)
            record.packageDigest = String(repeating: "1e", count: 32)
            record.receiptDigest = String(repeating: "2d", count: 32)
            record.seal = "asic-e"
            record.wrappedKey = [0, 1, 254, 255]
            record.retainUntil = Sample.time(7_000)
            record.isErased = true
            record.findingsJSON = #"[{"code":"code.unknown"}]"#
            record.updatedAt = Sample.time(5_000)
            let wanted = record
            try await store.write { try $0.insert(wanted) }
            let inserted = try await store.read { try $0.exchange(sender: wanted.sender, id: wanted.id) }
            try claim.equal(inserted, wanted, "as inserted")
            var changed = wanted
            changed.state = .refused
            changed.reason = ""
            changed.updatedAt = Sample.time(6_000)
            let wantedLater = changed
            try await store.write { try $0.update(wantedLater) }
            let updated = try await store.read { try $0.exchange(sender: wanted.sender, id: wanted.id) }
            try claim.equal(updated, wantedLater, "as updated")
        },
        check("refuses a second exchange with the sender's id, and takes the same id of another sender") { claim, store in
            try await store.write { try $0.insert(Sample.exchange(1)) }
            try await claim.fails(.conflict, "the same (sender, id)") { try await store.write { try $0.insert(Sample.exchange(1, state: .received)) } }
            try await store.write { try $0.insert(Sample.exchange(1, sender: "AL.INSTAT", receiver: "AM.ARMSTAT")) }
            let (first, other) = try await store.read { reading in
                (try reading.exchange(sender: "AM.ARMSTAT", id: Sample.id(1)), try reading.exchange(sender: "AL.INSTAT", id: Sample.id(1)))
            }
            try claim.equal(first?.state, .queued, "state of the first, untouched")
            try claim.equal(other?.receiver, "AM.ARMSTAT", "receiver of the other")
        },
        check("refuses to update an exchange that is not there") { claim, store in
            try await claim.fails(.notFound, "update") { try await store.write { try $0.update(Sample.exchange(1)) } }
        },
        check("lists exchanges newest first, by every filter alone and together") { claim, store in
            let records = (0..<60).map { number in
                Sample.exchange(
                    number, sender: number % 2 == 0 ? "AM.ARMSTAT" : "GE.GEOSTAT", receiver: number % 3 == 0 ? "AM.ARMSTAT" : "AL.INSTAT",
                    dataflow: number % 5 == 0 ? "ESTAT:DF_LFS(1.0)" : "ESTAT:DF_CPI(1.0)", state: number % 4 == 0 ? .parked : .queued,
                    direction: number % 2 == 0 ? .outgoing : .incoming)
            }
            try await store.write { writing in for record in records.shuffled() { try writing.insert(record) } }
            for state in [nil, ExchangeState.parked] {
                for direction in [nil, ExchangeRecord.Direction.incoming] {
                    for participant in [nil, "AM.ARMSTAT", "XX"] {
                        for dataflow in [nil, "ESTAT:DF_LFS(1.0)"] {
                            for before in [nil, Sample.id(31)] {
                                for limit in [0, 4, 100] {
                                    let filter = ExchangeFilter(
                                        state: state, direction: direction, participant: participant, dataflow: dataflow, before: before, limit: limit)
                                    let expected = records.reversed().filter { record in
                                        (state.map { record.state == $0 } ?? true) && (direction.map { record.direction == $0 } ?? true)
                                            && (participant.map { record.sender == $0 || record.receiver == $0 } ?? true)
                                            && (dataflow.map { record.dataflow == $0 } ?? true) && (before.map { record.id < $0 } ?? true)
                                    }.prefix(limit).map(\.id)
                                    let found = try await store.read { try $0.exchanges(filter) }.map(\.id)
                                    try claim.equal(found, expected, "exchanges by \(filter)")
                                }
                            }
                        }
                    }
                }
            }
        },
        check("finds the newest exchange of a lane in a state, also as states change") { claim, store in
            let (one, other) = ("ESTAT:DF_LFS(1.0)", "ESTAT:DF_CPI(1.0)")
            var records: [ExchangeRecord] = []
            for number in 0..<90 {
                var record = Sample.exchange(
                    number, sender: number % 2 == 0 ? "AM.ARMSTAT" : "GE.GEOSTAT", receiver: number % 3 == 0 ? "AM.ARMSTAT" : "AL.INSTAT",
                    dataflow: number % 5 == 0 ? one : other, state: .queued)
                let inserted = record
                try await store.write { try $0.insert(inserted) }
                if number % 7 == 0 {
                    record.state = .receipted
                    let changed = record
                    try await store.write { try $0.update(changed) }
                }
                records.append(record)
            }
            for sender in ["AM.ARMSTAT", "GE.GEOSTAT", "XX"] {
                for receiver in ["AM.ARMSTAT", "AL.INSTAT"] {
                    for (dataflow, state) in [(one, ExchangeState.queued), (other, .queued), (one, .receipted), (other, .receipted), (one, .parked)] {
                        let expected = records.last {
                            $0.sender == sender && $0.receiver == receiver && $0.dataflow == dataflow && $0.state == state
                        }
                        let found = try await store.read { try $0.newestExchange(sender: sender, receiver: receiver, dataflow: dataflow, state: state) }
                        try claim.equal(found, expected, "the newest from \(sender) to \(receiver) in \(dataflow) that is \(state)")
                    }
                }
            }
        },
        check("counts exchanges by state, also as they change") { claim, store in
            try await store.write { writing in
                for number in 0..<5 { try writing.insert(Sample.exchange(number)) }
                try writing.insert(Sample.exchange(5, state: .received))
                try writing.update(Sample.exchange(0, state: .receipted))
                try writing.update(Sample.exchange(1))
                try writing.update(Sample.exchange(5, state: .accepted))
            }
            let counts = try await store.read { try $0.exchangeCounts() }
            try claim.equal(counts, [.queued: 4, .receipted: 1, .accepted: 1], "counts")
        },
        check("keeps one dataset for an exchange that is there, and lists the last stored first") { claim, store in
            try await claim.fails(.notFound, "a dataset without its exchange") { try await store.write { try $0.insert(Sample.dataset(1, stored: 0)) } }
            try await store.write { writing in
                for (number, stored) in [(1, 30), (2, 10), (3, 20), (4, 20)] as [(Int, Int64)] {
                    try writing.insert(Sample.exchange(number))
                    try writing.insert(Sample.dataset(number, dataflow: number == 2 ? "ESTAT:DF_LFS(1.0)" : "ESTAT:DF_CPI(1.0)", stored: stored))
                }
            }
            try await claim.fails(.conflict, "a second dataset") { try await store.write { try $0.insert(Sample.dataset(1, stored: 99)) } }
            let (one, all, cpi, two, none) = try await store.read { reading in
                (
                    try reading.dataset(sender: "AM.ARMSTAT", exchangeID: Sample.id(1)), try reading.datasets(dataflow: nil, limit: 9),
                    try reading.datasets(dataflow: "ESTAT:DF_CPI(1.0)", limit: 9), try reading.datasets(dataflow: nil, limit: 2),
                    try reading.datasets(dataflow: nil, limit: -1)
                )
            }
            try claim.equal(one, Sample.dataset(1, stored: 30), "the dataset")
            try claim.equal(all.map(\.exchangeID), [1, 4, 3, 2].map(Sample.id), "all datasets")
            try claim.equal(cpi.map(\.exchangeID), [1, 4, 3].map(Sample.id), "datasets of one dataflow")
            try claim.equal(two.map(\.exchangeID), [1, 4].map(Sample.id), "the last two")
            try claim.holds(none.isEmpty, "a negative limit answered with \(none.count) datasets")
        },
    ]
}
