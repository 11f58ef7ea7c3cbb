import Foundation
import SluiceKit
import SluiceLedger
import Synchronization

/// Where the reference data lies: `SLUICE_CORPUS`, or `../shared/corpus` beside the repository. Tests of it are skipped where it is absent.
enum LedgerCorpus {
    static let folder: URL? = {
        let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let folder = ProcessInfo.processInfo.environment["SLUICE_CORPUS"].map { URL(filePath: $0) } ?? repository.appending(path: "../shared/corpus")
        return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
    }()

    static var isPresent: Bool { folder != nil }

    static func url(_ path: String) throws -> URL {
        guard let folder else { throw CocoaError(.fileNoSuchFile) }
        return folder.appending(path: path)
    }

    static func bytes(_ path: String) throws -> [UInt8] {
        try [UInt8](Data(contentsOf: url(path)))
    }

    static func json(_ path: String) throws -> JSONValue {
        try JSONValue(parsing: bytes(path))
    }
}

/// A log's files in memory, with a fault that can be set for one write.
final class MemoryFiles: LedgerFiles {
    enum Fault: CaseIterable {
        case failedNotPersisted
        case failedPersisted
    }

    struct State {
        var files: [String: [UInt8]] = [:]
        var writes = 0
        var fault: (write: Int, kind: Fault)?
    }

    private let state = Mutex(State())

    init(files: [String: [UInt8]] = [:]) {
        state.withLock { $0.files = files }
    }

    var files: [String: [UInt8]] { state.withLock { $0.files } }
    var writes: Int { state.withLock { $0.writes } }

    /// Changes the bytes of one file, as somebody with access to the disk would.
    func change(_ path: String, _ change: (inout [UInt8]) -> Void) {
        state.withLock { state in
            var bytes = state.files[path] ?? []
            change(&bytes)
            state.files[path] = bytes
        }
    }

    func fail(atWrite write: Int, _ kind: Fault) { state.withLock { ($0.fault, $0.writes) = ((write, kind), 0) } }

    func read(_ path: String, bytesMax: Int) throws(LedgerError) -> [UInt8]? {
        let bytes = state.withLock { $0.files[path] }
        if let bytes, bytes.count > bytesMax { throw LedgerError(.limitExceeded, "too large") }
        return bytes
    }

    func write(_ bytes: [UInt8], to path: String) throws(LedgerError) {
        let failed = state.withLock { state in
            defer { state.writes += 1 }
            let fault = state.fault.flatMap { $0.write == state.writes ? $0.kind : nil }
            if fault != .failedNotPersisted { state.files[path] = bytes }
            return fault != nil
        }
        if failed { throw LedgerError(.storage, at: .file(path), "the disk failed") }
    }

    func sync() throws(LedgerError) {}

    func removeFolder(_ path: String) throws(LedgerError) {
        state.withLock { state in state.files = state.files.filter { !$0.key.hasPrefix(path + "/") } }
    }

    func walk(_ folder: String, _ visit: (String) throws(LedgerError) -> Void) throws(LedgerError) {
        for path in files.keys.sorted() where path.hasPrefix(folder + "/") { try visit(path) }
    }
}

/// Entries in memory, as a store would hold them.
struct MemoryEntries: EntrySource {
    var entries: [[UInt8]]
    /// Gives fewer entries than asked, as a source may.
    var batchMax = 256

    func entries(from: UInt64, limit: Int) throws -> [[UInt8]] {
        Array(entries.dropFirst(Int(from)).prefix(min(limit, batchMax)))
    }

    func head(size: Int? = nil) -> LedgerHead {
        let hasher = MerkleHasher()
        var frontier = MerkleFrontier()
        for entry in entries.prefix(size ?? entries.count) { frontier.append(hasher.leaf(entry), with: hasher) }
        return frontier.head(with: hasher)
    }
}

enum Fixture {
    static let name = "ledger.example.org/AM.TEST"

    static func key() throws -> LedgerKey { try LedgerKey(name: name, seed: (0..<32).map { UInt8($0) }) }

    /// The ledger entry number `index`, its bytes fixed by the number.
    static func entry(_ index: Int, note: String = "") throws -> [UInt8] {
        let random = (0..<10).map { UInt8(truncatingIfNeeded: index &* 37 &+ $0) }
        let minute = (index / 60) % 60
        let time = "2026-03-\(two(1 + index / 86400))T\(two(index / 3600 % 24)):\(two(minute)):\(two(index % 60)).000Z"
        return try LedgerEntry(
            id: UUIDv7(milliseconds: 1_770_000_000_000 + UInt64(index) * 1000, random: random), source: "https://gateway.example.org/AM.TEST",
            type: "sluice.exchange.sealed", time: time, subject: "exchange-\(index)",
            data: [
                JSONMember("actor", "user:steward-\(index % 7)"), JSONMember("observations", .integer(Int64(index) * 1001)), JSONMember("outcome", "permit"),
                JSONMember("protections", [["name": "suppression", "cells": .integer(Int64(index % 13))]]), JSONMember("note", .string(note)),
            ]
        ).encoded()
    }

    static func entries(_ count: Int) throws -> MemoryEntries { MemoryEntries(entries: try (0..<count).map { try entry($0) }) }

    private static func two(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }

    /// Publishes at each of `sizes` in turn and returns the files.
    static func published(_ source: MemoryEntries, sizes: [Int], in files: MemoryFiles = MemoryFiles()) throws -> MemoryFiles {
        let publisher = try LedgerPublisher(files: files, key: key())
        for size in sizes { _ = try publisher.publish(head: source.head(size: size), source: source) { _ in } }
        return files
    }
}

/// A folder that is gone when the last reference to it is.
final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "sluice-ledger-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    var path: String { url.path }
}
