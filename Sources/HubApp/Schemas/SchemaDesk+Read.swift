internal import Foundation
internal import HubCore
public import HubJSON
public import HubModel
internal import HubSchema

extension SchemaDesk {
    /// What a hub would make of one file, keys and agencies apart.
    public struct Reading: Sendable {
        public let file: String
        /// `nil` for a file that no type knows.
        public let type: MessageType?
        /// `nil` for a document that was read.
        public let refusal: HubError?
        public let isTolerant: Bool
        /// Where the document does not fit, with the places in it as it is.
        public let violations: [Violation]
        /// What the tolerant reading reads otherwise.
        public let repairs: [Warning]
        /// What is odd about a document that fits.
        public let warnings: [Warning]

        public var fits: Bool { self.refusal == nil && self.violations.isEmpty }

        public var json: JSONValue {
            var object: JSONObject = [
                "file": .string(self.file), "fits": .bool(self.fits),
                "profile": .string(self.isTolerant ? "tolerant" : "strict"),
                "violations": .array(self.violations.map(\.json)), "repairs": .array(self.repairs.map(\.json)),
                "warnings": .array(self.warnings.map(\.json)),
            ]
            object["type"] = self.type.map { .string($0.description) }
            if let refusal {
                object["code"] = .string(refusal.code.rawValue)
                object["title"] = .object(["vi": .string(refusal.code.title.vi), "en": .string(refusal.code.title.en)])
                for detail in refusal.details where object[detail.key] == nil {
                    object[detail.key] = Int(detail.value).map { .init(integerLiteral: $0) } ?? .string(detail.value)
                }
            }
            return .object(object)
        }
    }

    /// Further violations are not looked for.
    private static let limit = 100

    /// Reads a file as a hub would that gets it: parses it, recognises its type, and holds it against the schema.
    ///
    /// Looks at no signature and asks no directory. A file that cannot be parsed or recognised is a reading with a refusal.
    ///
    /// - Parameters:
    ///   - type: The message type; recognised from the content when `nil`.
    ///   - isTolerant: Whether it comes from a system with the tolerant profile, whose documents are mended to be read.
    ///   - library: The folder with `schemas/`; found by itself when `nil`.
    /// - Throws: `configuration.invalid` for a file that cannot be opened, or when there are no schemas; `schema.unknown` for
    ///   a type that has none.
    public func read(
        _ file: String, as type: MessageType?, isTolerant: Bool, library: String? = nil
    ) throws(HubError) -> Reading {
        let bytes = try KeysDesk.read(file)
        let catalogue = try SchemaCatalogue.load(folder: try Library.find(library).schemas)
        let named = if let type { try catalogue.schema(for: type) } else { Schema?.none }
        func refused(_ error: HubError) -> Reading {
            Reading(
                file: file, type: type, refusal: error, isTolerant: isTolerant, violations: [], repairs: [], warnings: [])
        }
        let original: Document
        do throws(HubError) {
            original = try Document(bytes: bytes)
        } catch {
            return refused(error)
        }
        guard let schema = named ?? Self.recognise(original, in: catalogue, isTolerant: isTolerant) else {
            let known = catalogue.forms().forms.map(\.type.description).joined(separator: ", ")
            return refused(
                HubError(
                    .intakeTypeUnknown, "The payload is of none of the known types; name it with --type.",
                    details: [ErrorDetail("known", known)]
                )
            )
        }
        let reading: TolerantReading? = isTolerant ? schema.tolerantReading(of: original, limit: Self.limit) : nil
        let violations = reading?.violations ?? schema.violations(in: original, limit: Self.limit)
        let day = CivilTime(SystemClock().now, offset: CivilTime.vietnamOffset).date
        let odd = schema.checks?.warnings(in: reading?.document ?? original, on: day) ?? []
        return Reading(
            file: file, type: schema.type, refusal: nil, isTolerant: isTolerant, violations: violations,
            repairs: reading?.repairs ?? [], warnings: original.textWarnings(bytes) + (violations.isEmpty ? odd : [])
        )
    }

    /// The schema of the first type that knows a document; in the tolerant reading, once it is mended.
    private static func recognise(_ document: Document, in catalogue: SchemaCatalogue, isTolerant: Bool) -> Schema? {
        let forms = catalogue.forms().forms
        let form =
            forms.first { $0.recognises(document) }
            ?? forms.first { form in
                guard isTolerant, let schema = try? catalogue.schema(for: form.type), schema.repairs != nil else { return false }
                let reading = schema.tolerantReading(of: document, limit: 1)
                return reading.violations.isEmpty && form.recognises(reading.document)
            }
        return form.flatMap { try? catalogue.schema(for: $0.type) }
    }
}

extension Violation {
    /// As every command prints it with `--json`.
    var json: JSONValue {
        .object([
            "line": .init(integerLiteral: self.line), "column": .init(integerLiteral: self.column),
            "path": .string(self.path), "rule": .string(self.rule), "message": self.message.json,
        ])
    }
}

extension Warning {
    fileprivate var json: JSONValue {
        .object(["code": .string(self.code), "path": .string(self.path), "message": self.message.json])
    }
}

extension Bilingual {
    fileprivate var json: JSONValue { .object(["vi": .string(self.vi), "en": .string(self.en)]) }
}
