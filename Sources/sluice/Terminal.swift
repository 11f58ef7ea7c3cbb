internal import SluiceKit

#if canImport(Glibc)
    internal import Glibc
#endif

/// What goes to people: results on standard output, everything else on standard error.
enum Terminal {
    static var errorIsTerminal: Bool { isatty(2) == 1 }

    static func error(_ text: String) { write(text + "\n", to: 2) }
    static func note(_ text: String) { write(text + "\n", to: 2) }

    static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 { return }
            rest = rest.dropFirst(count)
        }
    }
}

/// Rows, bytes, rate and time left on a terminal; silent in a pipe.
final class Progress {
    private let source: any ByteSource
    private let isShown = Terminal.errorIsTerminal
    private let started = ContinuousClock.now
    private var lastShown = ContinuousClock.now
    private(set) var rows = 0

    /// Between two updates of the line.
    static let interval = Duration.milliseconds(200)

    init(over source: any ByteSource) { self.source = source }

    func advance(rows count: Int) {
        rows += count
        guard isShown, ContinuousClock.now - lastShown > Self.interval else { return }
        lastShown = .now
        let elapsed = ContinuousClock.now - started
        let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
        let rate = Double(source.byteCountRead) / max(seconds, 0.001)
        var line = "\r\u{1B}[K\(rows) rows, \(Self.bytes(source.byteCountRead)), \(Self.bytes(Int(rate)))/s"
        if let total = source.byteCountTotal, rate > 0, total > source.byteCountRead {
            line += ", \(Int(Double(total - source.byteCountRead) / rate) + 1) s left"
        }
        Terminal.write(line, to: 2)
    }

    func finish() { if isShown { Terminal.write("\r\u{1B}[K", to: 2) } }

    static func bytes(_ count: Int) -> String {
        if count < 10_000 { return "\(count) B" }
        if count < 10_000_000 { return "\(count / 1000) kB" }
        return "\(count / 1_000_000) MB"
    }
}

/// A number with its noun.
func counted(_ count: Int, _ one: String, _ many: String? = nil) -> String { "\(count) \(count == 1 ? one : many ?? one + "s")" }
