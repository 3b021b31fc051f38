/// Whether an encrypted envelope is of the one form that is opened (AuthEnvelopedData of RFC 5083, 2.1).
enum CMSEncryptedForm {
    /// What the form leaves open.
    struct Findings {
        /// Whether there are attributes.
        ///
        /// The library does not put them under the tag, so they are as good as altered.
        let hasAttributes: Bool
    }

    /// Looks an envelope over from its first byte to its last.
    ///
    /// - Throws: the first fault. Nothing that it depends on is secret.
    static func check(_ envelope: [UInt8]) throws(CMSFault) -> Findings {
        let info = try CMSContentInfo.read(envelope)
        guard info.type == CMSName.authEnvelopedData else { throw .type(info.type) }
        guard info.content.tag == DERTag.sequence else { throw .part("AuthEnvelopedData") }
        var fields = info.content.reader
        guard fields.next()?.smallNumber == 0 else { throw .part("version") }
        guard let recipients = fields.next(DERTag.set) else { throw .part("recipientInfos") }
        try Self.checkRecipients(recipients)
        guard let content = fields.next(DERTag.sequence) else { throw .part("authEncryptedContentInfo") }
        try Self.checkContent(content)
        let signed = fields.next(DERTag.context(1))
        guard fields.next(DERTag.octetString)?.content.count == 16 else { throw .part("mac") }
        let unsigned = fields.next(DERTag.context(2))
        guard fields.isAtEnd else { throw .part("AuthEnvelopedData") }
        return Findings(hasAttributes: signed != nil || unsigned != nil)
    }

    /// RFC 5652, 6.2: each by transport to an RSA key or by agreement with a key on a curve.
    private static func checkRecipients(_ set: DERElement) throws(CMSFault) {
        var reader = set.reader
        var count = 0
        while !reader.isAtEnd {
            guard count < CMSLimits.recipients, let recipient = reader.next() else {
                throw .part("recipientInfos")
            }
            count += 1
            switch recipient.tag {
            case DERTag.sequence: try Self.checkTransport(recipient)
            case DERTag.context(1): try Self.checkAgreement(recipient)
            default: throw .part("recipientInfos")
            }
        }
        guard count > 0 else { throw .part("recipientInfos") }
    }

    /// KeyTransRecipientInfo (RFC 5652, 6.2.1) with RSAES-OAEP.
    ///
    /// PKCS #1 v1.5 is refused: whoever can ask long enough whether its padding was right learns what was
    /// encrypted.
    private static func checkTransport(_ recipient: DERElement) throws(CMSFault) {
        var fields = recipient.reader
        let version = fields.next()?.smallNumber
        guard let name = fields.next(), version == (name.tag == DERTag.sequence ? 0 : 2) else {
            throw .part("KeyTransRecipientInfo")
        }
        let algorithm = CMSAlgorithm(fields.next())
        guard let algorithm, algorithm.name == CMSName.rsaOAEP, algorithm.hasOAEPParameters else {
            throw .algorithm(algorithm)
        }
        guard fields.next(DERTag.octetString) != nil, fields.isAtEnd else {
            throw .part("KeyTransRecipientInfo")
        }
    }

    /// KeyAgreeRecipientInfo (RFC 5652, 6.2.2; RFC 5753, 3.1) with a fresh key of the sender's.
    private static func checkAgreement(_ recipient: DERElement) throws(CMSFault) {
        var fields = recipient.reader
        guard fields.next()?.smallNumber == 3, var originator = fields.next(DERTag.context(0))?.reader,
            var key = originator.next(DERTag.context(1))?.reader, originator.isAtEnd,
            CMSAlgorithm(key.next())?.name == CMSName.ecPublicKey,
            key.next(DERTag.bitString)?.content.first == 0,
            key.isAtEnd
        else { throw .part("originator") }
        _ = fields.next(DERTag.context(1))
        let algorithm = CMSAlgorithm(fields.next())
        guard let algorithm,
            [CMSName.ecdhSHA256KDF, CMSName.ecdhSHA384KDF, CMSName.ecdhSHA512KDF].contains(algorithm.name)
        else { throw .algorithm(algorithm) }
        var parameters = DERReader(algorithm.parameters)
        let wrap = CMSAlgorithm(parameters.next())
        guard let wrap, wrap.name == CMSName.aes256Wrap, wrap.hasNoParameters, parameters.isAtEnd else {
            throw .algorithm(wrap)
        }
        guard var keys = fields.next(DERTag.sequence)?.reader, fields.isAtEnd,
            let encrypted = keys.all(DERTag.sequence, limit: CMSLimits.recipients), !encrypted.isEmpty
        else { throw .part("recipientEncryptedKeys") }
    }

    /// EncryptedContentInfo (RFC 5652, 6.1; RFC 5084, 3.2).
    private static func checkContent(_ element: DERElement) throws(CMSFault) {
        var fields = element.reader
        guard let type = fields.next()?.objectIdentifier else { throw .part("contentType") }
        guard type == CMSName.data else { throw .type(type) }
        let algorithm = CMSAlgorithm(fields.next())
        guard let algorithm, algorithm.name == CMSName.aes256GCM else { throw .algorithm(algorithm) }
        guard algorithm.hasGCMParameters else { throw .part("aes-ICVlen") }
        guard fields.next(DERTag.contextPrimitive(0)) != nil, fields.isAtEnd else {
            throw .part("encryptedContent")
        }
    }
}
