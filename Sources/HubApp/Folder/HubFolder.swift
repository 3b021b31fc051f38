internal import Foundation
internal import HubAdapters
internal import HubEnvelope
public import HubModel
internal import HubSchema

/// Makes the folder of a hub: configuration, schemas, adapters, a signing key, a secret for every system.
///
/// Nothing in it is a default that another hub also has: keys and secrets are made anew each time.
public struct HubFolder: Sendable {
    /// What the folder is to be made for.
    public struct Plan: Sendable {
        public var folder: String
        public var home: AgencyCode
        public var host = "127.0.0.1"
        public var port = 8044
        public var adminHost = "127.0.0.1"
        public var adminPort = 9044
        /// Addresses for the endpoints that adapters name.
        public var endpoints: [String: String] = [:]
        /// Scheme, host and port of the national platform; `nil` for a province on its own.
        public var national: String?
        /// How often the inbox of the document axis is looked at.
        public var poll = "5s"
        /// The kind of the systems' keys.
        var keyKind = KeyKind.p256

        public init(folder: String, home: AgencyCode) {
            self.folder = folder
            self.home = home
        }

        /// RSA-2048 keys for the systems, instead of P-256.
        public mutating func useRSA() { self.keyKind = .rsa2048 }
    }

    /// What was made, for people and for whoever starts the systems.
    public struct Made: Sendable {
        public let configurationFile: String
        public let adminToken: String
        /// Secret, private key and certificate of each system of the province.
        public let systems: [(system: SystemID, secret: String, keyFile: String, certificateFile: String)]
        public let axisSystem: String
        public let axisSecret: String
        public let dossierUser: String
        public let dossierPassword: String
        public let gatewayKey: String
        public let gatewaySecret: String
        /// What checksums of payments are made with.
        public let paymentSecret: String
    }

    /// Where `schemas/` and `adapters/` are taken from.
    private let library: Library

    public init(library: Library) {
        self.library = library
    }

    /// - Throws: `configuration.invalid` when the folder holds something already, cannot be written, or there is no
    ///   adapter for the province.
    public func make(_ plan: Plan) throws(HubError) -> Made {
        let files = FileManager.default
        if let there = try? files.contentsOfDirectory(atPath: plan.folder), !there.isEmpty {
            throw HubError(
                .configurationInvalid, "The folder is not empty; choose another or empty it.",
                details: [ErrorDetail("path", plan.folder)]
            )
        }
        let directory = try self.directoryFiles(for: plan.home)
        let adapters = try self.adapters(for: plan.home)
        do {
            for name in ["keys/confidential", "trust/systems", "trust/agencies", "systems", "adapters", "data"] {
                try files.createDirectory(atPath: "\(plan.folder)/\(name)", withIntermediateDirectories: true)
            }
            try files.copyItem(atPath: self.library.schemas, toPath: plan.folder + "/schemas")
            for adapter in adapters {
                let name = adapter.system.description
                try files.copyItem(
                    atPath: "\(self.library.adapters)/\(name)", toPath: "\(plan.folder)/adapters/\(name)"
                )
            }
        } catch {
            throw Self.failure(error, plan.folder)
        }
        let hubKey = try SigningKey.generate(.p256)
        try KeyFile.store(hubKey, at: plan.folder + "/keys/hub.pem")
        try self.write(hubKey.publicKey.pem, to: plan.folder + "/keys/hub.pub.pem")
        // Keys that decrypt are others than keys that sign: they are kept for as long as what was encrypted for them.
        let confidential = try SigningKey.generate(.p256)
        try KeyFile.store(confidential, at: plan.folder + "/keys/confidential/1.pem")
        try self.write(
            try Certificate.selfSigned(key: confidential, commonName: "lgsp-\(plan.home)", days: 3650).pem,
            to: plan.folder + "/keys/confidential/1.crt"
        )
        let systems = try self.makeSystems(adapters.filter(\.speaks.hasAccount), plan)
        let made = Made(
            configurationFile: plan.folder + "/hub.yaml", adminToken: Self.secret(), systems: systems,
            axisSystem: "00.\(plan.home.text.dropFirst()).W00", axisSecret: Self.secret(),
            dossierUser: plan.home.qcvn102 ?? plan.home.text, dossierPassword: Self.secret(),
            gatewayKey: "lgsp-" + plan.home.text.lowercased(), gatewaySecret: Self.secret(),
            paymentSecret: Self.secret()
        )
        try KeyFile.create(plan.folder + "/secrets.yaml", contents: Array(Self.secrets(of: made).utf8))
        try self.write(
            Array(Self.configuration(plan, made, directory: directory, adapters: adapters).utf8),
            to: made.configurationFile
        )
        return made
    }

    private func makeSystems(
        _ adapters: [Adapter], _ plan: Plan
    ) throws(HubError) -> [(system: SystemID, secret: String, keyFile: String, certificateFile: String)] {
        var made: [(system: SystemID, secret: String, keyFile: String, certificateFile: String)] = []
        for adapter in adapters {
            let name = adapter.system.description
            let key = try SigningKey.generate(plan.keyKind)
            let certificate = try Certificate.selfSigned(key: key, commonName: name, days: 730)
            let keyFile = "\(plan.folder)/systems/\(name).key.pem"
            let certificateFile = "\(plan.folder)/systems/\(name).pem"
            try KeyFile.store(key, at: keyFile)
            try self.write(certificate.pem, to: certificateFile)
            try self.write(certificate.pem, to: "\(plan.folder)/trust/systems/\(name).pem")
            made.append((adapter.system, Self.secret(), keyFile, certificateFile))
        }
        return made
    }

    private func adapters(for home: AgencyCode) throws(HubError) -> [Adapter] {
        let schemas = try SchemaCatalogue.load(folder: self.library.schemas)
        switch AdapterCatalogue.load(folder: self.library.adapters, schemas: schemas) {
        case .failure(let faults): throw faults.error(.adapterInvalid, "The adapters have faults.")
        case .success(let catalogue):
            let chosen = catalogue.adapters.filter { adapter in
                !adapter.speaks.hasAccount || adapter.agencies.contains { $0.isWithin(home) }
            }
            guard chosen.contains(where: \.speaks.hasAccount) else {
                throw HubError(
                    .configurationInvalid, "No adapter is for an agency of this province.",
                    details: [ErrorDetail("province", home), ErrorDetail("adapters", self.library.adapters)]
                )
            }
            return chosen
        }
    }

    private func directoryFiles(for home: AgencyCode) throws(HubError) -> [String] {
        let folder = self.library.schemas + "/directory"
        let own = home.text.lowercased() + ".yaml"
        guard FileManager.default.fileExists(atPath: "\(folder)/\(own)") else {
            throw HubError(
                .configurationInvalid, "The agencies of this province are not in the directory.",
                details: [ErrorDetail("province", home), ErrorDetail("expected", "\(folder)/\(own)")]
            )
        }
        return ["schemas/directory/agencies.yaml", "schemas/directory/\(own)"]
    }

    private func write(_ bytes: [UInt8], to path: String) throws(HubError) {
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: path))
        } catch {
            throw Self.failure(error, path)
        }
    }

    private static func failure(_ error: any Error, _ path: String) -> HubError {
        HubError(
            .configurationInvalid, "The folder of the hub cannot be written.",
            details: [ErrorDetail("path", path), ErrorDetail("reason", (error as NSError).localizedDescription)],
            cause: error
        )
    }

    /// 192 bits, as text.
    private static func secret() -> String { Base64.urlText(SecureRandom.bytes(24)) }

    private static func secrets(of made: Made) -> String {
        var text = """
            # Secrets of this hub. Only its owner may read this file (mode 0600).
            format: secrets-1
            admin-token: "\(made.adminToken)"
            systems:

            """
        for item in made.systems { text += "  \(item.system): \"\(item.secret)\"\n" }
        text += """
            national:
              axis: "\(made.axisSecret)"
              dossier: "\(made.dossierPassword)"
              gateway: "\(made.gatewaySecret)"
            # What services want for their checksums.
            services:
              paygov/thanh-toan/1: "\(made.paymentSecret)"

            """
        return text
    }

    private static func configuration(
        _ plan: Plan, _ made: Made, directory: [String], adapters: [Adapter]
    ) -> String {
        var text = """
            # Every key is explained in docs/configuration.md; paths are relative to this file.
            format: hub-1
            province: \(plan.home)
            title: { vi: "LGSP \(plan.home)", en: "LGSP \(plan.home)" }
            listen: { host: \(plan.host), port: \(plan.port) }
            admin: { host: \(plan.adminHost), port: \(plan.adminPort) }
            data: data
            catalogue:
              schemas: schemas
              adapters: adapters
              directory:

            """
        for file in directory { text += "    - \(file)\n" }
        text += """
            key: keys/hub.pem
            confidential: keys/confidential
            trust: trust
            secrets: secrets.yaml

            """
        let names = Set(
            adapters.flatMap { adapter in
                (adapter.receives.map(\.by) + adapter.subscribes.map(\.by)).compactMap(\.endpoint)
                    + adapter.provides.compactMap { if case .http(let endpoint, _, _, _) = $0.call { endpoint } else { nil } }
            }
        )
        if !names.isEmpty {
            text += "endpoints:\n"
            for name in names.sorted() { text += "  \(name): \(plan.endpoints[name] ?? "http://127.0.0.1:9100")\n" }
        }
        guard let national = plan.national else { return text }
        return text + """
            national:
              axis: { url: \(national), system: \(made.axisSystem), poll: \(plan.poll) }
              dossier: { url: \(national), username: "\(made.dossierUser)" }
              gateway: { url: \(national), key: \(made.gatewayKey) }

            """
    }
}
