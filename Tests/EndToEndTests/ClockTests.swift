import Foundation
import SluiceKitTesting
import Testing

/// A clock that is set while the node runs. The machine's own is left alone: a library between the node and the system adds what a file says.
@Suite(.serialized) struct ClockTests {
    static let compiler = Tools.find("cc") ?? Tools.find("clang")

    private static let shim = """
        #define _GNU_SOURCE
        #include <fcntl.h>
        #include <stdlib.h>
        #include <sys/syscall.h>
        #include <time.h>
        #include <unistd.h>
        int clock_gettime(clockid_t clock, struct timespec *time) {
            int result = syscall(SYS_clock_gettime, clock, time);
            if (clock != CLOCK_REALTIME || result != 0) return result;
            char text[32] = "";
            int file = open(getenv("CLOCK_STEP"), O_RDONLY);
            if (file < 0) return result;
            if (read(file, text, sizeof text - 1) > 0) time->tv_sec += atol(text);
            close(file);
            return result;
        }
        """

    @Test(.enabled(if: compiler != nil, "there is no C compiler")) func aClockThatIsSetExpiresWithinSecondsWhatNobodyTries() throws {
        let pair = try Pair()
        let (source, library, step) = (pair.root.file("clock.c"), pair.root.file("clock.so"), pair.root.file("step"))
        try Data(Self.shim.utf8).write(to: URL(fileURLWithPath: source))
        let compiled = try Run.run(try #require(Self.compiler), ["-shared", "-fPIC", "-o", library, source])
        #expect(compiled.status == 0, "\(compiled.errors)")
        // Parked, so that no attempt looks at its time.
        #expect(try pair.send(wait: 0).output.contains("queued"))
        let id = try pair.query(pair.sender, "SELECT id FROM exchange").trimmingCharacters(in: .newlines)
        try Sluice.succeed(["exchange", "park", id, "--reason", "the partner is away", "--config", pair.sender.configuration])
        let words = pair.sender.folder + "/words"
        let sender = try pair.serve(pair.sender, script: "CLOCK_STEP='\(step)' LD_PRELOAD='\(library)' exec \"$@\" 2>'\(words)'")
        defer { sender.stop() }
        #expect(try pair.query(pair.sender, "SELECT state FROM exchange") == "parked\n")
        try Data("\(40 * 86_400)".utf8).write(to: URL(fileURLWithPath: step), options: .atomic)
        let deadline = ContinuousClock.now + .seconds(20)
        var state = ""
        while ContinuousClock.now < deadline, state != "expired\n" {
            state = try pair.query(pair.sender, "SELECT state FROM exchange")
            usleep(50_000)
        }
        #expect(state == "expired\n")
        #expect(try String(contentsOfFile: words, encoding: .utf8).contains("the clock of this machine was set"))
    }
}
