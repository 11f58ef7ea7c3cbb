internal import SluiceCore
internal import SluiceCrypto
internal import SluiceKit

#if canImport(Glibc)
    internal import Glibc
#endif

/// What one person said of one thing at one time, in a chain with others about it.
protocol ChainedStatement: Sendable {
    var number: Int { get }
    var person: String { get }
    var time: Instant { get }
    var reason: String { get }
    var canonicalBytes: [UInt8] { get }
    init(_ bytes: [UInt8], named name: String) throws(DirectoryError)
    /// Most statements about one thing.
    static var countMax: Int { get }
}

extension DirectoryStatement: ChainedStatement {
    static var countMax: Int { DirectoryLimits.statementsMax }
}
extension AgreementStatement: ChainedStatement {}

/// A folder of numbered statements, each beside this node's CAdES signature over it: `000001.json` and `000001.p7s`.
///
/// A statement counts only with this node's signature, and only when none before it is missing.
struct SignedChain<Statement: ChainedStatement> {
    let folder: String
    /// Whom or what the statements are about, for messages.
    let subject: String
    let own: ParticipantID
    /// Judges this node's own signatures, at the time of each statement.
    let verifier: any EvidenceVerifier
    private let hashing = NodeHashing()

    init(folder: String, subject: String, own: ParticipantID, verifier: any EvidenceVerifier) {
        self.folder = folder
        self.subject = subject
        self.own = own
        self.verifier = verifier
    }

    /// All statements in order, each with its signature checked.
    /// - Parameter noted: SHA-256 (hex) of those that the ledger knows, by number: each has to be there.
    func read(noted: [Int: String]) throws(DirectoryError) -> [(statement: Statement, digest: SHA256Digest)] {
        var found: [(statement: Statement, digest: SHA256Digest)] = []
        let names = Folders.names(in: folder).filter { $0.hasSuffix(".json") }
        guard names.count <= Statement.countMax else {
            throw DirectoryError(.limitExceeded, "\(subject) has more than \(Statement.countMax) statements")
        }
        for (index, name) in names.enumerated() {
            let path = "\(folder)/\(name)"
            guard name == Self.name(index + 1) + ".json" else {
                throw DirectoryError(.recordBroken, "\(path): statement \(index + 1) about \(subject) is missing; restore the folder from its backup")
            }
            found.append(try statement(at: path))
        }
        for (number, digest) in noted.sorted(by: { $0.key < $1.key }) where number > found.count || found[number - 1].digest.hex != digest {
            throw DirectoryError(
                .recordBroken,
                "statement \(number) about \(subject), which the ledger has noted, is missing in \(folder) or another; restore the folder from its backup")
        }
        return found
    }

    /// Of a chain that is broken: the statements that can be read one by one, in no order, and how many files of such there are.
    func readable() -> (statements: [Statement], count: Int) {
        let names = Folders.names(in: folder).filter { $0.hasSuffix(".json") }
        return (names.prefix(Statement.countMax).compactMap { try? statement(at: "\(folder)/\($0)").statement }, names.count)
    }

    /// A statement with its signature checked.
    private func statement(at path: String) throws(DirectoryError) -> (statement: Statement, digest: SHA256Digest) {
        let bytes = try DirectoryFiles.run { () throws(CryptoError) in try BoundedFile.load(path) }
        let statement = try Statement(bytes, named: path)
        let signature = try DirectoryFiles.run { () throws(CryptoError) in try BoundedFile.load(String(path.dropLast(5)) + ".p7s") }
        do throws(PackageError) {
            let signer = try verifier.verifyDetachedCAdES(signature: signature, over: bytes, at: statement.time)
            guard signer.participant == own else { throw PackageError(.signerUntrusted, "it is signed by \(signer.participant), not by this node") }
        } catch {
            throw DirectoryError(.recordBroken, "\(path) is not signed by this node, or was changed: \(error.detail)")
        }
        return (statement, hashing.sha256(bytes))
    }

    /// Signs and adds a statement, under the lock of the caller.
    /// - Parameters:
    ///   - take: whether the record allows it; before anything is written.
    ///   - before: writes what the statement speaks of, once the folder is there.
    /// - Returns: the statement's digest, and what `take` said.
    func add<Change>(
        _ statement: Statement, signer: any EvidenceSigner, take: (SHA256Digest) throws(DirectoryError) -> Change, before: () throws(DirectoryError) -> Void
    ) throws(DirectoryError) -> (digest: SHA256Digest, change: Change) {
        guard statement.reason.utf8.count <= 1024, Person.isName(statement.person) else {
            throw DirectoryError(.personUnknown, "a reason has at most 1024 bytes, and \"\(statement.person.prefix(80))\" must be a person's name")
        }
        let bytes = statement.canonicalBytes
        // What could not be read back would break the record for good.
        _ = try Statement(bytes, named: "the statement")
        let digest = hashing.sha256(bytes)
        let change = try take(digest)
        let signature: [UInt8]
        do throws(PackageError) { signature = try signer.detachedCAdES(over: bytes, signingTime: statement.time) } catch {
            throw DirectoryError(.recordBroken, "the statement could not be signed by this node: \(error.detail)")
        }
        try DirectoryFiles.makeFolder(folder)
        try before()
        // The signature first: a statement without one is a broken record, a signature without a statement is nothing.
        try DirectoryFiles.run { () throws(CryptoError) in
            try BoundedFile.replace("\(folder)/\(Self.name(statement.number)).p7s", with: signature, mode: 0o600)
            try BoundedFile.replace("\(folder)/\(Self.name(statement.number)).json", with: bytes, mode: 0o600)
        }
        return (digest, change)
    }

    private static func name(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }
}

/// Files and folders of a directory, with its kind of error.
enum DirectoryFiles {
    static func run<Result>(_ body: () throws(CryptoError) -> Result) throws(DirectoryError) -> Result {
        do { return try body() } catch { throw DirectoryError(.fileUnusable, error.detail) }
    }

    static func makeFolder(_ path: String) throws(DirectoryError) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw DirectoryError(.fileUnusable, "cannot make the folder \(path): \(String(cString: strerror(errno)))")
        }
    }

    /// Runs with the lock of a folder, which is made where it is not there.
    static func locked<Result>(_ folder: String, _ body: () throws(DirectoryError) -> Result) throws(DirectoryError) -> Result {
        try makeFolder(folder)
        let lock: FileLock
        do { lock = try FileLock(folder + "/.lock") } catch { throw DirectoryError(.fileUnusable, "\(error)") }
        defer { lock.release() }
        return try body()
    }
}
