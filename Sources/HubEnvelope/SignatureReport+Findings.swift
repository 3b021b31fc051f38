import HubModel

/// The findings that the forms of signature share, each worded once.
extension SignatureReport {
    static func valid(
        _ key: PublicKey, algorithm: String, claimedKey: Digest?, attachments: [String] = []
    ) -> SignatureReport {
        .valid(key.fingerprint, algorithm: algorithm, claimedKey: claimedKey, attachments: attachments)
    }

    static func valid(
        _ fingerprint: Digest, algorithm: String, claimedKey: Digest?, attachments: [String] = []
    ) -> SignatureReport {
        SignatureReport(
            .valid, code: nil,
            reason: Bilingual(vi: "Chữ ký hợp lệ.", en: "The signature is valid."),
            algorithm: algorithm, key: fingerprint, claimedKey: claimedKey,
            attachments: attachments
        )
    }

    static func absent(_ reason: Bilingual) -> SignatureReport {
        SignatureReport(.absent, code: .envelopeSignatureMissing, reason: reason)
    }

    static func malformed(_ reason: Bilingual, algorithm: String? = nil) -> SignatureReport {
        SignatureReport(.invalid, code: .envelopeSignatureMalformed, reason: reason, algorithm: algorithm)
    }

    static func algorithmRefused(_ algorithm: String?) -> SignatureReport {
        SignatureReport(
            .invalid, code: .envelopeAlgorithmRefused,
            reason: Bilingual(
                vi: "Thuật toán của chữ ký không được chấp nhận.",
                en: "The algorithm of the signature is not accepted."
            ),
            algorithm: algorithm
        )
    }

    /// A name from outside on its way into logs: its first code points.
    ///
    /// What looks like one character can be any number of them.
    static func shortened(_ name: String, to count: Int) -> String {
        String(String.UnicodeScalarView(name.unicodeScalars.prefix(count)))
    }

    static func algorithmNotOfKey(_ algorithm: String, claimedKey: Digest?) -> SignatureReport {
        SignatureReport(
            .invalid, code: .envelopeAlgorithmRefused,
            reason: Bilingual(
                vi: "Thuật toán của chữ ký không phải của khóa đã đăng ký.",
                en: "The algorithm of the signature is not that of the registered key."
            ),
            algorithm: algorithm, claimedKey: claimedKey
        )
    }

    static func keyUnknown(_ algorithm: String, claimedKey: Digest?) -> SignatureReport {
        SignatureReport(
            .notVerifiable, code: .envelopeKeyUnknown,
            reason: Bilingual(
                vi: "Không có khóa đã đăng ký nào xác minh được chữ ký này.",
                en: "No registered key verifies this signature."
            ),
            algorithm: algorithm, claimedKey: claimedKey
        )
    }

    static func mismatch(_ reason: Bilingual, algorithm: String, claimedKey: Digest?) -> SignatureReport {
        SignatureReport(
            .invalid, code: .envelopeSignatureInvalid, reason: reason, algorithm: algorithm,
            claimedKey: claimedKey
        )
    }

    /// The library could not answer; the message may be sound.
    static func unanswered(_ error: HubError, algorithm: String) -> SignatureReport {
        SignatureReport(
            .notVerifiable, code: error.code,
            reason: Bilingual(
                vi: "Không kiểm tra được chữ ký do lỗi của thư viện mật mã.",
                en: "The signature could not be checked because the cryptographic library failed."
            ),
            algorithm: algorithm
        )
    }

    /// Everything about it may be sound, but what it covers is not at hand.
    static func attachmentsMissing(_ algorithm: String, claimedKey: Digest?) -> SignatureReport {
        SignatureReport(
            .notVerifiable, code: .envelopeSignatureMalformed,
            reason: Bilingual(
                vi: "Chữ ký bao gồm tệp đính kèm (cid:) nhưng không có tệp nào để đối chiếu.",
                en: "The signature covers attachments (cid:), and there are none here to hold it against."
            ),
            algorithm: algorithm, claimedKey: claimedKey
        )
    }

    /// The same report with what is out of date about the signature.
    func noting(_ legacy: Set<SignatureLegacy>) -> SignatureReport {
        SignatureReport(
            self.verdict, code: self.code, reason: self.reason, algorithm: self.algorithm, key: self.key,
            claimedKey: self.claimedKey, legacy: self.legacy.union(legacy), attachments: self.attachments
        )
    }
}
