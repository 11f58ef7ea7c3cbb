package import SluiceKit

/// The step that makes a dataset fit to leave: coarsening, what is not granted, dropped attributes, then disclosure control.
///
/// What it returns has been audited by the protection itself; what cannot be made safe is refused.
package struct Protect: Sendable {
    private let obligations: Obligations
    private let protection: (any Protection)?
    private let context: ProtectionContext

    /// Nil where the agreement lets the dataset pass as it is, so that it may be streamed.
    /// - Throws: `Refusal` when the agreement obliges a protection that this node does not have.
    package init?(_ obligations: Obligations, among protections: [any Protection], in context: ProtectionContext) throws {
        if obligations.cube.isEmpty, obligations.protection == nil { return nil }
        self.obligations = obligations
        self.context = context
        if let wanted = obligations.protection {
            guard let found = protections.first(where: { $0.method == wanted.method }) else {
                throw Refusal(
                    "protect.unsupported", "the agreement obliges \"\(wanted.method)\", and this node has \(protections.map(\.method).joined(separator: ", "))")
            }
            protection = found
        } else {
            protection = nil
        }
    }

    /// A table that may be released: what was done to it as counts, and what it was before cells were withheld.
    package struct Release {
        package var table: Table
        package var report: JSONValue
        /// What was done and what remains, for a data steward.
        package var words: [String] = []
        package var original: Table
    }

    package func release(of table: Table) throws -> Release {
        let coarsened: (table: Table, report: CoarsenReport)
        do { coarsened = try Coarsen.run(table, obligations.cube, protection: obligations.protection) } catch {
            throw Refusal("protect.\(error.code.rawValue)", error.detail)
        }
        var members = [
            LedgerData.count("observationsBefore", coarsened.report.observationsBefore),
            LedgerData.count("observationsAfter", coarsened.report.observationsAfter),
            LedgerData.count("summed", coarsened.report.summed), LedgerData.count("superseded", coarsened.report.superseded),
            LedgerData.count("leftOut", coarsened.report.leftOut),
        ]
        guard let protection, let wanted = obligations.protection else {
            return Release(table: coarsened.table, report: .object([LedgerData.text("method", "coarsening")] + members), original: coarsened.table)
        }
        let released: (Table, ProtectionReport)
        do { released = try protection.protect(coarsened.table, under: wanted, in: context) } catch {
            throw Refusal("protect.\(error.code.rawValue)", error.detail)
        }
        let report = released.1
        members += [
            LedgerData.count("cells", report.cells), LedgerData.count("primary", report.primary), LedgerData.count("secondary", report.secondary),
            LedgerData.count("audited", report.audit.cells), LedgerData.count("equations", report.audit.equations), LedgerData.count("rounds", report.rounds),
        ]
        members += ProtectionReport.Reason.allCases.map { LedgerData.count("withheld.\($0.rawValue)", report.withheldByReason[$0] ?? 0) }
        // Decimals travel as text: the ledger's canonical form has whole numbers only.
        if let width = report.audit.narrowestWidth { members.append(LedgerData.text("narrowestWidth", Self.decimal(width))) }
        if let width = report.audit.narrowestRelativeWidth { members.append(LedgerData.text("narrowestRelativeWidth", Self.decimal(width))) }
        members += report.figures
        return Release(table: released.0, report: .object([LedgerData.text("method", report.method)] + members), words: report.words, original: coarsened.table)
    }

    /// The gate: attacks the table as read back from the very bytes that are about to leave.
    package func gate(_ reread: Table, against original: Table) throws {
        guard let protection, let wanted = obligations.protection else { return }
        do { _ = try protection.audit(reread, against: original, under: wanted, in: context) } catch {
            throw Refusal("protect.\(error.code.rawValue)", error.detail)
        }
    }

    /// What a package may say of a protection: how much was withheld. Why, and how wide the attacker's intervals are, stays with the giver.
    package static func publicReport(_ report: JSONValue) -> JSONValue {
        let withheld = (report["primary"]?.integer ?? 0) + (report["secondary"]?.integer ?? 0)
        return .object([JSONMember("method", report["method"] ?? .null), JSONMember("withheld", .integer(withheld))])
    }

    /// Two digits after the point, without a locale.
    static func decimal(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return value < 0 ? "-unbounded" : "unbounded" }
        let hundredths = Int64((value * 100).rounded())
        let fraction = abs(hundredths % 100)
        return "\(hundredths < 0 ? "-" : "")\(abs(hundredths / 100)).\(fraction < 10 ? "0" : "")\(fraction)"
    }
}
