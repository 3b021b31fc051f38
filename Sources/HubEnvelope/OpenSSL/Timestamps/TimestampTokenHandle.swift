private import COpenSSL
import HubModel

/// One timestamp token of the library's, while it is verified.
@safe
struct TimestampTokenHandle: ~Copyable {
    private let pointer: UnsafeMutablePointer<PKCS7>
    let content: TimestampContent

    /// `nil` unless it is one token in DER: what was read, written again, must be the same bytes, and
    /// likewise what is in it.
    init?(der: [UInt8]) {
        let token = unsafe LibraryBytes.decode(der, free: { unsafe PKCS7_free($0) }) {
            unsafe d2i_PKCS7(nil, $0, $1)
        }
        guard let token = unsafe token else {
            OpenSSLFailure.discard()
            return nil
        }
        let again = unsafe LibraryBytes.encoded { unsafe i2d_PKCS7(token, $0) }
        guard again == der, let content = unsafe TimestampContent(token) else {
            // deinit does not run for a value that was never made.
            unsafe PKCS7_free(token)
            OpenSSLFailure.discard()
            return nil
        }
        unsafe self.pointer = token
        self.content = content
    }

    deinit {
        unsafe PKCS7_free(self.pointer)
    }

    /// The certificates that came with it.
    var certificates: [SharedCertificate] {
        unsafe CertificateStack.contents(of: hub_token_certificates(self.pointer))
    }

    /// The certificate that the only signer names, from the token or among those known.
    func signer(among known: [SharedCertificate]) -> SharedCertificate? {
        guard let others = try? CertificateStack(known) else { return nil }
        let found = unsafe others.withPointer { unsafe PKCS7_get0_signers(self.pointer, $0, 0) }
        guard let found = unsafe found else {
            OpenSSLFailure.discard()
            return nil
        }
        defer { unsafe hub_certificates_forget(found) }
        let signers = unsafe CertificateStack.contents(of: found)
        return signers.count == 1 ? signers.first : nil
    }

    /// Whether the signature, and the identifier of the certificate within it, are those of the signer.
    ///
    /// Trust is not the question here: the store has judged the chain at the right time already. The library
    /// wants to build it all the same, so it gets the roots and no clock.
    ///
    /// - Throws: `envelope.crypto_failed` if there is no memory.
    func signatureRefusal(
        signer: SharedCertificate, roots: [SharedCertificate], others: [SharedCertificate]
    ) throws(HubError) -> TimestampRefusal? {
        if let refusal = unsafe TokenSigner.refusal(self.pointer, certificate: signer) { return refusal }
        let context = try unsafe Self.verifier(roots: roots, others: others)
        defer { unsafe TS_VERIFY_CTX_free(context) }
        let status = unsafe TS_RESP_verify_token(context, self.pointer)
        guard status != 1 else { return nil }
        let number = ERR_peek_error()
        let isIdentifier = ERR_GET_LIB(number) == ERR_LIB_ESS
        let failure = OpenSSLFailure.drain(as: .timestampInvalid, "The timestamp was not verified.")
        let detail = failure.cause.map { "\($0)" } ?? ""
        return TimestampRefusal(isIdentifier ? .certificateIdentifier : .signature, detail)
    }

    private static func verifier(
        roots: [SharedCertificate], others: [SharedCertificate]
    ) throws(HubError) -> OpaquePointer {
        guard let context = unsafe TS_VERIFY_CTX_new() else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "No memory for a timestamp check.")
        }
        guard let store = unsafe X509_STORE_new() else {
            unsafe TS_VERIFY_CTX_free(context)
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "No memory for a timestamp check.")
        }
        // The context owns what it is given from then on.
        _ = unsafe TS_VERIFY_CTX_set_store(context, store)
        var isComplete = unsafe X509_STORE_set_flags(store, UInt(X509_V_FLAG_NO_CHECK_TIME)) == 1
        for root in roots {
            if unsafe root.withPointer({ unsafe X509_STORE_add_cert(store, $0) }) != 1 { isComplete = false }
        }
        let known = unsafe hub_certificates_new()
        _ = unsafe TS_VERIFY_CTX_set_certs(context, known)
        for other in others {
            if unsafe other.withPointer({ unsafe hub_certificates_push(known, $0) }) != 1 {
                isComplete = false
            }
        }
        _ = unsafe TS_VERIFY_CTX_set_flags(context, hub_timestamp_signature_flags())
        guard isComplete, unsafe known != nil else {
            unsafe TS_VERIFY_CTX_free(context)
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "No memory for a timestamp check.")
        }
        return unsafe context
    }
}

extension TimestampContent {
    /// `nil` unless there is exactly one TSTInfo of version 1 in DER and one signer.
    fileprivate init?(_ token: UnsafeMutablePointer<PKCS7>) {
        guard unsafe hub_token_signer(token) != nil, let octets = unsafe hub_token_content(token),
            let info = unsafe PKCS7_to_TS_TST_INFO(token)
        else { return nil }
        defer { unsafe TS_TST_INFO_free(info) }
        let written = unsafe [UInt8](
            UnsafeBufferPointer(start: ASN1_STRING_get0_data(octets), count: Int(ASN1_STRING_length(octets))))
        guard unsafe LibraryBytes.encoded({ unsafe i2d_TS_TST_INFO(info, $0) }) == written,
            unsafe TS_TST_INFO_get_version(info) == 1,
            let time = unsafe Self.time(TS_TST_INFO_get_time(info)),
            let serial = unsafe LibraryBytes.magnitude(TS_TST_INFO_get_serial(info)),
            let policy = unsafe LibraryObject.text(TS_TST_INFO_get_policy_id(info))
        else { return nil }
        self.time = time
        self.serial = serial
        self.policy = policy
        self.digest = unsafe Self.digest(TS_TST_INFO_get_msg_imprint(info))
        if let nonce = unsafe TS_TST_INFO_get_nonce(info) {
            guard let number = unsafe LibraryBytes.magnitude(nonce) else { return nil }
            self.nonce = number
        } else {
            self.nonce = nil
        }
        if let accuracy = unsafe TS_TST_INFO_get_accuracy(info) {
            guard let duration = unsafe Self.duration(accuracy) else { return nil }
            self.accuracy = duration
        } else {
            self.accuracy = nil
        }
        self.hasCriticalExtension = unsafe TS_TST_INFO_get_ext_by_critical(info, 1, -1) >= 0
    }

    /// `nil` unless it is SHA-256 with 32 bytes.
    private static func digest(_ imprint: OpaquePointer?) -> Digest? {
        guard let imprint = unsafe imprint, let algorithm = unsafe TS_MSG_IMPRINT_get_algo(imprint),
            unsafe OBJ_obj2nid(algorithm.pointee.algorithm) == NID_sha256,
            let message = unsafe TS_MSG_IMPRINT_get_msg(imprint)
        else { return nil }
        return unsafe Digest(
            bytes: UnsafeBufferPointer(
                start: ASN1_STRING_get0_data(message), count: Int(ASN1_STRING_length(message))))
    }

    /// `YYYYMMDDhhmmss[.fraction]Z`, the fraction without a zero at its end (RFC 3161, 2.4.2).
    ///
    /// Beyond nanoseconds it is cut off.
    private static func time(_ value: UnsafePointer<ASN1_GENERALIZEDTIME>?) -> Timestamp? {
        guard let value = unsafe value, let whole = unsafe LibraryTime.moment(value) else { return nil }
        let text = unsafe Array(
            UnsafeBufferPointer(start: ASN1_STRING_get0_data(value), count: Int(ASN1_STRING_length(value))))
        guard text.count >= 15, text.last == UInt8(ascii: "Z") else { return nil }
        guard text.count > 15 else { return whole }
        let fraction = text[15..<text.count - 1]
        guard text[14] == UInt8(ascii: "."), let last = fraction.last, last != UInt8(ascii: "0"),
            fraction.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        var (nanoseconds, scale): (Int64, Int64) = (0, 100_000_000)
        for digit in fraction.prefix(9) {
            nanoseconds += Int64(digit - UInt8(ascii: "0")) * scale
            scale /= 10
        }
        return whole.advanced(by: .nanoseconds(nanoseconds))
    }

    /// `nil` for parts that are out of their range.
    private static func duration(_ accuracy: OpaquePointer) -> Duration? {
        func part(_ value: UnsafePointer<ASN1_INTEGER>?, _ range: ClosedRange<Int>) -> Int? {
            guard let value = unsafe value else { return 0 }
            let number = unsafe ASN1_INTEGER_get(value)
            return range.contains(number) ? number : nil
        }
        guard let seconds = unsafe part(TS_ACCURACY_get_seconds(accuracy), 0...86_400 * 365),
            let millis = unsafe part(TS_ACCURACY_get_millis(accuracy), 1...999),
            let micros = unsafe part(TS_ACCURACY_get_micros(accuracy), 1...999)
        else { return nil }
        return .seconds(seconds) + .milliseconds(millis) + .microseconds(micros)
    }
}
