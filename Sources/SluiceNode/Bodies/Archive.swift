internal import SluiceCore
package import SluiceKit

/// What is kept of past exchanges, taken out again: packages, receipts, and the data in them.
package struct Archive: Sendable {
    let tools: CorridorTools
    /// The authorities alone: a participant suspended since, or one with new certificates, does not take back what was accepted.
    let trust: any EvidenceVerifier
    let store: any Store
    let bodies: BodyVault

    /// A body of an exchange; nil when there is none of that kind.
    /// - Throws: `NodeError` when it was erased.
    package func body(_ kind: BodyKind, sender: String, exchangeID: String) async throws -> KeptBody? {
        let found = try await store.read { store in
            (try store.exchange(sender: sender, id: exchangeID), try store.body(sender: sender, exchangeID: exchangeID, kind: kind))
        }
        guard let record = found.0 else { throw NodeError("there is no exchange \(exchangeID) of \(sender)") }
        guard let stored = found.1 else { return nil }
        return try bodies.open(stored, of: record, mediaType: try seal(of: record).mediaType)
    }

    /// The data of a dataset, out of its package, which is verified once more as of the day it was stored.
    /// - Parameter directory: takes what does not fit into memory; the caller removes it.
    package func payload(of dataset: DatasetRecord, spillingInto directory: String) async throws -> Content {
        guard let body = try await body(.package, sender: dataset.sender, exchangeID: dataset.exchangeID) else {
            throw NodeError("the package of exchange \(dataset.exchangeID) is not in the store")
        }
        let (tools, trust) = (self.tools, self.trust)
        return try await Worker.run {
            try Folders.make(directory)
            guard let seal = tools.seal(mediaType: body.mediaType) else { throw NodeError("the seal of the package is not of this build") }
            let opened = try Unpack(tools, trust: trust).open(
                try body.content(copyingTo: directory + "/package"), sealedWith: seal, at: dataset.storedAt, spillingInto: directory + "/open")
            guard let file = opened.files.first(where: { $0.name == dataset.name && $0.sha256.hex == dataset.sha256 }) else {
                throw NodeError("the package of exchange \(dataset.exchangeID) does not hold \(dataset.name) as it was stored")
            }
            return file.content
        }
    }

    /// What waits for approval, as it would leave; and what was said of it, with the node's signature.
    private func exportRelease(_ record: ExchangeRecord, into directory: String) async throws -> [String] {
        var names: [String] = []
        if let waiting = try await waiting(record) {
            let name = "\(record.id).\(waiting.draft.document.payloadName)"
            try await Worker.run {
                try Folders.make(directory)
                try waiting.payload.copy(to: directory + "/" + name)
                try Folders.write(Array(waiting.draft.json.prettyText.utf8), to: "\(directory)/\(record.id).draft.json")
            }
            names += [name, record.id + ".draft.json"]
        }
        if let body = try await plainBody(.approval, of: record) {
            let statement = try SignedStatement(json: JSONValue(parsing: body.bytes()))
            try Folders.make(directory)
            try Folders.write(statement.bytes, to: "\(directory)/\(record.id).approval.json")
            try Folders.write(statement.signature, to: "\(directory)/\(record.id).approval.p7s")
            names += [record.id + ".approval.json", record.id + ".approval.p7s"]
        }
        return names
    }

    /// What waits for approval; nil where nothing does.
    func waiting(_ record: ExchangeRecord) async throws -> (draft: ReleaseDraft, payload: KeptBody)? {
        guard record.state == .awaitingApproval, let draft = try await plainBody(.draft, of: record), let payload = try await plainBody(.payload, of: record)
        else { return nil }
        return (try ReleaseDraft(json: JSONValue(parsing: draft.bytes())), payload)
    }

    func plainBody(_ kind: BodyKind, of record: ExchangeRecord) async throws -> KeptBody? {
        let stored = try await store.read { try $0.body(sender: record.sender, exchangeID: record.id, kind: kind) }
        let bodies = self.bodies
        return try await Worker.run { try stored.map { try bodies.open($0, of: record, mediaType: "application/octet-stream") } }
    }

    func seal(of record: ExchangeRecord) throws -> any Seal {
        guard let seal = tools.seal(record.seal) else {
            throw NodeError("exchange \(record.id) was sealed with \"\(record.seal)\", which is not of this build")
        }
        return seal
    }

    /// Writes the package and the receipt of an exchange, and the key of its input's digest, into a folder; returns the names of the files.
    package func export(_ record: ExchangeRecord, into directory: String) async throws -> [String] {
        if let embargo = try await embargo(on: record) {
            throw Refusal("agreement.embargo", "the data of exchange \(record.id) are not to be shown to anybody before \(embargo.rfc3339)")
        }
        var names: [String] = []
        for (kind, name) in [(BodyKind.package, record.id), (.receipt, record.id + ".receipt")] {
            guard let body = try await body(kind, sender: record.sender, exchangeID: record.id) else { continue }
            let file = "\(name).\(try seal(of: record).fileExtension)"
            try await Worker.run {
                try Folders.make(directory)
                try body.copy(to: directory + "/" + file)
            }
            names.append(file)
        }
        names += try await exportRelease(record, into: directory)
        if record.direction == .outgoing, !record.wrappedKey.isEmpty {
            let key = try bodies.storageKey.key(of: record).inputKey
            try Folders.make(directory)
            try Folders.write(key, to: "\(directory)/\(record.id).inputkey")
            names.append(record.id + ".inputkey")
        }
        return names
    }
}
