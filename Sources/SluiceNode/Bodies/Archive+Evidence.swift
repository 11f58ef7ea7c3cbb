internal import SluiceCore
package import SluiceKit

extension Archive {
    /// What was written of an exchange, and why the rest is not there.
    package struct Taken: Sendable {
        /// Paths below the folder, empty for what is not there.
        package var package = ""
        package var receipt = ""
        /// What was signed for the person who approved it; its signature lies beside it.
        package var approval = ""
        /// Why there is no package, in words; empty where there is one.
        package var absence = ""
    }

    /// Writes package, receipt and approval of an exchange into `folder` below `root`, for somebody who audits it. What waits for approval has not left and is not written,
    /// and neither is the key of the input's digest: with it guesses about the input can be tested.
    package func evidence(of record: ExchangeRecord, into folder: String, below root: String) async throws -> Taken {
        var taken = Taken()
        guard !record.isErased else {
            taken.absence = "erased"
            return taken
        }
        if let embargo = try await embargo(on: record) {
            taken.absence = "its data are not to be shown to anybody before \(embargo.rfc3339)"
            return taken
        }
        let path = root + "/" + folder
        try await Worker.run { try Folders.make(path) }
        for kind in [BodyKind.package, .receipt] {
            guard let body = try await body(kind, sender: record.sender, exchangeID: record.id) else { continue }
            let name = "\(folder)/\(kind == .package ? "package" : "receipt").\(try seal(of: record).fileExtension)"
            try await Worker.run { try body.copy(to: root + "/" + name) }
            if kind == .package { taken.package = name } else { taken.receipt = name }
        }
        if let body = try await plainBody(.approval, of: record) {
            let statement = try SignedStatement(json: JSONValue(parsing: body.bytes()))
            try Folders.write(statement.bytes, to: "\(path)/approval.json")
            try Folders.write(statement.signature, to: "\(path)/approval.p7s")
            taken.approval = folder + "/approval.json"
        }
        if taken.package.isEmpty { taken.absence = "no package is kept: the exchange is \(record.state.rawValue)" }
        return taken
    }

    /// Until when the data of an exchange may not be shown; nil where they may.
    func embargo(on record: ExchangeRecord) async throws -> Instant? {
        guard record.direction == .incoming, let found = try await store.read({ try $0.provenance(sender: record.sender, exchangeID: record.id) }) else {
            return nil
        }
        let terms = try ReceivedTerms(found)
        return terms.isShown(at: tools.clock.now()) ? nil : terms.embargo
    }
}
