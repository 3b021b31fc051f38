import HubEnvelope
import HubModel
import Tar
import World

/// Writes the seeds that have to be signed, and the certificates of the world they are signed in.
///
/// Only public halves of keys are written. Seeds that people write (XML, JSON) lie beside them and are left
/// alone.
@main
struct MakeSeeds {
    static func main() throws {
        let trust = try Trust()
        try trust.write()
        try Self.documents()
        try Self.webSignatures()
        try Self.envelopes(trust)
        try Self.timestamps(trust)
        try Self.archives()
    }

    static func write(_ name: String, _ bytes: [UInt8]) throws {
        try Files.write(bytes, Files.seeds + "/" + name)
    }

    private static func documents() throws {
        for (number, document) in World.documents.enumerated() {
            try Self.write("xml/document\(number).xml", document)
            try Self.write("xml-signature/unsigned\(number).xml", document)
            for key in World.keys {
                let signed = try XMLSignature.sign(document, with: key)
                try Self.write("xml-signature/\(key.kind.rawValue)-\(number).xml", signed)
            }
        }
        let key = World.keys[0]
        let certificate = try Certificate.selfSigned(
            key: key, commonName: "signer", days: 3650, from: World.start)
        let documents = World.documents[0]
        try Self.write(
            "xml-signature/certificate.xml", XMLSignature.sign(documents, with: key, certificate: certificate)
        )
        try Self.write("xml-signature/stranger.xml", XMLSignature.sign(documents, with: World.stranger))
        try Self.write("xml-signature/rsa.xml", XMLSignature.sign(documents, with: .generate(.rsa2048)))
    }

    private static func webSignatures() throws {
        var headers: Set<String> = []
        func add(_ name: String, _ signature: String, _ payload: [UInt8]? = nil) throws {
            headers.insert(String(signature.prefix { $0 != "." }))
            try Self.write("jws/" + name, Array(signature.utf8) + (payload.map { [0x0A] + $0 } ?? []))
        }
        for key in World.keys {
            let name = key.kind.rawValue
            try add(name + ".jwt", JWS.signCompact(World.contents[0], with: key))
            try add(name + "-text.jwt", JWS.signCompact(World.contents[1], with: key, type: "text"))
            for (number, content) in World.contents.enumerated() {
                try add(name + "-\(number).detached", JWS.signDetached(content, with: key), content)
            }
            // RFC 7515, appendix F: detached, and signed in base64url.
            let parts = try JWS.signCompact(World.contents[0], with: key).split(separator: ".")
            try add(name + "-encoded.detached", parts[0] + ".." + parts[2], World.contents[0])
        }
        try Self.webDocuments()
        try Self.write(
            "jws/stranger.jwt", Array(JWS.signCompact(World.contents[0], with: World.stranger).utf8))
        try Self.write("jws.headers", Array(headers.sorted().joined(separator: "\n").utf8))
    }

    /// The JSON serialisations: inside and beside, encoded and not, several signers, headers that are not protected.
    private static func webDocuments() throws {
        func add(_ name: String, _ document: [UInt8]) throws {
            try Self.write("jws/" + name + ".json", document)
        }
        let signers = World.keys.map { JWSSigner($0) }
        let open = World.keys.map { JWSSigner($0, type: "JOSE", unprotected: Set(JWSSigner.Member.allCases)) }
        for (number, content) in World.contents.enumerated() {
            try add("general-\(number)", JWS.sign(content, by: signers, as: .general))
            try add("flattened-\(number)", JWS.sign(content, by: [signers[number % 3]], as: .flattened))
            try add(
                "plain-\(number)",
                JWS.sign(content, by: [open[number % 3]], as: .flattened, encoded: false))
        }
        try add("beside", JWS.sign(World.contents[0], by: signers, as: .general, detached: true))
        try add("open", JWS.sign(World.contents[1], by: open, as: .general))
        let strangers = [signers[0], JWSSigner(World.stranger)]
        try add("stranger", JWS.sign(World.contents[1], by: strangers, as: .general))
    }

    private static func envelopes(_ trust: Trust) throws {
        for key in World.keys where key.kind != .ed25519 {
            let certificate = try trust.leaf(.signing, key, "signer")
            for (number, content) in World.contents.enumerated() {
                for isDetached in [false, true] where !isDetached || number == 1 {
                    let envelope = try CMSSignature.sign(
                        content, with: key, certificate: certificate,
                        chain: number == 0 ? [trust.authority.certificate] : [], detached: isDetached,
                        at: World.now)
                    let form = isDetached ? "beside" : "inside"
                    try Self.write("cms/\(key.kind.rawValue)-\(number)-\(form).p7s", envelope)
                }
            }
        }
        let key = try SigningKey.generate(.rsa2048)
        let certificate = try trust.leaf(.signing, key, "unregistered")
        for algorithm in [SignatureAlgorithm.rsaSHA256, .rsaPSSSHA384] {
            let envelope = try CMSSignature.sign(
                World.contents[0], with: key, certificate: certificate, detached: false, algorithm: algorithm,
                at: World.now)
            try Self.write("cms/\(algorithm.rawValue).p7s", envelope)
        }
        let recipient = try Certificate.selfSigned(
            key: World.recipient, commonName: "recipient", days: 3650, from: World.start)
        try Self.write("world/recipient.der", recipient.der)
        for (number, content) in World.contents.enumerated() {
            try Self.write(
                "cms/sealed-\(number).p7m", CMSEncryption.seal(content, for: [recipient]))
        }
        try Self.write(
            "cms/sealed-twice.p7m", CMSEncryption.seal(World.contents[1], for: [certificate, recipient]))
    }

    private static func timestamps(_ trust: Trust) throws {
        for key in World.keys where key.kind != .ed25519 {
            let authority = try TimestampAuthority(
                certificate: trust.leaf(.timestamping, key, "tsa"), key: key,
                chain: [trust.authority.certificate], serial: { [1, 2, 3] }, clock: { World.now })
            let request = try TimestampRequest.make(digest: World.digest, nonce: [0x40, 1])
            let answer = try authority.respond(to: request.der)
            try Self.write("timestamp/\(key.kind.rawValue).tsr", answer)
            try Self.write("timestamp/\(key.kind.rawValue).token", TimestampResponse.token(from: answer))
            try Self.write("timestamp/refusal.tsr", authority.respond(to: []))
        }
    }

    private static func archives() throws {
        let files = [
            TarArchive.File("a.txt", World.contents[1]), TarArchive.File("b/c-1", World.contents[3]),
        ]
        try Self.write("tar/two.tar", TarArchive.write(files, time: World.now))
        try Self.write("tar/none.tar", TarArchive.write([], time: World.now))
    }
}
