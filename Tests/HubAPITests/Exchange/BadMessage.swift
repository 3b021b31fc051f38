import HubEnvelope
import HubModel
import HubTesting
import Testing

/// A message that must be refused: how it is made, and what is to be said of it.
struct BadMessage: Sendable, CustomTestStringConvertible {
    /// What is posted, by whom.
    struct Content: Sendable {
        var body: [UInt8]
        var sender = HubBench.oneStop
        /// Whose key makes the detached signature.
        var signer: String?
        var contentType: String? = "application/json"
        var more: Caller.Headers = []
    }

    /// A line of the body.
    enum Place {
        case first, last
        /// The first one with this text.
        case with(String)

        func line(in body: [UInt8]) -> Int? {
            let lines = String(decoding: body, as: UTF8.self).split(
                separator: "\n", omittingEmptySubsequences: false)
            return switch self {
            case .first: 1
            case .last: lines.count
            case .with(let text): lines.firstIndex { $0.contains(text) }.map { $0 + 1 }
            }
        }
    }

    let testDescription: String
    let status: Int
    let code: ErrorCode
    /// Where it is wrong; absent when that concerns no place.
    var place: Place?
    var path: String?
    let make: @Sendable (Province) throws -> Content

    init(
        _ name: String, _ status: Int, _ code: ErrorCode, place: Place? = nil, path: String? = nil,
        make: @escaping @Sendable (Province) throws -> Content
    ) {
        self.testDescription = name
        self.status = status
        self.code = code
        self.place = place
        self.path = path
        self.make = make
    }

    private static func json(_ body: [UInt8], signer: String? = HubBench.oneStop) -> Content {
        Content(body: body, signer: signer)
    }

    private static func xml(
        _ province: Province, _ document: [UInt8], signer: String? = HubBench.documents
    ) throws -> Content {
        let body = try signer.map { try XMLSignature.sign(document, with: province.key(of: $0)) } ?? document
        return Content(body: body, sender: HubBench.documents, contentType: "application/xml")
    }

    private static func spoiled(_ bytes: [UInt8], _ text: String, _ other: String) throws -> [UInt8] {
        let before = String(decoding: bytes, as: UTF8.self)
        let after = before.replacing(text, with: other, maxReplacements: 1)
        guard after != before else { throw Province.Missing(what: text) }
        return Array(after.utf8)
    }

    private static let header = "/edXML/edXMLEnvelope[1]/edXMLHeader[1]/MessageHeader[1]"

    static let form: [BadMessage] = [
        BadMessage(
            "breaks its JSON Schema", 422, .schemaPayloadInvalid, place: .with("TrangThaiHoSo"),
            path: "/data/0/TrangThaiHoSo"
        ) { _ in
            json(try spoiled(DossierText.sync(), #""TrangThaiHoSo": "2""#, #""TrangThaiHoSo": 2"#))
        },
        BadMessage(
            "breaks its XSD", 422, .schemaPayloadInvalid, place: .with("15/03/2024"),
            path: header + "/PromulgationInfo[1]/PromulgationDate[1]"
        ) { try xml($0, spoiled(EdocText.document(), "Date>2024/03/15<", "Date>15/03/2024<")) },
        BadMessage("is not JSON", 400, .jsonMalformed, place: .first) { _ in json(Array("madonvi=1".utf8)) },
        BadMessage("is cut off", 400, .jsonMalformed, place: .last) { _ in
            json(Array(DossierText.sync().prefix(100)))
        },
        BadMessage("has a key twice", 400, .jsonDuplicateKey, place: .with("H44.14")) { _ in
            json(try spoiled(DossierText.sync(), #""service""#, #""madonvi": "H44.14", "service""#))
        },
        BadMessage("is JSON nested too deeply", 400, .jsonTooDeep, place: .first) { _ in
            json(Array(String(repeating: "[", count: 200).utf8))
        },
        BadMessage("is not UTF-8", 400, .jsonMalformed) { _ in json([0x7B, 0x22, 0xFF, 0xFE, 0x22, 0x7D]) },
        BadMessage("is not XML", 400, .xmlMalformed) { try xml($0, Array("abc".utf8), signer: nil) },
        BadMessage("has a DOCTYPE", 400, .xmlDoctypeForbidden, place: .with("DOCTYPE")) {
            try xml(
                $0, spoiled(EdocText.document(), "?>\n", "?>\n<!DOCTYPE a SYSTEM 'file:///etc/passwd'>\n"),
                signer: nil)
        },
        BadMessage("is XML nested too deeply", 400, .xmlTooDeep) {
            try xml($0, Array(String(repeating: "<a>", count: 200).utf8), signer: nil)
        },
        BadMessage("is empty", 400, .jsonMalformed) { _ in json([]) },
        BadMessage("is empty XML", 400, .xmlMalformed) { try xml($0, [], signer: nil) },
        BadMessage("is of a media type that nobody reads", 415, .apiMediaTypeUnsupported) { _ in
            Content(body: DossierText.sync(), signer: HubBench.oneStop, contentType: "text/plain")
        },
        BadMessage("is of no media type", 415, .apiMediaTypeUnsupported) { _ in
            Content(body: DossierText.sync(), signer: HubBench.oneStop, contentType: nil)
        },
        BadMessage("is of a media type with tricks", 415, .apiMediaTypeUnsupported) { _ in
            Content(
                body: DossierText.sync(), signer: HubBench.oneStop, contentType: "text/html, application/json"
            )
        },
        BadMessage("is JSON called XML", 400, .xmlMalformed) { _ in
            Content(body: DossierText.sync(), signer: HubBench.oneStop, contentType: "application/xml")
        },
        BadMessage("is compressed", 400, .jsonMalformed) { _ in
            Content(body: [0x1F, 0x8B, 8, 0], signer: HubBench.oneStop, more: [("Content-Encoding", "gzip")])
        },
        BadMessage("is of no known type", 422, .intakeTypeUnknown) { _ in json(Array(#"{"a": 1}"#.utf8)) },
        BadMessage("is called something unknown", 422, .intakeTypeUnknown) { _ in
            Content(
                body: DossierText.sync(), signer: HubBench.oneStop,
                more: [("Lgsp-Service", "dossier/sync/99")])
        },
        BadMessage("is called something that climbs", 422, .intakeTypeUnknown) { _ in
            Content(
                body: DossierText.sync(), signer: HubBench.oneStop,
                more: [("Lgsp-Service", "../../etc/passwd")])
        },
    ]

    static let trust: [BadMessage] = [
        BadMessage("is not signed", 403, .envelopeSignatureMissing) { _ in
            json(DossierText.sync(), signer: nil)
        },
        BadMessage("is not signed inside", 403, .envelopeSignatureMissing) {
            try xml($0, EdocText.document(), signer: nil)
        },
        BadMessage("was altered after it was signed", 403, .envelopeSignatureInvalid) { province in
            let signature = try JWS.signDetached(
                DossierText.sync(1), with: province.key(of: HubBench.oneStop))
            return Content(body: DossierText.sync(2), more: [("Lgsp-Signature", signature)])
        },
        BadMessage("was altered inside after it was signed", 403, .envelopeSignatureInvalid) {
            var content = try xml($0, EdocText.document())
            content.body = try spoiled(content.body, "cung cấp số liệu", "hủy số liệu")
            return content
        },
        BadMessage("has something beside it that is no signature", 403, .envelopeSignatureMalformed) { _ in
            Content(body: DossierText.sync(), more: [("Lgsp-Signature", "abc")])
        },
        BadMessage("is XML and has a signature beside it as well", 403, .envelopeSignatureMalformed) {
            var content = try xml($0, EdocText.document())
            content.signer = HubBench.documents
            return content
        },
        BadMessage("has an empty signature beside it", 403, .envelopeSignatureMalformed) { _ in
            Content(body: DossierText.sync(), more: [("Lgsp-Signature", "")])
        },
        BadMessage("is signed with no algorithm", 403, .envelopeAlgorithmRefused) { province in
            let kid = try province.key(of: HubBench.oneStop).publicKey.fingerprint
            let header = Base64.urlText(
                Array(#"{"alg":"none","kid":"\#(kid)","b64":false,"crit":["b64"]}"#.utf8))
            return Content(body: DossierText.sync(), more: [("Lgsp-Signature", header + "..AAAA")])
        },
        BadMessage("is signed with a key that nobody registered", 403, .envelopeKeyUnknown) { _ in
            json(DossierText.sync(), signer: Province.stranger)
        },
        BadMessage("is signed by another system", 403, .envelopeSignerMismatch) { _ in
            json(DossierText.sync(), signer: HubBench.finance)
        },
        BadMessage("is of a type that its sender may not send", 403, .accessDenied) {
            var content = try xml($0, EdocText.document(), signer: HubBench.oneStop)
            content.sender = HubBench.oneStop
            return content
        },
        BadMessage("comes from an agency of another system", 403, .accessAgencyNotOwn) {
            try xml($0, EdocText.document(from: "000.00.11.H44"))
        },
        BadMessage("is for a receiver that nobody knows", 422, .routeReceiverUnknown) {
            try xml($0, EdocText.document(to: ["000.00.98.H44"]))
        },
        BadMessage("is for a receiver that was closed", 422, .routeReceiverClosed) {
            try xml($0, EdocText.document(to: ["000.00.19.H44"]))
        },
        BadMessage("is for an agency without a system", 422, .routeMissing) {
            try xml($0, EdocText.document(to: ["000.00.12.H44"]))
        },
    ]
}
