// swift-tools-version: 6.2
// What opening, signing and auditing costs, measured apart from the package of the hub: the program here may use
// what is `package` in the modules, so that nothing becomes public for its sake. `Hub` is a link to the sources of the
// hub. docs/benchmarks.md says how this is run.
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let collections = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")

func module(_ name: String, _ imports: [String] = [], _ products: [Target.Dependency] = []) -> Target {
    let touchesC = ["HubYAML", "HubSQLite"].contains(name) || imports.contains { $0.hasPrefix("C") }
    return .target(
        name: name, dependencies: imports.map { .target(name: $0) } + products, path: "Hub/\(name)",
        swiftSettings: settings + (touchesC ? [.strictMemorySafety()] : [])
    )
}

let package = Package(
    name: "lgsp-hub-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CLibXML2", path: "Hub/CLibXML2", pkgConfig: "libxml-2.0"),
        .systemLibrary(name: "COpenSSL", path: "Hub/COpenSSL", pkgConfig: "libcrypto"),
        .systemLibrary(name: "CPKCS11", path: "Hub/CPKCS11"),
        .systemLibrary(name: "CChecksum", path: "Hub/CChecksum"),
        module("HubModel"),
        module("HubXML", ["HubModel", "CLibXML2"]),
        module("HubJSON", ["HubModel"]),
        module("HubEnvelope", ["HubModel", "HubXML", "HubJSON", "COpenSSL", "CPKCS11", "CChecksum"]),
        module("HubYAML", ["HubModel"], [yams]),
        module("HubSchema", ["HubModel", "HubXML", "HubJSON", "HubYAML"]),
        module("HubMapping", ["HubModel", "HubXML", "HubJSON"]),
        module(
            "HubCore", ["HubModel", "HubXML", "HubJSON", "HubEnvelope", "HubSchema", "HubMapping"],
            [collections, logging, lifecycle]
        ),
        module("HubSQLite", [], [grdb, sqlite]),
        module("HubStore", ["HubModel", "HubSQLite", "HubEnvelope", "HubCore"], [grdb, collections, logging]),
        .executableTarget(
            name: "envelopes",
            dependencies: ["HubModel", "HubXML", "HubJSON", "HubEnvelope", "HubSchema", "HubCore", "HubStore"],
            path: "Program", swiftSettings: settings
        ),
    ],
    swiftLanguageModes: [.v6]
)
