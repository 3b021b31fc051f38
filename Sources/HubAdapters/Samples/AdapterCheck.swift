import HubCore
import HubJSON
public import HubModel
public import HubSchema

/// What became of one sample.
public struct SampleOutcome: Hashable, Sendable {
    public let system: SystemID
    /// The name of the case's folder.
    public let name: String
    /// Empty when the sample ended as expected.
    public let faults: [SettingsFault]
    /// What was expected and what came, line by line; one for each pair of documents that differ.
    public let differences: [String]

    public var passed: Bool { self.faults.isEmpty }
}

/// What a check of adapters found.
public struct AdapterReport: Hashable, Sendable {
    /// The systems whose adapters were checked.
    public let systems: [SystemID]
    public let samples: [SampleOutcome]
    /// Faults in adapters, mappings, forms and samples.
    public let faults: [SettingsFault]

    public var isClean: Bool { self.faults.isEmpty }
}

/// Checks adapters as an integrator wants it before a system is registered: the files, the samples, and every mapping with
/// the examples of the schemas.
public enum AdapterCheck {
    /// Loads schemas and adapters and runs all samples.
    ///
    /// - Parameter only: The system to run samples of; the files of all are checked, since they depend on each other.
    /// - Throws: `schema.invalid` when the schemas themselves cannot be used.
    public static func run(
        adapters folder: String, schemas schemaFolder: String, only: SystemID? = nil
    ) throws(HubError) -> AdapterReport {
        self.run(adapters: folder, schemas: try SchemaCatalogue.load(folder: schemaFolder), only: only)
    }

    /// The same with schemas that were loaded before.
    public static func run(
        adapters folder: String, schemas: SchemaCatalogue, only: SystemID? = nil
    ) -> AdapterReport {
        self.run(adapters: folder, replacing: [:], schemas: schemas, only: only, agencies: nil)
    }

    /// The same with other folders for some systems, and a directory of agencies.
    ///
    /// - Parameter agencies: Who is meant by the code of an agency; by default the mechanical rule between both formats.
    package static func run(
        adapters folder: String, replacing: [SystemID: String?], schemas: SchemaCatalogue, only: SystemID? = nil,
        agencies: AgencyCheck?
    ) -> AdapterReport {
        let (catalogue, faults) = AdapterCatalogue.read(folder: folder, replacing: replacing, schemas: schemas)
        return self.run(catalogue, faults: faults, schemas: schemas, only: only, agencies: agencies)
    }

    /// Runs the samples of adapters that were loaded. What has faults of its own has no samples that could be run; how they
    /// are written is looked at all the same.
    package static func run(
        _ catalogue: AdapterCatalogue, faults: [SettingsFault] = [], schemas: SchemaCatalogue, only: SystemID? = nil,
        agencies: AgencyCheck?
    ) -> AdapterReport {
        let drafts = catalogue.drafts.filter { only == nil || $0.name == only?.description }
        var samples: [SampleOutcome] = []
        var own = agencies.map { check in drafts.flatMap(check.faults) } ?? []
        for (system, folder) in catalogue.folders.sorted(by: { $0.key < $1.key }) where only == nil || system == only {
            let names = SettingsFolder.folders(in: "\(folder)/samples")
            guard let adapter = catalogue.adapter(system) else {
                own += names.flatMap { SampleCase.faults(of: "\(folder)/samples/\($0)") }
                continue
            }
            let runner = SampleRunner(
                adapter: adapter, catalogue: catalogue, schemas: schemas, resolve: agencies?.resolve ?? { AgencyCode($0) })
            var reached: Set<String> = []
            for name in names {
                let findings = self.findings(of: "\(folder)/samples/\(name)", runner, &reached)
                samples.append(
                    SampleOutcome(
                        system: system, name: name, faults: findings.map(\.fault),
                        differences: findings.compactMap(\.difference)
                    )
                )
            }
            // A process cannot be run while what it calls may be missing.
            guard faults.isEmpty || adapter.orchestrates.isEmpty else { continue }
            own += ExampleTrial(runner: runner, folder: folder).faults(reached: reached)
        }
        return AdapterReport(
            systems: catalogue.folders.keys.sorted().filter { only == nil || $0 == only }, samples: samples,
            faults: SettingsFaults(faults + own).faults + samples.flatMap(\.faults)
        )
    }

    private static func findings(
        of folder: String, _ runner: SampleRunner, _ reached: inout Set<String>
    ) -> [SampleFinding] {
        let sample: SampleCase
        switch SampleCase.read(file: "\(folder)/case.yaml") {
        case .failure(let faults): return faults.faults.map(SampleFinding.fault)
        case .success(let found): sample = found
        }
        switch sample.subject {
        case .message(let type): return self.findings(of: type, sample, in: folder, runner, &reached)
        case .service(let name):
            guard let service = runner.adapter.provides.first(where: { $0.service == name }) else {
                let known = runner.adapter.provides.map(\.service)
                return [
                    .fault(
                        SettingsFault(
                            file: sample.file, place: sample.expectationPlace, message: "The adapter does not provide '\(name)'.",
                            suggestion: SettingsReader.nearest(to: name, among: known)
                        )
                    )
                ]
            }
            return ServiceSample(runner: runner, sample: sample, service: service, folder: folder)
                .findings(&reached)
        }
    }

    private static func findings(
        of type: MessageType, _ sample: SampleCase, in folder: String, _ runner: SampleRunner,
        _ reached: inout Set<String>
    ) -> [SampleFinding] {
        guard let bytes = SettingsFolder.bytes(of: "\(folder)/\(sample.payload)") else {
            return [.fault(SettingsFolder.fault("The sample's file cannot be read.", in: "\(folder)/\(sample.payload)"))]
        }
        guard runner.adapter.knows(type) else {
            return [.fault(sample.fault("The adapter neither sends, receives nor subscribes to \(type)."))]
        }
        let result: ServiceRequest?
        do throws(HubError) {
            let mapped = try runner.run(bytes, as: type, mapping: sample.mapping)
            if let mapped { reached.insert(mapped.mapping) }
            result = mapped?.made
        } catch {
            return SampleFinding.judge(error, sample, sample.expectation)
        }
        if case .refused(let code, _, _) = sample.expectation {
            return [.fault(sample.fault("The sample is accepted; \(code.rawValue) was expected."))]
        }
        return self.compare(result, in: folder, sample)
    }

    /// Compares with `expected.json` beside the case. A mapping without that file is a fault, and so is the reverse.
    private static func compare(_ result: ServiceRequest?, in folder: String, _ sample: SampleCase) -> [SampleFinding] {
        guard let result else {
            let there = ["expected.json", "expected.xml"].first { SettingsFolder.exists("\(folder)/\($0)") }
            return there.map { [.fault(sample.fault("There is an \($0), but no mapping fits the sample."))] } ?? []
        }
        let name = if case .xml = result { "expected.xml" } else { "expected.json" }
        guard SettingsFolder.exists("\(folder)/\(name)") else {
            return [.fault(sample.fault("The mapping's result needs an \(name) to be compared with."))]
        }
        switch result {
        case .json(let value): return SampleFinding.compare(value, with: "\(folder)/\(name)", sample)
        case .xml(let bytes): return SampleFinding.compare(xml: bytes, with: "\(folder)/\(name)", sample)
        }
    }
}

extension Adapter {
    /// Whether any rule of the adapter names this type.
    fileprivate func knows(_ type: MessageType) -> Bool {
        self.sendRule(for: type) != nil || self.receiveRule(for: type) != nil
            || self.subscribes.contains { $0.message == type } || self.orchestrates.contains { $0.message == type }
    }
}
