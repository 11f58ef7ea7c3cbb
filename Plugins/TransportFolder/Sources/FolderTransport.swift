internal import Dispatch
internal import SluiceCrypto
public import SluiceKit
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#endif

/// Hands packages over by laying them into a folder, and takes what was carried here out of another (the README of this plugin holds the ways).
///
/// A package is written in pieces, so memory stays the same whatever its size. Nothing is ever written into a folder that is not there: where a
/// medium is not mounted, nothing lands under its mount point.
public final class FolderTransport: CarriedTransport {
    /// The scheme of its endpoints.
    public static let scheme = "folder"
    public var schemes: [String] { [Self.scheme] }

    private struct State {
        var sightings = Sightings()
        /// Out folders from which the leftovers of processes that are gone have been removed.
        var tidied: Set<String> = []
        var writes = 0
    }
    private let configuration: FolderTransportConfiguration
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "sluice.folder", attributes: .concurrent)
    /// In the hidden names of this process.
    private let token = Hexadecimal.encode(SecureRandom.bytes(6))

    /// - Parameter now: tells how long a file has been quiet.
    public init(_ configuration: FolderTransportConfiguration, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.configuration = configuration
        self.now = now
    }

    public func close() async {}

    // MARK: Out

    public func deliver(_ package: any PackageBody, exchangeID: String, sequence: Int64, to endpoint: Endpoint) async throws(TransportError)
        -> DeliveryAnswer
    {
        // Not on the cooperative pool: a large package on a slow share takes its time.
        let result = await withCheckedContinuation { continuation in
            queue.async {
                continuation.resume(
                    returning: Result { () throws(TransportError) in
                        try self.handOver(package, exchangeID: exchangeID, sequence: sequence, to: endpoint)
                    })
            }
        }
        return try result.get()
    }

    private func handOver(_ package: any PackageBody, exchangeID: String, sequence: Int64, to endpoint: Endpoint) throws(TransportError) -> DeliveryAnswer {
        let place = try FolderEndpoint(endpoint)
        let name = CarriedName.package(sequence: sequence, exchangeID: exchangeID, ending: try ending(of: package.mediaType))
        do {
            try write(name, into: place.out) { write in
                let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pieceBytes, alignment: 16)
                defer { buffer.deallocate() }
                var offset = 0
                while offset < package.byteCount {
                    let count = try package.read(into: buffer, at: offset)
                    guard count > 0 else { throw TransportError(.inputOutput, detail: "the package became shorter while it was handed over") }
                    try write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                    offset += count
                }
            }
        } catch let error as TransportError {
            throw error
        } catch {
            // A medium that is not there, a share that is away, a full disk: none of it is the package's fault, and none is counted as an attempt.
            return .busy(retryAfterSeconds: nil, detail: "\(error)")
        }
        return .handedOver
    }

    static let pieceBytes = 256 << 10

    public func answer(_ receipt: [UInt8], mediaType: String, exchangeID: String, to endpoint: Endpoint) throws(TransportError) {
        let name = CarriedName.receipt(exchangeID: exchangeID, digest: SHA256.hash(receipt), ending: try ending(of: mediaType))
        try layDown(receipt, as: name, for: endpoint)
    }

    public func explain(_ problem: [UInt8], exchangeID: String, to endpoint: Endpoint) throws(TransportError) {
        try layDown(problem, as: CarriedName.problem(exchangeID: exchangeID), for: endpoint)
    }

    private func layDown(_ bytes: [UInt8], as name: FileName, for endpoint: Endpoint) throws(TransportError) {
        let place = try FolderEndpoint(endpoint)
        do {
            try write(name, into: place.out) { write in try bytes.withUnsafeBytes { try write($0) } }
        } catch {
            throw TransportError(.inputOutput, detail: "\(error)")
        }
    }

    private func write(_ name: FileName, into path: String, _ body: ((UnsafeRawBufferPointer) throws(OpenFolder.Failure) -> Void) throws -> Void) throws {
        let number = state.withLock { state in
            state.writes += 1
            return state.writes
        }
        try OpenFolder(path).write(name, under: FileName(".\(getpid())-\(token)-\(number).") + name, body)
    }

    private func ending(of mediaType: String) throws(TransportError) -> String {
        guard let ending = configuration.extensionByMediaType[mediaType] else {
            throw TransportError(.rejected, detail: "packages of the type \(mediaType) have no ending for their names")
        }
        return ending
    }

    // MARK: In

    public func look(at endpoint: Endpoint, limit: Int) throws(TransportError) -> Arrivals {
        let place = try FolderEndpoint(endpoint)
        do throws(OpenFolder.Failure) {
            try tidy(place.out)
            let folder = try OpenFolder(place.incoming)
            // What cannot be taken away would be taken in again at every look.
            try folder.requireWritable()
            return try look(into: folder, endpoint, limit)
        } catch {
            throw TransportError(.inputOutput, detail: "\(error)")
        }
    }

    private func look(into folder: OpenFolder, _ endpoint: Endpoint, _ limit: Int) throws(OpenFolder.Failure) -> Arrivals {
        // Of each kind its own first ones, so that a heap of one kind does not hide another.
        var (packages, receipts, others) = (SmallestNames(limit: limit), SmallestNames(limit: limit), SmallestNames(limit: limit))
        let endings = configuration.extensionByMediaType
        try folder.eachName { name in
            if name.isHidden || name == Self.refused { return }
            switch CarriedName(name, extensionByMediaType: endings) {
            case .package: packages.add(name)
            case .receipt: receipts.add(name)
            case .problem, nil: others.add(name)
            }
        }
        var entries: [(name: FileName, state: OpenFolder.State)] = []
        for name in packages.names + receipts.names + others.names {
            // What has gone since was the carrier's to take.
            if let state = try folder.state(name) { entries.append((name, state)) }
        }
        let duration = Duration.milliseconds(configuration.quietMilliseconds)
        let quiet = state.withLock { [now] in $0.sightings.quiet(entries, in: folder.path, for: duration, at: now()) }
        var arrivals = Arrivals()
        for (name, state) in entries where quiet.contains(name) {
            func arrival(_ exchangeID: String, _ mediaType: String) -> Arrival {
                Arrival(
                    endpoint: endpoint, name: name.printed, exchangeID: exchangeID, mediaType: mediaType, byteCount: state.byteCount,
                    revision: state.revision)
            }
            let carried = CarriedName(name, extensionByMediaType: endings)
            switch carried {
            case .package(let exchangeID, let mediaType) where state.isFile && state.byteCount > 0: arrivals.packages.append(arrival(exchangeID, mediaType))
            case .receipt(let exchangeID, _, let mediaType) where state.isFile && state.byteCount > 0: arrivals.receipts.append(arrival(exchangeID, mediaType))
            default: arrivals.remarks.append(setAside(name, state, carried, in: folder))
            }
        }
        return arrivals
    }

    private func setAside(_ name: FileName, _ state: OpenFolder.State, _ carried: CarriedName?, in folder: OpenFolder) -> Arrivals.Remark {
        let what: String
        if state.isFile, carried == .problem {
            what = "a problem that no receipt could be given for: \(problemText(name, state, in: folder))"
        } else if state.isFile {
            what = state.byteCount == 0 ? "it is empty" : "its name is none of the protocol"
        } else {
            what = state.isFolder ? "it is a folder" : "it is no file, but a link or a device"
        }
        do throws(OpenFolder.Failure) {
            try moveAside(name, in: folder)
            return Arrivals.Remark("\(folder.path)/\(name.printed): \(what)", isSetAside: true)
        } catch {
            return Arrivals.Remark("\(folder.path)/\(name.printed): \(what); \(error)", isSetAside: false)
        }
    }

    /// What a partner's people wrote, as far as it is printed into a log.
    private func problemText(_ name: FileName, _ state: OpenFolder.State, in folder: OpenFolder) -> String {
        var bytes: [UInt8] = []
        guard state.byteCount <= Self.problemBytesMax,
            (try? folder.read(name, revision: state.revision) { (piece) throws(TransportError) in bytes += piece }) == true,
            let problem = try? JSONValue(parsing: bytes)
        else { return "it cannot be read" }
        let words = ["type", "title", "detail"].compactMap { problem[$0]?.text }.joined(separator: "; ")
        // A line of the log is one line, whatever they wrote.
        return String(words.prefix(Self.problemCharactersMax).map { $0.isNewline || $0.unicodeScalars.contains(where: Self.isUnprintable) ? " " : $0 })
    }

    private static func isUnprintable(_ scalar: UnicodeScalar) -> Bool {
        [.control, .format, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
    }

    /// Largest problem that is read, and the most of it that is told.
    static let problemBytesMax = 64 << 10
    static let problemCharactersMax = 500

    public func copy(_ arrival: Arrival, to sink: any ByteSink) throws(TransportError) -> Bool {
        try folder(of: arrival).read(FileName(arrival.name), revision: arrival.revision) { (piece) throws(TransportError) in
            do { try sink.write(piece) } catch { throw TransportError(.inputOutput, detail: "cannot take a copy of \(arrival.name): \(error)") }
        }
    }

    public func receipt(_ arrival: Arrival) throws(TransportError) -> [UInt8]? {
        guard arrival.byteCount <= configuration.receiptBytesMax else {
            throw TransportError(.answerMalformed, detail: "the receipt is larger than \(configuration.receiptBytesMax) bytes")
        }
        let sink = MemoryByteSink()
        guard try copy(arrival, to: sink) else { return nil }
        guard case .receipt(_, let digest, _) = CarriedName(FileName(arrival.name), extensionByMediaType: configuration.extensionByMediaType),
            SHA256.hash(sink.bytes).hex.hasPrefix(digest)
        else { throw TransportError(.answerMalformed, detail: "the receipt is not the one that its name speaks of: it was changed on the way") }
        return sink.bytes
    }

    public func remove(_ arrival: Arrival) throws(TransportError) {
        let (folder, name) = (try folder(of: arrival), FileName(arrival.name))
        do throws(OpenFolder.Failure) {
            guard try folder.state(name)?.revision == arrival.revision else { return }
            try folder.remove(name)
            try folder.synchronize()
        } catch {
            throw TransportError(.inputOutput, detail: "\(error)")
        }
    }

    public func setAside(_ arrival: Arrival) throws(TransportError) {
        let (folder, name) = (try folder(of: arrival), FileName(arrival.name))
        do throws(OpenFolder.Failure) { try moveAside(name, in: folder) } catch {
            if error.isMissing { return }
            throw TransportError(.inputOutput, detail: "\(error)")
        }
    }

    private func folder(of arrival: Arrival) throws(TransportError) -> OpenFolder {
        let place = try FolderEndpoint(arrival.endpoint)
        do throws(OpenFolder.Failure) { return try OpenFolder(place.incoming) } catch { throw TransportError(.inputOutput, detail: "\(error)") }
    }

    // MARK: Aside

    /// Where what is no package of the protocol waits for a person.
    static let refused = FileName("refused")
    /// Longest name that the usual file systems take, in bytes.
    static let nameBytesMax = 255

    /// Moves an entry into `refused`, beside what lies there under the same name.
    private func moveAside(_ name: FileName, in folder: OpenFolder) throws(OpenFolder.Failure) {
        let refused = try folder.folder(Self.refused)
        var target = name
        var number = 1
        while try refused.state(target) != nil {
            number += 1
            let ending = FileName(".\(number)")
            target = FileName(Array(name.bytes.prefix(Self.nameBytesMax - ending.bytes.count))) + ending
        }
        try folder.rename(name, to: target, in: refused)
        try refused.synchronize()
        try folder.synchronize()
    }

    /// Removes what processes that are gone were writing, once in this one's life.
    private func tidy(_ path: String) throws(OpenFolder.Failure) {
        let isTidy = state.withLock { $0.tidied.contains(path) }
        if isTidy { return }
        let folder = try OpenFolder(path)
        var leftovers: [FileName] = []
        try folder.eachName { name in
            if leftovers.count < Self.leftoversMax, isLeftover(name) { leftovers.append(name) }
        }
        for name in leftovers { try folder.remove(name) }
        if leftovers.count < Self.leftoversMax { state.withLock { _ = $0.tidied.insert(path) } }
    }

    private static let leftoversMax = 1_000

    /// `.{process}-{token}-{number}.…` of a process that is no more; its number may have passed on to this one.
    private func isLeftover(_ name: FileName) -> Bool {
        let parts = String(decoding: name.bytes, as: UTF8.self).split(separator: ".").first?.split(separator: "-") ?? []
        guard name.isHidden, parts.count == 3, let process = Int32(parts[0]), parts[1].count == token.count, parts[1] != token else { return false }
        return process == getpid() || (kill(process, 0) != 0 && errno == ESRCH)
    }
}

private func + (left: FileName, right: FileName) -> FileName { FileName(left.bytes + right.bytes) }
