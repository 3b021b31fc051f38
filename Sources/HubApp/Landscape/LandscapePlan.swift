internal import Foundation
internal import HubAdapters
internal import HubEnvelope
internal import HubJSON
internal import HubModel
internal import HubSchema
internal import HubYAML

/// The folders, keys and configuration files of a landscape: hubs of provinces, the mock national platform, and
/// the simulated systems of each province.
struct LandscapePlan: Sendable {
    struct Province: Sendable {
        let home: AgencyCode
        let hubFolder: String
        let systemsFolder: String
        let hubPort: Int
        let adminPort: Int
        let systemsPort: Int
        let made: HubFolder.Made
        let systems: [SystemID]
    }

    let folder: String
    let host: String
    let nationalFolder: String
    let nationalPort: Int
    let nationalControl: Int
    let provinces: [Province]

    /// Writes everything. Each hub, platform and process of systems has its own folder and keys.
    ///
    /// - Parameters:
    ///   - homes: Level-1 codes; the systems of every second province sign with RSA, the others with P-256.
    ///   - ministries: Codes that the mock answers for.
    ///   - host: Where everything listens. The addresses in the files are those of this machine all the same.
    ///   - firstPort: The ports are this one and those after it; free ones when `nil`.
    /// - Throws: What `HubFolder.make` throws.
    static func make(
        in folder: String, homes: [AgencyCode], ministries: [AgencyCode], library: Library,
        host: String = "127.0.0.1", firstPort: Int? = nil
    ) throws(HubError) -> LandscapePlan {
        let count = 2 + homes.count * 4
        let ports = if let firstPort { Array(firstPort..<(firstPort + count)) } else { try FreePorts.take(count) }
        let national = "http://127.0.0.1:\(ports[0])"
        var provinces: [Province] = []
        let adapters = try Self.adapters(library)
        for (index, home) in homes.enumerated() {
            let own = Array(ports[(2 + index * 4)..<(6 + index * 4)])
            var plan = HubFolder.Plan(folder: "\(folder)/hub-\(home.text.lowercased())", home: home)
            plan.port = own[0]
            plan.adminPort = own[1]
            plan.host = host
            plan.adminHost = host
            plan.national = national
            plan.poll = "200ms"
            if index % 2 == 1 { plan.useRSA() }
            let mine = adapters.filter { adapter in
                adapter.speaks.hasAccount && adapter.agencies.contains { $0.isWithin(home) }
            }
            for adapter in mine {
                for case .http(let endpoint, _) in adapter.receives.map(\.by) + adapter.subscribes.map(\.by) {
                    plan.endpoints[endpoint] = "http://127.0.0.1:\(own[3])"
                }
            }
            let made = try HubFolder(library: library).make(plan)
            let systemsFolder = "\(folder)/systems-\(home.text.lowercased())"
            try Self.write(
                Self.systems(mine, made: made, plan: plan, control: own[2], listen: own[3]), folder: systemsFolder,
                file: "systems.yaml"
            )
            provinces.append(
                Province(
                    home: home, hubFolder: plan.folder, systemsFolder: systemsFolder, hubPort: own[0],
                    adminPort: own[1], systemsPort: own[2], made: made, systems: mine.map(\.system)
                )
            )
        }
        try Self.exchangeTrust(provinces, adapters: adapters)
        let plan = LandscapePlan(
            folder: folder, host: host, nationalFolder: folder + "/national", nationalPort: ports[0],
            nationalControl: ports[1], provinces: provinces
        )
        let merged = try Self.merged(library, homes: homes)
        try Self.write(
            plan.national(ministries: ministries, merged: merged), folder: plan.nationalFolder, file: "national.yaml"
        )
        try plan.describe()
        return plan
    }

    /// Documents that cross the axis are signed by systems of other provinces; each hub gets their certificates.
    private static func exchangeTrust(_ provinces: [Province], adapters: [Adapter]) throws(HubError) {
        for province in provinces {
            for other in provinces where other.home != province.home {
                for item in other.made.systems {
                    guard let adapter = adapters.first(where: { $0.system == item.system }), adapter.speaks == .axis,
                        let pem = FileManager.default.contents(atPath: item.certificateFile)
                    else { continue }
                    for agency in adapter.agencies.prefix(1) {
                        try Self.write(
                            String(decoding: pem, as: UTF8.self), folder: province.hubFolder + "/trust/agencies",
                            file: agency.text + ".pem"
                        )
                    }
                }
            }
        }
    }

    private static func adapters(_ library: Library) throws(HubError) -> [Adapter] {
        switch AdapterCatalogue.load(
            folder: library.adapters, schemas: try SchemaCatalogue.load(folder: library.schemas))
        {
        case .success(let catalogue): return catalogue.adapters
        case .failure(let faults): throw faults.error(.adapterInvalid, "The adapters have faults.")
        }
    }

    /// The closed codes whose packets each province takes over.
    private static func merged(_ library: Library, homes: [AgencyCode]) throws(HubError) -> [AgencyCode: [AgencyCode]] {
        let directory = try Catalogue.directory([library.schemas + "/directory/agencies.yaml"])
        return Dictionary(grouping: directory.all.filter { $0.code == $0.code.root && $0.successor != nil }) { agency in
            agency.successor ?? agency.code
        }.mapValues { $0.map(\.code) }
    }

    private static func systems(
        _ adapters: [Adapter], made: HubFolder.Made, plan: HubFolder.Plan, control: Int, listen: Int
    ) -> String {
        var text = """
            format: systems-1
            folder: state
            control: { host: \(plan.host), port: \(control) }
            hub: http://127.0.0.1:\(plan.port)
            hub-key: ../\((plan.folder as NSString).lastPathComponent)/keys/hub.pub.pem
            systems:

            """
        for adapter in adapters {
            guard let item = made.systems.first(where: { $0.system == adapter.system }) else { continue }
            let isPushed = (adapter.receives.map(\.by) + adapter.subscribes.map(\.by)).contains { $0 != .mailbox }
            text += """
                  - id: \(adapter.system)
                    agencies: [\(adapter.agencies.map(\.text).joined(separator: ", "))]
                    name: "\(adapter.title.vi)"
                    speaks: \(adapter.speaks.rawValue)
                    secret: "\(item.secret)"
                    key: \(item.keyFile)
                    certificate: \(item.certificateFile)
                    poll: 100ms

                """
            if isPushed { text += "    listen: \(listen)\n" }
        }
        return text
    }

    private func national(ministries: [AgencyCode], merged: [AgencyCode: [AgencyCode]]) -> String {
        var text = """
            format: national-1
            folder: state
            host: \(self.host)
            port: \(self.nationalPort)
            control-port: \(self.nationalControl)
            systems:

            """
        for province in self.provinces {
            let codes = [province.home] + (merged[province.home] ?? [])
            text += """
                  - id: \(province.made.axisSystem)
                    secret: "\(province.made.axisSecret)"
                    codes: [\(codes.map(\.text).joined(separator: ", "))]

                """
        }
        text += "dossier-accounts:\n"
        for province in self.provinces {
            text += "  - { username: \"\(province.made.dossierUser)\", password: \"\(province.made.dossierPassword)\" }\n"
        }
        text += "gateway-clients:\n"
        for province in self.provinces {
            text += "  - { key: \"\(province.made.gatewayKey)\", secret: \"\(province.made.gatewaySecret)\" }\n"
        }
        text += "ministries:\n"
        for ministry in ministries { text += "  - { code: \(ministry), name: \"Bộ \(ministry) (mô phỏng)\" }\n" }
        return text
    }

    /// `landscape.json`: where everything is, for suites and for people.
    private func describe() throws(HubError) {
        let json: JSONValue = .object([
            "hubs": .array(
                self.provinces.map { province in
                    .object([
                        "id": .string(province.home.text),
                        "url": .string("http://127.0.0.1:\(province.hubPort)"),
                        "admin": .string("http://127.0.0.1:\(province.adminPort)"),
                        "admin_token": .string(province.made.adminToken),
                    ])
                }
            ),
            "national": .object([
                "url": .string("http://127.0.0.1:\(self.nationalPort)"),
                "control": .string("http://127.0.0.1:\(self.nationalControl)"),
            ]),
            "systems": .array(
                self.provinces.map { province in
                    .object([
                        "province": .string(province.home.text),
                        "control": .string("http://127.0.0.1:\(province.systemsPort)"),
                        "systems": .array(province.systems.map { .string($0.description) }),
                    ])
                }
            ),
        ])
        // It holds the admin tokens.
        try KeyFile.create(self.file, contents: json.serialised(pretty: true))
    }

    var file: String { self.folder + "/landscape.json" }

    private static func write(_ text: String, folder: String, file: String) throws(HubError) {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            // Secrets are in some of them.
            try KeyFile.create("\(folder)/\(file)", contents: Array(text.utf8))
        } catch let error as HubError {
            throw error
        } catch {
            throw HubError(
                .configurationInvalid, "A folder of the landscape cannot be written.",
                details: [ErrorDetail("path", folder)], cause: error
            )
        }
    }
}
