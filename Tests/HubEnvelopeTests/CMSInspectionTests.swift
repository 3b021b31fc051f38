import HubEnvelope
import HubModel
import Testing

@Suite("Descriptions of CMS envelopes")
struct CMSInspectionTests {
    @Test("A sound envelope is described as it was made", arguments: CMSSignatureTests.kinds)
    func sound(kind: KeyKind) throws {
        let certificate = try TestCertificates.certificate(kind)
        let moment = try #require(Timestamp(rfc3339: "2026-03-01T08:30:00Z"))
        for isDetached in [false, true] {
            let envelope = try CMSSignature.sign(
                CMSSignatureTests.content, with: TestKeys.key(kind), certificate: certificate,
                detached: isDetached, at: moment)
            let read = CMSSignature.inspect(envelope)
            #expect(read.fault == nil && read.code == nil)
            #expect(read.byteCount == envelope.count && read.contentType == "id-signedData")
            #expect(read.isDetached == isDetached)
            #expect(read.contentByteCount == (isDetached ? nil : CMSSignatureTests.content.count))
            #expect(read.signingTime == moment)
            #expect(read.digestAlgorithm == (kind == .p521 ? "sha512" : kind == .p384 ? "sha384" : "sha256"))
            #expect(
                Set(read.signedAttributes) == [
                    "id-contentType", "id-messageDigest", "id-signingTime", "id-aa-signingCertificateV2",
                ])
            #expect(read.signedAttributes.count == 4 && read.unsignedAttributes.isEmpty)
            let line = try #require(read.certificates.first)
            #expect(read.certificates.count == 1 && line.isSigner)
            #expect(line.subject == "CN=qlvb-mau" && line.issuer == line.subject)
            #expect(line.fingerprint == certificate.fingerprint && line.notAfter == certificate.notAfter)
            #expect(read.signer == "CN=qlvb-mau, serial number \(line.serialNumber)")
        }
    }

    @Test("Moments of this century and of the next come back to the second")
    func moments() throws {
        for text in ["2049-12-31T23:59:59Z", "2050-01-01T00:00:00Z", "2026-02-28T00:00:00Z"] {
            let moment = try #require(Timestamp(rfc3339: text))
            let envelope = try CMSSignature.sign(
                [], with: TestKeys.key(.p256), certificate: TestCertificates.certificate(.p256),
                detached: false, at: moment.advanced(by: .milliseconds(900)))
            #expect(CMSSignature.inspect(envelope).signingTime == moment)
        }
    }

    @Test("What was readable before the fault is told beside it")
    func faulty() throws {
        var made = try HandMadeCMS(CMSAttack.content)
        made.digest = TestDER.sequence(TestDER.identifier("1.3.14.3.2.26"))
        let read = CMSSignature.inspect(try made.der())
        #expect(read.code == .envelopeAlgorithmRefused && read.fault?.en.hasSuffix("(sha1)") == true)
        #expect(read.digestAlgorithm == "sha1" && read.certificates.count == 1 && read.signer != nil)
        #expect(read.contentByteCount == CMSAttack.content.count)

        let encrypted = try CMSEncryption.seal([], for: [TestCertificates.certificate(.p256)])
        let other = CMSSignature.inspect(encrypted)
        #expect(other.contentType == "id-ct-authEnvelopedData" && other.code == .envelopeSignatureMalformed)
        #expect(CMSSignature.inspect([]).fault != nil)
    }
}
