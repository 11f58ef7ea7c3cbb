import Foundation
import Testing

/// The walls of the house (Docs/Architecture.md), read from the import lines.
@Suite struct ImportRulesTests {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Our modules that a room may import; everything else of ours is forbidden to it. Libraries are ruled by `librariesOfRoom`.
    static let oursOfRoom: [String: Set<String>] = [
        "SluiceKit": [],
        "SluiceKitTesting": ["SluiceKit"],
        "SluiceYAML": ["SluiceKit"],
        "SluiceCrypto": ["SluiceKit", "CLibcrypto"],
        "SluiceZip": ["SluiceKit", "SluiceCrypto", "CZlib"],
        "SluiceLedger": ["SluiceKit", "SluiceCrypto"],
        "SluiceCore": ["SluiceKit", "SluiceYAML"],
        "SluiceNode": ["SluiceKit", "SluiceYAML", "SluiceCrypto", "SluiceCore", "SluiceLedger"],
        "SluiceHTTP": [
            "AsyncHTTPClient", "SluiceKit", "SluiceCore", "SluiceLedger", "SluiceNode",
        ],
        "SluiceFiles": [],
    ]
    /// A plugin reads the Kit, the rooms that are libraries of their own, and C shims; never Core, and never another plugin.
    static let oursOfPlugin: Set<String> = ["SluiceKit", "SluiceYAML", "SluiceCrypto", "SluiceZip", "CLibxml2"]
    /// The standard library's own modules and the C library.
    static let standard: Set<String> = ["Glibc", "Darwin", "Dispatch", "Synchronization"]
    /// Libraries by room; Foundation and heavy packages stay out of Kit, Core, Ledger and the formats.
    static let librariesOfRoom: [String: Set<String>] = [
        // Test authorities are made with the openssl command, through Foundation's Process.
        "SluiceKitTesting": ["Foundation"],
        "SluiceYAML": ["Yams"],
        "SluiceNode": ["Logging", "ServiceLifecycle"],
        "SluiceHTTP": [
            "AsyncHTTPClient",
            "Foundation", "HTTPTypes", "Hummingbird", "HummingbirdCore", "Logging", "Mustache", "NIOCore", "NIOHTTP1", "NIOHTTPTypes",
            "NIOPosix",
            "NIOSSL", "ServiceLifecycle",
        ],
        "TransportHTTP": [
            "AsyncHTTPClient", "Foundation", "NIOConcurrencyHelpers", "NIOCore", "NIOFoundationCompat", "NIOHTTP1", "NIOPosix", "NIOSSL", "NIOTLS",
        ],
        "StoreSQLite": ["Foundation", "GRDB"],
    ]

    struct Import: CustomStringConvertible {
        var file: String
        var line: Int
        var module: String
        var description: String { "\(file):\(line) imports \(module)" }
    }

    static func imports(under folder: String) throws -> [Import] {
        let base = root.appending(path: folder)
        let files = try #require(FileManager.default.enumerator(at: base, includingPropertiesForKeys: nil))
        var found: [Import] = []
        for case let file as URL in files where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                let words = line.split(separator: " ").map(String.init)
                guard let position = words.firstIndex(of: "import"), position <= 2, words.count > position + 1, !line.hasPrefix("//"), !line.hasPrefix(" ")
                else { continue }
                // `import struct Foundation.Data` names its module before the dot.
                let kinds: Set = ["struct", "class", "enum", "protocol", "func", "var", "typealias"]
                let name = kinds.contains(words[position + 1]) ? words[position + 2] : words[position + 1]
                let module = String(name.split(separator: ".")[0])
                found.append(Import(file: file.path.replacingOccurrences(of: root.path + "/", with: ""), line: number + 1, module: module))
            }
        }
        return found
    }

    static func folders(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(at: root.appending(path: folder), includingPropertiesForKeys: [.isDirectoryKey])
            .filter { (try? $0.resourceValues(forKeys: [.isDirectoryKey]).isDirectory) == true }.map(\.lastPathComponent).sorted()
    }

    @Test func everyRoomKeepsToItsImports() throws {
        for room in try Self.folders(in: "Sources") where room != "sluice" && !room.hasPrefix("C") {
            let ours = try #require(Self.oursOfRoom[room], "Sources/\(room) is a room that the architecture does not know")
            let allowed = ours.union(Self.standard).union(Self.librariesOfRoom[room] ?? [])
            for found in try Self.imports(under: "Sources/\(room)") {
                #expect(allowed.contains(found.module), "\(found), which \(room) may not")
            }
        }
    }

    @Test func noPluginKnowsTheCoreOrAnotherPlugin() throws {
        let plugins = try Self.folders(in: "Plugins")
        #expect(plugins.count >= 8)
        for plugin in plugins {
            let allowed = Self.oursOfPlugin.union(Self.standard).union(Self.librariesOfRoom[plugin] ?? [])
            for found in try Self.imports(under: "Plugins/\(plugin)/Sources") {
                #expect(allowed.contains(found.module), "\(found), which a plugin may not")
            }
        }
    }

    @Test func everyPluginHasReadmeSourcesAndTests() throws {
        for plugin in try Self.folders(in: "Plugins") {
            for part in ["README.md", "Sources", "Tests"] {
                #expect(FileManager.default.fileExists(atPath: Self.root.appending(path: "Plugins/\(plugin)/\(part)").path), "Plugins/\(plugin) has no \(part)")
            }
        }
    }

    @Test func headersOfCLibrariesStayInC() throws {
        for shim in try Self.folders(in: "Sources") where shim != "CLibxml2System" && shim.hasPrefix("C") {
            let headers = FileManager.default.enumerator(at: Self.root.appending(path: "Sources/\(shim)/include"), includingPropertiesForKeys: nil)!
            for case let header as URL in headers where header.pathExtension == "h" {
                let text = try String(contentsOf: header, encoding: .utf8)
                for line in text.split(separator: "\n") where line.hasPrefix("#include <") {
                    #expect(
                        ["<stddef.h>", "<stdint.h>", "<stdbool.h>", "<sys/types.h>"].contains { line.contains($0) },
                        "\(header.lastPathComponent) shows Swift a library's header: \(line)")
                }
            }
        }
    }
}
