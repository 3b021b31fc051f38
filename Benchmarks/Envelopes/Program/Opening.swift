import HubEnvelope
import HubModel
import HubSchema
import HubXML

/// Opening a signed document of four kilobytes as the hub does, beside the same in C.
///
/// Rounds of both alternate, so that what disturbs the machine disturbs both; the ratio is that of two neighbours.
struct Opening {
    private static let limit = 1.3
    private let schema: Schema
    private let bytes: [UInt8]
    private let keys: [PublicKey]
    private let files: (document: String, schema: String, certificate: String)

    static func measure(_ options: Options, into report: inout Report) throws {
        for (name, kind) in [("P-256", KeyKind.p256), ("RSA-2048", .rsa2048)] {
            let opening = try Opening(kind, options)
            report.add(.opening, "\(name): document", Double(opening.bytes.count), "bytes")
            var own: [Double] = []
            var floor: [Double] = []
            var steps: [[Double]] = []
            // The first round of either warms caches.
            for round in 0...options.rounds {
                let hub = try opening.hub(options.documents)
                let c = try opening.floor(options)
                if round > 0 {
                    own.append(hub)
                    floor.append(c)
                    steps.append(try opening.steps(options.documents))
                }
            }
            report.add(.opening, "\(name): parse, gate, verify, validate", median(own), "ns a document")
            for (place, step) in ["parse", "gate and verify", "validate"].enumerated() {
                report.add(
                    .opening, "\(name): \(step) alone", median(steps.map { $0[place] }), "ns a document")
            }
            report.add(.opening, "\(name): the floor in C", median(floor), "ns a document")
            report.add(
                .opening, "\(name): ratio", median(zip(own, floor).map { $0 / $1 }), "times",
                .atMost(Self.limit))
        }
    }

    private init(_ kind: KeyKind, _ options: Options) throws {
        let key = try SigningKey.generate(kind)
        let certificate = try Samples.certificate(of: key)
        let document = Array(try Samples(repository: options.repository).document(0).utf8)
        let folder = "\(options.repository)/schemas/edoc/document/1"
        self.bytes = try XMLSignature.sign(document, with: key, certificate: certificate)
        self.keys = [key.publicKey]
        self.schema = try Schema(type: .edocDocument, folder: folder)
        let name = "\(options.folder)/opening-\(kind.rawValue)"
        self.files = ("\(name).xml", "\(folder)/schema.xsd", "\(name).pem")
        try Files.write(self.bytes, self.files.document)
        try Files.write(certificate.pem, self.files.certificate)
    }

    private func hub(_ count: Int) throws -> Double {
        try nanoseconds {
            for _ in 0..<count { try self.open() }
        } / Double(count)
    }

    /// Each step by itself, which is less than its part of the whole: its data is at hand.
    private func steps(_ count: Int) throws -> [Double] {
        let document = try XMLDocument.parse(self.bytes)
        var sound = 0
        let times = [
            try nanoseconds {
                for _ in 0..<count { sound += try XMLDocument.parse(self.bytes).root.parent == nil ? 1 : 0 }
            },
            nanoseconds {
                for _ in 0..<count {
                    sound += XMLSignature.verify(document, with: self.keys).verdict == .valid ? 1 : 0
                }
            },
            nanoseconds {
                for _ in 0..<count {
                    sound += self.schema.violations(in: .xml(document), limit: 100).isEmpty ? 1 : 0
                }
            },
        ]
        guard sound == 3 * count else { throw Samples.Fault(reason: "a step did not accept the document") }
        return times.map { $0 / Double(count) }
    }

    private func open() throws {
        let document = try XMLDocument.parse(self.bytes)
        let signature = XMLSignature.verify(document, with: self.keys)
        let violations = self.schema.violations(in: .xml(document), limit: 100)
        guard signature.verdict == .valid, violations.isEmpty else {
            throw Samples.Fault(reason: "the document was not accepted: \(signature.reason.en)")
        }
    }

    private func floor(_ options: Options) throws -> Double {
        let output = try Program.run(
            options.floor,
            [self.files.document, self.files.schema, self.files.certificate, String(options.documents)])
        return try Program.number(behind: "CPU", in: output) * 1000
    }
}
