// swift-tools-version: 6.1
import PackageDescription

// MARK: The house (Docs/Architecture.md): who may import whom is held by Tests/ArchitectureTests.

/// A room of `Sources/`, with its own tests in `Tests/<name>Tests` where it has any.
func room(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = ["README.md"], resources: [Resource]? = nil) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/\(name)", exclude: exclude, resources: resources)
}

/// A plugin: `Plugins/<name>/Sources`, and its tests beside it.
func plugin(_ name: String, _ dependencies: [Target.Dependency] = [], testing: [Target.Dependency] = [], hasFixtures: Bool = true) -> [Target] {
    [
        .target(name: name, dependencies: ["SluiceKit"] + dependencies, path: "Plugins/\(name)/Sources"),
        .testTarget(
            name: "\(name)Tests", dependencies: [.byName(name: name), "SluiceKit", "SluiceKitTesting"] + dependencies + testing,
            path: "Plugins/\(name)/Tests", exclude: hasFixtures ? ["Fixtures"] : []),
    ]
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(name: "\(name)Tests", dependencies: dependencies, path: "Tests/\(name)Tests")
}

let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let mustache: Target.Dependency = .product(name: "Mustache", package: "swift-mustache")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTesting: Target.Dependency = .product(name: "HummingbirdTesting", package: "hummingbird")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let httpClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "Sluice",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "sluice", targets: ["sluice"]),
        .library(name: "SluiceKit", targets: ["SluiceKit"]),
        .library(name: "SluiceKitTesting", targets: ["SluiceKitTesting"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // C shims: their headers name only our own types, the libraries' headers stay inside the .c files.
        .systemLibrary(name: "CLibxml2System", path: "Sources/CLibxml2System", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
        .target(name: "CLibxml2", dependencies: ["CLibxml2System"], path: "Sources/CLibxml2"),
        .target(name: "CLibcrypto", path: "Sources/CLibcrypto", linkerSettings: [.linkedLibrary("crypto")]),
        .target(name: "CMalloc", path: "Sources/CMalloc"),
        .target(name: "CZlib", path: "Sources/CZlib", linkerSettings: [.linkedLibrary("z")]),

        room("SluiceKit"),
        room("SluiceKitTesting", ["SluiceKit"], exclude: []),
        room("SluiceCrypto", ["SluiceKit", "CLibcrypto"]),
        room("SluiceZip", ["SluiceKit", "SluiceCrypto", "CZlib"]),
        room("SluiceLedger", ["SluiceKit", "SluiceCrypto"]),
        room("SluiceYAML", ["SluiceKit", yams]),
        room("SluiceCore", ["SluiceKit", "SluiceYAML"]),
        // Files the binary carries, compiled in so that it can be copied anywhere; apart, because compiling them takes a while.
        .target(name: "SluiceFiles", path: "Sources/SluiceFiles", exclude: ["README.md"], resources: [.embedInCode("Files")]),
        room("SluiceNode", ["SluiceKit", "SluiceYAML", "SluiceCrypto", "SluiceCore", "SluiceLedger", logging, lifecycle]),
        room(
            "SluiceHTTP",
            [
                "SluiceKit", "SluiceCore", httpClient, hummingbird, hummingbirdCore, httpTypes, mustache, nioSSL, nioCore, nioHTTP1, nioPosix,
                logging, lifecycle,
            ],
            exclude: ["README.md"], resources: [.embedInCode("Resources")]),
        .executableTarget(
            name: "sluice",
            dependencies: [
                "SluiceKit", "SluiceCrypto", "SluiceZip", "SluiceCore", "SluiceLedger", "SluiceNode", "SluiceHTTP", "SluiceFiles", "SluiceYAML",
                "FormatSDMXML", "FormatSDMXCSV", "FormatSDMXJSON", "FormatCSV", "SealASiC", "SealJWS", "TransportHTTP", "TransportFolder", "ProtectSuppression",
                "ProtectRounding", "ProtectMicrodata", "StoreSQLite", "CMalloc",
                arguments, subprocess, system, logging, lifecycle, unixSignals,
            ],
            path: "Sources/sluice", exclude: ["README.md"]),

        tests("SluiceKit", ["SluiceKit", "SluiceKitTesting"]),
        tests("SluiceCrypto", ["SluiceKit", "SluiceCrypto", "SluiceKitTesting"]),
        tests("SluiceLedger", ["SluiceKit", "SluiceCrypto", "SluiceLedger", "SluiceKitTesting"]),
        tests("SluiceCore", ["SluiceKit", "SluiceCore", "SluiceKitTesting"]),
        tests("SluiceYAML", ["SluiceYAML"]),
        tests(
            "SluiceNode",
            ["SluiceKit", "SluiceCrypto", "SluiceYAML", "SluiceCore", "SluiceLedger", "SluiceNode", "SluiceKitTesting", "StoreSQLite", logging]),
        tests(
            "SluiceHTTP",
            [
                "SluiceKit", "SluiceKitTesting", "SluiceCrypto", "SluiceYAML", "SluiceCore", "SluiceHTTP", "TransportHTTP", hummingbird, hummingbirdCore,
                hummingbirdTesting, httpTypes, nioSSL, nioCore, nioPosix, logging, lifecycle,
            ]),
        tests("Simulation", ["SluiceKit", "SluiceKitTesting", "SluiceCore", "SluiceLedger"]),
        tests("Architecture"),
        tests("EndToEnd", ["SluiceKit", "SluiceKitTesting"]),
    ]
        + plugin("FormatSDMXML", ["CLibxml2"])
        + plugin("FormatSDMXCSV")
        + plugin("FormatSDMXJSON")
        + plugin("FormatCSV", ["SluiceYAML"])
        + plugin("SealASiC", ["SluiceCrypto", "SluiceZip"])
        + plugin("SealJWS", ["SluiceCrypto", "SluiceZip"])
        + plugin("TransportHTTP", [httpClient, nioSSL, nioTLS, nioCore, nioPosix, nioHTTP1])
        + plugin("TransportFolder", ["SluiceCrypto"], hasFixtures: false)
        + plugin("ProtectSuppression")
        + plugin("ProtectRounding")
        + plugin("ProtectMicrodata", testing: ["SluiceCrypto"])
        + plugin("StoreSQLite", [grdb], hasFixtures: false)
)

// The fuzz target (`make fuzz`) is linked with libFuzzer's own main, so it is part of the package only on request.
if Context.environment["SLUICE_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "sluice-fuzz", dependencies: ["SluiceKit", "FormatSDMXML", "FormatSDMXCSV", "FormatSDMXJSON", "FormatCSV"], path: "Tests/Fuzz",
            exclude: ["fuzz.sh"], swiftSettings: [.unsafeFlags(["-parse-as-library"])]))
}

for target in package.targets where !target.name.hasPrefix("C") {
    target.swiftSettings =
        (target.swiftSettings ?? []) + [
            .swiftLanguageMode(.v6),
            .enableUpcomingFeature("ExistentialAny"),
            .enableUpcomingFeature("InternalImportsByDefault"),
            .enableUpcomingFeature("MemberImportVisibility"),
        ]
}
