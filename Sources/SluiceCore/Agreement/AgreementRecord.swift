package import SluiceKit

/// Where the versions of one agreement stand at a node, told by the statements about it. A value: statements go in, states come out.
///
/// Bringing into force takes two people, stopping one: a version is active when two have activated the same signed package of it, a suspended one is resumed by
/// two, and anybody with the role may suspend at once. One version is in force at a time: a newer one has to say which it supersedes, and ends that one
/// in the moment it becomes active. What has ended stays so.
package struct AgreementRecord: Hashable, Sendable {
    package enum State: String, Hashable, Sendable, CaseIterable {
        case draft, active, suspended, ended
    }

    /// A signed package that waits for somebody else to activate it.
    package struct Pending: Hashable, Sendable {
        package var document: SHA256Digest
        package var package: SHA256Digest
        package var signers: [String]
        package var supersedes: String?
        package var people: [String]
    }

    package struct Version: Hashable, Sendable {
        package var state: State
        /// Of the canonical form.
        package var document: SHA256Digest
        /// The package by which it was activated last; nil of one that a plain file has in force.
        package var package: SHA256Digest?
        /// Who signed it, in all the packages by which it was activated.
        package var signers: [String] = []
        package var supersedes: String?
        package var pending: Pending?
        /// Those who want it back after a suspension.
        package var resumers: [String] = []
        /// Of the last statement about it, or what else changed it.
        package var reason = ""
    }

    /// What a statement changed of one version.
    package struct Change: Hashable, Sendable {
        package var version: String
        package var document: SHA256Digest
        /// nil of a version that was not known before.
        package var before: State?
        package var after: State
    }

    /// How many people it takes.
    package static let peopleRequired = 2

    package let agreement: String
    package private(set) var versions: [String: Version] = [:]
    package private(set) var count = 0
    package private(set) var last: SHA256Digest?
    package private(set) var lastTime: Instant?

    package init(_ agreement: String) { self.agreement = agreement }

    /// Takes the next statement in; `digest` is that of its canonical bytes. On an error nothing changes.
    /// - Returns: what it changed: the version it is about, always, and a version that it ended.
    @discardableResult
    package mutating func take(_ statement: AgreementStatement, digest: SHA256Digest) throws(DirectoryError) -> [Change] {
        guard statement.agreement == agreement, statement.number == count + 1, statement.previous == last else {
            throw DirectoryError(
                .recordBroken, "statement \(statement.number) about \(agreement) does not follow the one before it: one is missing or was changed")
        }
        guard count < AgreementStatement.countMax else {
            throw DirectoryError(.limitExceeded, "there are \(count) statements about \(agreement) already; no more are kept")
        }
        if let lastTime, statement.time < lastTime {
            throw DirectoryError(.stateWrong, "the statement is dated before the last one (\(lastTime.rfc3339)); check the clock of this machine")
        }
        let changes =
            switch statement.act {
            case .activate: try activate(statement)
            case .suspend: try suspend(statement)
            case .resume: try resume(statement)
            case .end: try end(statement)
            }
        count += 1
        last = digest
        lastTime = statement.time
        return changes
    }

    private func name(_ version: String) -> String { "\(agreement) \(version)" }

    /// The version that has superseded one: it was activated by two people and says so, whether or not a statement was ever made about the older one.
    package func successor(of version: String) -> String? {
        versions.filter { $0.value.package != nil && $0.key != version && $0.value.supersedes == version }.keys.min()
    }

    /// How a version stands about which nothing was said.
    private func untold(_ version: String, otherwise state: State) -> State { successor(of: version) == nil ? state : .ended }

    private mutating func activate(_ statement: AgreementStatement) throws(DirectoryError) -> [Change] {
        guard let package = statement.package else { throw DirectoryError(.recordBroken, "an activation names the signed package") }
        let name = name(statement.version)
        let known = versions[statement.version]
        var version = known ?? Version(state: untold(statement.version, otherwise: .draft), document: statement.document)
        switch version.state {
        case .ended:
            throw DirectoryError(.stateWrong, "\(name) has ended, and what has ended does not come back; make a new version that both sides sign")
        case .suspended: throw DirectoryError(.stateWrong, "\(name) is suspended; resume it")
        case .active where version.document != statement.document:
            throw DirectoryError(.documentDiffers, "\(name) is active in another wording; a changed term is a new version")
        case .active where version.package == package:
            throw DirectoryError(.stateWrong, "\(name) is active by this very package already")
        case .active, .draft: break
        }
        let inForce = versions.filter { $0.key != statement.version && ($0.value.state == .active || $0.value.state == .suspended) }.keys.sorted()
        if let other = inForce.first(where: { $0 != statement.supersedes }) {
            throw DirectoryError(
                .stateWrong,
                "\(self.name(other)) is in force, and \(name) does not say that it supersedes it; write supersedes: \"\(other)\" into a new version, or end that one first"
            )
        }
        var pending = version.pending ?? Pending(document: statement.document, package: package, signers: [], supersedes: nil, people: [])
        if pending.document != statement.document || pending.package != package {
            // Who wanted another wording, or other signatures, has said nothing of this one.
            pending = Pending(document: statement.document, package: package, signers: [], supersedes: nil, people: [])
        }
        guard !pending.people.contains(statement.person) else {
            throw DirectoryError(.approvedTwice, "\(statement.person) has activated \(name) already; somebody else has to as well")
        }
        pending.people.append(statement.person)
        pending.signers = statement.signers
        pending.supersedes = statement.supersedes
        version.reason = statement.reason
        let before = known?.state
        guard pending.people.count >= Self.peopleRequired else {
            if version.state == .draft { version.document = statement.document }
            version.pending = pending
            versions[statement.version] = version
            return [Change(version: statement.version, document: version.document, before: before, after: version.state)]
        }
        version.document = pending.document
        version.package = package
        version.signers += pending.signers.filter { !version.signers.contains($0) }
        version.supersedes = pending.supersedes
        version.pending = nil
        version.state = .active
        versions[statement.version] = version
        var changes = [Change(version: statement.version, document: version.document, before: before, after: .active)]
        if let older = statement.supersedes, older != statement.version, var superseded = versions[older], superseded.state != .ended {
            changes.append(Change(version: older, document: superseded.document, before: superseded.state, after: .ended))
            superseded.state = .ended
            superseded.pending = nil
            superseded.reason = "superseded by \(statement.version)"
            versions[older] = superseded
        }
        return changes
    }

    /// A version that no statement has named is one that a plain file has in force, unless it was superseded.
    private func standing(_ statement: AgreementStatement) throws(DirectoryError) -> Version {
        guard let version = versions[statement.version] else {
            return Version(state: untold(statement.version, otherwise: .active), document: statement.document)
        }
        guard version.document == statement.document else {
            throw DirectoryError(.documentDiffers, "\(name(statement.version)) has another wording than the one named")
        }
        return version
    }

    private mutating func set(_ statement: AgreementStatement, _ version: Version, before: State) -> [Change] {
        var version = version
        version.reason = statement.reason
        versions[statement.version] = version
        return [Change(version: statement.version, document: version.document, before: before, after: version.state)]
    }

    private mutating func suspend(_ statement: AgreementStatement) throws(DirectoryError) -> [Change] {
        var version = try standing(statement)
        let before = version.state
        guard before == .active || (before == .suspended && !version.resumers.isEmpty) else {
            throw DirectoryError(.stateWrong, "\(name(statement.version)) is \(before.rawValue); only what is active can be suspended")
        }
        version.state = .suspended
        version.resumers = []
        version.pending = nil
        return set(statement, version, before: before)
    }

    private mutating func resume(_ statement: AgreementStatement) throws(DirectoryError) -> [Change] {
        var version = try standing(statement)
        guard version.state == .suspended else {
            throw DirectoryError(.stateWrong, "\(name(statement.version)) is \(version.state.rawValue), not suspended")
        }
        guard !version.resumers.contains(statement.person) else {
            throw DirectoryError(.approvedTwice, "\(statement.person) has said so already; resuming \(name(statement.version)) takes somebody else too")
        }
        version.resumers.append(statement.person)
        if version.resumers.count >= Self.peopleRequired {
            version.state = .active
            version.resumers = []
        }
        return set(statement, version, before: .suspended)
    }

    private mutating func end(_ statement: AgreementStatement) throws(DirectoryError) -> [Change] {
        var version = try standing(statement)
        let before = version.state
        guard before != .ended else { throw DirectoryError(.stateWrong, "\(name(statement.version)) has ended already") }
        version.state = .ended
        version.pending = nil
        version.resumers = []
        return set(statement, version, before: before)
    }
}
