import Foundation
import HubAdapters
import HubCore
import HubEnvelope
import HubModel
import HubSchema

/// A message in JSON that is nearly all one file in base64, of a type that only tests have.
enum FileMessage {
    private static let type = "mau/tep/1"

    /// More than is held, of which no two pieces are alike.
    static let text: [UInt8] = {
        let bytes = (0..<(25 << 18)).map { UInt8(truncatingIfNeeded: $0 ^ $0 >> 8 ^ $0 >> 16) }
        return Array(
            #"{"donvi":"000.00.14.H44","noinhan":["000.00.11.H44"],"tep":"\#(Base64.text(bytes))"}"#.utf8)
    }()

    /// Makes a hub that takes such messages from the one-stop shop for the mailbox of the department of finance.
    static func settings(over journal: any Journal) throws -> @Sendable (inout HubSettings) -> Void {
        let province = try Province.shared.get()
        guard let message = MessageType(Self.type),
            let sender = province.adapters.first(where: { $0.system.description == HubBench.oneStop }),
            let receiver = province.adapters.first(where: { $0.system.description == HubBench.finance })
        else { throw Province.Missing(what: "an adapter") }
        let types = try Self.types.get()
        let adapters = [
            Adapter(
                system: sender.system, title: sender.title, kind: sender.kind, agencies: sender.agencies,
                speaks: .exchange, sends: [SendRule(message: message, receivers: .all)]
            ),
            Adapter(
                system: receiver.system, title: receiver.title, kind: receiver.kind,
                agencies: receiver.agencies,
                speaks: .exchange, receives: [ReceiveRule(message: message, by: .mailbox)]
            ),
        ]
        return { settings in
            settings.types = types
            settings.adapters = adapters
            settings.journal = journal
            settings.bodyLimit = 32 << 20
            settings.bodiesLimit = 64 << 20
        }
    }

    /// Read from a folder as a hub does, once for all tests.
    private static let types = Result { () throws -> (schemas: SchemaCatalogue, forms: FormCatalogue) in
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "hub-api-schemas-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let place = folder.appending(path: Self.type)
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        for (file, text) in [
            (folder.appending(path: "catalogue.yaml"), Self.catalogue),
            (place.appending(path: "form.yaml"), Self.form),
            (place.appending(path: "schema.json"), Self.schema),
        ] { try Data(text.utf8).write(to: file) }
        let schemas = try SchemaCatalogue.load(folder: folder.path)
        return (schemas, try FormCatalogue.load(schemas).get())
    }

    private static let catalogue = """
        format: catalogue-1
        domains:
          mau:
            title: { vi: Mẫu, en: Sample }
            owner: { vi: Mẫu, en: Sample }
            types:
              tep/1: { status: published, schema: draft2020-12, format-assertion: false }

        """

    private static let form = """
        format: form-1
        title: { vi: Tệp, en: File }
        media-type: application/json
        recognise: { path: /tep }
        sender: /donvi
        recipients: /noinhan/*

        """

    private static let schema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "type": "object",
          "properties": {
            "donvi": {"type": "string"},
            "noinhan": {"type": "array", "items": {"type": "string"}},
            "tep": {"type": "string", "pattern": "^[A-Za-z0-9+/]*=*$"}
          },
          "required": ["donvi", "noinhan", "tep"],
          "additionalProperties": false
        }

        """
}
