internal import Foundation
internal import HubAdapters
internal import HubEnvelope
public import HubJSON
public import HubModel
internal import HubSchema
internal import HubXML

/// Describes systems: makes the folder of an adapter, and checks adapters, before any hub knows them.
public struct AdapterDesk: Sendable {
    private let schemas: String
    private let adapters: String
    private let directory: [String]

    /// With the schemas, adapters and agencies that come with the program, or those of a folder like it.
    public init(library: Library) {
        self.schemas = library.schemas
        self.adapters = library.adapters
        let folder = library.schemas + "/directory"
        self.directory = KeysDesk.names(in: folder).filter { $0.hasSuffix(".yaml") }.map { "\(folder)/\($0)" }
    }

    /// With those of a hub.
    public init(_ configuration: HubConfiguration) {
        self.schemas = configuration.schemaFolder
        self.adapters = configuration.adapterFolder
        self.directory = configuration.directoryFiles
    }

    // MARK: Checking

    /// What a check found.
    public struct Report: Sendable {
        public let systems: [SystemID]
        public let samples: Int
        public let passed: Int
        public let faults: [SettingsFault]
        /// By sample, `SYSTEM/CASE`.
        public let differences: [(sample: String, text: String)]

        public var isClean: Bool { self.faults.isEmpty }

        public var json: JSONValue {
            .object([
                "well": .bool(self.isClean), "systems": .array(self.systems.map { .string($0.description) }),
                "samples": .init(integerLiteral: self.samples), "passed": .init(integerLiteral: self.passed),
                "faults": .array(self.faults.map(\.json)),
                "differences": .array(
                    self.differences.map { .object(["sample": .string($0.sample), "diff": .string($0.text)]) }
                ),
            ])
        }
    }

    /// Checks one adapter's folder beside the others, or all adapters of a folder.
    ///
    /// - Parameter folder: With an `adapter.yaml`, or with adapters in it; all adapters that are known when it is `nil`.
    /// - Throws: `schema.invalid` when the schemas themselves cannot be used; `configuration.invalid` for no folder.
    public func check(_ folder: String?) throws(HubError) -> Report {
        let schemas = try SchemaCatalogue.load(folder: self.schemas)
        guard let folder else { return self.check(self.adapters, schemas) }
        let root = URL(filePath: folder).standardizedFileURL.path
        guard FileManager.default.fileExists(atPath: root) else {
            throw HubError(.configurationInvalid, "There is no such folder.", details: [ErrorDetail("path", folder)])
        }
        guard FileManager.default.fileExists(atPath: root + "/adapter.yaml") else { return self.check(root, schemas) }
        let name = (root as NSString).lastPathComponent
        guard let system = SystemID(name) else {
            throw HubError(
                .configurationInvalid, "The folder is not named like a system: lower-case letters, digits, hyphens and dots.",
                details: [ErrorDetail("path", folder)]
            )
        }
        return self.check(self.adapters, schemas, replacing: [system: root], only: system)
    }

    private func check(
        _ adapters: String, _ schemas: SchemaCatalogue, replacing: [SystemID: String?] = [:], only: SystemID? = nil
    ) -> Report {
        func run(_ agencies: AgencyCheck?) -> AdapterReport {
            AdapterCheck.run(adapters: adapters, replacing: replacing, schemas: schemas, only: only, agencies: agencies)
        }
        switch DirectoryReader.load(files: self.directory) {
        case .success(let directory): return Self.report(run(Catalogue.agencies(of: directory, at: SystemClock().now)))
        // Without a directory codes are looked up by rule, as far as that goes.
        case .failure(let faults): return Self.report(run(nil), and: faults.faults)
        }
    }

    private static func report(_ report: AdapterReport, and more: [SettingsFault] = []) -> Report {
        Report(
            systems: report.systems, samples: report.samples.count, passed: report.samples.count(where: \.passed),
            faults: more + report.faults,
            differences: report.samples.flatMap { sample in
                sample.differences.map { ("\(sample.system)/\(sample.name)", $0) }
            }
        )
    }

    // MARK: Making

    /// What a new adapter is to say.
    public struct Plan: Sendable {
        public var system: String
        public var titleVI: String
        public var titleEN: String
        public var kind = "document-management"
        public var agencies: [String] = []
        public var speaks = "exchange"
        public var sends: [String] = []
        public var receives: [String] = []
        public var uses: [String] = []

        public init(system: String, titleVI: String, titleEN: String) {
            self.system = system
            self.titleVI = titleVI
            self.titleEN = titleEN
        }
    }

    /// The kinds of systems, and what a system may speak to the hub, for whoever asks.
    public static var kinds: [String] { SystemKind.allCases.map(\.rawValue) }
    public static var dialects: [String] { [Adapter.Dialect.exchange, .axis].map(\.rawValue) }

    /// The message types that somebody can send, in order.
    public func messageTypes() throws(HubError) -> [MessageType] {
        switch FormCatalogue.load(try SchemaCatalogue.load(folder: self.schemas)) {
        case .success(let forms): return forms.all.map(\.type)
        case .failure(let faults): throw faults.error(.schemaInvalid, "The forms of message types have faults.")
        }
    }

    /// Writes the folder of an adapter: `adapter.yaml` and, for each type, samples that are taken and that are refused, made
    /// of the examples of the schemas. What is written passes `check`.
    ///
    /// - Parameter parent: The folder in which it is made, under the name of the system.
    /// - Returns: The folder.
    /// - Throws: `configuration.invalid` for a folder that exists or cannot be written; `adapter.invalid` with all faults
    ///   of what was wanted, nothing is left then.
    public func make(_ plan: Plan, in parent: String) throws(HubError) -> String {
        guard let system = SystemID(plan.system) else {
            throw HubError(
                .adapterInvalid, "A system is named with lower-case letters, digits, hyphens and dots.",
                details: [ErrorDetail("system", plan.system)]
            )
        }
        let folder = URL(filePath: parent).standardizedFileURL.path + "/\(system)"
        guard !FileManager.default.fileExists(atPath: folder) else {
            throw HubError(.configurationInvalid, "The folder exists already.", details: [ErrorDetail("path", folder)])
        }
        let schemas = try SchemaCatalogue.load(folder: self.schemas)
        guard case .success(let forms) = FormCatalogue.load(schemas) else {
            throw HubError(.schemaInvalid, "The forms of message types have faults.")
        }
        do throws(HubError) {
            try Self.write(Array(Self.manifest(plan, forms).utf8), to: folder + "/adapter.yaml")
            for text in plan.sends {
                guard let type = MessageType(text), let form = forms[type], let place = schemas.folder(of: type) else { continue }
                try Self.writeSamples(of: form, at: place, plan, to: folder, isSent: true)
            }
            for text in plan.receives where !plan.sends.contains(text) {
                guard let type = MessageType(text), let form = forms[type], let place = schemas.folder(of: type) else { continue }
                try Self.writeSamples(of: form, at: place, plan, to: folder, isSent: false)
            }
            let report = try self.check(folder)
            guard report.isClean else {
                throw SettingsFaults(report.faults).error(.adapterInvalid, "What was asked for does not make an adapter.")
            }
        } catch {
            try? FileManager.default.removeItem(atPath: folder)
            throw error
        }
        return folder
    }

    private static func manifest(_ plan: Plan, _ forms: FormCatalogue) -> String {
        var text = """
            # Every key is explained in docs/adapters.md. Check with: lgsp adapter check \(plan.system)
            format: adapter-1
            system: \(plan.system)
            title:
              vi: \(Self.quoted(plan.titleVI))
              en: \(Self.quoted(plan.titleEN))
            kind: \(plan.kind)
            agencies: [\(plan.agencies.joined(separator: ", "))]
            speaks: \(plan.speaks)

            """
        if !plan.sends.isEmpty {
            text += "sends:\n"
            for type in plan.sends {
                text += "  - message: \(type)\n    signature: required\n"
                guard let form = MessageType(type).flatMap({ forms[$0] }) else { continue }
                let fields = form.fields
                let identity = ["DocumentId", "BussinessDocType", "Revision"].filter { fields[$0] != nil }
                if !identity.isEmpty { text += "    identity: [\(identity.joined(separator: ", "))]\n" }
                if let key = ["Thread", "MaHoSo"].first(where: { fields[$0] != nil }) { text += "    order-by: \(key)\n" }
                if form.recipients != nil { text += "    to: all\n" }
            }
        }
        if !plan.receives.isEmpty {
            text += "receives:\n"
            for type in plan.receives { text += "  - message: \(type)\n    by: mailbox\n" }
        }
        if !plan.uses.isEmpty {
            text += "uses:\n"
            for service in plan.uses { text += "  - \(service)\n" }
        }
        return text
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    /// A sample that is taken, an example of the schema in the name of the system's agency, and for what it sends two
    /// that are refused: in another's name, and against the schema.
    private static func writeSamples(
        of form: MessageForm, at place: String, _ plan: Plan, to folder: String, isSent: Bool
    ) throws(HubError) {
        let ending = form.mediaType == .xml ? "xml" : "json"
        let examples = KeysDesk.names(in: place + "/examples").filter { $0.hasPrefix("valid-") && $0.hasSuffix(".\(ending)") }
        guard let example = examples.first else { return }
        let bytes = try KeysDesk.read("\(place)/examples/\(example)")
        let name = form.type.description.split(separator: "/").joined(separator: "-")
        let document: Document = ending == "xml" ? .xml(try XMLDocument.parse(bytes)) : .json(try JSONDocument.parse(bytes))
        guard isSent, let sender = form.sender(in: document), let agency = plan.agencies.first.flatMap(AgencyCode.init) else {
            return try Self.writeSample("\(folder)/samples/\(name)", form, ending, bytes, expect: "accepted", title: ("Mẫu hợp lệ", "A valid one"))
        }
        // Everywhere: the id of a document begins with its sender.
        let own = sender.contains(".") && sender.hasPrefix("0") ? agency.qcvn102 ?? agency.text : agency.text
        let mine = String(decoding: bytes, as: UTF8.self).replacing(sender, with: own)
        try Self.writeSample(
            "\(folder)/samples/\(name)", form, ending, Array(mine.utf8), expect: "accepted", title: ("Mẫu hợp lệ", "A valid one")
        )
        if AgencyCode(sender) != agency {
            try Self.writeSample(
                "\(folder)/samples/\(name)-thay-don-vi-khac", form, ending, bytes, expect: "{ code: access.agency_not_own }",
                title: ("Gửi thay đơn vị khác", "In the name of another agency")
            )
        }
        let broken = Array(mine.utf8.dropLast(mine.utf8.count / 3))
        try Self.writeSample(
            "\(folder)/samples/\(name)-cat-ngang", form, ending, broken,
            expect: "{ code: \(ending == "xml" ? "xml" : "json").malformed }", title: ("Bị cắt ngang", "Cut off")
        )
    }

    private static func writeSample(
        _ folder: String, _ form: MessageForm, _ ending: String, _ bytes: [UInt8], expect: String, title: (String, String)
    ) throws(HubError) {
        try Self.write(bytes, to: "\(folder)/message.\(ending)")
        try Self.write(
            Array(
                """
                format: sample-1
                title: { vi: "\(title.0)", en: "\(title.1)" }
                message: \(form.type)
                file: message.\(ending)
                expect: \(expect)

                """.utf8
            ), to: "\(folder)/case.yaml"
        )
    }

    private static func write(_ bytes: [UInt8], to path: String) throws(HubError) {
        do {
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true
            )
            try Data(bytes).write(to: URL(filePath: path))
        } catch {
            throw KeysDesk.failure(error, path)
        }
    }
}
