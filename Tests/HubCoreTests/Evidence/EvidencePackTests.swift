import HubEnvelope
import HubModel
import HubTesting
import Testing

@testable import HubCore

@Suite("A pack of evidence")
struct EvidencePackTests {
    struct Made {
        let pack: EvidencePack
        let hub: PublicKey
        let message: AcceptedMessage
    }

    /// An edXML document that one receiver has refused once and then taken.
    private static func document() async throws -> Made {
        let bench = try IntakeBench()
        let (message, _) = try await bench.accepted(
            try bench.xml(EdocText.document(to: ["000.00.11.H44"])))
        for (attempt, kind) in [(1, DeliveryEvent.Kind.postponed), (2, .delivered)] {
            _ = try await bench.journal.append(
                .delivery(
                    DeliveryEvent(
                        delivery: DeliveryID(message: message.id, ordinal: 0), at: bench.clock.now, kind: kind,
                        attempt: attempt, answer: "ok")),
                payload: nil)
        }
        return try await Self.made(bench, message)
    }

    private static func dossier() async throws -> Made {
        let bench = try IntakeBench()
        let (message, _) = try await bench.accepted(try bench.json(DossierText.sync()))
        return try await Self.made(bench, message)
    }

    private static func made(_ bench: IntakeBench, _ message: AcceptedMessage) async throws -> Made {
        let registry = try bench.landscape.registry()
        let hub = bench.hubKey
        let pack = try await EvidencePack(of: message.id, from: bench.journal) {
            $0 == hub.fingerprint ? hub : registry.key(of: $0)
        }
        return Made(pack: pack, hub: hub, message: message)
    }

    @Test("in CMS is checked with what is around it, and with nothing less")
    func enveloped() async throws {
        let made = try await Self.dossier()
        let (signer, other) = (try SigningKey.generate(.p256), try SigningKey.generate(.p256))
        let certificate = try Certificate.selfSigned(key: signer, commonName: "x", days: 30)
        let body = try CMSSignature.sign(DossierText.progress(), with: signer, certificate: certificate, detached: false)
        func isAsRecorded(_ key: SigningKey, _ type: String, _ body: [UInt8]) -> Bool {
            var message = made.message
            message = AcceptedMessage(
                id: message.id, receivedAt: message.receivedAt, sender: message.sender, agency: message.agency,
                type: message.type, identity: message.identity, digest: SHA256.hash(body), size: body.count, contentType: type,
                orderKey: message.orderKey, priority: 0, correlation: "",
                signature: SignatureNote(verdict: "valid", key: key.publicKey.fingerprint), warnings: [], deliveries: []
            )
            var report = EvidenceReport()
            EvidencePack(payload: body, detachedSignature: "", receipts: [], keys: [key.publicKey])
                .checkSender(message, &report)
            return report.isValid && report.checks.count == 1
        }
        let signed = "application/pkcs7-mime; smime-type=signed-data"
        #expect(isAsRecorded(signer, signed, body))
        #expect(!isAsRecorded(other, signed, body))
        #expect(!isAsRecorded(signer, signed, Array(body.dropLast())))
        #expect(!isAsRecorded(signer, "application/json", DossierText.progress()))
        #expect(isAsRecorded(other, "application/pkcs7-mime; smime-type=authEnveloped-data", [0x30]))
    }

    @Test("says what became of the message, and is the same after it was written and read")
    func roundTrip() async throws {
        let made = try await Self.document()
        let read = try EvidencePack(archive: made.pack.archive)
        let (again, first) = (try read.archive, try made.pack.archive)
        #expect(again == first)
        for pack in [made.pack, read] {
            let report = pack.report(trusting: [made.hub])
            #expect(report.isValid)
            #expect(report.message == made.message)
            #expect(report.outcomes.map { $0?.kind } == [.delivered] + made.message.deliveries.dropFirst().map { _ in nil })
            #expect(report.hub == "H44")
        }
    }

    @Test("holds the detached signature of what has none inside")
    func detached() async throws {
        let made = try await Self.dossier()
        let read = try EvidencePack(archive: made.pack.archive)
        #expect(read.detachedSignature == made.message.signature.detached && !read.detachedSignature.isEmpty)
        #expect(read.report(trusting: [made.hub]).isValid)
        let other = EvidencePack(payload: read.payload, detachedSignature: "", receipts: read.receipts, keys: read.keys)
        #expect(!other.report(trusting: [made.hub]).isValid)
    }

    @Test("proves nothing to who does not know the hub's key")
    func stranger() async throws {
        let made = try await Self.document()
        let stranger = try SigningKey.generate(.p256).publicKey
        for anchors in [[], [stranger]] {
            let report = made.pack.report(trusting: anchors)
            #expect(!report.isValid)
            #expect(report.checks.filter { !$0.isWell }.map(\.name.en) == ["The hub's key is trusted"])
        }
    }

    @Test("with anything exchanged is not valid, and says what")
    func exchanged() async throws {
        let made = try await Self.document()
        let pack = made.pack
        func failed(_ pack: EvidencePack) -> [String] {
            pack.report(trusting: [made.hub]).checks.filter { !$0.isWell }.map(\.name.en)
        }
        let other = try await Self.dossier()
        #expect(
            failed(
                EvidencePack(
                    payload: (pack.payload ?? []) + [0x20], detachedSignature: "", receipts: pack.receipts, keys: pack.keys))
                == ["The payload is the one that was accepted"])
        #expect(
            failed(
                EvidencePack(
                    payload: pack.payload, detachedSignature: "",
                    receipts: [pack.receipts[0], other.pack.receipts[0]], keys: pack.keys))
                == ["The attempts to deliver are of this message"])
        #expect(
            failed(
                EvidencePack(
                    payload: pack.payload, detachedSignature: "", receipts: Array(pack.receipts.dropFirst()),
                    keys: pack.keys)) == ["The first record is the acceptance"])
        #expect(
            failed(
                EvidencePack(
                    payload: pack.payload, detachedSignature: "", receipts: pack.receipts,
                    keys: pack.keys.filter { $0 == made.hub })) == ["The sender's signature is as recorded"])
        let first = pack.receipts[0]
        let forged = Receipt(
            record: first.record + [0], proof: first.proof, header: first.header, signature: first.signature,
            key: first.key)
        #expect(
            failed(EvidencePack(payload: pack.payload, detachedSignature: "", receipts: [forged], keys: pack.keys))
                == ["Record 1 is in a block that the hub signed"])
    }

    @Test("without its payload is valid only with a record of this hub that covers the message")
    func removed() async throws {
        let bench = try IntakeBench()
        let (message, _) = try await bench.accepted(try bench.xml(EdocText.document()))
        let whole = try await Self.made(bench, message).pack
        func failed(_ receipts: [Receipt]) throws -> [String] {
            let pack = EvidencePack(payload: nil, detachedSignature: "", receipts: receipts, keys: whole.keys)
            let report = try EvidencePack(archive: pack.archive).report(trusting: [bench.hubKey])
            return report.checks.filter { !$0.isWell }.map(\.name.en)
        }
        func operation(_ action: String, _ subject: String) async throws -> Receipt {
            let operation = Operation(
                at: bench.clock.now, actor: "an", action: action, subject: subject, reason: "chính sách")
            guard case .committed(let receipt, _) = try await bench.journal.append(.operation(operation), payload: nil)
            else { throw Landscape.Missing() }
            return receipt
        }
        let covering = try await operation("payload.forget", "before=2030-01-01 sequences=0-0")
        #expect(try failed(whole.receipts + [covering]) == [])
        #expect(try failed(whole.receipts) == ["The payload was removed by policy"])
        for (action, subject) in [
            ("payload.forget", "before=2030-01-01 sequences=1-1"), ("stop", "before=2030-01-01 sequences=0-0"),
            ("payload.forget", "before=2030-01-01 type=dossier/sync/1 sequences=0-0"),
        ] {
            let other = try await operation(action, subject)
            #expect(
                try failed(whole.receipts + [other]) == [
                    "The payload was removed by policy", "The attempts to deliver are of this message",
                ])
        }
    }

    @Test("with any byte changed is refused, or proves the same")
    func mutations() async throws {
        let made = try await Self.document()
        let archive = try made.pack.archive
        var changed = 0
        // A step that shares no factor with the blocks of the archive.
        for place in stride(from: 0, to: archive.count, by: 37) {
            var bytes = archive
            bytes[place] ^= 0x01
            guard let pack = try? EvidencePack(archive: bytes), pack.report(trusting: [made.hub]).isValid else {
                changed += 1
                continue
            }
            #expect(pack.payload == made.pack.payload && pack.receipts == made.pack.receipts, "byte \(place)")
        }
        #expect(changed > 100)
    }

    @Test("that breaks off anywhere is refused")
    func truncated() async throws {
        let archive = try await Self.dossier().pack.archive
        for count in stride(from: 0, to: archive.count - 1024, by: 211) {
            #expect(throws: HubError.self) { _ = try EvidencePack(archive: Array(archive[..<count])) }
        }
    }

    @Test("cannot be made when a key is not known any more")
    func unknownKey() async throws {
        let bench = try IntakeBench()
        let (message, _) = try await bench.accepted(try bench.xml(EdocText.document()))
        await #expect { _ = try await EvidencePack(of: message.id, from: bench.journal) { _ in nil } } throws: {
            ($0 as? HubError)?.code == .envelopeKeyUnknown
        }
    }
}

@Suite("An archive of plain files")
struct TarArchiveTests {
    private static let files = [
        TarArchive.File("a/b", [1, 2, 3]), TarArchive.File("empty", []),
        TarArchive.File("large", Array(repeating: 7, count: 5000)),
    ]

    private static func archive(_ name: String, type: UInt8 = 0x30) -> [UInt8] {
        var bytes = TarArchive.write([TarArchive.File(name, [1])], time: Timestamp(nanoseconds: 0))
        bytes[156] = type
        for place in 148..<156 { bytes[place] = 0x20 }
        let sum = String(bytes[..<512].reduce(0) { $0 + Int($1) }, radix: 8)
        for (place, byte) in zip(148..., (String(repeating: "0", count: 6 - sum.count) + sum + "\0 ").utf8) {
            bytes[place] = byte
        }
        return bytes
    }

    @Test("gives back what was put in")
    func roundTrip() throws {
        let archive = TarArchive.write(Self.files, time: Timestamp(nanoseconds: 1_790_000_000_000_000_000))
        #expect(archive.count.isMultiple(of: 512))
        #expect(try TarArchive.read(archive) == Self.files)
        #expect(try TarArchive.read(TarArchive.write([], time: Timestamp(nanoseconds: 0))).isEmpty)
    }

    @Test(
        "is refused when a name could lead elsewhere",
        arguments: ["/etc/passwd", "../x", "a/../../x", "a b", "a\u{e9}", "a\\b", "a\nb"]
    )
    func names(_ name: String) {
        #expect(throws: HubError.self) { _ = try TarArchive.read(Self.archive(name)) }
    }

    @Test("is refused when it holds links, folders or devices", arguments: Array("1234567xgLK".utf8))
    func kinds(_ type: UInt8) {
        #expect(throws: HubError.self) { _ = try TarArchive.read(Self.archive("a", type: type)) }
    }

    @Test("is refused when a file is there twice, or anything stands behind the end")
    func tails() {
        let time = Timestamp(nanoseconds: 0)
        let twice = TarArchive.write([Self.files[0], Self.files[0]], time: time)
        #expect(throws: HubError.self) { _ = try TarArchive.read(twice) }
        #expect(throws: HubError.self) { _ = try TarArchive.read(TarArchive.write(Self.files, time: time) + [1]) }
        #expect(throws: HubError.self) { _ = try TarArchive.read([]) }
    }
}
