internal import ArgumentParser
internal import Logging
internal import SluiceHTTP
internal import SluiceKit
internal import SluiceNode
internal import UnixSignals

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run a node until it is told to stop (SIGTERM or SIGINT); work under way is finished first.")

    @Option(name: .long, help: ArgumentHelp("The node's configuration file.", valueName: "file")) var config: String

    func run() async throws {
        let node = try NodeOptions.node(config)
        do {
            let running = try await RunningNode.start(node, signals: [.sigterm, .sigint])
            let place = node.configuration.exchange.flatMap { listener in running.exchangePort.map { "at https://\(listener.host):\($0)" } }
            Terminal.note("\(node.participant) takes in exchanges \(place ?? "by folders alone"), console at \(running.consoleURL)")
            try await running.untilStopped()
        } catch let outcome as Outcome {
            throw outcome
        } catch {
            try? await node.close()
            throw Outcome.unusable("\(error)")
        }
    }
}
