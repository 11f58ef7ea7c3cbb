package import SluiceYAML

/// Somebody who may act in this node's name. The passphrase is known by its hash alone.
package struct Person: Hashable, Sendable {
    package enum Role: String, Hashable, Sendable, CaseIterable {
        case steward, `operator`, auditor, administrator
    }

    /// The name to log in with: small letters, digits, dots and hyphens.
    package var name: String
    package var roles: [Role]
    /// `scrypt$N$r$p$salt$hash`.
    package var passphraseHash: String

    package init(name: String, roles: [Role], passphraseHash: String) {
        self.name = name
        self.roles = roles
        self.passphraseHash = passphraseHash
    }

    package static func isName(_ text: String) -> Bool {
        guard (1...64).contains(text.utf8.count), let first = text.utf8.first, (0x61...0x7a).contains(first) else { return false }
        return text.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d || $0 == 0x2e }
    }

    /// Who may do what in the directory. Bringing a document is clerks' work; letting somebody in is the stewards' and the administrators'; shutting the
    /// door is for everybody who keeps the node. The auditor looks on.
    package func mayDo(_ act: DirectoryStatement.Act) -> Bool {
        let allowed: [Role] =
            switch act {
            case .propose, .suspend: [.steward, .operator, .administrator]
            case .approve, .resume, .withdraw: [.steward, .administrator]
            }
        return roles.contains(where: allowed.contains)
    }

    /// As of participants: bringing an agreement into force is the stewards' and the administrators', stopping one is for everybody who keeps the node.
    package func mayDo(_ act: AgreementStatement.Act) -> Bool { act == .suspend ? mayOperate : mayRule }

    /// Approving or refusing what somebody else sent is the stewards' and the administrators'.
    package var mayRule: Bool { roles.contains(where: Self.ruling.contains) }
    package static let ruling: [Role] = [.steward, .administrator]

    /// Replaying, parking and cancelling exchanges is for everybody who keeps the node. The auditor looks on.
    package var mayOperate: Bool { roles.contains { $0 != .auditor } }
}

/// The people of a node, from `people.yaml`.
package struct People: Hashable, Sendable {
    package private(set) var all: [Person]

    package init(_ all: [Person] = []) { self.all = all }

    package init(yaml: String, file: String) throws(YAMLProblem) {
        var all: [Person] = []
        let root = try YAMLValue(yaml: yaml, file: file).mapping("people")
        let list = try root.list("people")
        guard list.count <= DirectoryLimits.peopleMax else {
            throw YAMLProblem(.limitExceeded, file: file, line: 1, column: 1, detail: "more than \(DirectoryLimits.peopleMax) people")
        }
        for value in list {
            let mapping = try value.mapping("name", "roles", "passphraseHash")
            let name = try mapping.text("name")
            guard Person.isName(name) else { throw value.problem("a name has small letters, digits, dots and hyphens, such as anahit.h") }
            guard !all.contains(where: { $0.name == name }) else { throw value.problem("\(name) stands twice") }
            var roles: [Person.Role] = []
            for text in try mapping.required("roles").texts() {
                guard let role = Person.Role(rawValue: text), !roles.contains(role) else {
                    throw value.problem("roles are \(Person.Role.allCases.map(\.rawValue).joined(separator: ", ")), each once; \"\(text.prefix(40))\" is not")
                }
                roles.append(role)
            }
            guard !roles.isEmpty else { throw value.problem("\(name) has no role") }
            all.append(Person(name: name, roles: roles, passphraseHash: try mapping.text("passphraseHash")))
        }
        self.all = all
    }

    package subscript(name: String) -> Person? { all.first { $0.name == name } }

    /// Adds the person, or puts new roles and passphrase in the place of the old ones.
    package mutating func set(_ person: Person) {
        all.removeAll { $0.name == person.name }
        all.append(person)
        all.sort { $0.name < $1.name }
    }

    package var yaml: String {
        guard !all.isEmpty else { return "people: []\n" }
        return "# Who may act in this node's name. Written by `sluice people add`; passphrases are kept as scrypt hashes only.\npeople:\n"
            + all.map {
                "  - name: \($0.name)\n    roles: [\($0.roles.map(\.rawValue).joined(separator: ", "))]\n    passphraseHash: \"\($0.passphraseHash)\"\n"
            }
            .joined()
    }
}
