import HubJSON
import HubModel
import HubXML

/// Something about a sample that does not end as it says, with a diff where two documents differ.
struct SampleFinding {
    let fault: SettingsFault
    let difference: String?

    static func fault(_ fault: SettingsFault) -> SampleFinding { SampleFinding(fault: fault, difference: nil) }

    /// Holds a refusal against what was expected.
    static func judge(
        _ error: HubError, _ sample: SampleCase, _ expectation: SampleCase.Expectation
    ) -> [SampleFinding] {
        guard case .refused(let code, let line, let path) = expectation else {
            return [.fault(sample.fault("The sample is refused: \(self.summary(of: error))"))]
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
            return [.fault(sample.fault("The sample is refused otherwise: \(self.summary(of: error))"))]
        }
        return []
    }

    /// Holds a value against the file that says what was expected.
    static func compare(_ actual: JSONValue, with file: String, _ sample: SampleCase) -> [SampleFinding] {
        guard let bytes = SettingsFolder.bytes(of: file) else {
            return [.fault(SettingsFolder.fault("The file to compare with cannot be read.", in: file))]
        }
        let expected: JSONDocument
        do throws(HubError) {
            expected = try JSONDocument.parse(bytes)
        } catch {
            let line = error.detail("line").flatMap(Int.init) ?? 1
            let column = error.detail("column").flatMap(Int.init) ?? 1
            return [
                .fault(
                    SettingsFault(
                        file: file, place: SourcePlace(line: line, column: column),
                        message: "This is not JSON: \(error.code.rawValue)."
                    )
                )
            ]
        }
        let differences = JSONDifference.all(expected: expected.value, actual: actual)
        // One diff shows all of them.
        let text = differences.isEmpty ? nil : LineDifference(expected: Self.pretty(expected.value), actual: Self.pretty(actual))?.text
        return differences.enumerated().map { number, difference in
            SampleFinding(
                fault: SettingsFault(
                    file: file, place: expected.place(of: difference.pointer) ?? SourcePlace(line: 1, column: 1),
                    message: difference.message
                ),
                difference: number == 0 ? text : nil
            )
        }
    }

    /// The same for XML, whose canonical forms are compared.
    static func compare(xml actual: [UInt8], with file: String, _ sample: SampleCase) -> [SampleFinding] {
        guard let bytes = SettingsFolder.bytes(of: file) else {
            return [.fault(SettingsFolder.fault("The file to compare with cannot be read.", in: file))]
        }
        do throws(HubError) {
            let (expected, found) = (try Self.lines(bytes), try Self.lines(actual))
            guard let difference = LineDifference(expected: expected, actual: found) else { return [] }
            return [
                SampleFinding(
                    fault: SettingsFolder.fault("What is made is another document.", in: file), difference: difference.text
                )
            ]
        } catch {
            return [.fault(SettingsFolder.fault("This is not XML: \(error.code.rawValue).", in: file))]
        }
    }

    /// One element a line, without the white space between them.
    private static func lines(_ bytes: [UInt8]) throws(HubError) -> String {
        var lines: [String] = []
        func walk(_ element: XMLElement, _ depth: Int) {
            let indent = String(repeating: "  ", count: depth)
            let attributes = element.attributes.map { " \($0.name)=\"\($0.value)\"" }.sorted().joined()
            let name = "{\(element.namespace ?? "")}\(element.localName)"
            let children = element.children
            if children.isEmpty {
                lines.append("\(indent)<\(name)\(attributes)>\(element.text.split(whereSeparator: \.isWhitespace).joined(separator: " "))")
            } else {
                lines.append("\(indent)<\(name)\(attributes)>")
                for child in children { walk(child, depth + 1) }
            }
        }
        walk(try XMLDocument.parse(bytes).root, 0)
        return lines.joined(separator: "\n")
    }

    private static func pretty(_ value: JSONValue) -> String {
        String(decoding: value.serialised(pretty: true), as: UTF8.self)
    }

    /// The code, the details and the first violations, in one line.
    private static func summary(of error: HubError) -> String {
        guard !error.violations.isEmpty else { return error.description }
        let violations = error.violations.prefix(5).map { "line \($0.line), \($0.path): \($0.message.en)" }
        return error.code.rawValue + ": " + violations.joined(separator: "; ")
    }
}
