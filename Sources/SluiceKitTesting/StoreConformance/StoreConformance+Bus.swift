import SluiceKit

extension StoreConformance {
    static let bus: [Check] = [
        check("delivers a message to every subscription whose pattern matches, and only from then on") { claim, store in
            try await store.write { writing in
                try writing.subscribe("late", pattern: "exchange.*")
                try writing.publish(Sample.message("dataset.received/DF_CPI", body: "early"))
                try writing.subscribe("exact", pattern: "dataset.received/DF_CPI")
                try writing.subscribe("prefix", pattern: "dataset.received/*")
                try writing.subscribe("all", pattern: "*")
                try writing.subscribe("late", pattern: "dataset.received/DF_LFS")
                try writing.publish(Sample.message("dataset.received/DF_CPI", body: "one"))
                try writing.publish(Sample.message("dataset.received/DF_CPI2", key: "other", body: "two"))
                try writing.publish(Sample.message("dataset_received/x", key: "third", body: "three"))
            }
            func bodies(_ subscription: String) async throws -> [String] {
                try await store.write { try $0.dueDeliveries(subscription: subscription, now: Sample.time(1), limit: 9) }.map(\.message.body)
            }
            try await claim.equal(bodies("exact"), ["one"], "deliveries of the exact topic")
            try await claim.equal(bodies("prefix"), ["one", "two"], "deliveries of the prefix")
            try await claim.equal(bodies("all"), ["one", "two", "three"], "deliveries of *")
            try await claim.equal(bodies("late"), [], "deliveries of a pattern that matched nothing")
            try await claim.equal(bodies("nobody"), [], "deliveries of an unknown subscription")
        },
        check("gives messages back whole, with sequences that rise and are never given twice") { claim, store in
            let message = BusMessage(topic: "dataset.received/Ա", orderKey: "k", body: #"{"a":"\u00e9"}"#, publishedAt: Sample.time(-5))
            let (unheard, first, second, due) = try await store.write { writing in
                let unheard = try writing.publish(message)
                try writing.subscribe("s", pattern: "*")
                let first = try writing.publish(message)
                let delivery = try writing.dueDeliveries(subscription: "s", now: Sample.start, limit: 1)[0]
                try writing.complete(delivery)
                let second = try writing.publish(message)
                return (unheard, first, second, try writing.dueDeliveries(subscription: "s", now: Sample.start, limit: 9))
            }
            try claim.holds(unheard == nil, "a message that nobody subscribed to has a sequence")
            guard let first, let second else { return try claim.holds(false, "a message that somebody subscribed to has no sequence") }
            try claim.holds(first < second, "sequences \(first), \(second) do not rise")
            var expected = message
            expected.sequence = second
            let delivery = SubscriptionDelivery(
                subscription: "s", message: expected, attempts: 0, nextAttemptAt: message.publishedAt, waitingSince: message.publishedAt, isParked: false,
                lastError: "")
            try claim.equal(due, [delivery], "the delivery")
        },
        check("keeps the order of each key, and lets other keys pass") { claim, store in
            try await store.write { writing in
                try writing.subscribe("s", pattern: "*")
                for (body, key) in [("a1", "a"), ("b1", "b"), ("a2", "a"), ("b2", "b"), ("c1", "c")] {
                    try writing.publish(Sample.message("t", key: key, body: body))
                }
            }
            let first = try await store.write { try $0.dueDeliveries(subscription: "s", now: Sample.start, limit: 9) }
            try claim.equal(first.map(\.message.body), ["a1", "b1", "c1"], "due at first")
            let one = try await store.write { try $0.dueDeliveries(subscription: "s", now: Sample.start, limit: 1) }
            try claim.equal(one.map(\.message.body), ["a1"], "due, one at most")
            let later = try await store.write { writing in
                var waiting = first[0]
                waiting.attempts = 1
                waiting.nextAttemptAt = Sample.time(500)
                waiting.lastError = "disk"
                try writing.update(waiting)
                try writing.complete(first[1])
                return try writing.dueDeliveries(subscription: "s", now: Sample.time(499), limit: 9)
            }
            try claim.equal(later.map(\.message.body), ["b2", "c1"], "due while a1 waits and b1 is done")
            let again = try await store.write { try $0.dueDeliveries(subscription: "s", now: Sample.time(500), limit: 9) }
            try claim.equal(again.first.map { [$0.message.body, $0.lastError, "\($0.attempts)"] }, ["a1", "disk", "1"], "due again")
        },
        check("passes over parked deliveries, shows them, and delivers them when replayed") { claim, store in
            try await store.write { writing in
                try writing.subscribe("s", pattern: "*")
                try writing.subscribe("other", pattern: "*")
                for body in ["1", "2"] { try writing.publish(Sample.message("t", body: body)) }
                var first = try writing.dueDeliveries(subscription: "s", now: Sample.start, limit: 1)[0]
                first.isParked = true
                first.lastError = "mapping is missing"
                try writing.update(first)
            }
            let (due, parked) = try await store.write { writing in
                (try writing.dueDeliveries(subscription: "s", now: Sample.start, limit: 9), try writing.parkedDeliveries(limit: 9))
            }
            try claim.equal(due.map(\.message.body), ["2"], "due beside the parked one")
            try claim.equal(parked.map { [$0.subscription, $0.message.body, $0.lastError] }, [["s", "1", "mapping is missing"]], "parked")
            let replayed = try await store.write { writing in
                var first = parked[0]
                first.isParked = false
                first.waitingSince = Sample.time(9)
                try writing.update(first)
                return (try writing.dueDeliveries(subscription: "s", now: Sample.start, limit: 9), try writing.parkedDeliveries(limit: 9).count)
            }
            try claim.equal(replayed.0.map(\.message.body), ["1"], "due after the replay, first again")
            try claim.equal(replayed.0.first?.waitingSince, Sample.time(9), "since when it waits")
            try claim.equal(replayed.1, 0, "still parked")
        },
        check("completes for one subscription only, and twice without harm") { claim, store in
            try await store.write { writing in
                try writing.subscribe("s", pattern: "*")
                try writing.subscribe("other", pattern: "*")
                try writing.publish(Sample.message("t"))
                let delivery = try writing.dueDeliveries(subscription: "s", now: Sample.start, limit: 1)[0]
                try writing.complete(delivery)
                try writing.complete(delivery)
            }
            let (mine, others) = try await store.write { writing in
                (
                    try writing.dueDeliveries(subscription: "s", now: Sample.start, limit: 9),
                    try writing.dueDeliveries(subscription: "other", now: Sample.start, limit: 9)
                )
            }
            try claim.holds(mine.isEmpty, "a completed delivery is due again")
            try claim.equal(others.count, 1, "deliveries of the other subscription")
            try await claim.fails(.notFound, "update of a completed delivery") {
                try await store.write { writing in
                    var gone = others[0]
                    gone.subscription = "s"
                    try writing.update(gone)
                }
            }
        },
        check("refuses a pattern with a star anywhere but at its end") { claim, store in
            for pattern in ["", "a*b", "*a", "a**"] {
                try await claim.fails(.failed, "pattern '\(pattern)'") { try await store.write { try $0.subscribe("s", pattern: pattern) } }
            }
        },
    ]

    static let feeds: [Check] = [
        check("begins a feed's run of a date once, and lists the latest first") { claim, store in
            @Sendable func run(_ feed: String, _ scheduled: Int64) -> FeedRun {
                FeedRun(feed: feed, scheduledAt: Sample.time(scheduled), startedAt: Sample.time(scheduled + 5))
            }
            let begun = try await store.write { writing in
                [
                    try writing.begin(run("cpi", 20)), try writing.begin(run("cpi", 10)), try writing.begin(run("lfs", 20)), try writing.begin(run("cpi", 20)),
                    try writing.begin(run("cpi", 30)),
                ]
            }
            try claim.equal(begun, [true, true, true, false, true], "whether each began")
            var ended = run("cpi", 20)
            ended.endedAt = Sample.time(99)
            ended.outcome = .sent
            ended.exchangeID = Sample.id(1)
            ended.detail = "12 observations"
            let wanted = ended
            try await store.write { try $0.update(wanted) }
            let (all, last) = try await store.read { (try $0.feedRuns(feed: "cpi", limit: 9), try $0.feedRuns(feed: "cpi", limit: 1)) }
            try claim.equal(all, [run("cpi", 30), ended, run("cpi", 10)], "runs")
            try claim.equal(last, [run("cpi", 30)], "the last run")
            try await claim.fails(.notFound, "update of a run that never began") { try await store.write { try $0.update(run("cpi", 40)) } }
        },
        check("lets one of many that begin the same date at once win") { claim, store in
            let wins = try await withThrowingTaskGroup(of: Bool.self) { tasks in
                for number in 0..<20 {
                    tasks.addTask {
                        try await store.write { try $0.begin(FeedRun(feed: "cpi", scheduledAt: Sample.start, startedAt: Sample.time(Int64(number)))) }
                    }
                }
                return try await tasks.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            try claim.equal(wins, 1, "runs begun")
        },
    ]
}
