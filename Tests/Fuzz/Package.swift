// swift-tools-version: 6.2
// The fuzz targets, apart from the package of the hub: everything here is built for libFuzzer, so nothing of it
// may end up in a product. `Hub` is a link to the sources of the hub. docs/fuzzing.md says how this is run.
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .unsafeFlags(["-sanitize=fuzzer,address", "-parse-as-library"]),
]

/// The gold linker of binutils 2.40 ends with an internal error on what is made here.
let linking: [LinkerSetting] = [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])]

func module(_ name: String, _ imports: [String] = []) -> Target {
    let touchesC = imports.contains { $0.hasPrefix("C") }
    return .target(
        name: name, dependencies: imports.map { .target(name: $0) }, path: "Hub/\(name)",
        swiftSettings: settings + (touchesC ? [.strictMemorySafety()] : [])
    )
}

func fuzz(_ name: String, _ imports: [String]) -> Target {
    .executableTarget(
        name: name,
        dependencies: (["Entry", "World"] + imports).map { .target(name: $0) },
        path: "Targets/\(name)",
        swiftSettings: settings,
        linkerSettings: linking
    )
}

let package = Package(
    name: "lgsp-hub-fuzz",
    targets: [
        .systemLibrary(name: "CLibXML2", path: "Hub/CLibXML2", pkgConfig: "libxml-2.0"),
        .systemLibrary(name: "COpenSSL", path: "Hub/COpenSSL", pkgConfig: "libcrypto"),
        .systemLibrary(name: "CPKCS11", path: "Hub/CPKCS11"),
        .systemLibrary(name: "CChecksum", path: "Hub/CChecksum"),
        module("HubModel"),
        module("HubXML", ["HubModel", "CLibXML2"]),
        module("HubJSON", ["HubModel"]),
        module("HubEnvelope", ["HubModel", "HubXML", "HubJSON", "COpenSSL", "CPKCS11", "CChecksum"]),
        // One file of a layer that is not built here.
        .target(name: "Tar", dependencies: ["HubModel"], path: "Tar", swiftSettings: settings),

        .target(name: "Entry", path: "Entry"),
        .target(
            name: "World", dependencies: ["HubModel", "HubXML", "HubEnvelope"], path: "World",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "make-seeds",
            dependencies: ["World", "HubModel", "HubXML", "HubEnvelope", "Tar"],
            path: "MakeSeeds", swiftSettings: settings,
            linkerSettings: linking
        ),

        fuzz("xml", ["HubXML"]),
        fuzz("json", ["HubModel", "HubJSON"]),
        fuzz("xml-signature", ["HubXML", "HubEnvelope"]),
        fuzz("jws", ["HubEnvelope"]),
        fuzz("cms", ["HubModel", "HubEnvelope"]),
        fuzz("mime", ["HubModel", "HubEnvelope"]),
        fuzz("timestamp", ["HubModel", "HubEnvelope"]),
        fuzz("certificate", ["HubModel", "HubEnvelope"]),
        fuzz("tar", ["HubModel", "Tar"]),
    ],
    swiftLanguageModes: [.v6]
)
