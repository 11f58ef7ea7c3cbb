internal import ArgumentParser
internal import SluiceCore
internal import SluiceKit
internal import SluiceNode

/// What a node would lend a protection, for commands that try one without a node.
struct ProtectionMeans: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The node's protection key (keys/protection.key), for methods that draw from it.", valueName: "file"))
    var protectionKey: String?
    @Option(name: .long, help: ArgumentHelp("A table that the agreement names, as NAME=FILE; once for each.", valueName: "name=file")) var table: [String] = []

    /// - Throws: `Outcome`, unusable, where a file is not what it has to be.
    func lent(to question: Trial.Question) throws -> Trial.Means {
        var paths: [String: String] = [:]
        for text in table {
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, ProtectionTables.isName(parts[0]), paths.updateValue(parts[1], forKey: parts[0]) == nil else {
                throw Outcome.unusable("--table takes NAME=FILE, each name once, and is \"\(text)\"")
            }
        }
        do {
            var means = Trial.Means.ofCommand
            means.context = ProtectionContext(
                receiver: question.receiver.rawValue, codes: try protectionKey.map(ProtectionKey.init(path:)), resources: try ProtectionTables.load(paths))
            return means
        } catch {
            throw Outcome.unusable("\(error)")
        }
    }
}
