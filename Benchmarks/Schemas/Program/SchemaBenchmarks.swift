import Foundation
import HubJSON
import HubModel
import HubSchema
import HubXML

/// Measures one thing many times and prints one figure: microseconds of the processor for each document.
///
/// Usage: `schemas REPOSITORY json|json-parse|xml|xml-parse|checks|tolerant|comparable COUNT`, or `… memory COUNT`, which
/// prints megabytes resident at the 50,000th document and at the end.
@main
struct SchemaBenchmarks {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 4, let count = Int(arguments[3]) else {
            print(
                "usage: schemas REPOSITORY json|json-parse|xml|xml-parse|checks|tolerant|comparable|memory COUNT"
            )
            exit(2)
        }
        let samples = try Samples(repository: arguments[1])
        if arguments[2] == "memory" { return try samples.memory(count) }
        guard let work = try samples.work(arguments[2]) else { exit(2) }
        // Once, so that tables are made and pages are there.
        for _ in 0..<200 { try work() }
        let spent = try Self.processorTime {
            for _ in 0..<count { try work() }
        }
        print(String(format: "%.3f", spent / 1000 / Double(count)))
    }

    /// Nanoseconds that this process had of the processor.
    private static func processorTime(_ body: () throws -> Void) rethrows -> Double {
        func now() -> Double {
            var time = timespec()
            clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
            return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
        }
        let start = now()
        try body()
        return now() - start
    }
}

/// The documents that are read, and what is done with them.
struct Samples {
    struct Unexpected: Error {}

    let xml: [UInt8]
    let deviating: [UInt8]
    let json: [UInt8]
    let document: Schema
    let dossier: Schema

    init(repository: String) throws {
        func bytes(_ path: String) throws -> [UInt8] {
            Array(try Data(contentsOf: URL(filePath: "\(repository)/schemas/\(path)")))
        }
        self.xml = try bytes("edoc/document/1/examples/valid-new-unsigned.xml")
        self.deviating = try bytes("edoc/document/1/examples/tolerated-no-namespace.xml")
        self.json = try bytes("dossier/sync/1/examples/valid-update-done.json")
        let catalogue = try SchemaCatalogue.load(folder: repository + "/schemas")
        self.document = try catalogue.schema(for: .edocDocument)
        self.dossier = try catalogue.schema(for: .dossierSync)
    }

    private func readXML() throws {
        guard self.document.violations(in: .xml(try XMLDocument.parse(self.xml)), limit: 1).isEmpty else {
            throw Unexpected()
        }
    }

    private func readJSON() throws {
        guard self.dossier.violations(in: .json(try JSONDocument.parse(self.json)), limit: 1).isEmpty else {
            throw Unexpected()
        }
    }

    func work(_ name: String) throws -> (() throws -> Void)? {
        switch name {
        case "json": return self.readJSON
        case "json-parse": return { _ = try JSONDocument.parse(self.json) }
        case "xml": return self.readXML
        case "xml-parse": return { _ = try XMLDocument.parse(self.xml) }
        case "checks":
            let document = Document.xml(try XMLDocument.parse(self.xml))
            guard let checks = self.document.checks, let day = CivilDate(year: 2026, month: 1, day: 1) else {
                return nil
            }
            return {
                guard checks.warnings(in: document, on: day).isEmpty else { throw Unexpected() }
            }
        case "tolerant":
            return {
                let document = Document.xml(try XMLDocument.parse(self.deviating))
                let reading = self.document.tolerantReading(of: document, limit: 10)
                guard reading.violations.isEmpty, reading.repairs.count == 1 else { throw Unexpected() }
            }
        case "comparable":
            let text = "Sở Thông tin và Truyền thông tỉnh Phú Thọ".decomposedStringWithCanonicalMapping
            return {
                guard text.comparable.utf8.count < text.utf8.count else { throw Unexpected() }
            }
        default: return nil
        }
    }

    /// Reads documents of both forms in turn.
    func memory(_ count: Int) throws {
        var early = 0.0
        for number in 1...count {
            if number.isMultiple(of: 2) { try self.readXML() } else { try self.readJSON() }
            if number == 50_000 { early = Self.resident }
        }
        print(String(format: "%.1f %.1f", early, Self.resident))
    }

    /// In megabytes.
    private static var resident: Double {
        let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return (Double(line.filter(\.isNumber)) ?? .nan) / 1024
    }
}
