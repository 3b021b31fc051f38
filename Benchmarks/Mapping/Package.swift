// swift-tools-version: 6.2
// How many documents a mapping makes in a second, measured apart from the package of the hub. `Hub` is a link to the
// sources of the hub. docs/benchmarks.md says how this is run.
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let yams = Target.Dependency.product(name: "Yams", package: "Yams")

func module(_ name: String, _ imports: [String] = [], _ products: [Target.Dependency] = []) -> Target {
    // HubYAML reads through the C library that Yams carries.
    let touchesC = name == "HubYAML" || imports.contains { $0.hasPrefix("C") }
    return .target(
        name: name, dependencies: imports.map { .target(name: $0) } + products, path: "Hub/\(name)",
        swiftSettings: settings + (touchesC ? [.strictMemorySafety()] : [])
    )
}

let package = Package(
    name: "lgsp-hub-mapping-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [.package(url: "https://github.com/jpsim/Yams", from: "6.2.2")],
    targets: [
        .systemLibrary(name: "CLibXML2", path: "Hub/CLibXML2", pkgConfig: "libxml-2.0"),
        module("HubModel"),
        module("HubXML", ["HubModel", "CLibXML2"]),
        module("HubJSON", ["HubModel"]),
        module("HubYAML", ["HubModel"], [yams]),
        module("HubMapping", ["HubModel", "HubXML", "HubJSON"]),
        .executableTarget(
            name: "mapping", dependencies: ["HubModel", "HubXML", "HubJSON", "HubYAML", "HubMapping"],
            path: "Program", swiftSettings: settings
        ),
    ],
    swiftLanguageModes: [.v6]
)
