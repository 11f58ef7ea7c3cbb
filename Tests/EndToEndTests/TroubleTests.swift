import Foundation
import SluiceKitTesting
import Testing

/// The machine under a node gives out and comes back: the state is clear, nothing is lost, and nobody has to lend a hand.
@Suite(.serialized) struct TroubleTests {
    /// Whether this user may have mounts of their own.
    static let mayMount = (try? Run.run("/usr/bin/env", ["unshare", "-rm", "true"]).status) == 0

    private func held(_ pair: Pair) throws -> String { try pair.query(pair.sender, "SELECT state FROM exchange").trimmingCharacters(in: .newlines) }

    /// The sender by itself brings what is left.
    private func completes(_ pair: Pair) throws {
        let sender = try pair.serve(pair.sender)
        defer { sender.stop() }
        try sender.waits(for: "sluice_exchanges{state=\"receipted\"} 1")
    }

    @Test func aLockedDatabaseIsWaitedFor() throws {
        let pair = try Pair()
        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        // A stock client holds the receiver's database for itself.
        let sqlite = try #require(Tools.find("sqlite3"), "sqlite3 is not installed")
        let holder = Process()
        holder.executableURL = URL(fileURLWithPath: sqlite)
        holder.arguments = [pair.receiver.folder + "/data/node.sqlite"]
        let (input, output) = (Pipe(), Pipe())
        holder.standardInput = input
        holder.standardOutput = output
        try holder.run()
        input.fileHandleForWriting.write(Data("BEGIN IMMEDIATE;\nSELECT 'held';\n".utf8))
        #expect(String(decoding: output.fileHandleForReading.availableData, as: UTF8.self) == "held\n")
        let locked = try pair.send(wait: 1)
        #expect(locked.status == 1, "\(locked.output) \(locked.errors)")
        #expect(try held(pair) == "queued")
        input.fileHandleForWriting.write(Data("COMMIT;\n.quit\n".utf8))
        holder.waitUntilExit()
        try completes(pair)
        try pair.holdsExactlyOnce()
    }

    @Test func withoutFileDescriptorsNothingIsTakenAndNothingLost() throws {
        let pair = try Pair()
        // Enough to start with, by far too few for a sender's connections and files.
        let receiver = try pair.serve(pair.receiver, script: "ulimit -n 48; exec \"$@\"")
        let curl = try #require(Tools.find("curl"), "curl is not installed")
        var connections: [Process] = []
        defer { for connection in connections { connection.terminate() } }
        for _ in 0..<40 {
            let connection = Process()
            connection.executableURL = URL(fileURLWithPath: curl)
            connection.arguments = ["-s", "--max-time", "30", "telnet://127.0.0.1:\(pair.receiver.exchangePort)"]
            connection.standardInput = Pipe()
            connection.standardOutput = FileHandle.nullDevice
            try connection.run()
            connections.append(connection)
        }
        let sent = try pair.send(wait: 2)
        let state = try held(pair)
        #expect((sent.status == 1 && state == "queued") || (sent.status == 0 && state == "receipted"), "\(sent.status) \(state) \(sent.errors)")
        for connection in connections { connection.terminate() }
        connections = []
        // The receiver was never touched: it recovers by itself.
        try completes(pair)
        #expect(receiver.isRunning)
        receiver.stop()
        try pair.holdsExactlyOnce()
    }

    @Test(.enabled(if: TroubleTests.mayMount, "mounts of one's own are not allowed here")) func aFullDiskRefusesNothingAndRecovers() throws {
        let pair = try Pair()
        let data = pair.receiver.folder + "/data"
        // A small disk of its own for the receiver's data, in a mount namespace of its own; /proc leads there.
        let receiver = try pair.serve(
            pair.receiver,
            script: "mkdir -p \(data); exec unshare -rm sh -c 'mount -t tmpfs -o size=6m tmpfs \(data) && exec \"$@\"' sh \"$@\"")
        let disk = "/proc/\(receiver.processIdentifier)/root\(data)"
        let fill = try Run.run("/bin/sh", ["-c", "cat /dev/zero > \(disk)/filler"])
        #expect(fill.status == 1 && fill.errors.contains("No space left"), "\(fill.errors)")
        let full = try pair.send(wait: 2)
        #expect(full.status == 1, "\(full.output) \(full.errors)")
        #expect(try held(pair) == "queued", "a full disk of the receiver ended the exchange")
        try FileManager.default.removeItem(atPath: disk + "/filler")
        try completes(pair)
        // What stood on that disk goes with the process.
        #expect(try Run.run("/bin/cp", ["-a", disk + "/.", data + "/"]).status == 0)
        receiver.stop()
        try pair.holdsExactlyOnce()
    }

    @Test(.enabled(if: TroubleTests.mayMount, "mounts of one's own are not allowed here")) func aReadOnlyDiskStopsTheStartInWords() throws {
        let pair = try Pair()
        try Sluice.succeed(["exchange", "list", "--config", pair.receiver.configuration])
        let folder = pair.receiver.folder
        let run = try Run.run(
            "/usr/bin/env",
            [
                "unshare", "-rm", "sh", "-c", "mount --bind \(folder) \(folder) && mount -o remount,bind,ro \(folder) && exec \"$@\"", "sh", Sluice.executable,
                "serve", "--config", pair.receiver.configuration,
            ])
        #expect(run.status == 2 && run.errors.contains("Read-only file system"), "\(run.status) \(run.output) \(run.errors)")
    }
}
