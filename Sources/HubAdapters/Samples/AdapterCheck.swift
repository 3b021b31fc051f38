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

/// Checks adapters as an integrator wants it before a system is registered: the files, then the samples.
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
        switch AdapterCatalogue.load(folder: folder, schemas: schemas) {
        case .failure(let faults): AdapterReport(systems: [], samples: [], faults: faults.faults)
        case .success(let catalogue): self.run(catalogue, schemas: schemas, only: only)
        }
    }

    /// Runs the samples of adapters that were loaded.
    ///
    /// - Parameter resolve: Who is meant by the code of an agency; by default the mechanical rule between both formats.
    public static func run(
        _ catalogue: AdapterCatalogue, schemas: SchemaCatalogue, only: SystemID? = nil,
        resolve: @escaping (String) -> AgencyCode? = { AgencyCode($0) }
    ) -> AdapterReport {
        let adapters = catalogue.adapters.filter { only == nil || $0.system == only }
        var samples: [SampleOutcome] = []
        for adapter in adapters {
            guard let folder = catalogue.folders[adapter.system] else { continue }
            let runner = SampleRunner(
                adapter: adapter, catalogue: catalogue, schemas: schemas, resolve: resolve)
            for name in SettingsFolder.folders(in: "\(folder)/samples") {
                let faults = self.faults(of: "\(folder)/samples/\(name)", runner)
                samples.append(SampleOutcome(system: adapter.system, name: name, faults: faults))
            }
        }
        return AdapterReport(
            systems: adapters.map(\.system), samples: samples, faults: samples.flatMap(\.faults)
        )
    }

    private static func faults(of folder: String, _ runner: SampleRunner) -> [SettingsFault] {
        let sample: SampleCase
        switch SampleCase.read(file: "\(folder)/case.yaml") {
        case .failure(let faults): return faults.faults
        case .success(let found): sample = found
        }
        guard let bytes = SettingsFolder.bytes(of: "\(folder)/\(sample.payload)") else {
            return [
                SettingsFolder.fault("The sample's file cannot be read.", in: "\(folder)/\(sample.payload)")
            ]
        }
        guard runner.adapter.knows(sample.message) else {
            return [
                self.fault("The adapter neither sends, receives nor subscribes to \(sample.message).", sample)
            ]
        }
        let result: JSONValue?
        do throws(HubError) {
            result = try runner.run(bytes, as: sample.message, mapping: sample.mapping)
        } catch {
            return self.judge(error, sample)
        }
        if case .refused(let code, _, _) = sample.expectation {
            return [self.fault("The sample is accepted; \(code.rawValue) was expected.", sample)]
        }
        return self.compare(result, in: folder, sample)
    }

    private static func judge(_ error: HubError, _ sample: SampleCase) -> [SettingsFault] {
        guard case .refused(let code, let line, let path) = sample.expectation else {
            return [self.fault("The sample is refused: \(self.summary(of: error))", sample)]
        }
        let isThere =
            (line == nil && path == nil)
            || error.violations.contains {
                (line == nil || $0.line == line) && (path == nil || $0.path == path)
            }
            || (error.violations.isEmpty
                && (line == nil || error.detail("line") == line.map(String.init))
                && (path == nil || error.detail("path") == path || error.detail("pointer") == path))
        guard error.code == code, isThere else {
            return [self.fault("The sample is refused otherwise: \(self.summary(of: error))", sample)]
        }
        return []
    }

    /// Compares with `expected.json` beside the case. A mapping without that file is a fault, and so is the reverse.
    private static func compare(_ result: JSONValue?, in folder: String, _ sample: SampleCase)
        -> [SettingsFault]
    {
        let file = "\(folder)/expected.json"
        guard let result else {
            guard SettingsFolder.exists(file) else { return [] }
            return [self.fault("There is an expected.json, but no mapping fits the sample.", sample)]
        }
        guard let bytes = SettingsFolder.bytes(of: file) else {
            return [self.fault("The mapping's result needs an expected.json to be compared with.", sample)]
        }
        let expected: JSONDocument
        do throws(HubError) {
            expected = try JSONDocument.parse(bytes)
        } catch {
            let line = error.detail("line").flatMap(Int.init) ?? 1
            let column = error.detail("column").flatMap(Int.init) ?? 1
            return [
                SettingsFault(
                    file: file, place: SourcePlace(line: line, column: column),
                    message: "This is not JSON: \(error.code.rawValue)."
                )
            ]
        }
        return JSONDifference.all(expected: expected.value, actual: result).map { difference in
            SettingsFault(
                file: file, place: expected.place(of: difference.pointer) ?? SourcePlace(line: 1, column: 1),
                message: difference.message
            )
        }
    }

    private static func fault(_ message: String, _ sample: SampleCase) -> SettingsFault {
        SettingsFault(file: sample.file, place: sample.expectationPlace, message: message)
    }

    /// The code, the details and the first violations, in one line.
    private static func summary(of error: HubError) -> String {
        guard !error.violations.isEmpty else { return error.description }
        let violations = error.violations.prefix(5).map { "line \($0.line), \($0.path): \($0.message.en)" }
        return error.code.rawValue + ": " + violations.joined(separator: "; ")
    }
}

extension Adapter {
    /// Whether any rule of the adapter names this type.
    fileprivate func knows(_ type: MessageType) -> Bool {
        self.sendRule(for: type) != nil || self.receiveRule(for: type) != nil
            || self.subscribes.contains { $0.message == type }
    }
}
