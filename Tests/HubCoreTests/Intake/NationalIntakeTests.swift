import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Testing

@Suite("A message from the national platform")
struct NationalIntakeTests {
    private func packet(
        _ bench: IntakeBench, from: String = "000.00.11.H55", to: [String] = ["000.00.13.H44"],
        signer: String? = nil
    ) throws -> Submission {
        try bench.xml(EdocText.document(from: from, to: to), as: "ngsp", signer: signer)
    }

    @Test("is delivered to its receivers in the province; those elsewhere are not ours to serve")
    func foreign() async throws {
        let bench = try IntakeBench()
        let to = ["000.00.11.H22", "000.00.13.H44", "khong phai ma", "000.00.00.Z99", "000.00.11.H44", "H55.98"]
        let document = EdocText.document(from: "000.00.11.H55", to: to.filter { !$0.contains(" ") })
        let (message, _) = try await bench.accepted(try bench.xml(document, as: "ngsp", signer: nil))
        #expect(
            message.deliveries.map(\.destination.description) == [
                "mailbox:qlvb-so-tttt-h44", "mailbox:qlvb-so-tc-h44", "push:ioc-h44",
            ]
        )
    }

    @Test("that is for nobody here is refused")
    func forNobody() async throws {
        let bench = try IntakeBench()
        let error = try await RefusalTests.refusal(of: try self.packet(bench, to: ["000.00.11.H22"]), by: bench)
        #expect(error.code == .routeReceiverUnknown)
    }

    @Test("that is for an agency of the province that does not exist is refused")
    func unknownHere() async throws {
        let bench = try IntakeBench()
        let error = try await RefusalTests.refusal(of: try self.packet(bench, to: ["000.00.98.H44"]), by: bench)
        #expect(error.code == .routeReceiverUnknown)
    }

    @Test("cannot speak for an agency of this province", arguments: ["000.00.13.H44", "H44", "000.00.10.H44"])
    func ownProvince(sender: String) async throws {
        let bench = try IntakeBench()
        let error = try await RefusalTests.refusal(
            of: try self.packet(bench, from: sender, to: ["000.00.11.H44"]), by: bench
        )
        #expect(error.code == .accessAgencyNotOwn)
    }

    @Test(
        "is taken with a signature that holds, that nobody here can check, or with none, and that is noted",
        arguments: [("H55", "valid"), ("stranger", "not-verifiable"), (nil, "absent")] as [(String?, String)]
    )
    func signatures(signer: String?, verdict: String) async throws {
        let bench = try IntakeBench()
        let (message, _) = try await bench.accepted(try self.packet(bench, signer: signer))
        #expect(message.signature.verdict == verdict)
        let key = try bench.landscape.key("H55").publicKey.fingerprint
        #expect(message.signature.key == (verdict == "valid" ? key : nil))
    }

    @Test("is refused when its signature does not hold")
    func invalid() async throws {
        let bench = try IntakeBench()
        let body = String(decoding: try self.packet(bench, signer: "H55").body.whole(), as: UTF8.self)
        let altered = Array(body.replacing("cung cấp", with: "hủy").utf8)
        let error = try await RefusalTests.refusal(of: try bench.xml(altered, as: "ngsp", signer: nil), by: bench)
        #expect(error.code == .envelopeSignatureInvalid)
    }

    @Test("is refused when someone registered signed it who is not its sender", arguments: ["G14", "qlvb-so-tc-h44"])
    func otherSigner(signer: String) async throws {
        let bench = try IntakeBench()
        let error = try await RefusalTests.refusal(of: try self.packet(bench, signer: signer), by: bench)
        #expect(error.code == .envelopeSignerMismatch)
    }

    @Test("may come from an agency that was merged into another")
    func merged() async throws {
        let bench = try IntakeBench()
        let (message, _) = try await bench.accepted(try self.packet(bench, from: "000.00.00.H03"))
        #expect(message.agency == "000.00.00.H03")
    }

    @Test("twice is one message")
    func twice() async throws {
        let bench = try IntakeBench()
        _ = try await bench.accepted(try self.packet(bench))
        guard case .repeated = try await bench.intake.submit(try self.packet(bench)) else {
            Issue.record("a repeat was taken for a new message")
            return
        }
    }
}
