import HubCore
import HubMapping
import HubModel
import HubSchema
import HubYAML

/// A process as its file says it, before the services of other adapters are known.
struct ProcessDraft {
    struct Call {
        let service: String
        let place: SourcePlace
        let mapping: String
        let mappingPlace: SourcePlace
    }

    struct Step {
        let name: String
        let call: Call
        let doneWhen: [FieldCondition]
        let undo: Call?
    }

    let file: String
    let message: MessageType
    let steps: [Step]
    let within: Duration
    let result: MessageType
    let resultMapping: String
}

/// Reads the process files of an adapter. The keys are listed in docs/processes.md.
struct ProcessReader {
    static let format = "process-1"
    private static let mostSteps = 50

    let rules: RuleReader
    let folder: String

    /// - Returns: The process if its file is sound, and its faults.
    func read(
        _ rule: ProcessRule, _ mappings: inout MappingFolder
    ) -> (draft: ProcessDraft?, faults: [SettingsFault]) {
        let file = "\(self.folder)/\(rule.process)"
        switch YAMLReader.read(file: file) {
        case .failure(let faults): return (nil, faults.faults)
        case .success(let tree):
            let reader = SettingsReader(tree, file: file)
            let draft = self.draft(reader, rule, &mappings)
            return (reader.faults.isEmpty ? draft : nil, reader.faults)
        }
    }

    private func draft(_ reader: SettingsReader, _ rule: ProcessRule, _ mappings: inout MappingFolder) -> ProcessDraft? {
        reader.refuseOtherFormat(than: Self.format)
        let title = reader.bilingual("title")
        let message = self.rules.type("message", reader)
        if let message, message != rule.message, let place = reader.tree("message")?.place {
            reader.note("The adapter starts this process with \(rule.message).", at: place)
        }
        if let message, self.rules.forms[message]?.mediaType == .xml, let place = reader.tree("message")?.place {
            reader.note("A process begins with JSON; \(message) is XML.", at: place)
        }
        let within = reader.requiredTree("within").flatMap { _ in reader.duration("within") }
        let result = self.rules.type("result", reader)
        let resultMapping = self.mapping("result-mapping", makes: result, reader, &mappings)
        var names: [String: Int] = [:]
        let entries = reader.requiredTree("steps") == nil ? [] : reader.maps("steps")
        if let place = reader.tree("steps")?.place, entries.isEmpty || entries.count > Self.mostSteps {
            reader.note("A process has from 1 to \(Self.mostSteps) steps.", at: place)
        }
        let steps = entries.compactMap { self.step($0, &names, &mappings) }
        reader.refuseOtherKeys()
        guard title != nil, let message, let within, let result, let resultMapping else { return nil }
        return ProcessDraft(
            file: reader.file, message: message, steps: steps, within: within, result: result,
            resultMapping: resultMapping.file
        )
    }

    private func step(
        _ reader: SettingsReader, _ names: inout [String: Int], _ mappings: inout MappingFolder
    ) -> ProcessDraft.Step? {
        let name = reader.requiredParsed("step", expected: "a name of lower-case letters, digits and hyphens") {
            SystemID($0)?.description
        }
        if let name, let line = names.updateValue(reader.place.line, forKey: name) {
            reader.note("A step '\(name)' stands on line \(line) already.", at: reader.place)
        }
        let call = self.call(reader, &mappings)
        let doneWhen = reader.requiredTree("done-when") == nil ? [] : reader.maps("done-when").compactMap(self.condition)
        let undo = reader.map("undo").flatMap { map -> ProcessDraft.Call? in
            let call = self.call(map, &mappings)
            map.refuseOtherKeys()
            return call
        }
        reader.refuseOtherKeys()
        guard let name, let call else { return nil }
        return ProcessDraft.Step(name: name, call: call, doneWhen: doneWhen, undo: undo)
    }

    private func call(_ reader: SettingsReader, _ mappings: inout MappingFolder) -> ProcessDraft.Call? {
        let service = reader.requiredParsed("service", expected: ServiceReader.example) {
            RuleReader.isServiceName($0) ? $0 : nil
        }
        let mapping = self.mapping("request", makes: nil, reader, &mappings)
        guard let service, let mapping, let place = reader.tree("service")?.place else { return nil }
        return ProcessDraft.Call(service: service, place: place, mapping: mapping.file, mappingPlace: mapping.place)
    }

    private func mapping(
        _ key: String, makes target: MessageType?, _ reader: SettingsReader, _ mappings: inout MappingFolder
    ) -> (file: String, place: SourcePlace)? {
        guard let file = reader.requiredString(key), let place = reader.tree(key)?.place else { return nil }
        mappings.use(file, for: ProcessPlan.stateType, target, reader, at: place)
        return (file, place)
    }

    /// `{ path: /trangThai, equals: "1" }`, of the reply.
    private func condition(_ reader: SettingsReader) -> FieldCondition? {
        let path = reader.requiredParsed("path", expected: "a JSON Pointer such as /trangThai") {
            $0.hasPrefix("/") ? FieldPath($0) : nil
        }
        let equals = reader.string("equals")
        let differs = reader.string("not")
        reader.refuseOtherKeys()
        if equals != nil, differs != nil { reader.note("A condition has 'equals' or 'not', not both.", at: reader.place) }
        guard let path else { return nil }
        if let equals { return FieldCondition(path: path, test: .equals(equals)) }
        return FieldCondition(path: path, test: differs.map { .not($0) } ?? .present)
    }
}

extension AdapterDraft {
    /// The compiled processes, with what does not fit the services of all adapters.
    ///
    /// - Parameters:
    ///   - services: Those that could be read.
    ///   - provided: The names of all; `nil` while some cannot be known.
    func processPlans(
        _ services: [String: ProvidedService], provided: Set<String>?
    ) -> (plans: [MessageType: ProcessPlan], faults: [SettingsFault]) {
        var plans: [MessageType: ProcessPlan] = [:]
        var faults: [SettingsFault] = []
        for process in self.processes {
            var steps: [ProcessPlan.Step] = []
            func call(_ draft: ProcessDraft.Call) -> ProcessPlan.Call? {
                func note(_ message: String, at place: SourcePlace, suggestion: String? = nil) {
                    faults.append(SettingsFault(file: process.file, place: place, message: message, suggestion: suggestion))
                }
                if !self.uses.contains(where: { $0.service == draft.service }) {
                    note("Add '\(draft.service)' to 'uses' of the adapter: it decides what the process may call.", at: draft.place)
                }
                guard let mapping = self.mappings[draft.mapping] else { return nil }
                guard let service = services[draft.service] else {
                    if let provided, !provided.contains(draft.service) {
                        note(
                            "No adapter provides '\(draft.service)'.", at: draft.place,
                            suggestion: SettingsReader.nearest(to: draft.service, among: provided.sorted())
                        )
                    }
                    return nil
                }
                if service.request != mapping.target {
                    note("\(draft.service) takes \(service.request); the mapping makes \(mapping.target).", at: draft.mappingPlace)
                }
                if service.isConfidential { note("A confidential service cannot be a step.", at: draft.place) }
                return ProcessPlan.Call(service: draft.service, request: mapping)
            }
            for step in process.steps {
                let (forward, undo) = (call(step.call), step.undo.flatMap(call))
                if let forward {
                    steps.append(ProcessPlan.Step(name: step.name, call: forward, doneWhen: step.doneWhen, undo: undo))
                }
            }
            if let mapping = self.mappings[process.resultMapping] {
                plans[process.message] = ProcessPlan(
                    steps: steps, within: process.within, result: (process.result, mapping)
                )
            }
        }
        return (plans, faults)
    }
}
