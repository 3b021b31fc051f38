// swift-tools-version: 6.2
// A transport of one's own for lgsp-hub, and a hub that has it. docs/sdk.md goes through it step by step.
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
    name: "SpoolTransport",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "SpoolTransport", targets: ["SpoolTransport"]),
        .executable(name: "my-hub", targets: ["my-hub"]),
    ],
    // In a repository of its own: .package(url: "https://…/lgsp-hub", from: "…").
    dependencies: [.package(name: "lgsp-hub", path: "../..")],
    targets: [
        .target(
            name: "SpoolTransport", dependencies: [.product(name: "HubTransports", package: "lgsp-hub")],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "my-hub",
            dependencies: ["SpoolTransport", .product(name: "HubApp", package: "lgsp-hub")],
            swiftSettings: settings
        ),
        .testTarget(
            name: "SpoolTransportTests",
            dependencies: ["SpoolTransport", .product(name: "HubTesting", package: "lgsp-hub")],
            swiftSettings: settings
        ),
    ],
    swiftLanguageModes: [.v6]
)
