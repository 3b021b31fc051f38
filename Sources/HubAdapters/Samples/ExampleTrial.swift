import HubCore
import HubJSON
import HubMapping
import HubModel
import HubSchema
import HubXML

/// Leads the examples of the schemas through the mappings of an adapter: what a message of its type may be is known before
/// the first one comes, also where no sample shows it.
struct ExampleTrial {
    let runner: SampleRunner
    let folder: String

    /// - Parameter reached: The mappings that a sample led through.
    func faults(reached: Set<String>) -> [SettingsFault] {
        let dead = self.deadPaths
        var log = TrialLog(
            folder: self.folder, mappings: self.mappings, passed: reached, dead: dead.mapValues { Set($0.map(\.path)) })
        for rule in self.runner.adapter.subscribes { self.copy(rule, &log) }
        for service in self.runner.adapter.provides { self.call(service, &log) }
        for (message, plan) in self.processes {
            ProcessTrial(plan: plan, runner: self.runner).run(from: message, files: self.mappings, &log)
        }
        return SettingsFaults(log.faults + dead.values.flatMap { $0.map(\.fault) }).faults
    }

    /// What each mapping reads and no document of its source can have: it gives nothing, whatever comes, and where it is
    /// optional no example would show it.
    private var deadPaths: [String: [(path: String, fault: SettingsFault)]] {
        Dictionary(
            uniqueKeysWithValues: self.mappings.map { file, mapping in
                guard !mapping.reads.isEmpty, let names = self.runner.schemas.names(of: mapping.source) else { return (file, []) }
                let dead = mapping.reads.compactMap { read in
                    names.fault(
                        of: read.path, names: read.names, own: read.own, in: mapping.source, file: "\(self.folder)/\(file)",
                        place: read.place
                    ).map { (path: read.path, fault: $0) }
                }
                return (file, dead)
            })
    }

    private var mappings: [String: Mapping] { self.runner.catalogue.mappings[self.runner.adapter.system] ?? [:] }

    private var processes: [(key: MessageType, value: ProcessPlan)] {
        (self.runner.catalogue.processes[self.runner.adapter.system] ?? [:]).sorted { $0.key < $1.key }
    }

    /// Whatever may be sent, and that the subscription wants, has to come out in its form.
    private func copy(_ rule: SubscribeRule, _ log: inout TrialLog) {
        guard let mapping = self.mappings[rule.mapping], let form = self.runner.catalogue.forms[rule.message] else { return }
        for example in ValidExample.all(of: rule.message, self.runner.schemas) {
            guard rule.when.map({ $0.holds(for: form.text(of: $0.field, in: example.document) ?? "") }) ?? true else { continue }
            log.attempt(rule.mapping, mapping, example, self.runner.context(of: example, secret: nil), self.runner.schemas)
        }
    }

    /// Whatever may be asked has to reach the provider. Of its replies one has to come back: some are refusals in its own
    /// words, which are not to.
    private func call(_ service: ProvidedService, _ log: inout TrialLog) {
        let requests = ValidExample.all(of: service.request, self.runner.schemas)
        let secret = SampleRunner.secret
        if let path = service.requestMapping, let mapping = self.mappings[path] {
            for example in requests {
                log.attempt(path, mapping, example, self.runner.context(of: example, secret: secret), self.runner.schemas)
            }
        }
        guard let path = service.replyMapping, let mapping = self.mappings[path] else { return }
        let context = requests.first.map { self.runner.context(of: $0, secret: secret) } ?? [:]
        for example in ValidExample.all(of: mapping.source, self.runner.schemas) {
            log.attempt(path, mapping, example, context, self.runner.schemas, mayFail: true)
        }
    }
}

/// A document beside a schema that it fits, for whoever wants to know what a message of its type may be.
struct ValidExample {
    let name: String
    let type: MessageType
    let document: Document

    static func all(of type: MessageType, _ schemas: SchemaCatalogue) -> [ValidExample] {
        guard let folder = schemas.folder(of: type), let schema = try? schemas.schema(for: type) else { return [] }
        let ending = schema.mediaType == .xml ? ".xml" : ".json"
        return SettingsFolder.files(in: "\(folder)/examples", ending: ending).compactMap { name in
            // Odd ones come too.
            guard name.hasPrefix("valid-") || name.hasPrefix("warned-"), let bytes = SettingsFolder.bytes(of: "\(folder)/examples/\(name)"),
                let document = Self.document(bytes, schema.mediaType),
                // One that does not fit is a fault of the schemas and told with them.
                schema.violations(in: document, limit: 1).isEmpty
            else { return nil }
            return ValidExample(name: name, type: type, document: document)
        }
    }

    private static func document(_ bytes: [UInt8], _ mediaType: MediaType) -> Document? {
        switch mediaType {
        case .xml: (try? XMLDocument.parse(bytes)).map(Document.xml)
        case .json: (try? JSONDocument.parse(bytes)).map(Document.json)
        }
    }
}
