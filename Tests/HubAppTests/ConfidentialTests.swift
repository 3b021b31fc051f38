import Foundation
import HubEnvelope
import HubJSON
import HubModel
import NIOHTTP1
import Testing

@Suite("Confidential messages over the exchange API, made and opened with openssl", .timeLimit(.minutes(5)))
struct ConfidentialTests {
    private static let sender = "vb-so-y-te-h44"
    private static let receiver = "vb-so-noi-vu-h44"

    /// A hub with two systems of the exchange API that send each other documents encrypted.
    private static func hub() throws -> RunningHub {
        let hub = try RunningHub()
        let folder = hub.folder.path + "/hub"
        var secrets = try hub.folder.text("hub/secrets.yaml")
        for (system, agency) in [(Self.sender, "H44.16"), (Self.receiver, "H44.02")] {
            try FileManager.default.createDirectory(
                atPath: folder + "/adapters/" + system, withIntermediateDirectories: true)
            try hub.folder.write(
                """
                format: adapter-1
                system: \(system)
                title: { vi: Văn bản mật, en: Confidential documents }
                kind: document-management
                agencies: [\(agency)]
                speaks: exchange
                sends:
                  - message: edoc/document/1
                    confidential: true
                    identity: [DocumentId, BussinessDocType, Revision]
                    to: all
                receives:
                  - message: edoc/document/1
                    by: mailbox

                """, "hub/adapters/\(system)/adapter.yaml")
            let made = try Program.run(
                "keys", "new", "--out", "systems/\(system).key.pem", "--cert", "trust/systems/\(system).pem", "--name",
                system, in: folder)
            try #require(made.code == 0, "\(made.complaint)")
            secrets = secrets.replacing("systems:\n", with: "systems:\n  \(system): \"bi-mat-cua-\(system)\"\n")
        }
        try hub.folder.write(secrets, "hub/secrets.yaml")
        return hub
    }

    private static func document(_ number: Int) throws -> String {
        String(decoding: try RunningHub.document(number), as: UTF8.self)
            .replacing("000.00.13.H44", with: "000.00.16.H44").replacing("000.00.11.H44", with: "000.00.02.H44")
    }

    @Test("reach the receiver alone, with the bytes that were signed")
    func roundTrip() async throws {
        let hub = try Self.hub()
        try await hub.start()
        let folder = hub.folder.path
        let certificate = try #require(try await hub.get("/v1/keys").json["confidential"]?["certificate"]?.string)
        try hub.folder.write(certificate, "hub.crt")
        try hub.folder.write(try Self.document(1), "plain.xml")
        let key = "hub/systems/\(Self.sender).key.pem"
        let signer = "hub/trust/systems/\(Self.sender).pem"
        let sign = "openssl cms -sign -binary -in plain.xml -signer \(signer) -inkey \(key) -outform DER -nodetach -nosmimecap -out signed.p7m"
        let encrypt = "openssl cms -encrypt -binary -aes-256-gcm -in signed.p7m -outform DER -out sealed.p7m -recip hub.crt -keyopt ecdh_kdf_md:sha256"
        #expect(try Program.shell(sign, in: folder) == 0)
        #expect(try Program.shell(encrypt, in: folder) == 0)
        let token = try await hub.token(of: Self.sender)
        func post(_ file: String, _ type: String) async throws -> RunningHub.Answer {
            let body = try #require(FileManager.default.contents(atPath: folder + "/" + file))
            return try await hub.exchange(
                .POST, "/v1/messages", token: token, headers: [("Content-Type", type)], body: Array(body))
        }
        let bare = try await post("signed.p7m", "application/pkcs7-mime; smime-type=signed-data")
        #expect(bare.status == 403 && bare.code == "envelope.encryption_refused", "\(bare.text)")
        let sent = try await post("sealed.p7m", "application/pkcs7-mime; smime-type=authEnveloped-data")
        #expect(sent.status == 202, "\(sent.text)")
        let id = try #require(sent.json["id"]?.string)

        // Nobody finds the subject of the document on the disk of the hub.
        #expect(try Program.shell("! grep -rq 'CodeNumber' hub/data", in: folder) == 0)

        let mailbox = try await hub.exchange(
            .GET, "/v1/mailbox?wait=10", token: try await hub.token(of: Self.receiver))
        let delivery = try #require(mailbox.json["deliveries"]?.array?.first, "\(mailbox.text)")
        #expect(delivery["contentType"]?.string == "application/pkcs7-mime; smime-type=authEnveloped-data")
        let payload = try #require(delivery["payload"]?.string.flatMap { Base64.bytes($0) })
        try Data(payload).write(to: URL(filePath: folder + "/received.p7m"))
        let own = "hub/systems/\(Self.receiver).key.pem"
        let decrypt = "openssl cms -decrypt -binary -inform DER -in received.p7m -recip hub/trust/systems/\(Self.receiver).pem -inkey \(own) -out opened.p7m"
        #expect(try Program.shell(decrypt, in: folder) == 0)
        #expect(try Program.shell("cmp opened.p7m signed.p7m", in: folder) == 0, "the signed bytes, as they came")
        let verify = "openssl cms -verify -binary -inform DER -in opened.p7m -CAfile \(signer) -purpose any -out same.xml 2>/dev/null && cmp same.xml plain.xml"
        #expect(try Program.shell(verify, in: folder) == 0)

        // The same again is a repeat; a record and its evidence hold what was handed in.
        #expect(try await post("sealed.p7m", "application/pkcs7-mime").status == 200)
        #expect(hub.stop() == 0)
        let pack = folder + "/e.tar"
        #expect(try Program.run("evidence", "export", id, "--config", hub.config, "--out", pack).code == 0)
        #expect(try Program.run("evidence", "verify", pack, "--trust", folder + "/hub/keys/hub.pub.pem").code == 0)
        #expect(try Program.shell("mkdir p && tar xf e.tar -C p && cmp p/*/payload sealed.p7m || cmp p/payload sealed.p7m", in: folder) == 0)
    }

    @Test("signed by openssl in two parts (multipart/signed) are taken where encryption is not asked for")
    func multipart() async throws {
        let hub = try Self.hub()
        let adapter = "hub/adapters/\(Self.sender)/adapter.yaml"
        try hub.folder.write(try hub.folder.text(adapter).replacing("    confidential: true\n", with: ""), adapter)
        try await hub.start()
        let folder = hub.folder.path
        try hub.folder.write("Content-Type: application/xml\r\n\r\n" + Self.document(2), "entity")
        let sign = "openssl cms -sign -binary -in entity -signer hub/trust/systems/\(Self.sender).pem -inkey hub/systems/\(Self.sender).key.pem -nosmimecap -crlfeol -out mail"
        #expect(try Program.shell(sign, in: folder) == 0)
        let mail = try #require(FileManager.default.contents(atPath: folder + "/mail"))
        let text = String(decoding: mail, as: UTF8.self)
        let head = try #require(text.range(of: "\r\n\r\n"))
        let type = try #require(text[..<head.lowerBound].split(separator: "\r\n").first { $0.hasPrefix("Content-Type: ") })
        let token = try await hub.token(of: Self.sender)
        let sent = try await hub.exchange(
            .POST, "/v1/messages", token: token, headers: [("Content-Type", String(type.dropFirst(14)))],
            body: Array(text[head.upperBound...].utf8))
        #expect(sent.status == 202, "\(sent.text) \(type)")
        let mailbox = try await hub.exchange(
            .GET, "/v1/mailbox?wait=10", token: try await hub.token(of: Self.receiver))
        let delivery = try #require(mailbox.json["deliveries"]?.array?.first, "\(mailbox.text)")
        #expect(delivery["contentType"]?.string == String(type.dropFirst(14)))
        #expect(delivery["payload"]?.string.flatMap { Base64.bytes($0) } == Array(text[head.upperBound...].utf8))
        #expect(hub.stop() == 0)
    }
}
