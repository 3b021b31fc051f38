// swift-tools-version: 6.2
// What reading and checking a payload costs, measured apart from the package of the hub. `Hub` is a link to the sources of
// the hub. Benchmarks/peers builds and runs it beside other programs; docs/benchmarks.md says what the figures mean.
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let yams = Target.Dependency.product(name: "Yams", package: "Yams")

func module(_ name: String, _ imports: [String] = [], _ products: [Target.Dependency] = []) -> Target {
    let touchesC = name == "HubYAML" || imports.contains { $0.hasPrefix("C") }
    return .target(
        name: name, dependencies: imports.map { .target(name: $0) } + products, path: "Hub/\(name)",
        swiftSettings: settings + (touchesC ? [.strictMemorySafety()] : [])
    )
}

let package = Package(
    name: "lgsp-hub-schema-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [.package(url: "https://github.com/jpsim/Yams", from: "6.2.2")],
    targets: [
        .systemLibrary(name: "CLibXML2", path: "Hub/CLibXML2", pkgConfig: "libxml-2.0"),
        module("HubModel"),
        module("HubXML", ["HubModel", "CLibXML2"]),
        module("HubJSON", ["HubModel"]),
        module("HubYAML", ["HubModel"], [yams]),
        module("HubSchema", ["HubModel", "HubXML", "HubJSON", "HubYAML"]),
        .executableTarget(
            name: "schemas", dependencies: ["HubModel", "HubXML", "HubJSON", "HubSchema"], path: "Program",
            swiftSettings: settings
        ),
    ],
    swiftLanguageModes: [.v6]
)
