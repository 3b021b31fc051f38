import Foundation
import HubEnvelope
import HubJSON
import HubModel
import Testing

@Suite("Certificates of signers", .timeLimit(.minutes(5)))
struct SignerTrustTests {
    private static let system = "qlvb-so-tttt-h44"

    /// A hub that asks for certificates of a test authority, which has issued one for a system.
    private static func hub(revocation: String = "if-present") throws -> RunningHub {
        let hub = try RunningHub()
        let folder = hub.folder.path
        func keys(_ arguments: String...) throws {
            let done = try Program.run(["keys"] + arguments, in: folder)
            try #require(done.code == 0, "\(done.complaint)")
        }
        try keys("test-ca", "new", "ca")
        try keys("csr", "--key", "hub/systems/\(Self.system).key.pem", "--name", Self.system, "--out", "s.csr")
        try keys("test-ca", "issue", "ca", "--csr", "s.csr", "--purpose", "signing", "--out", "hub/trust/systems/\(Self.system).pem")
        for name in ["anchors", "crl"] {
            try FileManager.default.createDirectory(
                atPath: folder + "/hub/trust/signing/" + name, withIntermediateDirectories: true)
        }
        try FileManager.default.copyItem(atPath: folder + "/ca/ca.pem", toPath: folder + "/hub/trust/signing/anchors/ca.pem")
        let text = try hub.folder.text("hub/hub.yaml")
        try hub.folder.write(
            text + "signers: { trust: trust/signing, revocation: \(revocation) }\n", "hub/hub.yaml")
        return hub
    }

    @Test("must lead to a root: one that was issued is taken, one that its owner made is not")
    func chain() async throws {
        let hub = try Self.hub()
        try await hub.start()
        let taken = try await hub.send(try hub.signed(RunningHub.document(1)))
        #expect(taken.json["DocId"] != nil, "\(taken.text)")
        let other = "qlvb-so-tc-h44"
        let refused = try await hub.send(try hub.signed(RunningHub.document(2), as: other), as: other)
        #expect(refused.json["DocId"] == nil && refused.text.contains("trust."), "\(refused.text)")
        // A bare key says nothing about itself.
        let key = try SigningKey.generate(.p256)
        try hub.folder.write(
            String(decoding: key.publicKey.pem, as: UTF8.self), "hub/trust/systems/\(Self.system).2.pem")
        #expect(try await hub.order("keys/reload").status == 200)
        let bare = try await hub.send(try XMLSignature.sign(RunningHub.document(3), with: key))
        #expect(bare.text.contains("trust.chain_unknown"), "\(bare.text)")
        #expect(hub.stop() == 0)
    }

    @Test("need a CRL where that is required, and a new one is taken up without a restart")
    func revocation() async throws {
        let hub = try Self.hub(revocation: "required")
        try await hub.start()
        let without = try await hub.send(try hub.signed(RunningHub.document(1)))
        #expect(without.text.contains("trust.revocation_unknown"), "\(without.text)")
        try FileManager.default.copyItem(
            atPath: hub.folder.path + "/ca/crl.pem", toPath: hub.folder.path + "/hub/trust/signing/crl/ca.pem")
        #expect(try await hub.order("keys/reload").status == 200)
        let with = try await hub.send(try hub.signed(RunningHub.document(2)))
        let id = try #require(with.json["DocId"]?.string, "\(with.text)")
        #expect(hub.stop() == 0)

        // Certificate and CRL are part of the evidence, which is judged by roots from elsewhere.
        let folder = hub.folder.path
        #expect(try Program.run("evidence", "export", id, "--config", hub.config, "--out", folder + "/e.tar").code == 0)
        func verify(_ more: String...) throws -> Program.Result {
            try Program.run(
                ["evidence", "verify", folder + "/e.tar", "--trust", folder + "/hub/keys/hub.pub.pem"] + more)
        }
        let good = try verify("--signers", folder + "/ca/ca.pem", "--test-authority")
        #expect(good.code == 0 && good.output.contains("✓ Chứng thư của bên gửi"), "\(good.output)")
        #expect(try verify("--signers", folder + "/ca/ca.pem").code == 1, "a test root only where it is asked for")
        #expect(try Program.run("keys", "test-ca", "new", "other", in: folder).code == 0)
        let other = try verify("--signers", folder + "/other/ca.pem", "--test-authority")
        #expect(other.code == 1 && other.output.contains("✗ Chứng thư của bên gửi"), "\(other.output)")
        let byHand = "tar xf e.tar && openssl verify -crl_check -CAfile ca/ca.pem -CRLfile evidence/certificates/crl/1.pem "
            + "evidence/certificates/1.pem >/dev/null"
        #expect(try Program.shell(byHand, in: folder) == 0)
    }
}
