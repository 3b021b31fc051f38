import HubJSON
import HubModel
import HubXML

/// The examples of one message type, held against its schema and against what `expected.yaml` says of them.
struct ExampleRun {
    /// What the name of an example says about it.
    enum Sort: String, CaseIterable {
        /// It fits, and nothing about it is odd.
        case valid
        /// It fits and is odd.
        case warned
        /// It is refused.
        case invalid
        /// It does not fit, and a peer with the tolerant profile is understood all the same.
        case tolerated

        init?(file: String) {
            guard let sort = Self.allCases.first(where: { file.hasPrefix($0.rawValue + "-") }) else {
                return nil
            }
            self = sort
        }
    }

    private static let least: [(sort: Sort, count: Int)] = [(.valid, 2), (.invalid, 4)]
    /// Nothing in an example lies in the future of this day.
    private static let lastDay = CivilDate(year: 9999, month: 12, day: 31)

    let schema: Schema
    let folder: String
    let forms: [MessageForm]
    private(set) var faults: [SettingsFault] = []
    private(set) var summary = SchemaCheck.Summary()

    init(schema: Schema, folder: String, forms: [MessageForm]) {
        self.schema = schema
        self.folder = folder
        self.forms = forms
    }

    /// Runs all examples of the folder.
    mutating func all() {
        let files = Folder.files(in: self.folder).filter { $0 != ExpectedFile.name }
        for (sort, least) in Self.least where files.count(where: { Sort(file: $0) == sort }) < least {
            self.note("At least \(least) examples '\(sort.rawValue)-…' are needed.", in: self.folder)
        }
        let expectedPath = "\(self.folder)/\(ExpectedFile.name)"
        let expected = ExpectedFile(expectedPath, examples: files)
        self.faults += expected.faults
        for file in files {
            guard let sort = Sort(file: file) else {
                let names = Sort.allCases.map { $0.rawValue + "-…" }.joined(separator: ", ")
                self.note("The name of an example begins with one of \(names).", in: "\(self.folder)/\(file)")
                continue
            }
            let entry = expected.entries[file]
            if sort != .valid, entry == nil {
                self.note(
                    "\(ExpectedFile.name) does not say what is expected of it.", in: "\(self.folder)/\(file)")
                continue
            }
            self.run(
                file, sort,
                entry ?? ExampleExpectation(place: SourcePlace(line: 1, column: 1)), expectedPath)
        }
    }

    private mutating func run(
        _ file: String, _ sort: Sort, _ expected: ExampleExpectation, _ expectedPath: String
    ) {
        switch sort {
        case .valid: self.summary.valid += 1
        case .warned: self.summary.warned += 1
        case .invalid: self.summary.invalid += 1
        case .tolerated: self.summary.tolerated += 1
        }
        let document: Document
        do throws(HubError) {
            document = try self.document(file)
        } catch {
            self.compare(file, "code", error.code.rawValue, expected.code, expected, expectedPath)
            self.compare(
                file, "line", error.detail("line"), expected.line.map(String.init), expected, expectedPath)
            return
        }
        self.compare(file, "code", nil, expected.code, expected, expectedPath)
        switch sort {
        case .valid, .warned:
            self.fits(document, file)
            self.compareWarnings(of: document, file, expected, expectedPath)
        case .invalid, .tolerated:
            self.compareViolation(of: document, file, expected, expectedPath)
            self.compareReading(of: document, file, sort, expected, expectedPath)
        }
    }

    private func document(_ file: String) throws(HubError) -> Document {
        let bytes = try Folder.bytes(of: "\(self.folder)/\(file)")
        return file.hasSuffix(".xml")
            ? .xml(try XMLDocument.parse(bytes)) : .json(try JSONDocument.parse(bytes))
    }

    // MARK: What fits

    private mutating func fits(_ document: Document, _ file: String) {
        for violation in self.schema.violations(in: document, limit: 10) {
            self.note(
                "\(violation.message.en) (\(violation.rule))", in: "\(self.folder)/\(file)",
                at: SourcePlace(line: max(1, violation.line), column: max(1, violation.column)))
        }
        guard let form = self.forms.first(where: { $0.type == self.schema.type }) else { return }
        let recognised = self.forms.filter { $0.recognises(document) }.map(\.type)
        if recognised != [self.schema.type] {
            let names = recognised.map(\.description).joined(separator: ", ")
            self.note(
                "The forms recognise it as \(names.isEmpty ? "nothing" : names), not as \(self.schema.type).",
                in: "\(self.folder)/\(file)")
        }
        if form.sender(in: document).flatMap({ AgencyCode($0) }) == nil {
            self.note("The form finds no sending agency in it.", in: "\(self.folder)/\(file)")
        }
    }

    private mutating func compareWarnings(
        of document: Document, _ file: String, _ expected: ExampleExpectation, _ expectedPath: String
    ) {
        guard let day = expected.day ?? Self.lastDay else { return }
        let warnings = self.schema.checks?.warnings(in: document, on: day) ?? []
        self.compare(
            file, "warnings", Self.list(warnings.map(\.code)), Self.list(expected.warnings), expected,
            expectedPath)
    }

    // MARK: What does not

    private mutating func compareViolation(
        of document: Document, _ file: String, _ expected: ExampleExpectation, _ expectedPath: String
    ) {
        guard let first = self.schema.violations(in: document, limit: 10).first else {
            self.note("It fits the schema.", in: "\(self.folder)/\(file)")
            return
        }
        self.compare(file, "line", String(first.line), expected.line.map(String.init), expected, expectedPath)
        self.compare(file, "rule", first.rule, expected.rule, expected, expectedPath)
        if let path = expected.path { self.compare(file, "path", first.path, path, expected, expectedPath) }
    }

    private mutating func compareReading(
        of document: Document, _ file: String, _ sort: Sort, _ expected: ExampleExpectation,
        _ expectedPath: String
    ) {
        guard self.schema.repairs != nil else { return }
        if !expected.saysMended {
            self.note(
                "\(file) lacks 'mended': false, or a list of repairs.", in: expectedPath, at: expected.place)
            return
        }
        let reading = self.schema.tolerantReading(of: document, limit: 10)
        let isMended = reading.violations.isEmpty
        if sort == .tolerated, !isMended {
            self.note(
                "The tolerant reading does not mend it: \(reading.violations.first?.message.en ?? "").",
                in: "\(self.folder)/\(file)",
                at: SourcePlace(line: max(1, reading.violations.first?.line ?? 1), column: 1))
        }
        self.compare(
            file, "mended", isMended ? Self.list(reading.repairs.map(\.code)) : "false",
            expected.mended.map(Self.list) ?? "false", expected, expectedPath)
        guard isMended, let other = expected.readsAs else { return }
        self.compareReading(reading, file, with: other, expected, expectedPath)
    }

    /// Two documents say the same when they are the same text once they are written by the rules.
    private mutating func compareReading(
        _ reading: TolerantReading, _ file: String, with other: String, _ expected: ExampleExpectation,
        _ expectedPath: String
    ) {
        guard case .xml(let read) = reading.document, case .xml(let model)? = try? self.document(other) else {
            self.note(
                "'reads-as' of \(file) names '\(other)', which cannot be read.", in: expectedPath,
                at: expected.place)
            return
        }
        guard let one = self.schema.repaired(read)?.run.text.bytes,
            let two = self.schema.repaired(model)?.run.text.bytes
        else { return }
        let (lines, modelLines) = (one.split(separator: 0x0A), two.split(separator: 0x0A))
        guard
            let index = (0..<max(lines.count, modelLines.count)).first(where: { index in
                !lines.indices.contains(index) || !modelLines.indices.contains(index)
                    || lines[index] != modelLines[index]
            })
        else { return }
        func shown(_ lines: [ArraySlice<UInt8>]) -> String {
            lines.indices.contains(index)
                ? String(decoding: lines[index], as: UTF8.self).prefix(bytes: 120) : "nothing"
        }
        self.note(
            "\(file) is not read as \(other): '\(shown(lines))' stands where that has '\(shown(modelLines))'.",
            in: expectedPath, at: expected.place)
    }

    // MARK: Faults

    private static func list(_ codes: [String]) -> String { "[\(codes.joined(separator: ", "))]" }

    private mutating func compare(
        _ file: String, _ key: String, _ found: String?, _ wanted: String?, _ expected: ExampleExpectation,
        _ expectedPath: String
    ) {
        guard found != wanted else { return }
        self.note(
            "\(file): '\(key)' is \(found ?? "nothing"), expected is \(wanted ?? "nothing").",
            in: expectedPath,
            at: expected.place)
    }

    private mutating func note(_ message: String, in file: String, at place: SourcePlace? = nil) {
        self.faults.append(
            SettingsFault(file: file, place: place ?? SourcePlace(line: 1, column: 1), message: message))
    }
}
