import Foundation
import SluiceKitTesting
import Synchronization

/// A process that was run to its end, or killed when its time was up.
///
/// Not Foundation's `Process`, which reaps the child itself: the peak memory is what `wait4` says of it.
struct Run {
    let status: Int32
    /// The signal that ended it, 0 when it exited by itself.
    let signal: Int32
    let timedOut: Bool
    let duration: Duration
    /// An upper bound: Linux starts a child's mark at the memory of the process that spawned it.
    let peakBytes: Int
    let output: String
    let errors: String

    enum Input {
        case none
        case file(String)
        /// Called with a descriptor to write to; it is closed afterwards. A reader that stops early makes the write fail with EPIPE.
        case stream(@Sendable (Int32) -> Void)
    }

    struct CannotStart: Error, CustomStringConvertible { let description: String }

    /// Runs `executable` with its outputs in files, so that neither side waits for the other. `folder` is its working folder.
    static func run(
        _ executable: String, _ arguments: [String], input: Input = .none, folder: String? = nil, environment: [String: String] = [:],
        within limit: Duration = .seconds(60)
    ) throws -> Run {
        // Not a chdir of ours, which would hold for every test of this process.
        let command = (folder.map { ["/usr/bin/env", "-C", $0] } ?? []) + [executable] + arguments
        let scratch = try TemporaryFolder("sluice-run")
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var ends: [Int32] = [-1, -1]
        switch input {
        case .none: posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        case .file(let path): posix_spawn_file_actions_addopen(&actions, 0, path, O_RDONLY, 0)
        case .stream:
            guard pipe(&ends) == 0 else { throw CannotStart(description: "no pipe") }
            _ = fcntl(ends[1], F_SETFD, FD_CLOEXEC)
            posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
            posix_spawn_file_actions_addclose(&actions, ends[0])
        }
        let (out, err) = (scratch.file("out"), scratch.file("err"))
        posix_spawn_file_actions_addopen(&actions, 1, out, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, err, O_WRONLY | O_CREAT | O_TRUNC, 0o600)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var defaults = sigset_t()
        sigemptyset(&defaults)
        sigaddset(&defaults, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
        BrokenPipes.ignore()

        var variables = ProcessInfo.processInfo.environment
        variables.merge(environment) { $1 }
        let argv: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        let envp: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0)=\($1)") } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var pid: pid_t = 0
        let clock = ContinuousClock()
        let begin = clock.now
        let code = posix_spawn(&pid, command[0], &actions, &attributes, argv, envp)
        if ends[0] >= 0 { close(ends[0]) }
        guard code == 0 else {
            if ends[1] >= 0 { close(ends[1]) }
            throw CannotStart(description: "cannot start \(executable): \(String(cString: strerror(code)))")
        }
        if case .stream(let write) = input {
            let end = ends[1]
            Thread.detachNewThread {
                write(end)
                close(end)
            }
        }
        let alarm = Alarm(pid)
        let seconds = Double(limit.components.seconds) + Double(limit.components.attoseconds) * 1e-18
        let timer = DispatchSource.makeTimerSource(queue: .global())
        timer.schedule(deadline: .now() + seconds)
        timer.setEventHandler { alarm.ring() }
        timer.resume()
        var status: Int32 = 0
        var usage = rusage()
        // Waited for without reaping first, so that the alarm never kills a process id that has passed on to somebody else.
        var information = siginfo_t()
        while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0 && errno == EINTR {}
        alarm.disarm()
        timer.cancel()
        while wait4(pid, &status, 0, &usage) < 0 && errno == EINTR {}
        let caught = status & 0x7f
        return Run(
            status: caught == 0 ? (status >> 8) & 0xff : -1, signal: caught, timedOut: alarm.rang, duration: clock.now - begin,
            peakBytes: Int(usage.ru_maxrss) * 1024, output: text(out), errors: text(err))
    }

    private static func text(_ path: String) -> String { String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self) }
}

/// Kills a process once, unless it has ended before.
private final class Alarm: Sendable {
    private let state: Mutex<(pid: pid_t?, rang: Bool)>
    init(_ pid: pid_t) { state = Mutex((pid, false)) }
    func ring() {
        state.withLock {
            guard let pid = $0.pid else { return }
            $0.rang = true
            kill(pid, SIGKILL)
        }
    }
    func disarm() { state.withLock { $0.pid = nil } }
    var rang: Bool { state.withLock { $0.rang } }
}

private enum BrokenPipes {
    /// A child that stops reading must not end the test process.
    static func ignore() { signal(SIGPIPE, SIG_IGN) }
}
