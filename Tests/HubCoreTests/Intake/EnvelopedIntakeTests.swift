import HubAdapters
import HubEnvelope
import HubModel
import HubSchema
import HubTesting
import Testing

@testable import HubCore

@Suite("Messages in CMS", .timeLimit(.minutes(1)))
struct EnvelopedIntakeTests {
    private static let clerk = "mot-cua-h44"

    /// A system that speaks the exchange API, sends dossiers confidentially and receives them.
    private struct Bench {
        let inner: IntakeBench
        let certificate: Certificate
        let hubCertificate: Certificate
        let receiver: SystemID
        let receiverKey: SigningKey

        init(confidential: Bool = false, receiverHasCertificate: Bool = true, needsTimestamp: Bool = false) throws {
            let landscape = try Landscape.shared.get()
            let key = try landscape.key(EnvelopedIntakeTests.clerk)
            self.certificate = try Certificate.selfSigned(key: key, commonName: EnvelopedIntakeTests.clerk, days: 30)
            self.receiver = try #require(SystemID("nhan-h44"))
            self.receiverKey = try SigningKey.generate(.p384)
            let type = MessageType.dossierProgress
            let clerk = try landscape.adapter(EnvelopedIntakeTests.clerk)
            let title = Bilingual(vi: "Thử", en: "Test")
            let sender = Adapter(
                system: clerk.system, title: title, kind: .oneStop, agencies: clerk.agencies, speaks: .exchange,
                sends: [
                    SendRule(message: type, isConfidential: confidential, needsTimestamp: needsTimestamp, receivers: .all),
                    SendRule(message: .edocDocument, receivers: .all),
                ]
            )
            self.sender = sender
            self.inner = try IntakeBench(extra: [sender])
            let hub = try SigningKey.generate(.p256)
            self.hubCertificate = try Certificate.selfSigned(key: hub, commonName: "hub", days: 30)
            var keys = self.inner.keys.current
            var entries = keys.registry.all.filter { $0.key.fingerprint != key.publicKey.fingerprint }
            entries.append(.init(owner: .system(clerk.system), key: key.publicKey, certificates: [self.certificate]))
            let own = try Certificate.selfSigned(key: self.receiverKey, commonName: "nhan-h44", days: 30)
            entries.append(
                .init(
                    owner: .system(self.receiver), key: self.receiverKey.publicKey,
                    certificates: receiverHasCertificate ? [own] : [])
            )
            keys.registry = try KeyRegistry(entries)
            keys.confidential = [KeyRing.ConfidentialKey(key: hub, certificate: self.hubCertificate)]
            self.inner.keys.exchange(keys)
        }

        let sender: Adapter

        var payload: [UInt8] { DossierText.progress() }

        func signed(_ content: [UInt8], by signer: String = EnvelopedIntakeTests.clerk, detached: Bool = false) throws -> [UInt8] {
            let key = try self.inner.landscape.key(signer)
            let certificate =
                signer == EnvelopedIntakeTests.clerk
                ? self.certificate : try Certificate.selfSigned(key: key, commonName: signer, days: 30)
            return try CMSSignature.sign(content, with: key, certificate: certificate, detached: detached)
        }

        func submission(_ body: [UInt8], _ type: String = "application/pkcs7-mime", signature: String? = nil) -> Submission {
            Submission(sender: self.sender, body: body, contentType: type, signature: signature)
        }

        func refusal(_ submission: Submission) async -> HubError? {
            do throws(HubError) {
                _ = try await self.inner.intake.submit(submission)
                return nil
            } catch {
                return error
            }
        }
    }

    @Test("are opened, checked and kept as they came; the signature inside counts")
    func attached() async throws {
        let bench = try Bench()
        let body = try bench.signed(bench.payload)
        // The progress of a dossier goes to the portal, which takes JSON and no CMS.
        let error = try #require(await bench.refusal(bench.submission(body)))
        #expect(error.code == .routeMissing && error.detail("destination") == "national:dossier")
        let read = try Self.read(bench, bench.submission(body))
        #expect(read.contentType == "application/pkcs7-mime; smime-type=signed-data")
        #expect(read.signature.verdict == "valid" && read.signature.algorithm == "sha256WithRSAEncryption")
        #expect(read.digest == SHA256.hash(body))
        #expect(read.wasEnveloped && !read.isConfidential)
    }

    private static func read(_ bench: Bench, _ submission: Submission, confidential: Bool = false) throws(HubError) -> ReadPayload {
        let landscape: Landscape
        do { landscape = try Landscape.shared.get() } catch { throw HubError(.internalFault, "No landscape.") }
        guard let directory = landscape.directories["H44"], let home = AgencyCode("H44") else {
            throw HubError(.internalFault, "No directory.")
        }
        return try PayloadReader(
            Contracts(
                schemas: landscape.schemas,
                forms: Dictionary(uniqueKeysWithValues: landscape.adapters.forms.all.map { ($0.type, $0) }),
                router: Router(directory: directory, home: home, adapters: [], isConnected: true), adapters: []
            ),
            keys: bench.inner.keys, metrics: HubMetrics(clock: bench.inner.clock)
        ).read(
            submission, policy: { _ throws(HubError) in ReadPolicy(.required, isConfidential: confidential) },
            at: bench.inner.clock.now
        )
    }

    private static func code(_ bench: Bench, _ submission: Submission, confidential: Bool = false) -> ErrorCode? {
        do throws(HubError) {
            _ = try Self.read(bench, submission, confidential: confidential)
            return nil
        } catch {
            return error.code
        }
    }

    @Test("are refused with what is wrong: another signer, a change, a second signature, no envelope at all")
    func hostile() async throws {
        let bench = try Bench()
        let good = try bench.signed(bench.payload)
        #expect(Self.code(bench, bench.submission(good)) == nil)
        #expect(Self.code(bench, bench.submission(try bench.signed(bench.payload, by: "qlvb-so-tttt-h44"))) == .envelopeSignerMismatch)
        #expect(Self.code(bench, bench.submission(try bench.signed(bench.payload, by: "stranger"))) == .envelopeKeyUnknown)
        #expect(Self.code(bench, bench.submission(good, signature: "a..b")) == .envelopeSignatureMalformed)
        #expect(Self.code(bench, bench.submission(bench.payload)) == .envelopeSignatureMalformed)
        #expect(Self.code(bench, bench.submission([])) == .envelopeSignatureMalformed)
        #expect(Self.code(bench, bench.submission(try bench.signed(bench.payload, detached: true))) == .envelopeSignatureMalformed)
        #expect(Self.code(bench, bench.submission(good, "application/pkcs7-signature")) == .apiMediaTypeUnsupported)
        // One bit of the content, inside the envelope.
        let place = try #require(Self.place(of: Array("TrangThai".utf8), in: good))
        var changed = good
        changed[place] ^= 1
        #expect(Self.code(bench, bench.submission(changed)) == .envelopeSignatureInvalid)
    }

    private static func place(of text: [UInt8], in bytes: [UInt8]) -> Int? {
        bytes.indices.first { bytes[$0...].starts(with: text) }
    }

    @Test("an XML document in CMS must be sound inside too: whoever unwraps it goes by that signature")
    func signedTwice() async throws {
        let bench = try Bench()
        let key = try bench.inner.landscape.key(Self.clerk)
        let document = EdocText.document(from: "000.00.14.H44")
        #expect(Self.code(bench, bench.submission(try bench.signed(document))) == nil)
        let inside = try XMLSignature.sign(document, with: key)
        #expect(Self.code(bench, bench.submission(try bench.signed(inside))) == nil)
        let other = try XMLSignature.sign(document, with: try bench.inner.landscape.key("qlvb-so-tc-h44"))
        #expect(Self.code(bench, bench.submission(try bench.signed(other))) == .envelopeSignerMismatch)
        var broken = inside
        let place = try #require(Self.place(of: Array("SignatureValue>".utf8), in: broken))
        broken[place + 20] = broken[place + 20] == 0x41 ? 0x42 : 0x41
        #expect(Self.code(bench, bench.submission(try bench.signed(broken))) == .envelopeSignatureInvalid)
    }

    // MARK: multipart/signed

    private static let multipart = #"multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256; boundary="g--1""#

    private static func multipart(_ bench: Bench, _ entity: String, preamble: String = "", end: String = "\r\n") throws -> [UInt8] {
        let signature = Base64.text(try bench.signed(Array(entity.utf8), detached: true))
        let lines = stride(from: 0, to: signature.utf8.count, by: 64).map { start in
            String(Array(signature)[start..<min(start + 64, signature.count)])
        }
        return Array(
            (preamble + "--g--1" + end + entity + end + "--g--1" + end
                + "Content-Type: application/pkcs7-signature; name=\"smime.p7s\"" + end
                + "Content-Transfer-Encoding: base64" + end + end + lines.joined(separator: end) + end + "--g--1--" + end).utf8
        )
    }

    @Test("in two parts are taken with the headers that were signed with the content")
    func twoParts() async throws {
        let bench = try Bench()
        let json = String(decoding: bench.payload, as: UTF8.self)
        let entity = "Content-Type: application/json\r\n\r\n" + json
        for end in ["\r\n", "\n"] {
            let body = try Self.multipart(bench, entity, end: end)
            let read = try Self.read(bench, bench.submission(body, Self.multipart))
            #expect(read.signature.verdict == "valid" && read.contentType == Self.multipart && read.wasEnveloped)
        }
        let mail = try Self.multipart(bench, entity, preamble: "This is an S/MIME signed message\n\n")
        #expect(Self.code(bench, bench.submission(mail, Self.multipart)) == nil)
        let encoded = "Content-Type: application/json\r\nContent-Transfer-Encoding: base64\r\n\r\n" + Base64.text(bench.payload)
        #expect(Self.code(bench, bench.submission(try Self.multipart(bench, encoded), Self.multipart)) == nil)
    }

    @Test(
        "in two parts of another form are refused",
        arguments: [
            ("one header more than signed", "X-Other: 1\r\nContent-Type: application/json\r\n\r\n{}"),
            ("a header twice", "Content-Type: application/json\r\nContent-Type: text/xml\r\n\r\n{}"),
            ("a folded header", "Content-Type: application/json;\r\n charset=utf-8\r\n\r\n{}"),
            ("no content type", "Content-Id: a\r\n\r\n{}"),
            ("no empty line", "Content-Type: application/json"),
            ("another encoding", "Content-Type: application/json\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{}"),
        ]
    )
    func otherForms(_ name: String, _ entity: String) async throws {
        let bench = try Bench()
        let body = try Self.multipart(bench, entity)
        #expect(Self.code(bench, bench.submission(body, Self.multipart)) == .envelopeSignatureMalformed, "\(name)")
    }

    @Test("in two parts are refused when the frame is damaged or the content is another")
    func damagedFrame() async throws {
        let bench = try Bench()
        let entity = "Content-Type: application/json\r\n\r\n" + String(decoding: bench.payload, as: UTF8.self)
        let body = String(decoding: try Self.multipart(bench, entity), as: UTF8.self)
        func code(_ text: String, _ type: String = Self.multipart) -> ErrorCode? {
            Self.code(bench, bench.submission(Array(text.utf8), type))
        }
        #expect(code(body) == nil)
        #expect(code(body.replacing("TrangThai", with: "TrangThaj")) == .envelopeSignatureInvalid)
        #expect(code(body.replacing("Content-Type: application/json", with: "Content-Type: application/jsoN")) == .envelopeSignatureInvalid)
        #expect(code(body + "--g--1--\r\n") == .envelopeSignatureMalformed)
        #expect(code(String(body.dropLast(4))) == .envelopeSignatureMalformed)
        #expect(code(body.replacing("--g--1\r\nContent-Type: application/pkcs7", with: "--g--1\r\n\r\nx\r\n--g--1\r\nContent-Type: application/pkcs7")) == .envelopeSignatureMalformed)
        #expect(code(body, #"multipart/signed; boundary="g--1""#) == .envelopeSignatureMalformed)
        #expect(code(body, #"multipart/signed; protocol="application/pkcs7-signature""#) == .envelopeSignatureMalformed)
        #expect(code(body, #"multipart/signed; protocol="application/pgp-signature"; boundary="g--1""#) == .envelopeSignatureMalformed)
        #expect(code(body, "multipart/signed; boundary=a; boundary=b") == .apiMediaTypeUnsupported)
        #expect(code(String(repeating: "x\r\n", count: 500) + body) == .envelopeSignatureMalformed)
    }

    // MARK: Confidential

    @Test("of a confidential type must come encrypted for the hub; what is inside must be signed")
    func confidential() async throws {
        let bench = try Bench(confidential: true)
        let sealed = try CMSEncryption.seal(try bench.signed(bench.payload), for: [bench.hubCertificate])
        let read = try Self.read(bench, bench.submission(sealed), confidential: true)
        #expect(read.isConfidential && read.signature.verdict == "valid")
        #expect(read.contentType == "application/pkcs7-mime; smime-type=authEnveloped-data")
        let plain = try bench.signed(bench.payload)
        #expect(Self.code(bench, bench.submission(plain), confidential: true) == .envelopeEncryptionRefused)
        let unsigned = try CMSEncryption.seal(bench.payload, for: [bench.hubCertificate])
        #expect(Self.code(bench, bench.submission(unsigned), confidential: true) == .envelopeSignatureMissing)
        let other = try Certificate.selfSigned(key: bench.receiverKey, commonName: "khac", days: 30)
        let elsewhere = try CMSEncryption.seal(try bench.signed(bench.payload), for: [other])
        #expect(Self.code(bench, bench.submission(elsewhere), confidential: true) == .envelopeDecryptionFailed)
        var changed = sealed
        changed[changed.count - 20] ^= 1
        #expect(Self.code(bench, bench.submission(changed), confidential: true) == .envelopeDecryptionFailed)
        // A hub without a key says so.
        var keys = bench.inner.keys.current
        keys.confidential = []
        bench.inner.keys.exchange(keys)
        #expect(Self.code(bench, bench.submission(sealed), confidential: true) == .envelopeEncryptionRefused)
    }

    @Test("that came encrypted reach a receiver encrypted, with the bytes that the sender signed")
    func delivered() async throws {
        let bench = try Bench()
        let signed = try bench.signed(bench.payload)
        let journal = bench.inner.journal
        let sealed = try CMSEncryption.seal(signed, for: [bench.hubCertificate])
        let parcels = ParcelMaker(journal: journal, keys: bench.inner.keys) { payload, isXML, _ throws(HubError) in
            guard !isXML else { throw HubError(.mappingFailed, "It is JSON.") }
            return (payload + [0x20], "application/json", "jws")
        }
        let message = AcceptedMessage(
            id: MessageIDSource(clock: bench.inner.clock, random: SeededRandom(seed: 9)).next(),
            receivedAt: bench.inner.clock.now, sender: bench.sender.system, agency: "H44",
            type: .dossierProgress, identity: "i", digest: SHA256.hash(sealed), size: sealed.count,
            contentType: "application/pkcs7-mime; smime-type=authEnveloped-data", orderKey: "o", priority: 0,
            correlation: "", signature: SignatureNote(verdict: "valid", algorithm: "", key: nil, detached: ""), warnings: [],
            deliveries: [
                PlannedDelivery(destination: .mailbox(bench.receiver), recipient: "H44", type: .dossierProgress),
                PlannedDelivery(
                    destination: .mailbox(bench.receiver), recipient: "H44", mapping: "a/b", type: .dossierProgress),
            ]
        )
        _ = try await journal.append(.accepted(message), payload: sealed)
        let own = try Certificate.selfSigned(key: bench.receiverKey, commonName: "nhan-h44", days: 30)
        let registered = try #require(bench.inner.keys.current.registry.recipient(bench.receiver))
        for (delivery, expected) in zip(await journal.pending(for: .mailbox(bench.receiver), after: .start, limit: 2), [signed, bench.payload + [0x20]]) {
            let parcel = try await parcels.parcel(for: delivery)
            #expect(parcel.contentType == "application/pkcs7-mime; smime-type=authEnveloped-data")
            let opened = try CMSEncryption.open(parcel.payload.whole(), with: bench.receiverKey, certificate: registered)
            #expect(opened == expected)
            #expect(throws: HubError.self) { try CMSEncryption.open(parcel.payload.whole(), with: bench.receiverKey, certificate: own) }
        }
    }

    @Test("are refused at once when nothing can be encrypted for a receiver")
    func noCertificate() async throws {
        let bench = try Bench(receiverHasCertificate: false)
        let plan = [PlannedDelivery(destination: .mailbox(bench.receiver), recipient: "H44", type: .dossierProgress)]
        let error = #expect(throws: HubError.self) {
            try ParcelMaker.checkRecipients(of: plan, keys: bench.inner.keys.current.registry)
        }
        #expect(error?.code == .envelopeKeyUnusable && error?.detail("receiver") == "nhan-h44")
        let abroad = [PlannedDelivery(destination: .national("axis"), recipient: "G14", type: .edocDocument)]
        #expect(throws: HubError.self) {
            try ParcelMaker.checkRecipients(of: abroad, keys: bench.inner.keys.current.registry)
        }
    }

    @Test("of a type that needs timestamps are refused while nobody vouches for the time")
    func withoutTimestamps() async throws {
        let bench = try Bench(needsTimestamp: true)
        let payload = bench.payload
        let signature = try JWS.signDetached(payload, with: try bench.inner.landscape.key(Self.clerk))
        let error = await bench.refusal(bench.submission(payload, "application/json", signature: signature))
        #expect(error?.code == .timestampUnavailable)
        let totals = await bench.inner.journal.totals()
        #expect(totals.refusals[.timestampUnavailable] == 1 && totals.messages == 0)
    }
}
