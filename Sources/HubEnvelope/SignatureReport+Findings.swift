import HubModel

/// The findings that both forms of signature share, each worded once.
extension SignatureReport {
    static func valid(_ key: PublicKey, algorithm: String, claimedKey: Digest?) -> SignatureReport {
        SignatureReport(
            .valid, code: nil,
            reason: Bilingual(vi: "Chữ ký hợp lệ.", en: "The signature is valid."),
            algorithm: algorithm, key: key.fingerprint, claimedKey: claimedKey
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
}
