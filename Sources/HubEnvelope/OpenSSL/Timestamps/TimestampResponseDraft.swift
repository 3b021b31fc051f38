private import COpenSSL
import HubModel

/// An answer of a timestamp authority in the making.
enum TimestampResponseDraft {
    /// - Throws: `envelope.crypto_failed` if the library refuses to make even a refusal.
    static func make(
        _ request: [UInt8], signer: SharedCertificate, chain: [SharedCertificate], key: KeyHandle,
        policy: String,
        source: TimestampSource
    ) throws(HubError) -> [UInt8] {
        guard let context = unsafe TS_RESP_CTX_new() else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "No memory for a timestamp.")
        }
        defer { unsafe TS_RESP_CTX_free(context) }
        let others = try CertificateStack(chain)
        let digest = unsafe DigestHandle.pointer(for: key.kind.usualAlgorithm.digest)
        var isReady =
            unsafe signer.withPointer { unsafe TS_RESP_CTX_set_signer_cert(context, $0) } == 1
            && key.withPointer { unsafe TS_RESP_CTX_set_signer_key(context, $0) } == 1
            && others.withPointer { unsafe TS_RESP_CTX_set_certs(context, $0) } == 1
            && LibraryObject.with(policy) { unsafe TS_RESP_CTX_set_def_policy(context, $0) } == 1
            && TS_RESP_CTX_set_signer_digest(context, digest) == 1
            && TS_RESP_CTX_set_ess_cert_id_digest(context, DigestHandle.pointer(for: .sha256)) == 1
            && TS_RESP_CTX_set_accuracy(context, 1, 0, 0) == 1
            && TS_RESP_CTX_set_clock_precision_digits(context, 3) == 1
        for algorithm in [DigestAlgorithm.sha256, .sha384, .sha512] where isReady {
            isReady = unsafe TS_RESP_CTX_add_md(context, DigestHandle.pointer(for: algorithm)) == 1
        }
        guard isReady, let input = unsafe BIO_new_mem_buf(request, Int32(clamping: request.count)) else {
            throw OpenSSLFailure.drain(
                as: .envelopeCryptoFailed, "A timestamp authority could not be set up.")
        }
        defer { unsafe BIO_free_all(input) }
        unsafe TS_RESP_CTX_add_flags(context, TS_TSA_NAME)
        let der: [UInt8]? = withExtendedLifetime(source) {
            let own = unsafe Unmanaged.passUnretained(source).toOpaque()
            unsafe TS_RESP_CTX_set_serial_cb(context, Self.serial, own)
            unsafe TS_RESP_CTX_set_time_cb(context, Self.time, own)
            guard let response = unsafe TS_RESP_create_response(context, input) else { return nil }
            defer { unsafe TS_RESP_free(response) }
            return unsafe LibraryBytes.encoded { unsafe i2d_TS_RESP(response, $0) }
        }
        guard let der else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "A timestamp could not be made.")
        }
        // A refusal leaves its reason in the queue as well.
        OpenSSLFailure.discard()
        return der
    }

    /// The library frees the number.
    private static let serial: TS_serial_cb = { _, source in
        guard let source = unsafe source else { return nil }
        let own = unsafe Unmanaged<TimestampSource>.fromOpaque(source).takeUnretainedValue()
        let copy = unsafe LibraryBytes.withInteger(own.serial) { unsafe ASN1_INTEGER_dup($0) }
        return unsafe copy ?? nil
    }

    private static let time: TS_time_cb = { _, source, seconds, microseconds in
        guard let source = unsafe source else { return 0 }
        let own = unsafe Unmanaged<TimestampSource>.fromOpaque(source).takeUnretainedValue()
        let whole = LibraryTime.seconds(own.time)
        let rest = own.time.since(Timestamp(seconds: Int64(whole))).components.attoseconds / 1_000_000_000_000
        unsafe seconds?.pointee = whole
        unsafe microseconds?.pointee = Int(rest)
        return 1
    }
}
