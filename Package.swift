// swift-tools-version: 6.2
import PackageDescription

/// The layer of each target. A target may import only what lies below it (DESIGN: rooms and layers); the
/// manifest refuses to load when an edge points up or sideways.
let layers = [
    "CLibXML2": 0, "COpenSSL": 0, "CPKCS11": 0, "CChecksum": 0,
    "HubModel": 1,
    "HubXML": 2, "HubJSON": 2, "HubYAML": 2, "HubHTTP": 2, "HubSQLite": 2,
    "HubEnvelope": 3, "HubSchema": 3, "HubMapping": 3,
    "HubCore": 4, "HubDialects": 4,
    "HubStore": 5, "HubTransports": 5, "HubNational": 5, "HubAdapters": 5, "HubTesting": 5,
    "HubAPI": 6, "HubMocks": 6, "HubWorkload": 6,
    "HubApp": 7,
    "lgsp": 8,
]

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let collections = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")

func checked(_ name: String, imports: [String]) -> [Target.Dependency] {
    for imported in imports {
        precondition(layers[imported]! < layers[name]!, "\(name) is not above \(imported)")
    }
    return imports.map { .target(name: $0) }
}

func module(_ name: String, imports: [String] = [], products: [Target.Dependency] = []) -> Target {
    // HubYAML reads through the C library that Yams carries, HubSQLite through the one that GRDB links.
    let touchesC = ["HubYAML", "HubSQLite"].contains(name) || imports.contains { layers[$0] == 0 }
    return .target(
        name: name,
        dependencies: checked(name, imports: imports) + products,
        swiftSettings: settings + (touchesC ? [.strictMemorySafety()] : [])
    )
}

/// `data` names folders of files that tests read themselves.
func tests(
    _ name: String, imports: [String] = [], products: [Target.Dependency] = [], data: [String] = []
) -> Target {
    .testTarget(
        name: name + "Tests",
        dependencies: ([name] + imports).map { .target(name: $0) } + products,
        exclude: data,
        swiftSettings: settings
    )
}

let package = Package(
    name: "lgsp-hub",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "lgsp", targets: ["lgsp"]),
        // What transports are written against, tested with and put into a hub (docs/sdk.md). Whoever implements
        // `Destination` has to name what lies in HubCore and HubModel, so these come with it.
        .library(name: "HubTransports", targets: ["HubModel", "HubCore", "HubTransports"]),
        .library(name: "HubTesting", targets: ["HubTesting"]),
        .library(name: "HubApp", targets: ["HubApp"]),
    ],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    ],
    targets: [
        .systemLibrary(name: "CLibXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CPKCS11"),
        .systemLibrary(name: "CChecksum"),

        module("HubModel"),
        module("HubXML", imports: ["HubModel", "CLibXML2"]),
        module("HubJSON", imports: ["HubModel"]),
        module("HubYAML", imports: ["HubModel"], products: [yams]),
        module(
            "HubHTTP", imports: ["HubModel"],
            products: [hummingbird, hummingbirdCore, httpClient, nio, nioHTTP, logging]
        ),
        module("HubSQLite", products: [grdb, sqlite]),
        module("HubEnvelope", imports: ["HubModel", "HubXML", "HubJSON", "COpenSSL", "CPKCS11", "CChecksum"]),
        module("HubSchema", imports: ["HubModel", "HubXML", "HubJSON", "HubYAML"]),
        module("HubMapping", imports: ["HubModel", "HubXML", "HubJSON"]),
        module(
            "HubCore",
            imports: ["HubModel", "HubXML", "HubJSON", "HubEnvelope", "HubSchema", "HubMapping"],
            products: [collections, logging, lifecycle]
        ),
        module("HubDialects", imports: ["HubModel", "HubXML", "HubJSON", "HubEnvelope"]),
        module(
            "HubStore", imports: ["HubModel", "HubSQLite", "HubEnvelope", "HubCore"],
            products: [grdb, collections, logging]
        ),
        module(
            "HubTransports", imports: ["HubModel", "HubJSON", "HubHTTP", "HubCore"], products: [httpClient, nioHTTP]
        ),
        module(
            "HubNational",
            imports: ["HubModel", "HubJSON", "HubXML", "HubHTTP", "HubEnvelope", "HubCore", "HubDialects"],
            products: [httpClient, nioHTTP, logging, lifecycle]
        ),
        module(
            "HubAdapters",
            imports: ["HubModel", "HubYAML", "HubXML", "HubJSON", "HubSchema", "HubMapping", "HubCore"]
        ),
        module("HubTesting", imports: ["HubModel", "HubEnvelope", "HubCore"]),
        module(
            "HubAPI",
            imports: [
                "HubModel", "HubXML", "HubJSON", "HubHTTP", "HubEnvelope", "HubSchema", "HubCore", "HubDialects",
                "HubTransports", "HubAdapters",
            ],
            products: [hummingbird, nio, logging]
        ),
        module(
            "HubMocks",
            imports: ["HubModel", "HubXML", "HubJSON", "HubYAML", "HubHTTP", "HubEnvelope", "HubDialects"],
            products: [hummingbird, httpClient, nio, nioHTTP, logging, lifecycle]
        ),
        module(
            "HubWorkload",
            imports: ["HubModel", "HubXML", "HubJSON", "HubYAML", "HubEnvelope", "HubDialects"],
            products: [httpClient, nio, nioHTTP, nioPosix, histogram, logging]
        ),
        module(
            "HubApp",
            imports: [
                "HubModel", "HubXML", "HubJSON", "HubYAML", "HubEnvelope", "HubSchema", "HubMapping", "HubCore",
                "HubDialects", "HubStore", "HubTransports", "HubNational", "HubAdapters", "HubAPI", "HubMocks",
                "HubWorkload",
            ],
            products: [hummingbird, httpClient, nio, nioHTTP, logging, lifecycle, signals]
        ),
        .executableTarget(
            name: "lgsp",
            dependencies: checked("lgsp", imports: ["HubApp", "HubModel", "HubJSON"]) + [arguments],
            swiftSettings: settings
        ),

        tests(
            "HubCore",
            imports: [
                "HubTesting", "HubModel", "HubXML", "HubJSON", "HubEnvelope", "HubSchema", "HubMapping", "HubAdapters",
            ],
            products: [lifecycle, logging]
        ),
        tests("HubDialects", imports: ["HubModel", "HubXML", "HubJSON", "HubEnvelope"]),
        tests("HubEnvelope", imports: ["HubModel", "HubXML", "HubJSON"], data: ["Vectors", "Peers"]),
        tests("HubJSON", imports: ["HubModel"]),
        tests(
            "HubMocks",
            imports: ["HubModel", "HubXML", "HubJSON", "HubYAML", "HubHTTP", "HubEnvelope", "HubDialects"],
            products: [httpClient, nio]
        ),
        tests("HubModel"),
        tests("HubXML", imports: ["HubModel"]),
        tests(
            "HubStore", imports: ["HubTesting", "HubModel", "HubEnvelope", "HubCore"], products: [grdb],
            data: ["Fixtures"]
        ),
        tests("HubSchema", imports: ["HubModel", "HubXML", "HubJSON", "HubYAML"]),
        tests("HubWorkload", imports: ["HubModel", "HubJSON", "HubYAML", "HubXML"]),
        tests("HubYAML", imports: ["HubModel"]),
        tests("HubSQLite", products: [grdb]),
        tests("HubHTTP", imports: ["HubModel"], products: [hummingbird, httpClient, nio, nioHTTP, nioPosix]),
        tests("HubMapping", imports: ["HubModel", "HubXML", "HubJSON", "HubYAML"]),
        tests("HubAdapters", imports: ["HubModel", "HubSchema", "HubMapping"]),
        tests(
            "HubTransports", imports: ["HubTesting", "HubModel", "HubJSON", "HubHTTP", "HubCore"],
            products: [hummingbird, httpClient, nio, nioHTTP]
        ),
        tests(
            "HubNational",
            imports: [
                "HubTesting", "HubModel", "HubXML", "HubJSON", "HubHTTP", "HubEnvelope", "HubSchema", "HubCore",
                "HubDialects", "HubStore", "HubAdapters", "HubMocks",
            ],
            products: [hummingbird, httpClient, nio, nioHTTP, lifecycle]
        ),
        tests(
            "HubAPI",
            imports: [
                "HubTesting", "HubModel", "HubXML", "HubJSON", "HubHTTP", "HubEnvelope", "HubSchema", "HubCore",
                "HubDialects", "HubStore", "HubAdapters",
            ],
            products: [hummingbird, httpClient, nio, nioHTTP, logging, lifecycle]
        ),
        tests(
            "HubApp",
            imports: [
                "HubModel", "HubJSON", "HubXML", "HubYAML", "HubEnvelope", "HubCore", "HubDialects", "HubNational",
                "HubStore", "HubTesting", "lgsp",
            ],
            products: [httpClient, nio, nioHTTP, logging, lifecycle]
        ),
    ],
    swiftLanguageModes: [.v6]
)
