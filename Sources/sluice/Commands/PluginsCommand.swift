internal import ArgumentParser
internal import SluiceKit

struct PluginsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugins", abstract: "The plugins of this build.", subcommands: [Describe.self], defaultSubcommand: Describe.self)

    struct Describe: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Name, kind, capabilities and configuration keys of every plugin.")
        @Flag(name: .long, help: "Print one JSON document.") var json = false

        func run() throws {
            let descriptors = BuiltinPlugins.all.map { $0.descriptor }
            if json {
                print(JSONValue.array(descriptors.map(Self.json)).prettyText)
                return
            }
            for descriptor in descriptors {
                print("\(descriptor.name) (\(descriptor.kind.rawValue), \(descriptor.version)): \(descriptor.description)")
                print("  provides \(descriptor.provides.joined(separator: ", ")); \(descriptor.capabilities.map(\.rawValue).joined(separator: ", "))")
                for key in descriptor.configuration {
                    print("  \(key.name): \(key.type.rawValue)\(key.defaultValue.map { ", default \($0)" } ?? ", required"). \(key.description)")
                }
            }
        }

        private static func json(_ descriptor: PluginDescriptor) -> JSONValue {
            let keys = descriptor.configuration.map { key in
                JSONValue.object([
                    JSONMember("name", .string(key.name)), JSONMember("type", .string(key.type.rawValue)),
                    JSONMember("default", key.defaultValue.map(JSONValue.string) ?? .null),
                    JSONMember("description", .string(key.description)),
                ])
            }
            return .object([
                JSONMember("name", .string(descriptor.name)), JSONMember("kind", .string(descriptor.kind.rawValue)),
                JSONMember("version", .string(descriptor.version)),
                JSONMember("description", .string(descriptor.description)), JSONMember("provides", .array(descriptor.provides.map(JSONValue.string))),
                JSONMember("capabilities", .array(descriptor.capabilities.map { .string($0.rawValue) })), JSONMember("configuration", .array(keys)),
            ])
        }
    }
}
