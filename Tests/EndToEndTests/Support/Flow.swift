import Foundation
import Testing

/// A folder of `Config/flows`, read as its files say: whoever adds a flow writes no test.
struct Flow: Sendable, CustomTestStringConvertible {
    static let root = Repository.path("Config/flows")
    static let all: [Flow] = ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).filter { FileManager.default.isFolder("\(root)/\($0)") }
        .sorted().map(Flow.init)

    let name: String
    init(_ name: String) { self.name = name }

    var testDescription: String { name }
    var folder: String { "\(Self.root)/\(name)" }
    var files: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted() }
    /// Agreements: what is YAML and begins with the word, beside their tests.
    var agreements: [Agreement] {
        files.filter { $0.hasSuffix(".yaml") && !$0.hasSuffix(".tests.yaml") }.compactMap { Agreement(file: $0, text: text($0)) }
    }
    var nodes: [Node] { files.filter { $0.hasPrefix("node-") && $0.hasSuffix(".yaml") }.map { Node(id: String($0.dropFirst(5).dropLast(5)), text: text($0)) } }
    var structureMessages: [String] { files.filter { $0.hasSuffix(".xml") }.map { "\(folder)/\($0)" } }
    /// Whether the flow begins with records about single persons.
    var isOfRecords: Bool { files.contains("records.xml") || agreements.contains(where: \.forbids) }

    func text(_ file: String) -> String { (try? String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)) ?? "" }

    /// What the flow's page tells to lay down as `incoming/<file>`: a table of that name, the sample, or the tables of a folder mapped to one.
    func layDown(_ file: String, in incoming: String) throws {
        let target = "\(incoming)/\(file)"
        guard !FileManager.default.fileExists(atPath: target) else { return }
        if let source = [file, "sample.csv"].first(where: files.contains) {
            try FileManager.default.copyItem(atPath: "\(folder)/\(source)", toPath: target)
        } else {
            try Sluice.succeed(["map", "\(folder)/sample", target, "--mapping", "\(folder)/mapping.yaml", "--structure", "\(folder)/structure.xml"])
        }
    }

    /// What a test needs to know of an agreement.
    struct Agreement: Sendable {
        let file: String
        let id: String
        let dataflow: String
        let receivers: [String]
        let forbids: Bool
        /// Fewest persons in a cell, and nil where the figures are public.
        let minimumCell: Int?
        /// Whether the measure counts, so that a value below `minimumCell` is a small cell.
        let isCount: Bool
        /// Whether the node makes the table that travels of records.
        let isTabulated: Bool
        let kAnonymity: Int?
        let quasiIdentifiers: [String]
        /// Components that may not have a value in what was received.
        let hidden: [String]
        /// Whether each record has a number of this release in the place of its own.
        let isNumbered: Bool
        static let record = "RECORD_ID"

        init?(file: String, text: String) {
            guard let id = Self.value("agreement", text), let dataflow = Self.value("dataflow", text) else { return nil }
            self.file = file
            self.id = id
            self.dataflow = String(dataflow.prefix { $0 != "(" })
            receivers = Self.list("receivers", text) + [Self.value("receiver", text)].compactMap(\.self)
            forbids = Self.value("effect", text) == "forbid"
            minimumCell = Self.value("minimumCell", text).flatMap { Int($0) }
            let frequency = [Self.value("frequencyComponent", text)].compactMap(\.self)
            isCount = frequency.isEmpty && !text.contains("measure: {sum")
            isTabulated = Self.value("tabulate", text) != nil
            kAnonymity = Self.value("kAnonymity", text).flatMap { Int($0) }
            quasiIdentifiers = Self.list("quasiIdentifiers", text)
            let identifiers = Self.list("identifiers", text)
            hidden = frequency + Self.list("largestComponents", text) + identifiers.filter { $0 != Self.record } + Self.list("drop", text)
            isNumbered = identifiers.contains(Self.record)
        }

        private static func lines(_ text: String) -> [String] { text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) } }
        static func value(_ key: String, _ text: String) -> String? {
            lines(text).first { $0.hasPrefix(key + ":") }.map { $0.dropFirst(key.count + 1).trimmingCharacters(in: CharacterSet(charactersIn: " \"")) }
        }
        static func list(_ key: String, _ text: String) -> [String] {
            (value(key, text) ?? "").trimmingCharacters(in: CharacterSet(charactersIn: "[]")).split(separator: ",").map {
                $0.trimmingCharacters(in: .whitespaces)
            }
        }
    }

    /// An example node of the flow.
    struct Node: Sendable {
        let id: String
        let text: String
        struct Feed: Sendable {
            var id: String
            var file: String
            /// Below the node's folder; nil where the file needs none.
            var mapping: String?
            var to: String
            var dataflow: String
        }
        var feeds: [Feed] {
            guard let begin = text.range(of: "\nfeeds:") else { return [] }
            return text[begin.upperBound...].components(separatedBy: "\n  - id: ").dropFirst().map { part in
                Feed(
                    id: String(part.prefix { $0 != "\n" }), file: part.firstMatch(of: #/incoming/([^}]+)}/#).map { String($0.1) } ?? "",
                    mapping: Agreement.value("mapping", part), to: Agreement.value("to", part) ?? "",
                    dataflow: (Agreement.value("flow", part) ?? "").components(separatedBy: "(")[0])
            }
        }
        /// The agreements that the node keeps to, by file name.
        var agreements: [String] { text.matches(of: #/- flows/[^/]+/(\S+\.yaml)/#).map { String($0.1) } }
    }
}

extension FileManager {
    func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }
}
