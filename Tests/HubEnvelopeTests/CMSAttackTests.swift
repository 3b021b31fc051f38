import HubEnvelope
import HubModel
import Testing

@Suite("Attacks on CMS signatures")
struct CMSAttackTests {
    @Test("is refused with the code that says what is wrong", arguments: CMSAttack.all)
    func refused(attack: CMSAttack) throws {
        let envelope = try attack.made()
        let isRSA = attack.testDescription.contains("PSS") || attack.testDescription.contains("with RSA")
        let key = try TestKeys.key(isRSA ? .rsa2048 : .p256).publicKey
        let (report, content) = CMSSignatureTests.verify(envelope, with: key)
        #expect(report.verdict == .invalid && report.code == attack.code, "\(report)")
        #expect(content == nil && report.key == nil)
        let isFormal = attack.code != .envelopeSignatureInvalid
        let description = CMSSignature.inspect(envelope)
        if attack.testDescription != "an algorithm of RSA over a signature of a curve" {
            #expect((description.fault != nil) == isFormal, "\(description)")
        }
        #expect(description.byteCount == envelope.count)
    }

    @Test("The envelope that the attacks begin with is sound")
    func sound() throws {
        for kind in [KeyKind.p256, .rsa2048] {
            let made = try HandMadeCMS(CMSAttack.content, kind: kind)
            let read = CMSSignatureTests.verify(try made.der(), with: made.key.publicKey)
            #expect(read.report.verdict == .valid && read.content == CMSAttack.content, "\(read.report)")
        }
    }

    @Test("Content is inside or beside, as the caller expects, and never both or neither")
    func place() throws {
        let key = try TestKeys.key(.p256)
        let certificate = try TestCertificates.certificate(.p256)
        for isDetached in [false, true] {
            let envelope = try CMSSignature.sign(
                CMSAttack.content, with: key, certificate: certificate, detached: isDetached)
            let wrong = isDetached ? nil : CMSAttack.content
            let read = CMSSignatureTests.verify(envelope, content: wrong, with: key.publicKey)
            #expect(read.report.code == .envelopeSignatureMalformed && read.content == nil)
        }
    }

    @Test("Content that is exchanged for other content of the same length is noticed")
    func exchanged() throws {
        var made = try HandMadeCMS(CMSAttack.content)
        made.content = TestDER.octets(CMSAttack.content.reversed())
        let read = CMSSignatureTests.verify(try made.der(), with: made.key.publicKey)
        #expect(read.report.code == .envelopeSignatureInvalid && read.content == nil)
    }

    @Test("Attributes that were signed cannot be passed off as content, nor content as attributes")
    func attributesAsContent() throws {
        // What is signed with attributes is their SET; taken as the content of a signature without attributes
        // it would hold, if such signatures were accepted.
        var made = try HandMadeCMS(CMSAttack.content)
        let set = TestDER.set((made.attributes ?? []).sorted { $0.lexicographicallyPrecedes($1) })
        made.content = TestDER.octets(set)
        made.attributes = nil
        let read = CMSSignatureTests.verify(try made.der(), with: made.key.publicKey)
        #expect(read.report.code == .envelopeSignatureMalformed && read.content == nil)
    }

    @Test("The certificate of another renewal does not take the place of the one that was signed with")
    func renewed() throws {
        let key = try TestKeys.key(.p256)
        let old = try TestCertificates.make(key)
        var new = try TestCertificates.make(key)
        // The signatures of certificates differ in length by a byte or two.
        while new.der.count != old.der.count { new = try TestCertificates.make(key) }
        let envelope = try CMSSignature.sign(CMSAttack.content, with: key, certificate: old, detached: false)
        let sound = CMSSignatureTests.verify(envelope, with: key.publicKey).report
        #expect(sound.verdict == .valid && sound.claimedKey == key.publicKey.fingerprint)

        // Alone it is not the certificate that is named, so it says nothing.
        let exchanged = try #require(envelope.replacing(old.der, with: new.der))
        let other = CMSSignatureTests.verify(exchanged, with: key.publicKey).report
        #expect(other.verdict == .valid && other.claimedKey == nil)

        let renamed = try #require(
            exchanged.replacing(HandMadeCMS.name(old), with: HandMadeCMS.name(new)))
        let read = CMSSignatureTests.verify(renamed, with: key.publicKey)
        #expect(read.report.code == .envelopeSignatureInvalid && read.content == nil, "\(read.report)")
    }

    @Test("An RSA key of 1024 bits has no way in")
    func weakKey() throws {
        let weak = Array(Weak.rsa1024.utf8)
        #expect(throws: HubError.self) { try PublicKey(pem: weak) }
    }

    @Test("A signature of RSA for a key on a curve, and of a curve for RSA, is not of the key")
    func otherKind() throws {
        for (kind, other) in [(KeyKind.p256, KeyKind.rsa2048), (.rsa2048, .p256), (.p256, .p384)] {
            var made = try HandMadeCMS(CMSAttack.content, kind: kind)
            made.certificates = []
            let report = CMSSignatureTests.verify(
                try made.der(), with: try TestKeys.key(other).publicKey
            ).report
            #expect(report.verdict == .invalid && report.code == .envelopeAlgorithmRefused, "\(report)")
        }
    }

    @Test("An envelope that is cut off anywhere does not hold")
    func truncated() throws {
        let envelope = try HandMadeCMS(CMSAttack.content).der()
        let key = try TestKeys.key(.p256).publicKey
        for count in 1..<envelope.count {
            let cut = Array(envelope.prefix(count))
            #expect(CMSSignatureTests.verify(cut, with: key).report.code == .envelopeSignatureMalformed)
            #expect(CMSSignature.inspect(cut).fault != nil)
        }
    }

    @Test("Whatever byte is changed, the envelope does not hold for other content")
    func everyByte() throws {
        let key = try TestKeys.key(.p256)
        let envelope = try CMSSignature.sign(
            CMSAttack.content, with: key, certificate: TestCertificates.certificate(.p256), detached: false)
        for position in envelope.indices {
            for mask in [0x01, 0x20, 0x80, 0xFF] as [UInt8] {
                var changed = envelope
                changed[position] ^= mask
                let read = CMSSignatureTests.verify(changed, with: key.publicKey)
                // What is not signed, such as the certificate's own signature, may change.
                #expect(read.report.verdict != .valid || read.content == CMSAttack.content)
                _ = CMSSignature.inspect(changed)
            }
        }
    }

    @Test("Damage of any kind is refused or harmless", arguments: 0..<400 as Range<UInt64>)
    func damaged(seed: UInt64) throws {
        var random = Random(seed: seed)
        var envelope = try HandMadeCMS(CMSAttack.content).der()
        for _ in 0...random.below(3) {
            let place = random.below(envelope.count)
            switch random.below(4) {
            case 0: envelope[place] = UInt8(random.below(256))
            case 1: envelope.remove(at: place)
            case 2: envelope.insert(UInt8(random.below(256)), at: place)
            default:
                let end = min(envelope.count, place + random.below(40))
                envelope.insert(contentsOf: envelope[place..<end], at: random.below(envelope.count))
            }
        }
        let read = CMSSignatureTests.verify(envelope, with: try TestKeys.key(.p256).publicKey)
        #expect(read.report.verdict != .valid || read.content == CMSAttack.content)
        _ = CMSSignature.inspect(envelope)
    }
}

extension [UInt8] {
    /// The array with the last occurrence of a part exchanged for another of the same length; `nil` if there
    /// is none.
    fileprivate func replacing(_ part: [UInt8], with other: [UInt8]) -> [UInt8]? {
        guard part.count <= self.count else { return nil }
        for start in (0...(self.count - part.count)).reversed()
        where self[start..<(start + part.count)].elementsEqual(part) {
            return Array(self[..<start] + other + self[(start + part.count)...])
        }
        return nil
    }
}
