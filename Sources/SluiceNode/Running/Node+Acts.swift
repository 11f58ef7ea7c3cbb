internal import Logging
package import SluiceCore
internal import SluiceKit

/// What people do at the console. The ledger says that it was done; who did it is told in the exchange's reason and in the log.
extension Node {
    package var knowsPeople: Bool {
        guard let directory, let people = try? directory.store.people() else { return false }
        return people.all.contains { $0.mayOperate }
    }

    package func perform(_ act: ExchangeAct, exchangeID: String, reason: String, as credentials: Credentials, from address: String) async throws(Problem) {
        guard let doorkeeper else {
            throw Problem(status: 404, code: "people-unknown", title: "Nobody can act here", detail: "This node has no directory, and so knows no people.")
        }
        let person = try await doorkeeper.person(credentials, from: address)
        guard person.mayOperate else {
            throw Problem(
                status: 403, code: "role-missing", title: "Not for your role",
                detail: "\(person.name) is \(person.roles.map(\.rawValue).joined(separator: ", ")), who may not \(act.rawValue) exchanges. Nothing was done.")
        }
        do {
            if let event = act.event(by: person.name, reason: reason) {
                try await courier.operate(event, exchangeID: exchangeID)
            } else {
                try await approvals.rule(act, exchangeID: exchangeID, reason: reason, by: person)
            }
        } catch let error as ApprovalError {
            let status = error.code == .selfApproval || error.code == .roleMissing ? 403 : 409
            throw Problem(status: status, code: error.code.rawValue, title: "Not approved or refused", detail: "\(error). Nothing was done.")
        } catch let error as NodeError {
            throw Problem(status: 409, code: "state-wrong", title: "Not in this state", detail: "\(error). Nothing was done.")
        } catch {
            log.error("an act failed", metadata: ["exchange": "\(exchangeID)", "act": "\(act.rawValue)", "failure": "\(error)"])
            throw Problem(status: 503, code: "temporarily-unavailable", title: "Not possible now", detail: "The node's log says why. Nothing was done.")
        }
        log.notice("an exchange was operated", metadata: ["exchange": "\(exchangeID)", "act": "\(act.rawValue)", "person": "\(person.name)"])
    }
}
