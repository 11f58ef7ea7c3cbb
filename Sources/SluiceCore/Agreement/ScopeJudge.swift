import SluiceKit

/// Looks whether an agreement is about a request at all: parties, dataflow, direction, purpose, time.
enum ScopeJudge {
    /// Whether an agreement can be about a request: what `judge` asks of parties and dataflow, without the words.
    static func concerns(_ agreement: Agreement, _ request: AgreementRequest) -> Bool {
        agreement.giver == request.giver && agreement.isFor(receiver: request.receiver) && agreement.dataflow.accepts(request.dataflow)
    }

    /// Whether an agreement forbids a request. What the request leaves open counts as what is forbidden.
    static func forbids(_ agreement: Agreement, _ request: AgreementRequest) -> Bool {
        concerns(agreement, request) && agreement.directions.contains(request.direction)
            && (agreement.isFor(purpose: request.purpose) || !AgreementReader.isPurpose(request.purpose))
            && agreement.from <= request.today && request.today <= agreement.until
            && (request.channel.flatMap { agreement.channels?.contains($0) } ?? true)
    }

    /// The one judgement of an agreement that forbids.
    static func judgeForbidding(_ agreement: Agreement, _ request: AgreementRequest) -> Judgement {
        let what =
            "\(agreement.dataflow) from \(agreement.giver) to \(agreement.receivers.joined(separator: ", ")) for \(agreement.purposes.joined(separator: ", "))"
        let isForbidden = forbids(agreement, request)
        let failure = Decision.Reason(
            .agreementForbids, rule: "\(agreement.name) effect",
            words:
                "\(agreement.name) (\(agreement.title)) forbids \(what) from \(agreement.from) to \(agreement.until), whatever others allow; it rests on: \(agreement.legalBasis)"
        )
        return Judgement(
            agreement: agreement.name, term: "effect", demands: "no \(what)", found: isForbidden ? "exactly that" : "something else",
            failure: isForbidden ? failure : nil)
    }

    /// Whether an agreement that permits is about a request in everything.
    static func fits(_ agreement: Agreement, _ request: AgreementRequest) -> Bool {
        concerns(agreement, request) && judge(agreement, request, isExplained: false).isEmpty
    }

    /// - Parameter isExplained: also names what holds, for which words are made that a decision does not need.
    static func judge(_ agreement: Agreement, _ request: AgreementRequest, isExplained: Bool) -> [Judgement] {
        var judgements: [Judgement] = []
        func look(
            _ term: String, _ demands: @autoclosure () -> String, _ found: @autoclosure () -> String, _ holds: Bool, _ code: Decision.ReasonCode,
            _ words: @autoclosure () -> String
        ) {
            guard isExplained || !holds else { return }
            let failure = holds ? nil : Decision.Reason(code, rule: "\(agreement.name) \(term)", words: words())
            judgements.append(Judgement(agreement: agreement.name, term: term, demands: demands(), found: found(), failure: failure))
        }
        look(
            "giver", agreement.giver, request.giver, agreement.giver == request.giver, .giverOther,
            "the agreement is for data of \(agreement.giver), not of \(request.giver)")
        var receivers: String { agreement.receivers.joined(separator: ", ") }
        look(
            "receivers", receivers, request.receiver, agreement.receivers.contains(request.receiver), .receiverOther,
            "the agreement gives to \(receivers), not to \(request.receiver)")
        // A request that leaves agency or version open could be bound to anything.
        let isNamed = !request.dataflow.agency.isEmpty && (agreement.dataflow.version == nil || request.dataflow.version != nil)
        look(
            "dataflow", "\(agreement.dataflow)", "\(request.dataflow)", isNamed && agreement.dataflow.accepts(request.dataflow), .dataflowOther,
            "the agreement is about \(agreement.dataflow), not \(request.dataflow)\(isNamed ? "" : " (agency and version have to be known)")")
        judgeChannel(agreement, request, look)
        var directions: String { agreement.directions.map(\.rawValue).sorted().joined(separator: ", ") }
        look(
            "direction", directions, request.direction.rawValue, agreement.directions.contains(request.direction), .directionOther,
            "the agreement covers \(directions) only")
        var purposes: String { agreement.purposes.joined(separator: ", ") }
        if AgreementReader.isPurpose(request.purpose) {
            look(
                "purpose", purposes, request.purpose, agreement.purposes.contains(request.purpose), .purposeOther,
                "the data may be used for \(purposes), and \(request.purpose) was asked; choose an agreed purpose or amend the agreement")
        } else {
            look(
                "purpose", purposes, request.purpose, false, .purposeMalformed,
                "the purpose has to be words in small letters joined by '-', such as official-statistics")
        }
        look(
            "validity.from", "\(agreement.from) or later", "\(request.today)", agreement.from <= request.today, .validityNotYet,
            "the agreement begins on \(agreement.from), and today is \(request.today)")
        look(
            "validity.until", "\(agreement.until) at the latest", "\(request.today)", request.today <= agreement.until, .validityExpired,
            "the agreement ended on \(agreement.until), and today is \(request.today); renew it")
        return judgements
    }

    private static func judgeChannel(
        _ agreement: Agreement, _ request: AgreementRequest,
        _ look: (String, @autoclosure () -> String, @autoclosure () -> String, Bool, Decision.ReasonCode, @autoclosure () -> String) -> Void
    ) {
        guard let channels = agreement.channels else { return }
        var named: String { channels.sorted().joined(separator: ", ") }
        if let channel = request.channel {
            look(
                "channel", named, channel, channels.contains(channel), .channelOther,
                "the agreement lets the data travel by \(named), and not by \(channel)")
        } else {
            look(
                "channel", named, "not known", false, .channelUnknown,
                "the agreement lets the data travel by \(named) only, and by what they would travel is not known; give the partner an endpoint")
        }
    }
}
