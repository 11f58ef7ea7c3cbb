package import SluiceCore
package import SluiceCrypto

extension DirectoryStore {
    /// The person, if the passphrase is theirs. An unknown name costs the same time as a wrong passphrase.
    package func person(_ name: String, passphrase: Passphrase) throws(DirectoryError) -> Person {
        let person = try people()[name]
        guard let person else {
            _ = Self.nobody.matches(passphrase)
            throw DirectoryError(
                .personUnknown, "nobody known here is called \"\(name.prefix(80))\" with this passphrase; sluice people add makes people known")
        }
        guard let hash = PassphraseHash(person.passphraseHash) else {
            throw DirectoryError(.documentInvalid, "the passphrase hash of \(name) in people.yaml cannot be used; set the passphrase again: sluice people add")
        }
        guard hash.matches(passphrase) else { throw DirectoryError(.passphraseWrong, "the passphrase is not the one of \(name)") }
        return person
    }

    /// As `person`, for somebody who is about to act.
    package func person(_ name: String, passphrase: Passphrase, toDo act: DirectoryStatement.Act) throws(DirectoryError) -> Person {
        let person = try person(name, passphrase: passphrase)
        guard person.mayDo(act) else {
            throw DirectoryError(
                .roleMissing, "\(name) is \(person.roles.map(\.rawValue).joined(separator: ", ")), who may not \(act.rawValue) participants; ask a steward")
        }
        return person
    }

    package func add(_ name: String, roles: [Person.Role], passphrase: Passphrase) throws(DirectoryError) {
        guard Person.isName(name), !roles.isEmpty else {
            throw DirectoryError(.personUnknown, "a person has a name of small letters, digits, dots and hyphens, and at least one role")
        }
        var people = try people()
        do throws(CryptoError) {
            people.set(Person(name: name, roles: roles, passphraseHash: try PassphraseHash(passphrase).description))
        } catch { throw DirectoryError(.passphraseWrong, error.detail) }
        try store(people)
    }

    /// A hash that no passphrase has.
    private static let nobody: PassphraseHash = {
        guard let hash = PassphraseHash("scrypt$32768$8$3$AAAAAAAAAAAAAAAAAAAAAA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=") else {
            preconditionFailure("the hash of nobody is written like any other")
        }
        return hash
    }()
}
