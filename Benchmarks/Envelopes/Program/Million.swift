import HubEnvelope
import HubModel
import HubXML

/// Verifying envelopes of all three forms, one after the other, while memory is watched.
struct Million {
    private static let limit = 2.0
    private static let warmUp = 50_000
    /// Different envelopes of each form.
    private static let different = 32

    private let key: SigningKey
    private var documents: [[UInt8]] = []
    private var tokens: [(signature: String, payload: [UInt8])] = []
    private var envelopes: [(signature: [UInt8], content: [UInt8])] = []

    static func measure(_ options: Options, into report: inout Report) throws {
        let million = try Million(options)
        let warmUp = min(Self.warmUp, options.envelopes / 2)
        try million.verify(0..<warmUp)
        let before = Resident.now
        let time = try nanoseconds { try million.verify(warmUp..<options.envelopes) }
        let after = Resident.now
        let count = Double(options.envelopes - warmUp)
        report.add(.million, "envelopes (XML-DSig, JWS, CMS in turn)", Double(options.envelopes), "")
        report.add(.million, "verified", count / time * 1e9, "a processor second")
        report.add(.million, "resident after \(warmUp)", before / 1_048_576, "MB")
        report.add(.million, "resident at the end", after / 1_048_576, "MB")
        report.add(.million, "growth", (after - before) / 1_048_576, "MB", .atMost(Self.limit))
    }

    private init(_ options: Options) throws {
        let samples = try Samples(repository: options.repository)
        self.key = try SigningKey.generate(.p256)
        let certificate = try Samples.certificate(of: self.key)
        for number in 0..<Self.different {
            let document = Array(samples.document(number).utf8)
            self.documents.append(try XMLSignature.sign(document, with: self.key))
            let payload = Array(#"{"maHoSo":"000.00.13.H44-260115-\#(number)","trangThai":"2"}"#.utf8)
            self.tokens.append((try JWS.signDetached(payload, with: self.key), payload))
            let signature = try CMSSignature.sign(
                payload, with: self.key, certificate: certificate, detached: true)
            self.envelopes.append((signature, payload))
        }
    }

    private func verify(_ numbers: Range<Int>) throws {
        for number in numbers {
            let index = number / 3 % Self.different
            let report: SignatureReport
            switch number % 3 {
            case 0:
                let document = try XMLDocument.parse(self.documents[index])
                report = XMLSignature.verify(document, with: [self.key.publicKey])
            case 1:
                let token = self.tokens[index]
                report = JWS.verifyDetached(token.signature, payload: token.payload) { _ in self.key.publicKey
                }
            default:
                let envelope = self.envelopes[index]
                report =
                    CMSSignature.verify(envelope.signature, content: envelope.content) { _ in
                        self.key.publicKey
                    }.report
            }
            guard report.verdict == .valid else {
                throw Samples.Fault(reason: "envelope \(number) was not accepted: \(report.reason.en)")
            }
        }
    }
}
