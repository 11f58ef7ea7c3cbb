package import SluiceKit

/// The step that holds what is about to leave against what the same people hold already, and gives what the register is to keep of it.
package struct Compare: Sendable {
    /// What is to be recorded with the exchange, in the same transaction.
    package struct Release: Sendable {
        package var figures: ReleasedFigures
        /// The host's mark when earlier releases of its population and periods were looked up: with another one by the time of recording the trip has to be run
        /// again. nil where it was held against none and is only to be known to others.
        package var mark: Int64?
    }

    /// Most earlier releases that one is held against; the gate has a lower limit of its own and says so.
    static let releasesMax = 2_000

    private let obligations: Obligations
    private let differencing: ProtectionObligations.Differencing?
    private let populations: [String]
    private let exchangeID: String
    private let receiver: ParticipantID
    private let flow: ArtefactReference
    private let tools: CorridorTools

    /// Nil where neither this agreement nor another one of this giver about the same dataflow looks across releases.
    /// - Throws: `Refusal` when the agreement obliges it and this host keeps no register, or the dataset is no table.
    package init?(
        _ obligations: Obligations, exchangeID: String, receiver: ParticipantID, flow: ArtefactReference, under standing: StandingAgreements,
        tools: CorridorTools
    ) throws {
        differencing = obligations.protection?.differencing
        let own = differencing.map { $0.population ?? Self.population(of: flow) }
        // What leaves under an agreement that does not look across releases is known to its receiver all the same.
        let others = standing.differencing.filter {
            $0.giver == tools.participant.rawValue && $0.dataflow.agency == flow.agency && $0.dataflow.id == flow.id
        }.compactMap { agreement in agreement.protection?.differencing.map { $0.population ?? Self.population(of: agreement.dataflow) } }
        populations = ([own].compactMap(\.self) + Set(others).sorted().filter { $0 != own })
        guard !populations.isEmpty else { return nil }
        if differencing != nil {
            guard tools.register != nil, tools.differencing != nil else {
                throw Refusal("protect.differencing", "the agreement wants the data held against earlier releases, of which this program keeps no register")
            }
            try Self.refuseRecords(obligations)
        } else if obligations.protection?.method == RecordRules.method || tools.register == nil {
            return nil
        }
        self.obligations = obligations
        self.exchangeID = exchangeID
        self.receiver = receiver
        self.flow = flow
        self.tools = tools
    }

    static func refuseRecords(_ obligations: Obligations) throws {
        guard obligations.protection?.method != RecordRules.method else {
            throw Refusal(
                "protect.unsupported", "records about single persons cannot be held against earlier releases; leave differencing out, or tabulate them")
        }
    }

    /// A table as the register of releases keeps it.
    /// - Parameter original: the table before cells were withheld; nil for a file of which only what it shows is known.
    static func figures(
        _ table: Table, original: Table?, _ obligations: Obligations, exchangeID: String, at time: Instant, population: String, flow: ArtefactReference,
        receiver: ParticipantID
    ) throws -> ReleasedFigures {
        do throws(ProtectionError) {
            return try Figures(table, original: original, obligations: obligations).make(
                exchangeID: exchangeID, releasedAt: time, population: population, dataflow: flow, receiver: receiver.rawValue)
        } catch {
            throw Refusal("protect.\(error.code.rawValue)", error.detail)
        }
    }

    /// Those of the same population that have a period of theirs.
    static func related(_ held: [ReleasedFigures], to figures: ReleasedFigures) -> [ReleasedFigures] {
        held.filter { $0.population == figures.population && !Set($0.periods).isDisjoint(with: figures.periods) }
    }

    static func audit(_ figures: ReleasedFigures, against held: [ReleasedFigures], by gate: any DifferencingAudit) throws -> DifferencingReport {
        do throws(ProtectionError) { return try gate.audit(figures, against: held) } catch {
            throw Refusal("protect.\(error.code.rawValue)", error.detail)
        }
    }

    /// The population of a dataflow of which no agreement says another: all its versions.
    package static func population(of flow: ArtefactReference) -> String { "\(flow.agency):\(flow.id)" }

    /// Attacks a table as read back from the very bytes together with earlier releases.
    /// - Parameters:
    ///   - original: what it was before cells were withheld.
    ///   - together: releases of earlier datasets of the same message.
    /// - Returns: what to record, one for each population, and what the gate looked at; nil where it was not asked.
    /// - Throws: `Refusal` (`protect.differencing`, `protect.tooLarge`, `protect.deadline`).
    package func run(_ reread: Table, original: Table, together: [Release]) throws -> (releases: [Release], report: DifferencingReport?) {
        var releases: [Release] = []
        var report: DifferencingReport?
        for population in populations {
            let figures = try Self.figures(
                reread, original: original, obligations, exchangeID: exchangeID, at: tools.clock.now(), population: population, flow: flow, receiver: receiver)
            guard figures.cellCount > 0 else { continue }
            guard let differencing, population == differencing.population ?? Self.population(of: flow), let gate = tools.differencing,
                let register = tools.register
            else {
                // Others ask about what this one lets out; it asks nobody, so nothing can overtake it.
                releases.append(Release(figures: figures))
                continue
            }
            let held = try register.held(population: population, periods: Set(figures.periods), atMost: Self.releasesMax + 1)
            guard held.releases.count <= Self.releasesMax else {
                throw Refusal(
                    "protect.tooLarge",
                    "more than \(Self.releasesMax) earlier releases of \(population) have a period of this one; send fewer periods at a time")
            }
            releases.append(Release(figures: figures, mark: held.mark))
            report = try Self.audit(figures, against: held.releases + Self.related(together.map(\.figures), to: figures), by: gate)
        }
        return (releases, report)
    }

    /// As the ledger keeps it.
    package static func ledgerData(_ report: DifferencingReport) -> JSONValue {
        .object([
            LedgerData.count("earlierReleases", report.releases), LedgerData.count("equations", report.equations), LedgerData.count("regions", report.regions),
            LedgerData.count("intervals", report.intervals), LedgerData.count("contradictions", report.contradictions),
        ])
    }
}
